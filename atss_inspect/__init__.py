"""See what label assignment does to COCO annotations before you train."""

__version__ = "0.1.0"
