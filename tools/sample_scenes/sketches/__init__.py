"""The drawn objects, one function each: ``sketch(rng) -> Sketch``."""

from tools.sample_scenes.sketches.birds import bird, perched_bird, swimming_bird
from tools.sample_scenes.sketches.boats import fishing_boat, sailboat
from tools.sample_scenes.sketches.indoors import bottle, cup, lying_book, upright_book
from tools.sample_scenes.sketches.outdoors import held_umbrella, kite, sheep, umbrella
from tools.sample_scenes.sketches.people import person
from tools.sample_scenes.sketches.traffic import bus, car, traffic_light

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
