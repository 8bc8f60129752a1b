"""A data set as arrays, and what a framework makes of it before anchors are assigned.

The way from a `Dataset` in original pixels to a `Frame` in input pixels: which objects
are trained on (`data_rules`), and how images are resized and padded (`resize`).
"""
