"""The site of docs/: what `make docs` does before and after the pages are built.

``python -m docs.make_site stage FOLDER`` lays out the pages: those of docs/, what they
link to in the rest of the project, and a page for each command. Zensical, which has an
environment of its own, builds FOLDER/site of them. ``python -m docs.make_site finish
FOLDER`` puts the Markdown and llms.txt beside the pages, and fails where a link leads
nowhere.
"""

import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docs.make_reference import DOCS, command_pages

ROOT = DOCS.parent
CONFIG = DOCS / "zensical.toml"
SCRIPTS = ("make_*.py", "__pycache__", CONFIG.name)
# Where the site has what docs/ links to in the rest of the project.
PROJECT = "project"
COMMANDS = "reference"
SHORT = 20  # characters; a sentence of fewer says little
INTRODUCTION = """# atss-inspect

> See what label assignment (ATSS, IoU thresholds, FCOS, YOLO, SSD) does to COCO, YOLO
> or VOC annotations before training: a command line tool and a Python library, without
> GPU, model or torch.
"""
_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def stage(folder: Path) -> None:
    """Lay out pages and configuration in an empty folder."""
    pages = folder / "pages"
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns(*SCRIPTS))
    waiting = list(DOCS.glob("*.md"))
    seen = set(waiting)
    while waiting:
        source = waiting.pop()
        for found in _stage_page(source, pages) - seen:
            seen.add(found)
            waiting += [found] if found.suffix == ".md" else []
    (pages / COMMANDS).mkdir()
    for name, text in command_pages().items():
        (pages / COMMANDS / name).write_text(text, encoding="utf-8")
    (folder / CONFIG.name).write_text(configuration(), encoding="utf-8")


def _stage_page(source: Path, pages: Path) -> set[Path]:
    """Write a page with its links as the site has them; files that it links to."""
    found = set()
    place = pages / _place(source)

    def follow(link: re.Match[str]) -> str:
        target = (source.parent / link[2]).resolve()
        if urlsplit(link[2]).scheme or not target.exists():
            return link[0]
        if target.is_dir():
            target = [*target.glob("README.md"), *sorted(target.glob("*.toml"))][0]
        found.add(target)
        copied = pages / _place(target)
        copied.parent.mkdir(parents=True, exist_ok=True)
        if not copied.exists():
            shutil.copy(target, copied)
        return link[1] + _relative(copied, place.parent) + link[3]

    parts = _FENCED.split(source.read_text(encoding="utf-8"))
    parts[::2] = [_LINK.sub(follow, part) for part in parts[::2]]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("".join(parts), encoding="utf-8")
    return found


def _place(path: Path) -> Path:
    """Where below the pages a file of the project stands."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS)
    return Path(PROJECT) / path.relative_to(ROOT)


def _relative(path: Path, folder: Path) -> str:
    """Write a path as a link from a folder."""
    up = next(
        n
        for n, each in enumerate([folder, *folder.parents])
        if path.is_relative_to(each)
    )
    return "../" * up + path.relative_to([folder, *folder.parents][up]).as_posix()


def configuration() -> str:
    """Write the configuration, with a page for each command among the others."""
    listed = [{Path(name).stem: f"{COMMANDS}/{name}"} for name in command_pages()]
    rows = ", ".join(json.dumps(row).replace(": ", " = ") for row in listed)
    text = CONFIG.read_text(encoding="utf-8")
    return text.replace(f'"{COMMANDS}"', f"[ {rows} ]")


def navigation(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """List the sections of the site: title, and title and file of each page."""
    for entry in tomllib.loads(text)["project"]["nav"]:
        [(title, below)] = entry.items()
        yield title, list(_pages_below(title, below))


def _pages_below(title: str, below: object) -> Iterator[tuple[str, str]]:
    if isinstance(below, str):
        yield title, below
        return
    assert isinstance(below, list)
    for entry in below:
        for name, deeper in entry.items():
            yield from _pages_below(name, deeper)


def index_for_models(pages: Path, text: str) -> str:
    """Write llms.txt: every page of the site with its first sentence."""
    parts = [INTRODUCTION]
    for section, listed in navigation(text):
        lines = [
            f"- [{title}]({name}): {first_sentence(pages / name)}\n"
            for title, name in listed
        ]
        parts.append(f"## {section}\n\n{''.join(lines)}")
    return "\n".join(parts)


def first_sentence(page: Path) -> str:
    """Take the first sentence of a page that is no heading, list or table."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    paragraphs = [
        each for each in plain.split("\n\n") if re.match(r"[`*]*[\w-]+\b", each)
    ]
    first, *rest = re.split(r"(?<=[.?]) ", " ".join(paragraphs[0].split()))
    return f"{first} {rest[0]}" if rest and len(first) < SHORT else first


def finish(folder: Path) -> list[str]:
    """Complete the site that was built; links of it that lead nowhere."""
    pages, site = folder / "pages", folder / "site"
    for path in pages.rglob("*.md"):
        shutil.copy(path, site / path.relative_to(pages))
    text = (folder / CONFIG.name).read_text(encoding="utf-8")
    (site / "llms.txt").write_text(index_for_models(pages, text), encoding="utf-8")
    return list(lost_links(site))


class _Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value and tag != "base":
                self.targets.append(value)


def lost_links(site: Path) -> Iterator[str]:
    """List links within the site that lead nowhere, and files asked of others."""
    read = {path: _Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in read.items():
        if path.name == "404.html":  # its links begin at the root of a server
            continue
        for target in page.targets:
            link = urlsplit(target)
            if link.scheme or link.netloc:
                continue
            aim = (path.parent / unquote(link.path)).resolve() if link.path else path
            fragment = unquote(link.fragment)
            is_lost = aim in read and fragment and fragment not in read[aim].ids
            if is_lost or not aim.exists():
                yield f"{path.relative_to(site)}: {target}"


def main(step: str, name: str) -> int:
    """Do one of the two steps; the exit code."""
    folder = Path(name)
    if step == "stage":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        stage(folder)
        return 0
    lost = finish(folder.resolve())
    sys.stderr.writelines(f"no such place: {each}\n" for each in lost)
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
