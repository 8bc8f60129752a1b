"""Pages that are made of the program say what the program says."""

import re

from atss_inspect.cli.app import COMMANDS
from atss_inspect.presets import preset_names
from docs import make_reference


def test_committed_pages_are_what_make_reference_writes():
    presets, quirks = make_reference.presets_page(), make_reference.quirks_page()
    assert make_reference.PRESETS.read_text(encoding="utf-8") == presets
    assert make_reference.QUIRKS.read_text(encoding="utf-8") == quirks
    assert re.findall("^## (.*)$", presets, re.MULTILINE) == list(preset_names())


def test_every_command_has_a_page_with_its_options_and_examples():
    pages = make_reference.command_pages()
    assert list(pages) == [f"{name}.md" for name, _ in COMMANDS]
    for name, text in pages.items():
        assert "| `--" in text, name
        assert "  atss-inspect " in text, name
    assert "## atss-inspect plot image" in pages["plot.md"]
    assert "`--size tiny\\|small\\|medium\\|large`" in pages["stats.md"]
