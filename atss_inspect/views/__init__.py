"""Results as people read them, and as programs do.

Views arrange numbers that are there already; what has to be computed is computed by
`atss_inspect.statistics`. Each question makes an `Answer`, typed tables and sentences;
`answer.render` chooses its form, and `renderers` write it.
"""
