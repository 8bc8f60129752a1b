"""A figure as a part of a page: no styles of its own, and ids that clash with no other.

matplotlib writes looks into ``style`` attributes, which the page's policy refuses, and
gives the same ids to the parts of every figure.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from markupsafe import Markup

_DROPPED = ("metadata", "style")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def inline_svg(svg: bytes, name: str, *, title: str, words: str) -> Markup:
    """Make an SVG document of matplotlib fit for the middle of a page.

    Parameters
    ----------
    svg : a whole file, as `writers.encode_figure` gives it
    name : begins every id, and differs from figure to figure
    title : for those who point at it
    words : what it shows, for those who cannot see it

    Returns
    -------
    ``<svg>`` without prolog, metadata, comments and style sheets; looks are attributes,
    ids that nothing refers to are gone, numbers have two decimal places at most.
    """
    root = ET.fromstring(svg)
    _without_namespaces(root)
    _drop(root)
    for element in root.iter():
        _style_to_attributes(element)
        _shorten(element)
    _rename_ids(root, name)
    view_box = root.get("viewBox", "")
    root.attrib.clear()
    # What matplotlib's style sheet said of all elements.
    looks = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    root.attrib |= {"viewBox": view_box, "role": "img", "aria-label": words, **looks}
    heading = ET.Element("title")
    heading.text = title
    root.insert(0, heading)
    text = ET.tostring(root, encoding="unicode")
    return Markup(text)  # built from elements: all text is escaped


def _without_namespaces(root: ET.Element) -> None:
    """Name elements and attributes as HTML does."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {
            key.rpartition("}")[2]: value for key, value in element.attrib.items()
        }


def _drop(element: ET.Element) -> None:
    """Take out what is not drawn, and the white space between elements."""
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
            continue
        child.tail = None
        _drop(child)
    if element.tag != "text":
        element.text = None


def _style_to_attributes(element: ET.Element) -> None:
    """Turn ``style="fill: red"`` into ``fill="red"``, which SVG knows as well."""
    for rule in element.attrib.pop("style", "").split(";"):
        key, colon, value = rule.partition(":")
        if colon:
            element.set(key.strip(), value.strip())


def _shorten(element: ET.Element) -> None:
    """Round coordinates: a hundredth of a point is never seen."""
    for key in ("d", "x", "y", "width", "height"):
        text = element.get(key)
        if text:
            element.set(key, _LONG_NUMBER.sub(_rounded, text))


def _rounded(found: re.Match[str]) -> str:
    """Write a number with two decimal places at most."""
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _rename_ids(root: ET.Element, name: str) -> None:
    """Renumber each id that something refers to; the others go."""
    used: dict[str, str] = {}
    for element in root.iter():
        for key, old in list(_links(element)):
            new = used.setdefault(old, f"{name}-{len(used)}")
            element.set(key, element.attrib[key].replace(f"#{old}", f"#{new}"))
    for element in root.iter():
        new = used.get(element.attrib.pop("id", ""), "")
        if new:
            element.set("id", new)


def _links(element: ET.Element) -> Iterator[tuple[str, str]]:
    """Find the attributes that refer to an id: ``#id`` or ``url(#id)``."""
    for key, value in element.attrib.items():
        pattern = r"#(.+)" if key == "href" else r"url\(#(.+)\)"
        found = re.fullmatch(pattern, value)
        if found:
            yield key, found[1]
