"""Log-odds and chances: of grounds, and of the bases, sentences and labels that these come to.

The *grounds* of a verdict are which sentence of the document settles the statement, and on which basis. For s
sentences there are 3 s + 1 of them, in this order: asserted by each of the sentences, contradicted by each, left open
by each (hedged), and not addressed by any. Their log-odds, and those of bases, are such as a softmax takes: what is
added to all of a row changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from magcheck.verdict import BASES, LABEL_OF, LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Bases that a statement has by a sentence.
SETTLED = len(BASES) - 1
_LABEL_OF_BASIS = [LABELS.index(LABEL_OF[basis]) for basis in BASES]
# A logarithm of a chance next to 1; above it, log-odds would lose all meaning.
_SUREST = -1e-9


def chances_of(odds: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities (n, c), the softmax of log-odds."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def of_bases(grounds: Floats) -> Floats:
    """Return the log-odds of the four bases (n, 4), given those of grounds (n, 3 s + 1)."""
    return np.column_stack((_log_sum(_settled(grounds), axis=2), grounds[:, -1]))


def of_sentences(grounds: Floats) -> Floats:
    """Return the log-odds (n, s), log(p / (1 - p)), that each sentence is what settles, given those of grounds."""
    grounds = grounds - grounds.max(axis=1, keepdims=True)
    each = np.minimum(_log_sum(_settled(grounds), axis=1) - _log_sum(grounds, axis=1)[:, None], _SUREST)
    return np.asarray(each - np.log(-np.expm1(each)))


def of_labels(bases: NDArray[Any]) -> NDArray[Any]:
    """Return the chances of the labels (n, 3), given those of the bases (n, 4)."""
    labels = np.zeros((len(bases), len(LABELS)), dtype=bases.dtype)
    for chances, label in zip(bases.T, _LABEL_OF_BASIS, strict=True):
        labels[:, label] += chances
    return labels


def _settled(grounds: Floats) -> Floats:
    """Return the log-odds of grounds that name a sentence, by basis and sentence (n, 3, s)."""
    return grounds[:, :-1].reshape(len(grounds), SETTLED, grounds.shape[1] // SETTLED)


def _log_sum(odds: Floats, axis: int) -> Floats:
    """Return the logarithm of the sum of what `odds` are the logarithms of."""
    highest = odds.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(odds - highest).sum(axis=axis)) + highest.squeeze(axis))
