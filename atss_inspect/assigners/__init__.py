"""The assigners."""
