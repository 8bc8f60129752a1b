"""The second set of records: what the frameworks of more rules answered."""

from functools import cache

import numpy as np

from atss_inspect.readers import load_coco

SUBSET = "data/coco-val2017/instances_val2017_subset.json"
real_dataset = cache(lambda real_data: load_coco(real_data / SUBSET))


@cache
def read_record(real_data, name) -> dict[str, np.ndarray]:
    """The arrays of one record, and (P, 3) ``rows``: gt, level, index, sorted."""
    path = real_data / "goldens" / "coco-val2017-subset-2" / f"{name}.npz"
    with np.load(path) as arrays:
        record = {key: arrays[key] for key in arrays.files}
    gt = record["gt_offsets"][record["pos_image"]] + record["pos_gt"]
    rows = np.stack([gt, record["pos_level"], record["pos_index"]], axis=1)
    order = np.lexsort(rows.T[::-1])
    return {**record, "rows": rows[order].astype(np.int64)}
