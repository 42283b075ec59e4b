"""A deep averaging network (Iyyer et al. 2015): learnt at one go from the features of a statement to its grounds.

The weighted features of a statement add up to a few scores, and a layer of units turns these into the log-odds of
grounds: on which basis, and by which sentence. Where several sentences would do, their chances are added up, as is done
where only one of several labels holds and nobody knows which (Jin & Ghahramani 2002). Most of a statement's features
are left out at random whenever it is learnt from, so that none is leant on alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from magcheck.chances import SETTLED, chances_of
from magcheck.training.design import Floats
from magcheck.training.head import Head
from magcheck.training.settings import Settings
from magcheck.verdict import BASES

Singles = NDArray[np.float32]

# About how many parts a pass over the statements, framed ones among them, falls into, and the fewest in one.
_PARTS = 40
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

    Slopes themselves are not remembered (RMSprop, Tieleman & Hinton 2012), and of their squares only the mean over a
    row (as Mudigere et al. 2022 do with Adagrad). That is no worse (docs/experiments.md), and moving memory is what
    takes most of the time.
    """

    def __init__(self, start: NDArray[np.float64]) -> None:
        self.values = start.astype(np.float32)
        self._squares = np.zeros(len(start), dtype=np.float32)

    def move(self, rows: NDArray[np.intp], values: Singles, slope: Singles, rate: float) -> None:
        """Move `rows` (k,), all of them different, by the slope (k, r) of each, which is overwritten; the others stay.

        `values` (k, r) are those of these rows now, which the caller has taken out already.
        """
        slope += _DECAY * values
        squares = self._squares[rows]
        squares += (1 - _SQUARE) * (np.einsum("dr,dr->d", slope, slope) / slope.shape[1] - squares)
        self._squares[rows] = squares
        slope *= (np.float32(rate) / (np.sqrt(squares) + np.float32(1e-8)))[:, None]
        self.values[rows] = values - slope


def fit_averaging(
    matrix: sp.csr_matrix, bases: NDArray[np.intp], named: NDArray[np.bool_], counts: Floats, chosen: Settings
) -> tuple[Floats, Floats, Head]:
    """Fit a deep averaging network by gradient descent on the surprise at what is right.

    That is the surprise at the right basis, whichever sentence it is by, and, for a share, the surprise at the right
    basis by any of the sentences that are named. Of several that are named, most would do alone, so the network is free
    to find the one that it tells best; those that a compound statement needs together are taken so, too.

    Parameters
    ----------
    matrix : csr (n, d)
        Weighted features of statements.
    bases, named : int (n,), bool (n, s)
        The number of each statement's basis, and the sentences that settle it.
    counts : float (n,)
        How much each statement counts beside the others.
    chosen
        Scores, units, shares, rate, passes and seed.

    Returns
    -------
    weights, bias, head : float (r, d), float (r,), Head
        What features add to each of r scores, where these start, and the head from scores to grounds. The weights of
        the head are such as half precision can hold, which is what a model stores.
    """
    rng = np.random.default_rng(chosen.seed)
    features = matrix.astype(np.float32)
    grounds = grounds_of(bases, named).astype(np.float32)
    by_any = grounds_of(np.arange(len(BASES)), np.zeros((len(BASES), named.shape[1]), dtype=bool)).astype(np.float32)
    sizes = (chosen.scores, chosen.hidden, grounds.shape[1])
    embedding = _Embedding(rng.normal(scale=_SPREAD, size=(matrix.shape[1], chosen.scores)))
    layers = [_Layer(rng.normal(size=one) / np.sqrt(one[0])) for one in pairwise(sizes)]
    biases = [_Layer(np.zeros(size)) for size in sizes]
    each = (counts / counts.mean()).astype(np.float32)[:, None]
    size = min(len(bases), max(_FEWEST, len(bases) // _PARTS))
    steps = chosen.passes * (len(bases) // size)
    for step, rows in enumerate(_parts(len(bases), size, chosen.passes, rng)):
        columns, part = _thinned(features[rows], chosen.dropped, rng)
        values = embedding.values[columns]
        of_embedding, of_layers, of_biases = slopes(
            part,
            values,
            [one.values for one in layers],
            [one.values for one in biases],
            ((1 - chosen.naming, by_any[bases[rows]]), (chosen.naming, grounds[rows])),
            each[rows],
        )
        # Means of squares start from nothing, which is made up for as if all weights had moved at every step.
        rate = chosen.rate * (1 - step / steps) * np.sqrt(1 - _SQUARE ** (step + 1))
        for one, slope in zip((*layers, *biases), (*of_layers, *of_biases), strict=True):
            one.move(slope, _SLOWER * rate)
        embedding.move(columns, values, of_embedding, rate)
    hidden, out = (one.values.astype(np.float16).astype(np.float64) for one in layers)
    bias, *starts = (one.values.astype(np.float64) for one in biases)
    return embedding.values.T.astype(np.float64), bias, Head(hidden, starts[0], out, starts[1])


def grounds_of(bases: NDArray[np.intp], named: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which grounds (n, 3 s + 1) are right, given bases (n,) and the sentences that are named (n, s).

    Where no sentence is named, any is as good as another.
    """
    named = named | ~named.any(axis=1, keepdims=True)
    settled = [named & (bases == basis)[:, None] for basis in range(SETTLED)]
    return np.column_stack((*settled, bases == SETTLED))


def slopes(
    part: sp.csc_matrix,
    embedding: NDArray[Any],
    layers: Sequence[NDArray[Any]],
    biases: Sequence[NDArray[Any]],
    right: Sequence[tuple[float, NDArray[Any]]],
    counts: NDArray[Any],
) -> tuple[NDArray[Any], list[NDArray[Any]], list[NDArray[Any]]]:
    """Return the slopes of the loss, the mean surprise at what is right, by back-propagation.

    Parameters
    ----------
    part : csc (n, d)
        Features of statements.
    embedding, layers, biases : float (d, r), [float (r, h), float (h, g)], [float (r,), float (h,), float (g,)]
        What features add to the scores, what each layer passes on to the next, and where each starts.
    right : [(float, float (n, g)), …]
        Shares of the loss, which add up to 1, each with grounds of which any is right: 1 for these, and 0 for others.
    counts : float (n, 1)
        How much each statement counts.

    Returns
    -------
    The slopes of the embedding, of each layer, and of each bias.
    """
    scores = part @ embedding + biases[0]
    reached = np.maximum(scores @ layers[0] + biases[1], 0)
    chances = chances_of(reached @ layers[1] + biases[2])
    # Of -log sum(p[these]), the slope by the log-odds of one ground is p - p / sum(p[these]) if it is one of these,
    # else p.
    less = np.zeros_like(chances)
    for share, these in right:
        told = np.maximum((chances * these).sum(axis=1, keepdims=True), np.finfo(chances.dtype).tiny)
        less += chances.dtype.type(share) / told * these
    of_grounds = chances * (1 - less) * (counts / counts.dtype.type(len(counts)))
    of_units = of_grounds @ layers[1].T * (reached > 0)
    of_scores = of_units @ layers[0].T
    of_layers = [scores.T @ of_units, reached.T @ of_grounds]
    of_biases = [one.sum(axis=0) for one in (of_scores, of_units, of_grounds)]
    return np.asarray(part.T @ of_scores), of_layers, of_biases


def _parts(count: int, size: int, passes: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    for _ in range(passes):
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def _thinned(part: sp.csr_matrix, dropped: float, rng: np.random.Generator) -> tuple[NDArray[np.intp], sp.csc_matrix]:
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
    # By columns, a product goes through the embedding once and comes back to the few scores, which the cache holds.
    return columns, sp.csr_matrix((data, places[left], starts), shape=(part.shape[0], len(columns))).tocsc()
