"""Texts that are nearly the same: every pair above a likeness, found without comparing each with each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

LETTERS = 5
LIKENESS = 0.8
_BLOCK = 2_000
_PAIRS = 200_000


def near_duplicates(
    texts: Sequence[str], likeness: float = LIKENESS, letters: int = LETTERS
) -> list[tuple[int, int, float]]:
    """Return the pairs of texts whose sets of character n-grams are more alike than `likeness`.

    It is exact. Two sets whose Jaccard index exceeds t share more than t of either, so that they share a gram
    among the rarest (1 - t) of each: only pairs that do are compared (prefix filtering, Chaudhuri et al. 2006).

    Parameters
    ----------
    texts
        Texts, taken as they are; a text of fewer letters than a gram is one gram.
    likeness
        Jaccard index, from 0 to below 1, that a pair must exceed.
    letters
        Characters in a gram.

    Returns
    -------
    list of (i, j, index)
        Places of the two texts, i before j, and their Jaccard index.

    Examples
    --------
    >>> near_duplicates(["magnesium prevents als", "something else", "magnesium prevents als."])
    [(0, 2, 0.9473684210526315)]
    """
    grams = _grams(texts, letters)
    sizes = np.diff(grams.indptr)
    prefixes = _prefixes(grams, sizes, likeness)
    turned = prefixes.T.tocsr()
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(texts), _BLOCK):
        shared = (prefixes[start : start + _BLOCK] @ turned).tocoo()
        first, second = shared.row.astype(np.intp) + start, shared.col.astype(np.intp)
        small, large = np.minimum(sizes[first], sizes[second]), np.maximum(sizes[first], sizes[second])
        kept = (first < second) & (small > likeness * large)
        found += _alike(grams, sizes, first[kept], second[kept], likeness)
    return sorted(found)


def _grams(texts: Sequence[str], letters: int) -> sp.csr_matrix:
    """Return which text has which gram, grams numbered from the rarest to the commonest."""
    number: dict[str, int] = {}
    columns: list[int] = []
    starts = [0]
    for text in texts:
        ends = range(max(len(text) - letters + 1, 1))
        columns += {number.setdefault(text[at : at + letters], len(number)) for at in ends}
        starts.append(len(columns))
    flat = np.array(columns, dtype=np.intp)
    counts = np.bincount(flat, minlength=len(number))
    rank = np.empty(len(number), dtype=np.intp)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(number))
    matrix = sp.csr_matrix((np.ones(len(flat), np.int32), rank[flat], starts), (len(texts), len(number)))
    matrix.sort_indices()
    return matrix


def _prefixes(grams: sp.csr_matrix, sizes: NDArray[np.intp], likeness: float) -> sp.csr_matrix:
    # The last term guards against a product that rounding puts just below the whole number it is.
    lengths = sizes - np.floor(likeness * sizes + 1e-9).astype(np.intp)
    within = np.arange(len(grams.indices)) - np.repeat(grams.indptr[:-1], sizes)
    kept = within < np.repeat(lengths, sizes)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return sp.csr_matrix((grams.data[kept], grams.indices[kept], starts), grams.shape)


def _alike(
    grams: sp.csr_matrix,
    sizes: NDArray[np.intp],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    likeness: float,
) -> list[tuple[int, int, float]]:
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(first), _PAIRS):
        i, j = first[start : start + _PAIRS], second[start : start + _PAIRS]
        both = np.asarray(grams[i].multiply(grams[j]).sum(axis=1)).ravel()
        index = both / (sizes[i] + sizes[j] - both)
        kept = index > likeness
        found += zip(i[kept].tolist(), j[kept].tolist(), index[kept].tolist(), strict=True)
    return found
