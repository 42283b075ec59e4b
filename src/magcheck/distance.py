"""How far a statement is from what the document speaks of, and what that makes of its verdict.

Scores add up what is known of a statement's words. That little is known of them shows in no score, so it is told
apart: the less of a statement is about things that the lexicon has names for, and the more of it is in words that the
corpus does not know, the likelier the document says nothing of it. How much likelier, the corpus teaches.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from magcheck.lexicon import TOPIC_KINDS, Lexicon
from magcheck.reading import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIGNS = 5
_LEAST = 1e-6
_CACHED_WORDS = 1 << 16
# Concepts of these kinds are named in talk of anything.
_ANYWHERE = frozenset("other relation outcome direction time quantity place".split())


class Distance:
    """Tells how far readings are from what a lexicon and a vocabulary know.

    Parameters
    ----------
    lexicon, vocabulary
        The concepts, and the words as they are spelt.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Collection[str]) -> None:
        self._topics = frozenset(name for name, kind in lexicon.kinds.items() if kind in TOPIC_KINDS - _ANYWHERE)
        self._known = _Known(vocabulary, self._topics)

    def signs(self, readings: Sequence[Reading]) -> Floats:
        """Return the signs of distance (n, 5) of readings.

        They are whether no topic is named, and whether only one is; the share of words that name one; the share of
        words that are not known, and whether that is half of them or more.
        """
        topics, known = self._topics, self._known
        found = np.empty((len(readings), SIGNS))
        for at, (words, surfaces, _, mentions) in enumerate(readings):
            lengths = [end - start for start, end, names in mentions if names[0] in topics]
            typed = [known[word] for word in surfaces]
            strange = typed.count(False) / ((len(typed) - typed.count(None)) or 1)
            found[at] = not lengths, len(lengths) == 1, sum(lengths) / (len(words) or 1), strange, strange >= 0.5
        return found


class _Known(dict[str, bool | None]):
    """Whether words are known, each looked up once; None for what is no word."""

    def __init__(self, *known: Collection[str]) -> None:
        super().__init__()
        self._where = known

    def __missing__(self, word: str) -> bool | None:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        typed = len(word) > 1 and word.isalpha()
        found = self[word] = any(word in known for known in self._where) if typed else None
        return found


def moved(bases: Floats, signs: Floats, weights: Floats) -> Floats:
    """Return the probability of each basis (n, 4), given that without signs of distance, the signs and their weights.

    The weights (6, 4) are what each sign adds to the log-odds; the last row is the same for every statement.
    """
    odds = np.log(np.maximum(bases, _LEAST)) + weights[-1]
    # Added one by one, so that a sum is the same whatever company a statement is in.
    for sign, added in zip(signs.T, weights[:-1], strict=True):
        odds = odds + sign[:, None] * added
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
