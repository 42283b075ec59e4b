"""The head: a small network from stance scores to the log-odds of the four bases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from magcheck.training.design import Floats


@dataclass(frozen=True, slots=True)
class Head:
    """Layers: what each passes on to the next (r, h), (h, k), (k, 4), and where that starts (h,), (k,), (4,)."""

    layers: tuple[Floats, ...]
    starts: tuple[Floats, ...]

    def log_odds(self, scores: Floats) -> Floats:
        """Return the log-odds of the four bases (n, 4), given stance scores (n, r)."""
        *inner, last = zip(self.layers, self.starts, strict=True)
        reached = scores
        for layer, start in inner:
            reached = np.maximum(reached @ layer + start, 0)
        return np.asarray(reached @ last[0] + last[1])


def chances_of(odds: Floats) -> Floats:
    """Return probabilities (n, 4), given log-odds."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
