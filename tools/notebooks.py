"""Run the notebooks of docs/notebooks and keep what they show: ``make notebooks``.

A runner of our own, since Jupyter's would bring fifty packages into the lock file. It
runs the cells of a notebook in one namespace, in the notebook's folder, and stores what
Jupyter would show: printed text, tables and small pictures. Nothing is stored of when
and where it ran, so that the same code gives the same file.
"""

import ast
import base64
import contextlib
import io
import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from atss_inspect.writers.figures import encode_figure

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"
DPI, COLORS = 72, 48  # pictures are to be small
Notebook = dict[str, Any]


def notebooks() -> list[Path]:
    """List the notebooks there are."""
    return sorted(FOLDER.glob("*.ipynb"))


def read_notebook(path: Path) -> Notebook:
    """Read one as JSON."""
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def run_notebook(notebook: Notebook) -> Notebook:
    """Run all cells, from top to bottom; the notebook with what they show."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells: list[dict[str, Any]] = []
    with contextlib.chdir(FOLDER):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                number = sum(one["cell_type"] == "code" for one in cells) + 1
                shown = _run("".join(cell["source"]), namespace, number)
                cells.append(cell | {"execution_count": number, "outputs": shown})
            else:
                cells.append(cell)
    return notebook | {"cells": cells}


def _run(source: str, namespace: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Run a cell; what it prints, and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body[-1] if isinstance(tree.body[-1], ast.Expr) else None
    body = ast.Module(tree.body[:-1] if last else tree.body, [])
    value, printed = None, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(body, "cell", "exec"), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append(
            {"name": "stdout", "output_type": "stream", "text": _lines(text)}
        )
    if value is not None:
        result = {"data": _shown(value), "metadata": {}, "execution_count": number}
        outputs.append({"output_type": "execute_result", **result})
    return outputs


def _shown(value: Any) -> dict[str, Any]:
    """What Jupyter shows of a value, by type; what has tables needs no text."""
    name = f"<{type(value).__name__}>"
    if hasattr(value, "_repr_png_"):
        return {"image/png": _small_png(value) + "\n", "text/plain": ["<Figure>"]}
    if hasattr(value, "_repr_html_"):
        return {"text/html": _lines(value._repr_html_()), "text/plain": [name]}
    return {"text/plain": _lines(repr(value))}


def _small_png(figure: Figure) -> str:
    """The picture that a notebook shows, coarser and of few colors, as text."""
    picture = Image.open(io.BytesIO(encode_figure(figure, "png", dpi=DPI)))
    small = io.BytesIO()
    picture.convert("RGB").quantize(COLORS).save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def _lines(text: str) -> list[str]:
    """Lines as notebooks have them, each with its end."""
    return text.splitlines(keepends=True)


def write_notebook(path: Path, notebook: Notebook) -> None:
    """Write one as Jupyter does."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for path in notebooks():
        write_notebook(path, run_notebook(read_notebook(path)))
