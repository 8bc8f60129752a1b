"""Renderers: each writes typed tables and sentences in one form, whatever the command.

The terminal's text, Markdown, CSV and tables of a page; documents and records are JSON
as they are (`atss_inspect.writers.documents.encode_json`).
"""
