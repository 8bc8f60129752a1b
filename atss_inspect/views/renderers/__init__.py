"""Renderers: each writes typed tables and sentences in one form, whatever the command.

The terminal's text, Markdown, CSV, JSON, and tables of a page.
"""
