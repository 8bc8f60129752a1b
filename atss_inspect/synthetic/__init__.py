"""Data made by the project itself: the sample set, and sets of any size."""

from atss_inspect.synthetic.sample import sample_annotations, write_sample_data
from atss_inspect.synthetic.streaming import WrittenDataset, write_dataset

__all__ = [
    "WrittenDataset",
    "sample_annotations",
    "write_dataset",
    "write_sample_data",
]
