"""The finding that a picture of an image shows, short enough for one line of title."""

from collections.abc import Iterator, Sequence

import numpy as np

from atss_inspect.assigners.causes import KNOWN_CAUSES, LOST_TO_OTHERS
from atss_inspect.figures.image.view import Panel, lacking
from atss_inspect.figures.sheet import text_width
from atss_inspect.figures.theme import TEXT_SIZE
from atss_inspect.figures.words import short_name, without_words
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.views import numbers
from atss_inspect.views.conventions import IMAGE_LEFT_OUT
from atss_inspect.views.names import clip_middle, name_of_id, printable

_LONGEST_NAME = 24
_LONGEST_PANEL = 18
_MOST_NAMED = 3
REASONS = {
    "category_not_listed": "of unlisted categories",
    "class_not_selected": "of other classes",
    "ignore_flag": "flagged to be ignored",
    "crowd": "crowd",
    "outside_image": "outside the image",
    "no_extent": "without extent",
    "area_0_in_the_file": "area 0 in the file",
    "negative_area_in_the_file": "a negative area in the file",
    "too_small": "too small",
    "label_repeated": "repeated",
    "too_small_after_resize": "too small after resizing",
    "dropped_after_letterbox": "dropped as too small at this size",
    "image_left_out": "of an image left out",
}


def short_id(found: object) -> str:
    """Write an id, which may be a text of any length."""
    return clip_middle(name_of_id(found), _LONGEST_NAME)


def ids_of(scene: Scene, rows: Sequence[int], most: int = _MOST_NAMED) -> str:
    """Name some objects of an image by their annotation ids; the rest is counted."""
    ids = [short_id(each) for each in scene.image.annotation_ids[list(rows)].tolist()]
    more = len(ids) - most
    shown = ids if more <= 0 else [*ids[:most], f"{numbers.count(more)} more"]
    return numbers.joined(shown) if shown else ""


def finding(panels: Sequence[Panel], width: float) -> str:
    """Write the first of several sentences that fits a width in inches, or the last."""
    sentences = list(_sentences(panels))
    size = TEXT_SIZE + 2
    fits = (one for one in sentences if text_width(one, size, bold=True) < width)
    return next(fits, sentences[-1])


def _sentences(panels: Sequence[Panel]) -> Iterator[str]:
    """List what could be said, in full first."""
    view, scenes = panels[0].view, list(dict.fromkeys(one.scene for one in panels))
    if view.subject is not None:
        yield from _of_subject(panels, view.subject)
    elif view.by_level and scenes[0].num_gt:
        yield from _of_levels(scenes[0])
    elif len(scenes) > 1 and any(one.num_gt for one in scenes):
        yield from _of_several(panels)
    elif panels[0].masks is not None and panels[0].masks.share is not None:
        share = numbers.percent(1 - panels[0].masks.share)
        yield f"{share} of the points miss their object's mask"
    else:
        yield from outcomes(scenes[0])


def outcomes(scene: Scene) -> Iterator[str]:
    """Count the objects of an image that are poorly assigned."""
    counts, number = scene.counts, numbers.plural(scene.num_gt, "object")
    count = numbers.count
    if not scene.frame.num_images:
        reason = next(iter(scene.frame.left_out_images), "")
        yield f"Left out by the data rules: {IMAGE_LEFT_OUT.get(reason, reason)}"
        return
    if not scene.num_gt:
        yield "No objects"
        return
    without, low = counts.num_unassigned, counts.num_low_quality_only or 0
    if scene.gate is not None:
        few = f"; {count(counts.num_below_quota or 0)} below the quota"
        has = f"{gets(without, is_gate=True)} no candidate"
        all_have = "Its only object has" if scene.num_gt == 1 else f"All {number} have"
        text = f"{all_have} a candidate"
        text = f"{count(without)} of {number} {has}" if without else text
        yield from (text + few, text)
    elif without and low:
        yield f"{count(without + low)} of {number} are poorly assigned"
    elif without:
        text = f"{count(without)} of {number} {gets(without)} no positive"
        causes = set(filter(None, scene.causes))
        if len(causes) == 1:
            yield f"{text}: {KNOWN_CAUSES[causes.pop()].words}"
        yield text
    elif low:
        yield f"{count(low)} of {number} {gets(low)} only low-quality matches"
    else:
        yield from _of_fine(scene)


def _of_fine(scene: Scene) -> Iterator[str]:
    """How many positives objects get that all have some."""
    least, most = int(scene.num_positives.min()), int(scene.num_positives.max())
    span = numbers.plural(least, "positive")
    if scene.num_gt == 1:
        yield f"Its only object gets {span}"
    elif least == most:
        yield f"Each of {numbers.count(scene.num_gt)} objects gets {span}"
    else:
        every = numbers.plural(scene.num_gt, "object")
        yield f"All {every} get positives, {least} to {numbers.count(most)} each"


def gets(number: int, *, is_gate: bool = False) -> str:
    """Write what so many objects do, of a gate: get or have."""
    if is_gate:
        return "has" if number == 1 else "have"
    return "gets" if number == 1 else "get"


def _of_levels(scene: Scene) -> Iterator[str]:
    """Name the level that holds most, and those that hold nothing."""
    counts, names = scene.level_counts(), scene.grids.pyramid.level_names
    most, total = int(np.argmax(counts)), int(counts.sum())
    if not total:
        yield f"No {scene.given} on any level"
        return
    empty = [name for name, number in zip(names, counts, strict=True) if not number]
    share = numbers.percent(counts[most] / total)
    text = f"{share} of the {scene.given}s are on {names[most]}"
    if empty:
        yield f"{text}, none on {numbers.joined(empty, 'or')}"
    yield text


def _of_several(panels: Sequence[Panel]) -> Iterator[str]:
    """Who is poorly assigned under some conventions only, or who gets most."""
    scenes, names = zip(*((one.scene, panel_name(one)) for one in panels), strict=True)
    found = [set(rows) for rows in lacking(scenes)]
    word = lacking_words(scenes)
    every, some = set.intersection(*found), set.union(*found)
    if len(some) > len(every):
        lost = [len(rows) for rows in found]
        most, least = (numbers.count(end(lost)) for end in (max, min))
        worst, best = (names[lost.index(end(lost))] for end in (max, min))
        if most != least:
            none = "none" if least == "0" else least
            yield f"{worst} leaves {most} {word}, {best} {none}"
            yield f"{word.capitalize()}: {worst} {most}, {best} {least}"
            yield f"{worst} leaves {most} {word}"
        number = numbers.plural(max(one.num_gt for one in scenes), "object")
        yield f"They differ on {numbers.count(len(panels[0].differing))} of {number}"
        return
    low = [one.counts.num_low_quality_only or 0 for one in scenes]
    if any(low) and word != "poorly assigned":
        name, many = names[int(np.argmax(low))], max(low)
        yield f"{name}: {numbers.count(many)} {gets(many)} only low-quality matches"
    counts = [len(one.points) for one in scenes]
    top, end = int(np.argmax(counts)), int(np.argmin(counts))
    same = f"the same {numbers.count(len(every))} {word}" if every else f"none {word}"
    given = scenes[0].given
    if counts[top] > counts[end]:
        gives = f"{names[top]} gives {numbers.count(counts[top])} {given}s"
        text = f"{gives}, {names[end]} {numbers.count(counts[end])}"
        yield from (f"{text}; {same}", text)
    yield f"Each leaves {same}"


def lacking_words(scenes: Sequence[Scene]) -> str:
    """Name what the objects of `lacking` have in common."""
    has_bar = {one.settings.low_quality_bar is not None for one in scenes}
    if has_bar == {True}:
        return "poorly assigned"
    return without_words([one.settings for one in scenes])


def panel_name(panel: Panel) -> str:
    """Write the title of a panel inside a sentence."""
    return short_name(panel.title or panel.scene.settings.name, _LONGEST_PANEL)


def _of_subject(panels: Sequence[Panel], row: int) -> Iterator[str]:
    """What an object gets, and who took from it."""
    image = panels[0].scene.image
    class_name = image.category_names[image.category_index[row]]
    ann_id = short_id(image.annotation_ids[[row]].tolist()[0])
    name = f"{clip_middle(printable(class_name), _LONGEST_NAME)} {ann_id}"
    name = name[0].upper() + name[1:]
    if len({one.scene for one in panels}) == 1:
        taken = sum(panels[0].winners.values())
        if taken:
            scene = panels[0].scene
            rows = scene.frame.object_rows[list(panels[0].winners)].tolist()
            took = f"{ids_of(scene, rows)} took {numbers.count(taken)}"
            yield f"{name} gets {outcome_of(panels[0], row, winners=False)}; {took}"
        levels = np.flatnonzero(panels[0].scene.level_counts(row))
        if len(levels) == 1 and panels[0].scene.gate is None and not taken:
            level = panels[0].scene.grids.pyramid.level_names[levels[0]]
            yield f"{name} gets {outcome_of(panels[0], row)}, all on {level}"
        yield f"{name} gets {outcome_of(panels[0], row)}"
        yield f"{name} gets {outcome_of(panels[0], row, winners=False)}"
        yield f"{name}: {outcome_of(panels[0], row, winners=False)}"
        return
    gts = [one.scene.gt_of(row) for one in panels]
    pairs = zip(panels, gts, strict=True)
    counts = [0 if gt is None else int(p.scene.num_positives[gt]) for p, gt in pairs]
    given = panels[0].scene.given
    yield f"{name} gets {numbers.joined(list(map(numbers.count, counts)))} {given}s"


def outcome_of(panel: Panel, row: int, *, winners: bool = True) -> str:
    """Count what an object gets, or name why not, and who took from it."""
    scene, gt = panel.scene, panel.scene.gt_of(row)
    if gt is None:
        [place] = np.flatnonzero(scene.frame.left_out_rows == row)
        reason = REASONS[scene.left_out[place]]
        return f"nothing: it is left out by the data rules ({reason})"
    cause = scene.causes[gt]
    found = numbers.plural(int(scene.num_positives[gt]), scene.given)
    if scene.gate is not None and cause is not None:
        return f"no {scene.given}"
    if scene.gate is not None:
        others = "" if scene.gate.is_certain else " or of others"
        most = numbers.count(int(scene.gate.max_positives[gt]))
        return f"at most {most} of {found}{others}"
    if scene.is_low_quality_only[gt]:
        found += ", only low-quality matches"
    if cause is not None:
        found = f"no positive: {KNOWN_CAUSES[cause].words}"
    rows = scene.frame.object_rows[list(panel.winners)].tolist() if winners else []
    if not rows:
        return found
    ids = ids_of(scene, rows)
    if cause == LOST_TO_OTHERS:
        return f"no positive: lost to {ids}"
    return f"{found}; lost some to {ids}"


def picture_words(picture: Picture) -> str:
    """What is wrong with the pixels of a picture; empty if nothing is."""
    if picture.pixels is None:
        return f"Blank canvas: {picture.problem or 'no picture'}."
    return f"The {picture.problem}; drawn to fit." if picture.problem else ""
