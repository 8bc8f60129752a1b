"""Names for the array types that signatures use; shapes stand in the docstrings.

Axis letters: I images, G ground-truth boxes, L levels, A anchors per cell,
K candidates per box, P positives.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
# Image and annotation ids stay as the file writes them: int64, or objects
# (int and str) where a file mixes them or uses strings.
IdArray = npt.NDArray[Any]
# Columns of truths and of whole numbers of which some are None.
FLAG = np.dtype(object, metadata={"holds": "bool"})
NUMBER = np.dtype(object, metadata={"holds": "int64"})
