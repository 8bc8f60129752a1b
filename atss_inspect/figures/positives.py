"""Positives per object as a distribution."""
