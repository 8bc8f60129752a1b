"""Annotation files of any size that look like COCO val2017."""

from benchmarks.generator.streaming import WrittenDataset, write_dataset

__all__ = ["WrittenDataset", "write_dataset"]
