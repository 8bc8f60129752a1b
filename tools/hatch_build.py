"""What hatchling asks when it builds: README.md with links that lead from anywhere.

The page on PyPI is the README of a release without the files beside it.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURES = (".png", ".svg", ".gif")
# Code as it stands, or the target of a link or picture within the project.
_LINK = re.compile(
    r"^```.*?^```$|(?<=\]\()(?![a-z]+:|#)([^)\s]+)", re.MULTILINE | re.DOTALL
)


def with_whole_links(text: str, repository: str) -> str:
    """Replace what links name in the project by its address on the branch ``main``."""

    def whole(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        kind = "raw" if found[1].endswith(PICTURES) else "blob"
        return f"{repository}/{kind}/main/{found[1]}"

    return _LINK.sub(whole, text)


class ReadmeHook(MetadataHookInterface):
    """Gives ``project.readme`` its text."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add README.md, its links made whole with ``project.urls``."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = with_whole_links(text, metadata["urls"]["Repository"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
