"""A deep averaging network (Iyyer et al. 2015): learnt at one go from the features of a statement to its basis.

The weighted features of a statement add up to a few scores, and a layer of units turns these into the log-odds of the
four bases. What the regressions for stance learn is which sentences settle a statement; this learns what tells the
bases apart. They err in different places, so that the mean of their log-odds is better than either.

Most of a statement's features are left out at random whenever it is learnt from, so that none is leant on alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from magcheck.training.design import Floats
from magcheck.training.head import Head
from magcheck.training.settings import Settings
from magcheck.verdict import BASES

Singles = NDArray[np.float32]

# Parts that a pass over the statements falls into, and the fewest statements in one.
_PARTS = 32
_FEWEST = 16
# Spread of the features' weights before anything is learnt.
_SPREAD = 0.1
# Adam (Kingma & Ba 2015): how long the slope and its square are remembered.
_SLOPE, _SQUARE = np.float32(0.9), np.float32(0.999)
# Weight of the squared weights in the loss, of those that a part moves.
_DECAY = np.float32(1e-5)


class _Weights:
    """Weights that Adam moves against the slope of the loss, a few rows at a time."""

    def __init__(self, start: NDArray[np.float64]) -> None:
        self.values = start.astype(np.float32)
        self._slope, self._square = np.zeros_like(self.values), np.zeros_like(self.values)

    def move(self, slope: Singles, rate: float, rows: NDArray[np.intp] | slice = slice(None)) -> None:
        """Move `rows`, given the slope of each; what is remembered of the others stays."""
        old = self.values[rows]
        slope = slope + _DECAY * old
        remembered = self._slope[rows] * _SLOPE + (1 - _SLOPE) * slope
        square = self._square[rows] * _SQUARE + (1 - _SQUARE) * np.square(slope)
        self._slope[rows], self._square[rows] = remembered, square
        self.values[rows] = old - np.float32(rate) * remembered / (np.sqrt(square) + np.float32(1e-8))


def fit_averaging(
    matrix: sp.csr_matrix, bases: NDArray[np.intp], counts: Floats, chosen: Settings
) -> tuple[Floats, Floats, Head]:
    """Fit a deep averaging network by Adam on the surprise at the right bases.

    Parameters
    ----------
    matrix : csr (n, d)
        Weighted features of statements.
    bases, counts : int (n,), float (n,)
        The number of each statement's basis, and how much the statement counts.

    Returns
    -------
    weights, bias, head : float (k, d), float (k,), Head
        What features add to each of k scores, where these start, and the head from scores to log-odds.
    """
    rng = np.random.default_rng(chosen.seed)
    width, units = chosen.width, chosen.hidden
    features = matrix.astype(np.float32)
    embedding = _Weights(rng.normal(scale=_SPREAD, size=(matrix.shape[1], width)))
    bias, hidden_bias, out_bias = (_Weights(np.zeros(size)) for size in (width, units, len(BASES)))
    hidden = _Weights(rng.normal(size=(width, units)) / np.sqrt(width))
    out = _Weights(rng.normal(size=(units, len(BASES))) / np.sqrt(units))
    right = np.eye(len(BASES), dtype=np.float32)[bases]
    each = (counts / counts.mean()).astype(np.float32)[:, None]
    size = min(len(bases), max(_FEWEST, len(bases) // _PARTS))
    steps = chosen.passes * (len(bases) // size)
    for step, rows in enumerate(_parts(len(bases), size, chosen.passes, rng), 1):
        columns, part = _thinned(features[rows], chosen.dropped, rng)
        scores = part @ embedding.values[columns] + bias.values
        raised = np.maximum(scores @ hidden.values + hidden_bias.values, 0)
        odds = raised @ out.values + out_bias.values
        chances = np.exp(odds - odds.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        # Slopes of the loss, from the log-odds back to the features.
        odds_slope = (chances - right[rows]) * each[rows] / np.float32(size)
        units_slope = (odds_slope @ out.values.T) * (raised > 0)
        scores_slope = units_slope @ hidden.values.T
        rate = chosen.rate * (1 - step / steps) * np.sqrt(1 - _SQUARE**step) / (1 - _SLOPE**step)
        out.move(raised.T @ odds_slope, rate)
        out_bias.move(odds_slope.sum(axis=0), rate)
        hidden.move(scores.T @ units_slope, rate)
        hidden_bias.move(units_slope.sum(axis=0), rate)
        bias.move(scores_slope.sum(axis=0), rate)
        embedding.move(part.T @ scores_slope, rate, columns)
    whole = [one.values.astype(np.float64) for one in (embedding, bias, hidden, hidden_bias, out, out_bias)]
    return whole[0].T, whole[1], Head(*whole[2:])


def _parts(count: int, size: int, passes: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    for _ in range(passes):
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def _thinned(part: sp.csr_matrix, dropped: float, rng: np.random.Generator) -> tuple[NDArray[np.intp], sp.csr_matrix]:
    """Leave out a share of the features of each row; return which columns are left in any, and these columns.

    What is left is raised, so that a row adds up to what it did, but for chance.
    """
    kept = rng.random(part.nnz, dtype=np.float32) >= dropped
    starts = np.concatenate(([0], np.cumsum(kept)))[part.indptr]
    left = part.indices[kept]
    present = np.zeros(part.shape[1], dtype=bool)
    present[left] = True
    columns, places = np.flatnonzero(present), np.cumsum(present) - 1
    data = part.data[kept] / np.float32(1 - dropped)
    return columns, sp.csr_matrix((data, places[left], starts), shape=(part.shape[0], len(columns)))
