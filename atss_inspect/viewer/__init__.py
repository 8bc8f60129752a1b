"""What the interactive viewer knows of one image, as plain values ready for JSON.

All numbers are the assigners' own: the page looks them up and draws them, and assigns
nothing itself. `image_document` is the way in; its docstring describes the document.
"""

from atss_inspect.viewer.document import image_document, picture_of, pictured_document
from atss_inspect.viewer.picture import picture_uri

__all__ = ["image_document", "picture_of", "picture_uri", "pictured_document"]
