"""Configs of frameworks as this package reads them beside the frameworks' own loaders.

``make import-proof`` runs it; it needs the network once.
"""
