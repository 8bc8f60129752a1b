"""Numbers so close to the bar they are compared with that rounding could decide."""

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array

# Reference implementations differ from each other by less than this in their sums.
FRAGILE_ULPS = 4


def is_near(values: Float32Array, bar: Float32Array | np.float32) -> BoolArray:
    """Tell which float32 values lie within 4 ulp of, but are not, their bar.

    ``bar`` broadcasts against ``values``; the unit in the last place is the bar's. NaN
    and infinite bars are near nothing.
    """
    reach = FRAGILE_ULPS * np.spacing(np.abs(bar))
    with np.errstate(invalid="ignore"):  # infinity minus infinity is near nothing
        distance = np.abs(values - bar)
    near: BoolArray = (distance <= reach) & (distance > 0)
    return near
