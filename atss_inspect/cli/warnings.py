"""What was odd about the annotations, on stderr."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Finding


def show_warnings(findings: "Iterable[Finding]", *, quiet: bool = False) -> None:
    """Print one line per finding: what, how many, what was done, where to look."""
    if quiet:
        return
    from atss_inspect.views.names import printable

    for finding in findings:
        places = ", ".join(map(printable, finding.examples))
        more = ", ..." if finding.count > len(finding.examples) else ""
        where = f" ({places}{more})" if places else ""
        sys.stderr.write(f"warning: {finding.message}{where}\n")
