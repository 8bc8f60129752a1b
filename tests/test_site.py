"""The site of docs/: all pages are on it, all links hold, search needs no network."""

import os
import re
import shutil
import subprocess

import pytest

from docs import make_site
from docs.make_reference import DOCS
from tests.browser import start_browser, why_no_browser
from tests.smoke import PROJECT_ROOT

FOLDER = "Scripts" if os.name == "nt" else "bin"
ZENSICAL = PROJECT_ROOT / "build" / "docs-venv" / FOLDER / "zensical"
needs_zensical = pytest.mark.skipif(
    not ZENSICAL.exists(), reason="no zensical here: make docs installs it"
)


# What the search has found, in its own corner of the page.
FOUND = """return new Promise((resolve) => setInterval(() => {
  const all = [...document.body.children].map((each) => each.shadowRoot);
  const text = all.map((each) => each ? each.textContent : "").join(" ");
  if (/[0-9]+ results?/.test(text)) resolve(text);
}, 100))"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    make_site.stage(folder)
    return folder


@pytest.fixture(scope="module")
def site(staged):
    """The pages as built, without a network where the system can take it away."""
    command = [str(ZENSICAL), "build", "--strict", "--config-file"]
    alone = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") and not subprocess.run([*alone, "true"]).returncode:
        command = [*alone, *command]
    subprocess.run([*command, str(staged / "zensical.toml")], check=True)
    return staged / "site"


def test_every_page_is_in_the_navigation_once(staged):
    text = (staged / "zensical.toml").read_text(encoding="utf-8")
    listed = [name for _, pages in make_site.navigation(text) for _, name in pages]
    assert len(set(listed)) == len(listed)
    ours = {path.name for path in DOCS.glob("*.md")}
    commands = {f"reference/{name}" for name in make_site.command_pages()}
    assert set(listed) == ours | commands


def test_the_index_for_models_has_a_sentence_of_every_page(staged):
    text = (staged / "zensical.toml").read_text(encoding="utf-8")
    index = make_site.index_for_models(staged / "pages", text)
    found = re.findall(r"^- \[.+\]\((.+)\): (.{20,})$", index, re.MULTILINE)
    assert len(found) == index.count("\n- ")
    assert all((staged / "pages" / name).exists() for name, _ in found)


def test_pages_outside_of_docs_come_along_with_their_links(staged):
    pages = staged / "pages"
    text = (pages / "index.md").read_text(encoding="utf-8")
    assert "[README](project/README.md)" in text
    readme = (pages / "project" / "README.md").read_text(encoding="utf-8")
    assert "](../viewer.png)" in readme
    assert "](benchmarks/README.md)" in readme
    assert (pages / "project" / "benchmarks" / "README.md").exists()


def test_lost_links_of_a_site_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here"></a><a href="b.html#gone"></a><a href="#own" id="own">'
        '<img src="gone.png"><a href="https://example.com">'
    )
    (tmp_path / "b.html").write_text('<p id="here">')
    lost = list(make_site.lost_links(tmp_path))
    assert lost == ["a.html: b.html#gone", "a.html: gone.png"]


@pytest.mark.slow
@needs_zensical
def test_no_link_is_lost_and_nothing_is_fetched_from_elsewhere(staged, site):
    assert make_site.finish(staged) == []
    assert (site / "llms.txt").exists()
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|img|iframe)[^>]* src=\"?(https?:)?//", text)
        assert not re.search(r"<link[^>]* rel=\"?stylesheet[^>]*(https?:)?//", text)


@pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser())
@pytest.mark.slow
@needs_zensical
def test_search_finds_pages_where_the_site_is_opened_from_a_folder(site):
    with start_browser() as browser:
        browser.open(site / "index.html")
        browser.press("/")
        browser.press(*"adaptive threshold")
        assert "threshold" in browser.ask(FOUND)
        assert browser.complaints() == []
        assert browser.requests() == []
