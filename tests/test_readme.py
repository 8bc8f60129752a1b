"""What README.md and the documents show is what happens."""

import os
import re

import pytest
from PIL import Image

from atss_inspect.presets import preset_names
from atss_inspect.settings import preset
from atss_inspect.statistics import advice, bootstrap, grades, price, tally
from atss_inspect.statistics.val2017 import USUAL
from docs import make_first_picture
from tests.browser import why_no_browser
from tests.documents import DOCUMENTS, Example, Workplace, agrees, examples
from tests.test_words import FENCED

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="examples need a shell")


@POSIX_ONLY
@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_print_what_the_document_says(name, project_root, tmp_path):
    found = examples((project_root / name).read_text(encoding="utf-8"))
    assert found
    workplace = Workplace(tmp_path)
    for example in found:
        printed = workplace.run(example)
        if example.expected is not None and not agrees(example.expected, printed):
            # pytest shows the difference.
            assert printed == example.expected, f"{name}:{example.line}"


def test_the_first_screen_is_a_picture_how_to_install_and_an_answer(project_root):
    text = (project_root / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 220
    first = text.split("\n## ")[0]
    order = ("(docs/viewer.png)", "pip install", "uvx", "```console", "(docs/index.md)")
    places = [first.index(each) for each in order]
    assert places == sorted(places)
    [example] = examples(first)
    assert len(example.expected.splitlines()) <= 13


def test_the_first_picture_shows_the_viewer_and_is_small():
    with Image.open(make_first_picture.PICTURE) as picture:
        assert picture.size == (960 * 1.5, 508 * 1.5)
    assert make_first_picture.PICTURE.stat().st_size <= make_first_picture.MOST_BYTES


@pytest.mark.slow
@pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser())
def test_the_first_picture_can_be_taken_anew(tmp_path):
    make_first_picture.take(tmp_path / "viewer.png")
    with Image.open(tmp_path / "viewer.png") as picture:
        colors = dict(map(reversed, picture.convert("RGB").getcolors()))
    orange = sum(n for (r, g, b), n in colors.items() if r > 180 > 90 > g > b)
    assert orange > 5_000  # objects without a positive, their names, the title


def test_the_page_on_conventions_lists_every_preset_and_whether_it_has_a_record(
    project_root,
):
    text = (project_root / "docs" / "conventions.md").read_text(encoding="utf-8")
    section = text.split("## What is compared with what")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \|.*\| (recorded|from source).*\|$", section, re.M)
    known = [(n, kind) for names, kind in rows for n in re.findall("`(.*?)`", names)]
    assert sorted(name for name, _ in known) == list(preset_names())
    for name, kind in known:
        assert ("(no record)" in preset(name).description) == (kind != "recorded")


def test_the_page_on_judgement_has_the_limits_of_the_code(project_root):
    text = (project_root / "docs" / "judgement.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.-]+)` \| ([\d.% |]+) \|$", text, re.MULTILINE)
    shares = {name: [f"{one:.2%}" for one in found] for name, found in USUAL.items()}
    assert {name: cells.split(" | ") for name, cells in rows} == shares
    for grade, (times, part, share) in grades.LIMITS.items():
        least = f"{times:g} times what is usual | 1/{1 / part:g} | {share:.0%}"
        assert f"| `{grade}` | {least} |" in text
    lines = " ".join(text.split())
    for words in (
        f"positives they need, {tally.NEED} each",
        f"fewer than {grades.ENOUGH_OBJECTS} objects",
        f"Below {grades.FEW_OBJECTS} objects",
        f"Below {bootstrap.FEWEST_IMAGES} images",
        f"fewer than {bootstrap.FEWEST_BLOCKS} blocks",
        f"{bootstrap.FEWEST_IMAGES} to {bootstrap.MOST_BLOCKS} blocks",
        f"a {bootstrap.CONFIDENCE:.0%} interval",
        f"{bootstrap.NUM_DRAWS:,} times",
        f"Of {bootstrap.FEW_BLOCKS} blocks or fewer there are "
        f"{bootstrap.NUM_DRAWS_OF_FEW:,} draws",
        f"up to {advice.CHEAP:g} times the cost",
        f"fall by {advice.GAIN_OF_MISSING:.0%} of itself",
        f"only if {100 * advice.GAIN_OF_SIZE:g} points of all objects gain",
        f"by at least {100 * advice.GAIN_OF_ALL:g} points",
        f"by {100 * advice.GAIN_OF_SIZE:g} points among those of a size",
        f"loses more than {100 * advice.LOSS_OF_SIZE:g} point of either",
        f"at least {advice.KNEE:.0%} of the largest gain",
    ):
        assert words in lines
    cells = [10_000, 2_500, 625, 169, 49]
    square = price.price_of(800 * 800, (8, 16, 32, 64, 128), cells, [9] * 5)
    assert f"{square.multiply_adds / 1e9:.1f}e9 for RetinaNet" in lines


def test_links_of_the_documents_lead_somewhere(project_root):
    for document in [project_root / "README.md", *project_root.glob("docs/*.md")]:
        text = FENCED.sub("", document.read_text(encoding="utf-8"))
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", text):
            if not target.startswith("http"):
                path = document.parent / target if target else document
                assert path.exists(), f"{document}: {target}"
                assert not anchor or anchor in anchors_of(path), f"{document}: {anchor}"


def anchors_of(path):
    """What GitHub, and the site, call the headings of a page."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in headings
    }


DOCUMENT = """\
```console
$ first --option \\
    more
out
$ second
```

```python
x = 1
```

```text
one
```

```python
print(x)
```

And prose.

```text
not its output
```

```sh
never run
```
"""


def test_commands_and_their_output_are_told_apart():
    first, second, *codes = examples(DOCUMENT)
    assert (first.source, first.expected) == ("first --option \\\n    more", "out\n")
    assert (second.source, second.expected, second.line) == ("second", "", 5)
    assert [code.expected for code in codes] == ["one\n", None]
    assert DOCUMENT[slice(*first.span)] == "out\n"
    assert DOCUMENT[slice(*codes[0].span)] == "one\n"


@pytest.mark.parametrize(
    ("expected", "found", "agree"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("in 1...3 s\n", "in 123 s\n", True),
        ("in 1...3 s\n", "in 12\n3 s\n", False),
        ("1.5\n", "125\n", False),
        ("a\n", "a\nb\n", False),
        ("", "a\n", False),
    ],
)
def test_dots_stand_for_anything_and_all_else_for_itself(expected, found, agree):
    assert agrees(expected, found) is agree


@POSIX_ONLY
def test_a_wrong_output_is_seen(tmp_path):
    workplace = Workplace(tmp_path)
    example = Example("console", "atss-inspect --version", "", (0, 0), 1)
    assert workplace.run(example).startswith("atss-inspect ")
    assert workplace.run(Example("python", "print(1)", "", (0, 0), 1)) == "1\n"
