"""Five questions about a data set, answered from the first screen alone.

A reader of nothing but the screen tells how many objects lose, which, why, whether it
is bad, and what now. What it tells is true of constructed data, of real data, and is
what the answers say that people wrote under the recorded screens.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.statistics.grades import Grade
from atss_inspect.statistics.summary import SIZE_BINS
from tests.command_line import ask
from tests.test_first_screen import FILES, GOLDEN
from tests.tiny_coco import coco, write_coco

QUESTIONS = ("How many objects lose?", "Which?", "Why?", "Is it bad?", "What now?")
# Words of an answer that tell a cause.
TOLD_BY = {
    "no_center_inside": "center",
    "outside_scale_range": "range",
    "under_bar": "bar",
    "lost_to_others": "lost",
}
OTHERS = "other causes (--full)"
CAUSES = {KNOWN_CAUSES[name].words: word for name, word in TOLD_BY.items()}


class Reading(NamedTuple):
    """What one preset's column says."""

    num_objects: int
    num_unassigned: int
    num_low_quality_only: int | None  # None where the rule has no bar
    sizes: dict[str, float]  # percent of each size that are poorly assigned
    main_cause: str  # in words; empty without one
    grade: str

    @property
    def losers(self) -> set[str]:
        """The size that loses most, where one in a hundred of all objects does."""
        lost = self.num_unassigned + (self.num_low_quality_only or 0)
        worst = max(self.sizes, key=lambda size: self.sizes[size])
        return {worst} if lost >= self.num_objects / 100 else set()


def read(screen: str) -> dict[str, Reading]:
    """Read the columns of a screen, by preset."""
    head, *lines = screen.split("\n\n")[1].splitlines()
    ends = [name.end() for name in re.finditer(r"\S+", head)]
    rows = {}
    for line in lines:
        label = re.match(r" *\S+(?: \S+)*", line)
        assert label
        starts = [label.end(), *ends[:-1]]
        cells = [line[start:end] for start, end in zip(starts, ends, strict=True)]
        rows[label[0].strip()] = [cell.split() for cell in cells]
    return {name: _column(rows, place) for place, name in enumerate(head.split())}


def _column(rows: dict[str, list[list[str]]], place: int) -> Reading:
    """Read the column of one preset."""
    cells = {label.removeprefix("a: "): each[place] for label, each in rows.items()}
    low = cells.get("b: only low-quality matches", ["-"])
    known = [words for words in (*CAUSES, OTHERS) if words in cells]
    causes = {words: _number(cells[words][0]) for words in known}
    main = max(causes, key=lambda words: causes[words], default="")
    return Reading(
        _number(cells["objects"][0]),
        _number(cells["without a positive"][0]),
        None if low == ["-"] else _number(low[0]),
        {
            label.split()[0]: sum(map(_percent, words))
            for label, words in cells.items()
            if label.split(" (")[0] in SIZE_BINS
        },
        main if causes.get(main) else "",
        cells["grade"][-1],
    )


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _percent(text: str) -> float:
    return float(text.strip("<%")) if text[-1:] in "%0123456789" else 0.0


def _answers(name: str) -> tuple[str, dict[str, str]]:
    """The recorded screen of a file, and the answers written under it."""
    golden = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    _, narrow, _, answers = re.split(r"^=== .*\n", golden, flags=re.MULTILINE)
    parts = re.split(r"^(\w[\w ]+\?) ", answers, flags=re.MULTILINE)[1:]
    return narrow, dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_screen_tells_what_is_true_of_constructed_data() -> None:
    # Of 40 images each has a box from 168.4 to 175.1 in input pixels, between two
    # centers of ATSS, whose best anchors of 32 px are low-quality matches, with a point
    # of FCOS inside; and one of 100 px, which all rules assign well.
    boxes = {n: [(101, 101, 4, 4), (30, 40, 60, 60)] for n in range(1, 41)}
    write_coco(Path("val.json"), coco(boxes))
    printed = ask("stats --ann val.json")
    halves, none = {"tiny": 100, "medium": 0}, {"tiny": 0, "medium": 0}
    center = KNOWN_CAUSES["no_center_inside"].words
    assert read(printed.out) == {
        "atss-mmdet": Reading(80, 40, None, halves, center, "serious"),
        "retinanet-mmdet": Reading(80, 0, 40, halves, "", "serious"),
        "fcos-mmdet": Reading(80, 0, None, none, "", "fine"),
    }
    assert "serious: " in printed.verdict
    assert "tiny" in printed.verdict
    assert printed.next.startswith("sweep --ann val.json ")


def test_every_recorded_screen_has_five_answers() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(FILES)
    for name in FILES:
        assert tuple(_answers(name)[1]) == QUESTIONS


@pytest.mark.parametrize("name", FILES)
def test_the_answers_are_what_the_screen_says(name: str) -> None:
    screen, answers = _answers(name)
    how_many, which, why, is_bad, what_now = (answers[each] for each in QUESTIONS)
    columns = read(screen).values()
    # Every number of losers is in the first answer, and no other but of all objects.
    lost = {number for one in columns for number in one[1:3] if number}
    counts = re.findall(r"(?<![\d.])\d[\d,]*(?![\d.]*[\d%])", how_many)
    assert lost <= set(map(_number, counts)) <= lost | {one[0] for one in columns}
    told, shown = (
        {number.rstrip(".,") for number in re.findall(r"\d[\d,.]*%?", text)}
        for text in (" ".join(answers.values()), screen)
    )
    assert told <= shown
    for one in columns:
        assert one.losers <= set(re.findall(r"\w+", which.lower()))
        assert CAUSES.get(one.main_cause, "") in why.lower()
    worst = max((Grade(one.grade) for one in columns), key=lambda grade: grade.rank)
    assert screen.partition("verdict: ")[2].startswith(f"{worst}: ")
    yes_or_no = "No" if worst is Grade.FINE else "Yes"
    assert is_bad.startswith(f"{yes_or_no}: {worst}")
    [command] = re.findall(
        r"^next: atss-inspect (\w+) .*?((?:--by )?\S+)$", screen, re.M
    )
    assert " ".join(command) in what_now
    assert ("Nothing" in what_now) == (worst is Grade.FINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_screen_tells_what_is_true_of_real_data(name: str, real_data: Path) -> None:
    command = f"-q stats --ann {real_data / 'data' / FILES[name]}"
    told = read(ask(command).out)
    for one in ask(f"{command} --json").json["results"]:
        reading = told[one["preset"]]
        assert reading[:3] == tuple(one[key] for key in Reading._fields[:3])
        causes = one["causes"]
        words = KNOWN_CAUSES[max(causes, key=causes.get)].words if causes else ""
        assert reading.main_cause in (words, OTHERS if words else "")
        assert reading.grade == one["judgement"]["grade"]
        for group in one["by_size"]:
            share = 100 * (group["poorly_assigned_share"] or 0)
            # Two numbers may be rounded, or "<0.1%" stand for one.
            assert abs(reading.sizes.get(group["size"], 0) - share) < 0.2
