"""The drawn scenes of ``sample_data/``: composed, annotated and painted."""

from tools.sample_scenes.sample import write_sample_data

__all__ = ["write_sample_data"]
