"""Odd cases worked out by hand: see README.md in this folder."""
