"""Pages that are made of the program: presets, what differs between them, commands.

``make reference`` writes docs/presets.md and the tables of docs/quirks.md, which are
committed. The pages of commands are made when the site is built (docs/make_site.py).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer
from typer.main import get_command

from atss_inspect.annotations.resize import input_sizes
from atss_inspect.cli.app import PROGRAM, app
from atss_inspect.fields import settings_of
from atss_inspect.presets import MODELS, preset_names
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.val2017 import USUAL
from atss_inspect.views.conventions import describe_resize, describe_rule

DOCS = Path(__file__).resolve().parent
PRESETS = DOCS / "presets.md"
QUIRKS = DOCS / "quirks.md"
NO_RECORD = " (no record)"
SMALL_CELL = 80  # characters
# Height and width of images whose sides frameworks round apart.
SIZES = ((480, 640), (426, 640), (375, 500), (1080, 1920), (97, 120))
# Where more is told of a rule; of others, and beside it, conventions.md.
RULE_PAGES = {
    "atss": "which-k.md",
    "iou_threshold": "judgement.md#what-is-counted",
    "point_gate": "gates.md",
    "ranking": "conventions.md#tiny-objects",
}
# Side by side on the page of quirks: a heading, presets, groups of settings.
RETINANETS = tuple(
    f"retinanet-{name}" for name in ("mmdet", "torchvision", "detectron2", "official")
)
ATSS = (
    *("atss-mmdet", "atss-official"),
    *("ppyoloe-warmup", "picodet-warmup", "yolov6-warmup"),
)
FCOS = tuple(
    f"fcos-{name}" for name in ("mmdet", "torchvision", "detectron2", "official")
)
VERSIONS = ("ultralytics-8.3", "ultralytics-8.4.100", "ultralytics")
ALL_GROUPS = ("data", "resize", "anchors", "assigner")
COMPARED = (
    ("RetinaNet", RETINANETS, ALL_GROUPS),
    ("ATSS", ATSS, ALL_GROUPS[2:]),
    ("FCOS", FCOS, ALL_GROUPS[2:]),
    ("Versions of Ultralytics", VERSIONS, ALL_GROUPS),
)
_SIZES = re.compile(r"(<!-- sizes -->\n).*?(<!-- end of sizes -->)", re.DOTALL)
_TABLES = re.compile(r"(<!-- tables -->\n).*?(<!-- end of tables -->)", re.DOTALL)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# Presets


def presets_page() -> str:
    """Write the page of all presets, with source and record of each."""
    settings = [preset(name) for name in preset_names()]
    rows = [[f"[`{one.name}`](#{_slug(one.name)})", *_about(one)] for one in settings]
    others = ", ".join(f"`{name}`" for name in MODELS)
    return f"""# Presets

A preset is everything that decides an assignment, as one framework does it: data
filter, resize, padding, anchors, rule. *Recorded* presets are tested against answers of
the framework's own code on COCO images, anchor by anchor; the others follow its source
([what was compared with what](conventions.md#what-is-compared-with-what)).
`atss-inspect config show -p NAME` lists every setting of one, [a file of your
own](configuration.md#a-file-of-settings) changes some. Other names of `ultralytics`:
{others}, also with the letter of a size, as in `yolo11s`.

{table(["preset", "what it is", "recorded"], rows)}
{"".join(map(_section, settings))}"""


def _about(one: Settings) -> list[str]:
    """Write what a preset is, and whether there is a record of it."""
    text = one.description.removesuffix(NO_RECORD)
    return [text, "no" if one.description.endswith(NO_RECORD) else "yes"]


def _section(one: Settings) -> str:
    """Write all that is told of one preset."""
    description, _ = _about(one)
    words = one.rule.words
    page = RULE_PAGES.get(one.rule.name, "conventions.md")
    strides = ", ".join(str(stride) for stride in one.anchors.strides)
    resize = describe_resize(one.resize).removeprefix("images ")
    facts = {
        "Rule": f"[{words.title or one.rule.name}]({page}): {words.meaning}",
        "In short": describe_rule(one),
        "Images": f"{resize}; strides {strides}",
        "Source": one.source,
        "Record": _record(one.name),
        "Usual on COCO val2017": _usual(one),
    }
    lines = (f"- {name}: {text}\n" for name, text in facts.items() if text)
    return f"\n## {one.name}\n\n{description}.\n\n{''.join(lines)}"


def _record(name: str) -> str:
    """Find what was compared, in the table of docs/conventions.md."""
    text = (DOCS / "conventions.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^\|.*`{re.escape(name)}`.*\| (.*) \|$", text, re.MULTILINE)
    return str(found)


def _usual(one: Settings) -> str:
    """Write the shares that its grades are measured by."""
    every, *shares = (f"{share:.1%}" for share in USUAL[one.name])
    sizes = ("tiny", "small", "medium", "large")
    by_size = ", ".join(map(" ".join, zip(sizes, shares, strict=True)))
    what = "without a candidate" if one.rule.gate else "poorly assigned"
    return f"{every} [{what}](judgement.md#what-is-usual) ({by_size})"


# Quirks


def quirks_page() -> str:
    """Write the page of quirks with its tables as they are today."""
    text = QUIRKS.read_text(encoding="utf-8")
    tables = "\n".join(_compared(*each) for each in COMPARED)
    text = _TABLES.sub(lambda ends: f"{ends[1]}\n{tables}\n{ends[2]}", text)
    return _SIZES.sub(lambda ends: f"{ends[1]}\n{_sizes()}\n{ends[2]}", text)


def _sizes() -> str:
    """Write what becomes of images of some sizes, height x width."""
    names = RETINANETS
    columns = [input_sizes(np.array(SIZES, float), preset(n).resize) for n in names]
    rows = [
        ["x".join(map(str, size)), *("x".join(map(str, one[row])) for one in columns)]
        for row, size in enumerate(SIZES)
    ]
    return table(["image", *(f"`{name}`" for name in names)], rows)


def _compared(title: str, names: Sequence[str], groups: Sequence[str]) -> str:
    """Write the settings in which presets differ."""
    meanings = _meanings()
    columns = [dict(_values(preset(name), groups)) for name in names]
    paths = dict.fromkeys(path for column in columns for path in column)
    rows = []
    for path in paths:
        cells = [column.get(path, "") for column in columns]
        if len(set(cells)) > 1:
            rows.append([f"`{path}`<br>{meanings[path]}", *cells])
    rule = names[0].split("-")[0] + "-"
    is_shared = all(name.startswith(rule) for name in names)
    head = [name.removeprefix(rule) if is_shared else name for name in names]
    return f"### {title}\n\n{table(['setting', *head], rows)}"


def _values(one: Settings, groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    """List the settings of some groups, by path."""
    for group in groups:
        holder = getattr(one, group)
        for field in settings_of(holder):
            yield f"{group}.{field.name}", _value(getattr(holder, field.name))


def _value(value: Any) -> str:
    """Write a value short enough for a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_value, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _meanings() -> dict[str, str]:
    """Read what each setting means, in the table of docs/configuration.md."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    section = text.split("## All settings")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", section, re.MULTILINE)
    return {path: _first_clauses(meaning) for path, meaning in rows}


def _first_clauses(text: str) -> str:
    """Take the first clause, and those after it while the cell stays small."""
    plain = re.sub(r" \(\[more\].*?\)\)|\[(.*?)\]\(.*?\)", r"\1", text)
    first, *rest = re.split(r"; (?![^(]*\))", plain)
    while rest and len(first) + len(rest[0]) < SMALL_CELL:
        first += f"; {rest.pop(0)}"
    return first


# Commands


def command_pages() -> dict[str, str]:
    """Write a page for each command: file name and Markdown."""
    group: Any = get_command(app)
    context = typer.Context(group, info_name=PROGRAM)
    return {
        f"{name}.md": _command_page(group.get_command(context, name), context, name)
        for name in group.list_commands(context)
    }


def _command_page(command: Any, parent: Any, name: str, level: int = 1) -> str:
    """Write usage, help, options and examples of a command, and those below it."""
    context = typer.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * level} {context.command_path}", _prose(command.help)]
    parts += [f"```text\n{usage}\n```", _options(command, context)]
    parts.append(_prose(command.epilog))
    below: Sequence[str] = getattr(command, "list_commands", lambda _context: ())(
        context
    )
    for other in below:
        child = command.get_command(context, other)
        parts.append(_command_page(child, context, other, level + 1))
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _options(command: Any, context: Any) -> str:
    """Write tables of the options, one for each of their sections."""
    sections: dict[str, list[list[str]]] = {}
    for param in command.get_params(context):
        names, meaning = map(_cell, param.get_help_record(context) or ("", ""))
        if "--help" not in names and names:
            names = names.split(" <")[0]  # an argument's type
            panel = getattr(param, "rich_help_panel", None) or "Options"
            sections.setdefault(panel, []).append([f"`{names}`", meaning])
    tables = [table([panel, ""], rows) for panel, rows in sections.items()]
    return "\n".join(tables)


def _prose(text: str | None) -> str:
    """Write help as paragraphs; what is set line by line stays so."""
    paragraphs = (text or "").replace("\b\n", "\b").split("\n\n")
    return "\n\n".join(
        f"```text\n{each[1:].strip(chr(10))}\n```" if each.startswith("\b") else each
        for each in paragraphs
    )


def _cell(text: str) -> str:
    """Write text for a cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _slug(heading: str) -> str:
    """Name the anchor of a heading, as GitHub does."""
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


if __name__ == "__main__":
    PRESETS.write_text(presets_page(), encoding="utf-8")
    QUIRKS.write_text(quirks_page(), encoding="utf-8")
