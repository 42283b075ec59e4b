"""From a reading to features: numbers that stand for what was read, which the model looks up and weighs.

A feature is the 64-bit hash of a word, a concept or a group of them, and of the channel it belongs to. Hashes are
worked out for a whole statement at once, so that no feature is ever spelt out on the way to an answer; `origins`
spells them out, in the same order, for an explanation.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from magcheck.lexicon import Lexicon
from magcheck.reading import Reading

Hashes = NDArray[np.uint64]

# How many concepts apart two may stand and still be a pair. It bounds the cost of long statements.
_REACH = 14
_STRENGTHS = ("hedge", "certainty", "openness")

# Odd multipliers of the splitmix64 generator (Steele et al. 2014) and its golden gamma.
_A, _B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_CHANNEL = 0x94D049BB133111EB


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


_START, _END = (np.uint64(_hash(mark)) for mark in ("^", "$"))
_WORD, _WORDS, _MIXED, _MIXED3, _SKIP, _CONCEPT, _CONCEPTS, _PAIR, _POLARITY, _STRENGTH, _LETTERS = (
    np.uint64(_hash(channel) * _CHANNEL % 2**64)
    for channel in "word words mixed mixed3 skip concept concepts pair polarity strength letters".split()
)


def _join(channel: np.uint64, *parts: Any) -> Hashes:
    """Mix hashes of parts, position by position, with the channel's."""
    mixed = parts[0] * _A + channel
    for part in parts[1:]:
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _B + part * _A
    return np.asarray(mixed ^ (mixed >> np.uint64(32)), dtype=np.uint64)


def word_features(word: str, surface: str) -> Hashes:
    """Return the features of one word by itself: its stem, and the letter n-grams (2 to 5) of its surface.

    Letters carry what misspelt and unknown words share with known ones (Bojanowski et al. 2017).
    """
    marked = f"<{surface}>"
    grams = [_hash(marked[i : i + n]) for n in (2, 3, 4, 5) for i in range(len(marked) - n + 1)]
    letters = _join(_LETTERS, np.array(grams, dtype=np.uint64))
    return np.concatenate((_join(_WORD, np.array([_hash(word)], dtype=np.uint64)), letters))


@lru_cache(maxsize=256)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(count, 1)
    near = second - first <= _REACH
    return first[near], second[near]


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

    def _one(self, text: str) -> Hashes:
        return np.array([self._hash(text)], dtype=np.uint64)

    def encode(self, reading: Reading) -> Hashes:
        """Return the features that words and concepts make together, those of `word_features` left aside.

        Returns
        -------
        array of uint64
            In the order of `origins`.
        """
        words, mixed, concepts, named = self._units(reading)
        hashed = self._hash
        w = np.array([_START, *map(hashed, words), _END], dtype=np.uint64)
        m = np.array([_START, *map(hashed, mixed)], dtype=np.uint64)
        k = np.array([_START, *map(hashed, concepts), _END], dtype=np.uint64)
        first, second = _pairs(len(concepts))
        state, polarity, strength = self._state(concepts)
        distinct = np.array([hashed(concept) for concept in dict.fromkeys(concepts)], dtype=np.uint64)
        return np.concatenate(
            (
                _join(_WORDS, w[:-1], w[1:]),
                _join(_MIXED, m[:-1], m[1:]),
                _join(_MIXED3, m[:-2], m[1:-1], m[2:]),
                _join(_SKIP, m[:-2], m[2:]),
                _join(_CONCEPT, np.array([hashed(name) for name in named], dtype=np.uint64)),
                _join(_CONCEPTS, k[:-1], k[1:]),
                _join(_PAIR, k[1:-1][first], k[1:-1][second]),
                _join(_STRENGTH, self._one(state)),
                _join(_POLARITY, distinct, self._one(polarity)),
                _join(_STRENGTH, distinct, self._one(strength)),
            )
        )

    def _units(self, reading: Reading) -> tuple[list[str], list[str], list[str], list[str]]:
        words = list(reading.words)
        mixed: list[str] = []
        concepts: list[str] = []
        named: list[str] = []
        done = 0
        for start, end, names in reading.mentions:
            first = names[0]
            mixed += words[done:start]
            mixed.append(first.upper())
            concepts.append(first)
            named += names
            if self.kinds[first] == "name":
                words[start:end] = [first] * (end - start)
            done = end
        mixed += words[done:]
        return words, mixed, concepts, named

    def _state(self, concepts: list[str]) -> tuple[str, str, str]:
        kinds = [self.kinds[concept] for concept in concepts]
        negations = kinds.count("negation")
        strength = "+".join(kind for kind in _STRENGTHS if kind in kinds)
        return f"{min(negations, 3)} {strength}", "odd" if negations % 2 else "even", strength

    def origins(self, reading: Reading) -> list[tuple[str, int, int]]:
        """Return, for each feature of `encode`, its channel and the first and last word that it was made from."""
        count, last = len(reading.words), len(reading.words) - 1
        units: list[tuple[int, int]] = []
        spots = [(start, end - 1) for start, end, _ in reading.mentions]
        done = 0
        for start, end, _ in reading.mentions:
            units += [(at, at) for at in range(done, start)]
            units.append((start, end - 1))
            done = end
        units += [(at, at) for at in range(done, count)]
        found = [("words", max(at - 1, 0), min(at, last)) for at in range(count + 1)]
        edged = [(0, 0), *units]
        found += [("mixed", a[0], b[1]) for a, b in pairwise(edged)]
        found += [("mixed3", a[0], c[1]) for a, _, c in zip(edged, edged[1:], edged[2:], strict=False)]
        found += [("skip", a[0], c[1]) for a, c in zip(edged, edged[2:], strict=False)]
        found += [("concept", start, end - 1) for start, end, names in reading.mentions for _ in names]
        ends = [(0, 0), *spots, (max(last, 0), max(last, 0))]
        found += [("concepts", a[0], b[1]) for a, b in pairwise(ends)]
        first, second = _pairs(len(spots))
        found += [("pair", spots[i][0], spots[j][1]) for i, j in zip(first, second, strict=True)]
        found.append(("state", 0, max(last, 0)))
        seen: dict[str, tuple[int, int]] = {}
        for start, end, names in reading.mentions:
            seen.setdefault(names[0], (start, end - 1))
        found += [("polarity", *spot) for spot in seen.values()]
        found += [("strength", *spot) for spot in seen.values()]
        return found
