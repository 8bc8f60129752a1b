"""People, seen from the side."""

import numpy as np

from tools.sample_scenes.outlines import ellipse, limb, polygon, rounded_box, smooth
from tools.sample_scenes.patches import (
    Color,
    Patch,
    Sketch,
    between,
    body,
    darker,
    lighter,
    mix,
    palette,
    path,
    pick,
)

_SKIN: tuple[Color, ...] = palette("f6ceb0 e0ac84 b07854 744c36")
_HAIR: tuple[Color, ...] = palette("2c2220 5c3c28 96683c c4b096")
CLOTHES: tuple[Color, ...] = palette(
    "d65448 eca848 4682a8 549674 f0e8da 785c96 344260 e28088"
)
_TROUSERS: tuple[Color, ...] = palette("363e58 4a484c 806c58 3c586e")


def person(rng: np.random.Generator) -> Sketch:
    """Draw somebody walking or standing."""
    skin, hair = pick(rng, _SKIN), pick(rng, _HAIR)
    top, bottom = pick(rng, CLOTHES), pick(rng, _TROUSERS)
    stride = between(rng, 0.03, 0.15)
    has_skirt, has_bag = rng.random() < 0.3, rng.random() < 0.3
    legs = skin if has_skirt else bottom
    patches = [*_leg(-stride, darker(legs, 0.2)), *_arm(-1, stride, top, skin)]
    if has_bag:
        bag = mix(pick(rng, CLOTHES), (60, 50, 50), 0.3)
        patches.append(body(rounded_box(-0.17, -0.8, -0.03, -0.54, 0.05), bag))
    patches += _leg(stride, legs)
    if has_skirt:
        hem = path("-0.07 -0.55, 0.07 -0.55, 0.13 -0.3, -0.13 -0.3")
        patches.append(body(polygon(hem), bottom, darker(bottom, 0.2)))
    chest = path("-0.075 -0.8, 0 -0.83, 0.075 -0.8, 0.085 -0.68")
    waist = path("0.068 -0.57, 0.078 -0.47, -0.078 -0.47, -0.068 -0.57")
    patches.append(
        body(smooth([*chest, *waist, (-0.085, -0.68)]), top, darker(top, 0.18))
    )
    patches.append(body(limb((0, -0.87), (0, -0.82), 0.028, 0.032), skin))
    patches.append(body(ellipse(0.005, -0.925, 0.058, 0.072), skin))
    eye = ellipse(0.036, -0.922, 0.007, 0.009, steps=10)
    patches.append(Patch(eye, (50, 36, 34)))
    patches += _hair(rng, hair)
    patches += _arm(1, stride, lighter(top, 0.08), skin)
    return tuple(patches)


def _leg(reach: float, color: Color) -> list[Patch]:
    """Draw a leg whose foot stands `reach` before the hip."""
    knee = (reach * 0.45 + 0.015, -0.27)
    ankle = (reach, -0.05)
    return [
        body(limb((reach * 0.15, -0.48), knee, 0.062, 0.045), color),
        body(limb(knee, ankle, 0.045, 0.03), color),
        body(
            limb((reach - 0.01, -0.024), (reach + 0.065, -0.02), 0.024, 0.02),
            (58, 48, 48),
        ),
    ]


def _arm(side: int, stride: float, sleeve: Color, skin: Color) -> list[Patch]:
    """Draw an arm that swings against the leg of its side."""
    swing = -stride * side * 0.9
    shoulder = (0.055 * side * 0.9, -0.775)
    elbow = (0.075 * side + swing * 0.5, -0.63)
    hand = (0.07 * side + swing + 0.03, -0.5)
    color = darker(sleeve, 0.15)
    return [
        body(limb(elbow, hand, 0.026, 0.022), skin),
        body(limb(shoulder, elbow, 0.038, 0.032), color),
    ]


def _hair(rng: np.random.Generator, color: Color) -> list[Patch]:
    """Draw short hair, long hair or a hat."""
    style = rng.random()
    cap = path("-0.062 -0.9, -0.068 -0.96, -0.02 -1, 0.045 -0.985, 0.06 -0.95")
    patches = [body(smooth([*cap, (0.01, -0.955), (-0.03, -0.925)]), color)]
    if style < 0.35:
        tail = path("-0.05 -0.97, -0.085 -0.88, -0.07 -0.8, -0.035 -0.86")
        patches.append(body(smooth(tail), color))
    elif style < 0.55:
        hat = mix(color, pick(rng, CLOTHES), 0.8)
        patches.append(body(rounded_box(-0.062, -1.0, 0.062, -0.945, 0.03), hat))
        patches.append(body(limb((-0.06, -0.95), (0.1, -0.945), 0.013, 0.01), hat))
    return patches
