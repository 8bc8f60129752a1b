"""A small document as JSON text, so that any text can stand for a value of it."""

from collections.abc import Mapping, Sequence

Entry = Mapping[str, str]

IMAGES: tuple[Entry, ...] = (
    {"id": "1", "width": "640", "height": "480", "file_name": '"1.jpg"'},
    {"id": "2", "width": "640", "height": "480", "file_name": '"2.jpg"'},
)
ANNOTATIONS: tuple[Entry, ...] = tuple(
    {
        "id": f"{10 + number}",
        "image_id": f"{number}",
        "category_id": "1",
        "bbox": "[10, 20, 30, 40]",
        "area": "1200",
        "iscrowd": "0",
        "segmentation": "[]",
    }
    for number in (1, 2)
)
CATEGORIES: tuple[Entry, ...] = (
    {"id": "1", "name": '"cat"'},
    {"id": "2", "name": '"dog"'},
)
LISTS: Mapping[str, Sequence[Entry]] = {
    "images": IMAGES,
    "annotations": ANNOTATIONS,
    "categories": CATEGORIES,
}


def document(**lists: Sequence[Entry | str] | str | None) -> bytes:
    """Write a document; a list may be replaced by entries, by a text, or left out."""
    parts = []
    for name, entries in {**LISTS, **lists}.items():
        if entries is None:
            continue
        value = entries if isinstance(entries, str) else array(entries)
        parts.append(f'"{name}": {value}')
    return f"{{{', '.join(parts)}}}".encode()


def array(entries: Sequence[Entry | str]) -> str:
    """Write a list of entries; a text stands for itself."""
    written = []
    for entry in entries:
        if not isinstance(entry, str):
            pairs = (f'"{key}": {text}' for key, text in entry.items())
            entry = f"{{{', '.join(pairs)}}}"
        written.append(entry)
    return f"[{', '.join(written)}]"


def spoiled(list_name: str, key: str, text: str | None) -> bytes:
    """Put a text in place of a value of the second entry; None removes the key."""
    first, second = LISTS[list_name]
    changed = {**second, key: text}
    kept = {name: value for name, value in changed.items() if value is not None}
    return document(**{list_name: (first, kept)})
