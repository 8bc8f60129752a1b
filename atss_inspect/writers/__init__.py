"""Whole files or nothing; the only code that writes."""
