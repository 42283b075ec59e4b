"""The head: a small network from stance scores to the log-odds of grounds (`magcheck.chances`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from magcheck.chances import chances_of, logs_of, of_bases
from magcheck.training.design import Floats


@dataclass(frozen=True, slots=True)
class Head:
    """What scores pass on to units (r, h), and units to grounds (h, g), and where both start (h,), (g,)."""

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    def grounds(self, scores: Floats) -> Floats:
        """Return the log-odds of grounds (n, g), given stance scores (n, r)."""
        return np.asarray(np.maximum(scores @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias)

    def log_odds(self, scores: Floats) -> Floats:
        """Return the log-odds of the four bases (n, 4), given stance scores (n, r)."""
        return logs_of(of_bases(chances_of(self.grounds(scores))))
