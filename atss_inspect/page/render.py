"""Fill the templates: all that comes from files is data, escaped for its place."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from atss_inspect.views.names import clip, printable
from atss_inspect.views.table import AnyCell

# Inside a script block, what could end it or break a line is written as an escape.
_ESCAPES = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
_LONGEST_LABEL = 80  # columns of a terminal
# Scripts of the viewer, one an idea: data, drawing, panels, and what joins them.
_VIEWER = (
    *("sources", "decode", "image", "words", "address", "state"),
    *("marks", "camera", "drawlist", "labels", "painter", "legend"),
    *("hits", "tip", "pointers", "pane", "panes"),
    *("slider", "table", "details", "controls", "keys", "viewer", "start"),
)


class IndexEntry(NamedTuple):
    """One image in the list that the viewer can step through."""

    key: str  # names the image in the address of a view, unique on the page
    label: str  # as shown


def render_viewer_page(
    title: str, documents: Sequence[dict[str, Any]], *, foot: Sequence[str] = ()
) -> str:
    """Make a page that holds nothing but the viewer.

    Parameters
    ----------
    title : of the page
    documents : `viewer.image_document` of each image, at least one
    foot : lines of small print: versions, conventions, files

    Returns
    -------
    HTML that needs no other file. The same documents give the same text.

    Raises
    ------
    ValueError
        Without any document.
    """
    if not documents:
        message = "a page needs at least one image"
        raise ValueError(message)
    index = {"images": [each._asdict() for each in index_of(documents)]}
    given: dict[str, Any] = {"index": index, "documents": documents, "source": ""}
    return render("viewer_page.html.j2", title=title, foot=foot, **given)


class ServedPage(NamedTuple):
    """A page for a server to send."""

    html: str  # the page
    # what it may load and ask for, for the header; the page says so itself, too
    policy: str


def render_served_page(
    title: str, *, source: str, foot: Sequence[str] = ()
) -> ServedPage:
    """Make a page whose images a server computes when they are looked at.

    Parameters
    ----------
    title, foot : as for `render_viewer_page`
    source : address on the same server that answers with the list of all images, in
        columns ``keys``, ``names`` and ``objects`` (their number) as JSON; with the
        place of an image added, from 0, it answers with `viewer.image_document`
    """
    given: dict[str, Any] = {"index": None, "documents": (), "source": source}
    given |= {"title": title, "foot": foot, "connect": "'self'"}
    html = render("viewer_page.html.j2", **given)
    return ServedPage(html, content_policy(*_assets(), connect="'self'"))


def index_of(documents: Sequence[dict[str, Any]]) -> list[IndexEntry]:
    """List the images; those with one id, of several files, are numbered."""
    keys = unique_keys([each["id"] for each in documents])
    entries = []
    for key, each in zip(keys, documents, strict=True):
        named = f"{each['file']} (image {each['id']})" if each["file"] else each["id"]
        entries.append(IndexEntry(key, named))
    return entries


def unique_keys(ids: Iterable[str]) -> list[str]:
    """Tell ids apart that come again: ``7``, ``7~2``, ``7~3``."""
    seen: dict[str, int] = {}
    keys = []
    for each in ids:
        seen[each] = seen.get(each, 0) + 1
        keys.append(f"{each}~{seen[each]}" if seen[each] > 1 else each)
    return keys


def render(
    template: str, *, own: str = "", connect: str = "'none'", **values: Any
) -> str:
    """Fill a template.

    Parameters
    ----------
    template : name of a file in ``templates/``
    own : stem of a style sheet and a script that the page has besides the viewer's
    connect : where the script may ask for data, see `content_policy`
    values : for its variables; besides these it has ``style``, ``script`` and
        ``policy``, the policy that allows these two, pictures in the page, and nothing
        else
    """
    style, script = _assets(*filter(None, [own]))
    policy = content_policy(style, script, connect=connect)
    assets = {"style": Markup(style), "script": Markup(script), "policy": policy}
    return environment().get_template(template).render(**assets, **values)


def _assets(*more: str) -> tuple[str, str]:
    """Join the style sheets and the scripts of a page."""
    styles = (asset(f"{name}.css") for name in ("page", "viewer", "images", *more))
    viewer = (f"viewer/{name}" for name in _VIEWER)
    scripts = (asset(f"{name}.js") for name in ("images", *viewer, *more))
    return "\n".join(styles), "\n".join(scripts)


def content_policy(style: str, script: str, *, connect: str = "'none'") -> str:
    """Write the policy of a page: what is not named here, the browser refuses.

    Parameters
    ----------
    style, script : the exact text inside the only two such elements of the page
    connect : where the script may ask for data; nowhere, or ``'self'`` of a server
    """
    own = f"style-src {_digest(style)}; script-src {_digest(script)}; img-src data:"
    forms = "base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; {own}; connect-src {connect}; {forms}"


def json_block(value: Any) -> Markup:
    """Write data for a script block: JSON that holds nothing HTML could act on.

    Raises
    ------
    ValueError
        For NaN and infinity, which JSON does not have.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A lone surrogate, which JSON files may hold, is no text that can be written.
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return Markup(clean.translate(_ESCAPES))


@cache
def asset(name: str) -> str:
    """Read one of the page's own files, as it is."""
    return files("atss_inspect.page").joinpath(name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Set the templates up: what is not safe is escaped, a misspelt name an error."""
    made = Environment(
        loader=PackageLoader("atss_inspect.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (json_block, clip, printable, shown, page_cell)
    made.filters |= {each.__name__: each for each in filters}
    return made


def _digest(text: str) -> str:
    """Name a text by its digest, as a policy does."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class PageCell(NamedTuple):
    """What stands in a cell."""

    text: str  # a number, a dash or a text
    share: str = ""  # what part of all it is, where the cell has that too
    # what it is sorted by; None comes last whatever the direction
    value: float | None = None


def shown(name: str) -> str:
    """Name that is safe to show, clipped."""
    return clip(printable(name), _LONGEST_LABEL)


def page_cell(cell: AnyCell) -> PageCell:
    """Take a count and its share apart; a text has no value to sort by."""
    if isinstance(cell, str):
        return PageCell(printable(cell))
    has_share = cell.share is not None
    text = " ".join(cell.main.split() if has_share else cell.text.split())
    return PageCell(text, cell.part if has_share else "", cell.sort_value)
