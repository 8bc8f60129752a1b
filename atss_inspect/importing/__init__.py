"""Configs of training frameworks, read without executing or importing anything."""

SUFFIXES = (".py", ".yaml", ".yml", ".json", ".ini")  # of their files
