"""The drawn scenes of ``sample_data/``: composed, annotated and painted."""

from tools.sample_scenes.sample import sample_annotations, write_sample_data

__all__ = ["sample_annotations", "write_sample_data"]
