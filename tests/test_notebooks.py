"""The notebooks of docs/notebooks run, and show what is stored in them."""

import pytest

from tools.notebooks import Notebook, notebooks, read_notebook, run_notebook

MOST_CELLS, MOST_BYTES = 12, 100_000
NAMES = {path.stem: path for path in notebooks()}


def shown(notebook: Notebook) -> list[object]:
    """Outputs of the cells, of pictures only that there is one."""
    found = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = {**output.get("data", {}), "text": output.get("text")}
            if "image/png" in data:
                data["image/png"] = bool(data["image/png"])
            found.append(data)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_shows_what_is_stored_in_it(name: str) -> None:
    stored = read_notebook(NAMES[name])
    again = run_notebook(stored)
    assert shown(again) == shown(stored), "`make notebooks` writes it anew"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_short_and_as_jupyter_reads_it(name: str) -> None:
    """What version 4.5 of the format asks for, and nothing of where it ran."""
    notebook = read_notebook(NAMES[name])
    cells = notebook["cells"]
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len(cells) <= MOST_CELLS
    assert NAMES[name].stat().st_size < MOST_BYTES
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert cells[0]["cell_type"] == "markdown"
    assert any("image/png" in one for one in shown(notebook) if isinstance(one, dict))
    for cell in cells:
        own = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"cell_type", "id", "metadata", "source"} | own


def test_every_notebook_is_listed(project_root) -> None:
    text = (project_root / "docs" / "notebooks.md").read_text("utf-8")
    assert sorted(NAMES) == ["atss_claims", "choosing_anchors", "tiny_objects"]
    assert all(f"(notebooks/{name}.ipynb)" in text for name in NAMES)
