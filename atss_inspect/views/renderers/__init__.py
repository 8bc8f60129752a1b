"""Renderers: each writes typed tables and sentences in one form, whatever the command.

The terminal's text, Markdown and CSV; documents and records are JSON as they are
(`atss_inspect.writers.documents.encode_json`), and a page has its templates.
"""
