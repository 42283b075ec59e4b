"""Log-odds and chances: of grounds, and of the bases, sentences and labels that these come to.

The *grounds* of a verdict are which sentence of the document settles the statement, and on which basis. For s
sentences there are 3 s + 1 of them, in this order: asserted by each of the sentences, contradicted by each, left open
by each (hedged), and not addressed by any. Log-odds of all that a row may be are such as a softmax takes: what is added
to each of them changes nothing.
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
# The least chance that has a logarithm, and the largest that has log-odds.
_LEAST, _SUREST = 1e-300, 1 - 1e-9


def chances_of(odds: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities (n, c), the softmax of log-odds."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def logs_of(chances: Floats) -> Floats:
    """Return the logarithms of chances, which a softmax takes for log-odds; of none at all, that of next to none."""
    return np.log(np.maximum(chances, _LEAST))


def odds_of(chances: Floats) -> Floats:
    """Return the log-odds log(p / (1 - p)) of chances, each by itself."""
    chances = np.clip(chances, _LEAST, _SUREST)
    return np.log(chances) - np.log1p(-chances)


def of_bases(grounds: Floats) -> Floats:
    """Return the chances of the four bases (n, 4), given those of grounds (n, 3 s + 1)."""
    return np.column_stack((_settled(grounds).sum(axis=2), grounds[:, -1]))


def of_sentences(grounds: Floats) -> Floats:
    """Return the chance that each sentence is what settles (n, s), given those of grounds (n, 3 s + 1)."""
    return np.asarray(_settled(grounds).sum(axis=1))


def of_labels(bases: NDArray[Any]) -> NDArray[Any]:
    """Return the chances of the labels (n, 3), given those of the bases (n, 4)."""
    labels = np.zeros((len(bases), len(LABELS)), dtype=bases.dtype)
    for chances, label in zip(bases.T, _LABEL_OF_BASIS, strict=True):
        labels[:, label] += chances
    return labels


def _settled(grounds: Floats) -> Floats:
    """Return the grounds that name a sentence, by basis and sentence (n, 3, s)."""
    return grounds[:, :-1].reshape(len(grounds), SETTLED, grounds.shape[1] // SETTLED)
