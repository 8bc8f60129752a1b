"""A server for the viewer of a whole data set, for one person at this machine.

It listens on the loopback address only, answers those who know its secret address, and
computes an image when it is looked at. `PageServer` listens, `Site` says what is where,
`Catalog` knows the images.
"""

from atss_inspect.server.catalog import Catalog
from atss_inspect.server.listening import PageServer, Site

__all__ = ["Catalog", "PageServer", "Site"]
