"""Pictures: a table or one image's assignment in, a matplotlib `Figure` out.

Figures are made without pyplot, so that they need no display and keep no state:
`writers.encode_figure` turns one into bytes, and a notebook shows it as it is.
"""
