"""Whether FiftyOne keeps what `export coco` adds; see ``__main__``."""
