"""Other places on the grid: what is luck of an object's place, and what is its size.

A shift moves a whole picture right and down by less than one cell of the coarsest
level. It lies on a canvas that is larger by as much (whole pixels, rounded up), padded
then as any input is: no box leaves it, none is cut, and all of them keep their size and
their neighbors. What changes is where the cells lie beside them. No data rule looks at
it: the objects are those of the picture in its own place.
"""

# The lattice with these steps, as parts of a cell, is even on the cells of every level
# down to a sixteenth of the coarsest: the largest square without one of 32 points has
# 0.3 of a cell's side on each, where that of random points has 0.36 to 0.56.
_STEPS = (0.2121, 0.96976)
# Parts of a pixel, so that sums of float32 hold them: exactly up to 131,072 pixels.
_PARTS = 64


def shifts(number: int, stride: float) -> tuple[tuple[float, float], ...]:
    """List so many fixed x, y in input pixels; the first is the picture's own place.

    ``stride``: of the coarsest level, in input pixels; every x and y is below it.
    """
    scaled = stride * _PARTS
    across, down = (
        [int(i * step % 1 * scaled) / _PARTS for i in range(number)] for step in _STEPS
    )
    return tuple(zip(across, down, strict=True))
