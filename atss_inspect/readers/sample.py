"""The sample set that `demo` shows: drawn scenes with annotations, made beforehand.

The wheel holds it as ``atss_inspect/sample``; in a clone it is ``sample_data/``.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def sample_annotations() -> bytes:
    """Annotations of the sample set: a COCO instances file in UTF-8."""
    return (_folder() / "instances.json").read_bytes()


def sample_files() -> dict[str, bytes]:
    """Contents of the sample set by name, such as ``images/000042.jpg``.

    The annotations come first, then the pictures by name.
    """
    pictures = sorted((_folder() / "images").glob("*.jpg"))
    return {
        "instances.json": sample_annotations(),
        **{f"images/{path.name}": path.read_bytes() for path in pictures},
    }


def _folder() -> Path:
    """Where the sample set lies, in an installed package or in a clone."""
    installed = _PACKAGE / "sample"
    return installed if installed.is_dir() else _PACKAGE.parent / "sample_data"
