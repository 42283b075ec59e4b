"""From a reading to features: numbers that stand for what was read, which the model looks up and weighs.

A feature is the 32-bit hash of a word, a concept or a group of them, and of the channel it belongs to. Hashes are
worked out for a whole statement at once, so that no feature is ever spelt out on the way to an answer; `origins`
spells them out, in the same order, for an explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from magcheck.lexicon import Lexicon
from magcheck.reading import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint32]
    Parts = NDArray[np.uint64]
    Places = NDArray[np.intp]


# How many concepts apart two or three may stand and still go together. It bounds the cost of long statements.
_REACH = 12
_REACH_OF_THREE = 8
_STRENGTHS = ("hedge", "certainty", "openness")
_PARTING_MARKS = frozenset(".;:!?,")
_PARTING_CONCEPTS = frozenset(("and", "because", "if"))

# Odd multipliers of the splitmix64 generator (Steele et al. 2014) and its golden gamma.
_A, _B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_CHANNEL = 0x94D049BB133111EB
_SHIFT, _HALF, _ONE, _MANY = (np.uint64(number) for number in (29, 32, 1, 3))


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


_CHANNELS = {
    name: np.uint64(_hash(name) * _CHANNEL % 2**64)
    for name in [
        "word",
        "letters",
        "words",
        "mixed",
        "mixed3",
        "skip",
        "concept",
        "concepts",
        "pair",
        "state",
        "polarity",
        "strength",
        "scoped",
        "pair-polarity",
        "pair-strength",
        "three",
    ]
}


def _join(groups: Sequence[tuple[str, tuple[Parts, ...]]]) -> Hashes:
    """Mix hashes of parts, position by position, with that of their channel; every group has as many parts.

    Groups are mixed in one go, since NumPy's cost for short arrays is that of the call.
    """
    channel = np.repeat([_CHANNELS[name] for name, _ in groups], [len(parts[0]) for _, parts in groups])
    joined = [np.concatenate(parts) for parts in zip(*(parts for _, parts in groups), strict=True)]
    mixed = joined[0] * _A + channel
    for part in joined[1:]:
        mixed = (mixed ^ (mixed >> _SHIFT)) * _B + part * _A
    return np.asarray(((mixed ^ (mixed >> _HALF)) >> _HALF).astype(np.uint32))


def word_features(word: str, surface: str) -> Hashes:
    """Return the features of one word by itself: its stem, and the letter n-grams (2 to 5) of its surface.

    Letters carry what misspelt and unknown words share with known ones (Bojanowski et al. 2017).
    """
    marked = f"<{surface}>"
    grams = [_hash(marked[i : i + n]) for n in (2, 3, 4, 5) for i in range(len(marked) - n + 1)]
    one = np.array([_hash(word)], dtype=np.uint64)
    return _join((("word", (one,)), ("letters", (np.array(grams, dtype=np.uint64),))))


@lru_cache(maxsize=256)
def _pairs(count: int) -> tuple[Places, Places]:
    steps = range(1, min(_REACH, count - 1) + 1)
    first = np.concatenate([np.arange(0), *(np.arange(count - step) for step in steps)])
    return first, first + np.repeat(steps or [0], [count - step for step in steps] or [0])


@lru_cache(maxsize=256)
def _threes(count: int) -> tuple[Places, Places, Places]:
    steps = [(j, k) for k in range(2, min(_REACH_OF_THREE, count - 1) + 1) for j in range(1, min(k, _REACH_OF_THREE))]
    parts = [np.arange(count - k) for _, k in steps]
    first = np.concatenate([np.arange(0), *parts])
    second, third = np.repeat(np.array(steps or [(0, 0)]), [len(part) for part in parts] or [0], axis=0).T
    return first, first + second, first + third


class _Outline(NamedTuple):
    """A reading as the encoder sees it: its words and concepts in order, and the clause each concept stands in."""

    words: list[str]
    mixed: list[str]
    concepts: list[str]
    named: list[str]
    clauses: list[int]
    negations: list[bool]
    strength: str


class Encoder:
    """Turns readings into features.

    Parameters
    ----------
    lexicon
        The lexicon that the readings were made with.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.kinds = lexicon.kinds
        self._hashes: dict[str, int] = {}

    def _hash(self, text: str) -> int:
        known = self._hashes.get(text)
        if known is None:
            if len(self._hashes) >= 1 << 16:
                self._hashes.clear()
            known = self._hashes[text] = _hash(text)
        return known

    def _array(self, texts: Iterable[str]) -> Parts:
        return np.array([self._hash(text) for text in texts], dtype=np.uint64)

    def encode(self, reading: Reading) -> Hashes:
        """Return the features that words and concepts make together, those of `word_features` left aside.

        Returns
        -------
        array of uint32
            In the order of `origins`.
        """
        outline = self._outline(reading)
        w = self._array(("^", *outline.words, "$"))
        m = self._array(("^", *outline.mixed))
        k = self._array(("^", *outline.concepts, "$"))
        concept = k[1:-1]
        clauses = np.array(outline.clauses, dtype=np.intp)
        negated = np.array(outline.negations, dtype=np.uint64)
        before, within = _parity(clauses, negated)
        strength = self._array((outline.strength,))
        count = negated.sum(keepdims=True)
        first, second = _pairs(len(concept))
        a, b = concept[first], concept[second]
        joined = clauses[first] == clauses[second]
        i, j, k3 = _threes(len(concept))
        close = clauses[i] == clauses[k3]
        return np.concatenate(
            (
                _join((("concept", (self._array(outline.named),)),)),
                _join(
                    (
                        ("words", (w[:-1], w[1:])),
                        ("mixed", (m[:-1], m[1:])),
                        ("skip", (m[:-2], m[2:])),
                        ("concepts", (k[:-1], k[1:])),
                        ("state", (strength, np.minimum(count, _MANY))),
                        ("polarity", (concept, np.repeat(count & _ONE, len(concept)))),
                        ("strength", (concept, np.repeat(strength, len(concept)))),
                        ("scoped", (concept, before)),
                        ("pair", (a, b)),
                    )
                ),
                _join(
                    (
                        ("mixed3", (m[:-2], m[1:-1], m[2:])),
                        ("pair-strength", (a, b, np.repeat(strength, len(a)))),
                        ("pair-polarity", (a[joined], b[joined], within[first[joined]])),
                        ("three", (concept[i[close]], concept[j[close]], concept[k3[close]])),
                    )
                ),
            )
        )

    def _outline(self, reading: Reading) -> _Outline:
        kinds = self.kinds
        words = reading.words
        mixed: list[str] = []
        concepts: list[str] = []
        named: list[str] = []
        clauses: list[int] = []
        clause = done = 0
        for start, end, names in reading.mentions:
            between = words[done:start]
            mixed += between
            first = names[0]
            kind = kinds[first]
            if kind == "contrast" or first in _PARTING_CONCEPTS or not _PARTING_MARKS.isdisjoint(between):
                clause += 1
            mixed.append(first.upper())
            concepts.append(first)
            named += names
            clauses.append(clause)
            done = end
        mixed += words[done:]
        found = {kinds[concept] for concept in concepts}
        strength = "+".join(kind for kind in _STRENGTHS if kind in found)
        negations = [kinds[concept] == "negation" for concept in concepts]
        return _Outline(words, mixed, concepts, named, clauses, negations, strength)

    def origins(self, reading: Reading) -> list[tuple[str, int, int]]:
        """Return, for each feature of `encode`, its channel and the first and last word that it was made from."""
        outline = self._outline(reading)
        count, last = len(reading.words), max(len(reading.words) - 1, 0)
        spots = [(start, end - 1) for start, end, _ in reading.mentions]
        units: list[tuple[int, int]] = []
        done = 0
        for start, end in spots:
            units += [(at, at) for at in range(done, start)]
            units.append((start, end))
            done = end + 1
        units += [(at, at) for at in range(done, count)]
        edged = [(0, 0), *units]
        ended = [(0, 0), *spots, (last, last)]
        clauses = outline.clauses
        pairs = [(int(i), int(j)) for i, j in zip(*_pairs(len(spots)), strict=True)]
        threes = [(int(i), int(k)) for i, _, k in zip(*_threes(len(spots)), strict=True)]
        found = [("concept", start, end - 1) for start, end, names in reading.mentions for _ in names]
        found += [("words", max(at - 1, 0), min(at, last)) for at in range(count + 1)]
        found += [("mixed", a[0], b[1]) for a, b in pairwise(edged)]
        found += [("skip", a[0], b[1]) for a, b in zip(edged, edged[2:], strict=False)]
        found += [("concepts", a[0], b[1]) for a, b in pairwise(ended)]
        found.append(("state", 0, last))
        found += [(name, *spot) for name in ("polarity", "strength", "scoped") for spot in spots]
        found += [("pair", spots[i][0], spots[j][1]) for i, j in pairs]
        found += [("mixed3", a[0], b[1]) for a, b in zip(edged, edged[2:], strict=False)]
        found += [("pair-strength", spots[i][0], spots[j][1]) for i, j in pairs]
        pairs = [(i, j) for i, j in pairs if clauses[i] == clauses[j]]
        threes = [(i, k) for i, k in threes if clauses[i] == clauses[k]]
        found += [("pair-polarity", spots[i][0], spots[j][1]) for i, j in pairs]
        found += [("three", spots[i][0], spots[k][1]) for i, k in threes]
        return found


def _parity(clauses: Places, negated: Parts) -> tuple[Parts, Parts]:
    """Return for each concept whether the negations before it in its clause are odd, and those of the clause."""
    if not len(clauses):
        return negated, negated
    running = np.concatenate((np.zeros(1, np.uint64), np.cumsum(negated, dtype=np.uint64)))
    starts = np.searchsorted(clauses, clauses, side="left")
    ends = np.searchsorted(clauses, clauses, side="right")
    return (running[:-1] - running[starts]) & _ONE, (running[ends] - running[starts]) & _ONE
