"""Names that act on a terminal, look like markup, or look like paths."""

import json

from tests.hostile.case import ANN, Answer, Case
from tests.hostile.json_text import ANNOTATIONS, CATEGORIES, IMAGES, document

TEXTS = {
    "color": "\x1b[31mred\x1b[0m",
    "clears the screen": "\x1b[2J\x1b[H",
    "title of the window": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\",
    "one-byte control sequence": "\x9b31mred",
    "bell and backspace": "cat\x07\x08\x08\x08dog",
    "carriage return": "cat\rdog",
    "lines": "cat\nwarning: all is well\n",
    "tab and form feed": "cat\tdog\x0c",
    "markup of Rich": "[red]cat[/red] [link=https://example.org]x[/link] [/]",
    "emoji code of Rich": ":boom: [bold",
    "mathematics": r"$\frac{1}{0}$ \input{x} $",
    "HTML": "<script>alert(1)</script><b>&amp;",
    "Markdown": "| a | `b` | **c** | [x](y) |",
    "formula of a spreadsheet": '=HYPERLINK("https://example.org")',
    "quotes and commas": '"a",\'b\',""',
    "right to left": "\u202egpj.exe\u202c",
    "Arabic and Hebrew": "قطة חתול",
    "combining marks": "Z\u0351\u036f\u0310" * 40,
    "no width": "a\u200b\u200d\ufeffb",
    "line separators": "a\u2028b\u2029c\x85d",
    "wide": "自転車" * 100,
    "300 characters": "x" * 300,
    "private and unassigned": "\ue000\U000e0001\U0010ffff",
    "zero byte": "a\0b",
    "path upward": "../../../../etc/passwd",
    "absolute path": "/etc/passwd",
    "path of Windows": "C:\\Windows\\system32",
    "option": "--force",
    "empty": "",
    "blank": "   ",
    "percent and braces": "%s %(x)d {0} {x!r} {n}",
}


def _named(name: str, text: str) -> Case:
    """Use a text wherever a name may stand."""
    written = json.dumps(text)
    identity = json.dumps(f"#{text}")  # an id must not be empty
    content = document(
        images=({**IMAGES[0], "file_name": written, "id": identity}, IMAGES[1]),
        annotations=(
            {**ANNOTATIONS[0], "image_id": identity, "id": identity},
            ANNOTATIONS[1],
        ),
        categories=({**CATEGORIES[0], "name": written}, CATEGORIES[1]),
    )
    warnings = {"file_name_missing": 1} if not text else {}
    return Case(f"name: {name}", Answer(2, warnings), {ANN: content})


def _not_unicode(name: str, written: str) -> Case:
    """Use a text that cannot be encoded."""
    content = document(
        images=({**IMAGES[0], "file_name": written}, IMAGES[1]),
        categories=({**CATEGORIES[0], "name": written}, CATEGORIES[1]),
    )
    return Case(f"name: {name}", Answer(2, {"text_not_unicode": 2}), {ANN: content})


CASES = (
    *(_named(name, text) for name, text in TEXTS.items()),
    _not_unicode("first half of a surrogate pair", r'"cat \ud800"'),
    _not_unicode("second half of a surrogate pair", r'"\udfff cat"'),
    _not_unicode("halves in the wrong order", r'"\udfff\ud800"'),
)
