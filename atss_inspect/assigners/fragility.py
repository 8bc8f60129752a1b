"""Numbers so close to the bar they are compared with that rounding could decide."""

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

# Reference implementations differ from each other by less than this in their sums.
FRAGILE_ULPS = 4


def is_near(values: Float32Array, bar: Float32Array | np.float32) -> BoolArray:
    """Tell which float32 values lie within 4 ulp of, but are not, their bar.

    ``bar`` broadcasts against ``values``; the unit in the last place is the bar's. NaN
    and infinite bars are near nothing.
    """
    near = np.zeros(values.size, dtype=bool)
    near[places_near(values, bar)] = True
    return near.reshape(values.shape)


def places_near(values: Float32Array, bar: Float32Array | np.float32) -> IntArray:
    """List the flat places of the values that are near their bar, as by `is_near`."""
    reach = FRAGILE_ULPS * np.spacing(np.abs(bar))
    with np.errstate(invalid="ignore"):  # infinity minus infinity is near nothing
        distance = values - bar
    np.abs(distance, out=distance)
    close = np.flatnonzero(distance <= reach)
    return close[distance.ravel()[close] > 0]
