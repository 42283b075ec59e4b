"""How far a statement is from what the document speaks of, and what that makes of its verdict.

Scores add up what is known of a statement's words. That little is known of them shows in no score, so it is told
apart: the less of a statement is about things that the lexicon has names for, and the more of it is in words that the
corpus does not know, the likelier the document says nothing of it. How much likelier, the corpus teaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from magcheck.chances import chances_of
from magcheck.lexicon import TOPIC_KINDS, Lexicon
from magcheck.reading import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIGNS = 8
_LEAST = 1e-6
_CACHED_WORDS = 1 << 16
# Concepts of these kinds are named in talk of anything.
_ANYWHERE = frozenset("other relation outcome direction time quantity place".split())
# And of these, in talk that has nothing to do with the document's.
_NOTHING = frozenset("other time quantity place".split())
# The commonest words of a corpus, of which a statement about its document is mostly made.
_COMMONEST = 1000
_MANY_RARE = 0.25
# What a token is, by how well it is known.
_KINDS = 4
_MARK, _COMMON, _RARE, _STRANGE = range(_KINDS)
# What a mention tells: nothing, something, or a topic.
_TOPIC = 2


class Distance:
    """Tells how far readings are from what a lexicon and a vocabulary know.

    Parameters
    ----------
    lexicon, vocabulary
        The concepts, and the words as they are spelt, commonest first.

    Attributes
    ----------
    topics
        The concepts that the document is about.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str]) -> None:
        self.topics = frozenset(name for name, kind in lexicon.kinds.items() if kind in TOPIC_KINDS - _ANYWHERE)
        telling = frozenset(name for name, kind in lexicon.kinds.items() if kind in TOPIC_KINDS - _NOTHING)
        self._told = _Told(self.topics, telling)
        self._known = _Known(self.topics, vocabulary)

    def signs(self, readings: Sequence[Reading]) -> Floats:
        """Return the signs of distance (n, 8) of readings.

        They are whether no topic is named, and whether only one is; the share of words that name one; the share of
        words that are not known, and whether that is half of them or more; whether nothing is named that the
        document could speak of, not even what one thing does to another; the share of words that are rare or not
        known, and whether that is a quarter or more where hardly a topic is named.
        """
        topics, told = self.topics, self._told
        found = []
        for words, _, _, mentions in readings:
            count = length = telling = 0
            for start, end, names in mentions:
                kind = told[names]
                # "Keeps ALS off" is a relation with a topic in it.
                if kind == _TOPIC or not topics.isdisjoint(words[start:end]):
                    count += 1
                    length += end - start
                telling += kind
            found.append((count, length / (len(words) or 1), count or telling))
        topical, share, told_of = np.array(found, dtype=np.float64).reshape(-1, 3).T
        _, common, rare, strange = self._counts(readings)
        letters = np.maximum(common + rare + strange, 1.0)
        strange = strange / letters
        rare = strange + rare / letters
        signs = (topical == 0, topical == 1, share, strange, strange >= 0.5, told_of == 0, rare)
        return np.column_stack((*signs, (topical < 2) & (rare >= _MANY_RARE)))

    def _counts(self, readings: Sequence[Reading]) -> Floats:
        """Return how many words of each kind (4, n) readings have, by how well they are known."""
        surfaces = [reading.surfaces for reading in readings]
        lengths = [*map(len, surfaces)]
        typed = np.fromiter(map(self._known.__getitem__, chain.from_iterable(surfaces)), np.intp, sum(lengths))
        cells = np.repeat(np.arange(len(readings)) * _KINDS, lengths) + typed
        return np.bincount(cells, minlength=_KINDS * len(readings)).reshape(-1, _KINDS).T.astype(np.float64)


class _Told(dict[tuple[str, ...], int]):
    """What the concepts of mentions tell, each worked out once."""

    def __init__(self, topics: frozenset[str], telling: frozenset[str]) -> None:
        super().__init__()
        self._topics, self._telling = topics, telling

    def __missing__(self, names: tuple[str, ...]) -> int:
        found = _TOPIC if not self._topics.isdisjoint(names) else int(not self._telling.isdisjoint(names))
        self[names] = found
        return found


class _Known(dict[str, int]):
    """How well words are known, each looked up once."""

    def __init__(self, topics: frozenset[str], vocabulary: Sequence[str]) -> None:
        super().__init__()
        self._common = topics.union(vocabulary[:_COMMONEST])
        self._vocabulary = frozenset(vocabulary)

    def __missing__(self, word: str) -> int:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        if len(word) < 2 or not word.isalpha():
            found = _MARK
        elif word in self._common:
            found = _COMMON
        else:
            found = _RARE if word in self._vocabulary else _STRANGE
        self[word] = found
        return found


def moved(bases: Floats, signs: Floats, weights: Floats) -> Floats:
    """Return the probability of each basis (n, 4), given that without signs of distance, the signs and their weights.

    The weights (9, 4) are what each sign adds to the log-odds; the last row is the same for every statement.
    """
    odds = np.log(np.maximum(bases, _LEAST)) + weights[-1]
    # Added one by one, so that a sum is the same whatever company a statement is in.
    for sign, added in zip(signs.T, weights[:-1], strict=True):
        odds = odds + sign[:, None] * added
    return chances_of(odds)
