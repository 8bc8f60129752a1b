"""Configs of training frameworks, read without executing or importing anything."""
