"""Weights in sixteen levels each, as the model file stores them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from magcheck.model import LEVELS, packed
from magcheck.training.design import Floats

_LLOYD_STEPS = 8


def in_levels(weights: Floats, counts: Floats) -> tuple[NDArray[np.uint8], NDArray[np.int16], Floats]:
    """Return weights (d, t) as one of 16 levels each, `packed`, the levels (t, 16), and their units (t,).

    Levels are those that lose least (Lloyd 1982), each feature counted as often as it stands in the corpus (d,). They
    are begun at even steps of the weights' square roots, since most are small. Errors of the some two hundred
    features of a statement even out.
    """
    chosen = np.zeros(weights.shape, dtype=np.uint8)
    levels = np.zeros((weights.shape[1], LEVELS))
    for at, column in enumerate(weights.T):
        root = np.sign(column) * np.sqrt(np.abs(column))
        even = np.linspace(float(np.quantile(root, 0.0005)), float(np.quantile(root, 0.9995)), LEVELS)
        steps = np.sign(even) * even**2
        for _ in range(_LLOYD_STEPS):
            nearest = np.searchsorted((steps[1:] + steps[:-1]) / 2, column)
            weighed = np.bincount(nearest, counts, LEVELS)
            means = np.bincount(nearest, column * counts, LEVELS) / np.maximum(weighed, 1)
            steps = np.sort(np.where(weighed > 0, means, steps))
        chosen[:, at] = np.searchsorted((steps[1:] + steps[:-1]) / 2, column)
        levels[at] = steps
    scale = np.maximum(np.abs(levels).max(axis=1), 1e-9) / np.iinfo(np.int16).max
    return packed(chosen), np.rint(levels / scale[:, None]).astype(np.int16), scale
