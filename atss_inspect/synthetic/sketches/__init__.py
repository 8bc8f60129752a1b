"""The drawn objects, one function each: ``sketch(rng) -> Sketch``."""

from atss_inspect.synthetic.sketches.birds import bird, perched_bird, swimming_bird
from atss_inspect.synthetic.sketches.boats import fishing_boat, sailboat
from atss_inspect.synthetic.sketches.indoors import (
    bottle,
    cup,
    lying_book,
    upright_book,
)
from atss_inspect.synthetic.sketches.outdoors import (
    held_umbrella,
    kite,
    sheep,
    umbrella,
)
from atss_inspect.synthetic.sketches.people import person
from atss_inspect.synthetic.sketches.traffic import bus, car, traffic_light

__all__ = [
    "bird",
    "bottle",
    "bus",
    "car",
    "cup",
    "fishing_boat",
    "held_umbrella",
    "kite",
    "lying_book",
    "perched_bird",
    "person",
    "sailboat",
    "sheep",
    "swimming_bird",
    "traffic_light",
    "umbrella",
    "upright_book",
]
