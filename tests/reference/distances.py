"""How alike anchors are to a box by NWD, DotD, KLD and WD, in float32.

After ``metric_calculator.py`` of Chasel-Tsui/mmdet-rfla (``kl``, ``wd``) and
Chasel-Tsui/mmdet-aitod (``nwd``, ``dotd``). Logarithms and powers of e are computed in
double and rounded.
"""

import numpy as np

F = np.float32
EPS = F(1e-6)


def rescaled(boxes: np.ndarray, ratio: float) -> np.ndarray:
    """(n, 4) float32 boxes of ``ratio`` times the sides around the same centers."""
    found = np.empty_like(boxes)
    for low, high in ((0, 2), (1, 3)):
        middle = (boxes[:, high] + boxes[:, low]) / F(2)
        half = (boxes[:, high] - boxes[:, low]) * F(ratio) / F(2)
        found[:, low], found[:, high] = middle - half, middle + half
    return found


def alike(
    anchors: np.ndarray, box: np.ndarray, measure: str, constant: float
) -> np.ndarray:
    """(n,) float32, of (n, 4) anchors and one box."""
    offsets = [
        (box[low] + box[low + 2]) / F(2)
        - (anchors[:, low] + anchors[:, low + 2]) / F(2)
        for low in (0, 1)
    ]
    own = [(box[low + 2] - box[low]) + EPS for low in (0, 1)]
    theirs = [(anchors[:, low + 2] - anchors[:, low]) + EPS for low in (0, 1)]
    (dx, dy), (w1, h1), (w2, h2) = offsets, own, theirs
    if measure == "kld":
        kl = w2**2 / w1**2 + h2**2 / h1**2
        kl = kl + F(4) * dx**2 / w1**2
        kl = kl + F(4) * dy**2 / h1**2
        kl = kl + np.log((w1**2 / w2**2).astype(float)).astype(F)
        kl = kl + np.log((h1**2 / h2**2).astype(float)).astype(F)
        return F(1) / (F(1) + (kl - F(2)) / F(2))
    centers = dx * dx + dy * dy + EPS
    if measure == "dotd":
        return exp(-np.sqrt(centers) / F(constant))
    wasserstein = centers + ((w1 - w2) ** 2 + (h1 - h2) ** 2) / F(4)
    if measure == "wd":
        return F(1) / (F(1) + wasserstein)
    return exp(-np.sqrt(wasserstein) / F(constant))


def exp(values: np.ndarray) -> np.ndarray:
    return np.exp(values.astype(float)).astype(F)


def alike_matrix(
    anchors: np.ndarray, boxes: np.ndarray, measure: str, constant: float
) -> np.ndarray:
    """(n, G) float32."""
    matrix = np.zeros((len(anchors), len(boxes)), dtype=F)
    for g, box in enumerate(boxes):
        matrix[:, g] = alike(anchors, box, measure, constant)
    return matrix
