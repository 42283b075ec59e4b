"""A deep averaging network (Iyyer et al. 2015): learnt at one go from the features of a statement to its basis.

The weighted features of a statement add up to a few scores, and two layers of units turn these into the log-odds of
the four bases. Most of a statement's features are left out at random whenever it is learnt from, so that none is leant
on alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from magcheck.training.design import Floats
from magcheck.training.head import Head, chances_of
from magcheck.training.settings import Settings
from magcheck.verdict import BASES

Singles = NDArray[np.float32]

# About how many parts a pass over the statements falls into, and the fewest statements in one.
_PARTS = 32
_FEWEST = 16
# Spread of the features' weights before anything is learnt.
_SPREAD = 0.1
# How long slopes and their squares are remembered.
_SLOPE, _SQUARE = np.float32(0.9), np.float32(0.999)
# The rate of all that is not a feature's: these weights move at every step, those of most features now and then.
_SLOWER = 0.3
# What is added to the slope of each weight that a part moves, times the weight.
_DECAY = np.float32(1e-5)


class _Layer:
    """Weights that move against the slope of the loss, as Adam has it (Kingma & Ba 2015).

    The mean of slopes starts from nothing and is not made up for, so that the first steps are short.
    """

    def __init__(self, start: NDArray[np.float64]) -> None:
        self.values = start.astype(np.float32)
        self._slopes, self._squares = np.zeros_like(self.values), np.zeros_like(self.values)

    def move(self, slope: Singles, rate: float) -> None:
        slope = slope + _DECAY * self.values
        self._slopes += (1 - _SLOPE) * (slope - self._slopes)
        self._squares += (1 - _SQUARE) * (np.square(slope) - self._squares)
        self.values -= np.float32(rate) * self._slopes / (np.sqrt(self._squares) + np.float32(1e-8))


class _Embedding:
    """What each feature adds to the scores (d, r); of it, a part of the statements moves the rows that it has.

    Slopes themselves are not remembered (RMSprop, Tieleman & Hinton 2012), which is no worse, and each row lies beside
    its mean squares: it is memory that takes the time.
    """

    def __init__(self, start: NDArray[np.float64]) -> None:
        self._both = np.concatenate((start, np.zeros_like(start)), axis=1, dtype=np.float32)
        self._width = start.shape[1]

    @property
    def values(self) -> Singles:
        return self._both[:, : self._width]

    def move(self, slope: Singles, rate: float, rows: NDArray[np.intp]) -> None:
        """Move `rows`, given the slope of each; what is remembered of the others stays."""
        both = self._both[rows]
        values, squares = both[:, : self._width], both[:, self._width :]
        slope = slope + _DECAY * values
        squares += (1 - _SQUARE) * (np.square(slope) - squares)
        values -= np.float32(rate) * slope / (np.sqrt(squares) + np.float32(1e-8))
        self._both[rows] = both


def fit_averaging(
    matrix: sp.csr_matrix, bases: NDArray[np.intp], counts: Floats, chosen: Settings
) -> tuple[Floats, Floats, Head]:
    """Fit a deep averaging network by gradient descent on the surprise at the right bases.

    Parameters
    ----------
    matrix : csr (n, d)
        Weighted features of statements.
    bases, counts : int (n,), float (n,)
        The number of each statement's basis, and how much the statement counts beside the others.
    chosen
        Scores, units, share left out, rate, passes and seed.

    Returns
    -------
    weights, bias, head : float (r, d), float (r,), Head
        What features add to each of r scores, where these start, and the head from scores to log-odds.
    """
    rng = np.random.default_rng(chosen.seed)
    features = matrix.astype(np.float32)
    sizes = (chosen.scores, chosen.hidden, chosen.deeper, len(BASES))
    embedding = _Embedding(rng.normal(scale=_SPREAD, size=(matrix.shape[1], chosen.scores)))
    layers = [_Layer(rng.normal(size=one) / np.sqrt(one[0])) for one in pairwise(sizes)]
    biases = [_Layer(np.zeros(size)) for size in sizes]
    right = np.eye(len(BASES), dtype=np.float32)[bases]
    each = (counts / counts.mean()).astype(np.float32)[:, None]
    size = min(len(bases), max(_FEWEST, len(bases) // _PARTS))
    steps = chosen.passes * (len(bases) // size)
    for step, rows in enumerate(_parts(len(bases), size, chosen.passes, rng), 1):
        columns, part = _thinned(features[rows], chosen.dropped, rng)
        of_embedding, of_layers, of_biases = slopes(
            part,
            embedding.values[columns],
            [one.values for one in layers],
            [one.values for one in biases],
            right[rows],
            each[rows],
        )
        # Means of squares start from nothing, which is made up for as if all weights had moved at every step.
        rate = chosen.rate * (1 - step / steps) * np.sqrt(1 - _SQUARE**step)
        for one, slope in zip((*layers, *biases), (*of_layers, *of_biases), strict=True):
            one.move(slope, _SLOWER * rate)
        embedding.move(of_embedding, rate, columns)
    starts = [one.values.astype(np.float64) for one in biases]
    head = Head(tuple(one.values.astype(np.float64) for one in layers), tuple(starts[1:]))
    return embedding.values.T.astype(np.float64), starts[0], head


def slopes(
    part: sp.csr_matrix,
    embedding: NDArray[Any],
    layers: Sequence[NDArray[Any]],
    biases: Sequence[NDArray[Any]],
    right: NDArray[Any],
    counts: NDArray[Any],
) -> tuple[NDArray[Any], list[NDArray[Any]], list[NDArray[Any]]]:
    """Return the slopes of the loss, the mean surprise at what is right, by back-propagation.

    Parameters
    ----------
    part : csr (n, d)
        Features of statements.
    embedding, layers, biases : float (d, r), [float (r, h), …], [float (r,), float (h,), …]
        What features add to the scores, what each layer passes on to the next, and where each starts.
    right, counts : float (n, 4), float (n, 1)
        1 for the right basis and 0 for the others, and how much each statement counts.

    Returns
    -------
    The slopes of the embedding, of each layer, and of each bias.
    """
    reached = [part @ embedding + biases[0]]
    for layer, bias in zip(layers[:-1], biases[1:-1], strict=True):
        reached.append(np.maximum(reached[-1] @ layer + bias, 0))
    chances = chances_of(reached[-1] @ layers[-1] + biases[-1])
    slope = (chances - right) * counts / counts.dtype.type(len(right))
    of_layers, of_biases = [], [slope.sum(axis=0)]
    for at in reversed(range(len(layers))):
        of_layers.append(reached[at].T @ slope)
        slope = slope @ layers[at].T
        if at:
            slope *= reached[at] > 0
        of_biases.append(slope.sum(axis=0))
    return np.asarray(part.T @ slope), of_layers[::-1], of_biases[::-1]


def _parts(count: int, size: int, passes: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    for _ in range(passes):
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def _thinned(part: sp.csr_matrix, dropped: float, rng: np.random.Generator) -> tuple[NDArray[np.intp], sp.csr_matrix]:
    """Leave out a share of the features of each row; return which columns are left in any, and these columns.

    The share is rounded to so many 256ths, but never all: a byte of chance is enough. What is left is raised, so that
    a row adds up to what it did, but for chance.
    """
    bar = min(round(256 * dropped), 255)
    kept = np.flatnonzero(rng.integers(0, 256, part.nnz, dtype=np.uint8) >= bar)
    starts = np.searchsorted(kept, part.indptr)
    left = part.indices[kept]
    present = np.zeros(part.shape[1], dtype=bool)
    present[left] = True
    columns, places = np.flatnonzero(present), np.cumsum(present) - 1
    data = part.data[kept] * np.float32(256 / (256 - bar))
    return columns, sp.csr_matrix((data, places[left], starts), shape=(part.shape[0], len(columns)))
