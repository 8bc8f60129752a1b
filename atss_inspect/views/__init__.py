"""Results as people read them: text, Markdown, records for programs.

Views arrange numbers that are there already; what has to be computed is computed by
`atss_inspect.statistics.summary`.
"""
