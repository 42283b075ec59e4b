"""From a reading to features: numbers that stand for what was read, which the model looks up and weighs.

A feature is the 32-bit hash of a word, a concept or a group of them, and of the channel it belongs to. Hashes are
worked out for a whole statement at once, so that no feature is ever spelt out on the way to an answer; `origins`
spells them out, in the same order, for an explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from magcheck.grammar import AGENT, BE, passives
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
_CACHED = 1 << 16
# Lengths of letter n-grams.
_LETTERS = (2, 3, 4, 5)
_STRENGTHS = ("hedge", "certainty", "openness")
_PARTING_MARKS = frozenset(".;:!?,")
# What follows these is denied by itself: "neither helps nor harms" is no double negation.
_PARTING_CONCEPTS = frozenset(("and", "because", "nor"))

# A word that is none of the commonest of a corpus names, as often as not, what its document does not speak of.
_COMMONEST = 3000
# The concept that such words stand for, those between two mentions together. No concept of a lexicon is called that.
_RARE = "?"

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
        "concept",
        "concepts",
        "pair",
        "state",
        "polarity",
        "scoped",
        "pair-polarity",
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


def word_features(words: Sequence[tuple[str, str]]) -> tuple[Hashes, Places]:
    """Return the features of words by themselves: the stem of each, and the letter n-grams (2 to 5) of its surface.

    Letters carry what misspelt and unknown words share with known ones (Bojanowski et al. 2017).

    Parameters
    ----------
    words
        Stems, each with its surface.

    Returns
    -------
    features, owners : uint32 (n,), intp (n,)
        Features, and the number of the word that each is of.
    """
    stems = np.array([_hash(word) for word, _ in words], dtype=np.uint64)
    grams = [_grams(surface) for _, surface in words]
    letters = np.array([gram for one in grams for gram in one], dtype=np.uint64)
    each = np.arange(len(words))
    features = _join((("word", (stems,)), ("letters", (letters,))))
    owners = np.concatenate((each, np.repeat(each, [len(one) for one in grams])))
    return features, owners


def _grams(surface: str) -> list[int]:
    marked = f"<{surface}>"
    if marked.isascii():
        text = marked.encode()
        return [crc32(text[at : at + n]) for n in _LETTERS for at in range(len(text) - n + 1)]
    return [_hash(marked[at : at + n]) for n in _LETTERS for at in range(len(marked) - n + 1)]


@lru_cache(maxsize=256)
def _pairs(count: int) -> Places:
    """Return the pairs (2, p) of `count` concepts that stand close enough to go together."""
    steps = range(1, min(_REACH, count - 1) + 1)
    first = np.concatenate([np.arange(0), *(np.arange(count - step) for step in steps)])
    return np.stack((first, first + np.repeat(steps or [0], [count - step for step in steps] or [0])))


@lru_cache(maxsize=256)
def _threes(count: int) -> Places:
    """Return the threes (3, t) of `count` concepts that stand close enough to go together."""
    steps = [(j, k) for k in range(2, min(_REACH_OF_THREE, count - 1) + 1) for j in range(1, min(k, _REACH_OF_THREE))]
    parts = [np.arange(count - k) for _, k in steps]
    first = np.concatenate([np.arange(0), *parts])
    second, third = np.repeat(np.array(steps or [(0, 0)]), [len(part) for part in parts] or [0], axis=0).T
    return np.stack((first, first + second, first + third))


class _Hashes(dict[str, int]):
    """Hashes of texts, each worked out once."""

    def __missing__(self, text: str) -> int:
        if len(self) >= _CACHED:
            self.clear()
        found = self[text] = _hash(text)
        return found


class _Outline(NamedTuple):
    """A reading as the encoder sees it.

    Its words and concepts in order, the first and the last word that each concept is named by, and the clause that it
    stands in. Concepts of a clause in the passive stand as they would in the active: "magnesium is replaced by lead"
    is read as "lead replaced magnesium".
    """

    words: list[str]
    mixed: list[str]
    concepts: list[str]
    spots: list[tuple[int, int]]
    named: list[str]
    clauses: list[int]
    strength: str


class _Shape(NamedTuple):
    """What the concepts of a mention make of it, which is the same wherever they are named.

    Its place among the words, the concepts that it stands for in the order of all, whether it parts clauses, and its
    kinds of strength. Of several concepts, one that denies comes first: "unwarranted" is read as "not warranted". One
    denial is enough, and two of the others: "lived no longer" is survival without a difference.
    """

    upper: str
    sequence: tuple[str, ...]
    parting: bool
    strengths: tuple[str, ...]


class _Units(NamedTuple):
    """Hashes of one kind of unit, those of several readings end to end, and whose each is."""

    hashes: Parts
    owners: Places

    def neighbors(self) -> tuple[Places, Places]:
        """Return the first of every two neighbors of one reading, and whose they are."""
        first = np.flatnonzero(self.owners[1:] == self.owners[:-1])
        return first, self.owners[first]


class _Rare(dict[str, bool]):
    """Whether words are none of the commonest, each looked up once."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        super().__init__()
        self._common = frozenset(vocabulary[:_COMMONEST])

    def __missing__(self, word: str) -> bool:
        if len(self) >= _CACHED:
            self.clear()
        found = self[word] = len(word) > 1 and word.isalpha() and word not in self._common
        return found


class Encoder:
    """Turns readings into features.

    Parameters
    ----------
    lexicon, vocabulary
        The lexicon and the words that the readings were made with, commonest first.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str]) -> None:
        self._strengths = {concept: kind for concept, kind in lexicon.kinds.items() if kind in _STRENGTHS}
        self._negations = frozenset(concept for concept, kind in lexicon.kinds.items() if kind == "negation")
        self._parting = _PARTING_CONCEPTS | {name for name, kind in lexicon.kinds.items() if kind == "contrast"}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._hashes = _Hashes()
        self._rare = _Rare(vocabulary)

    def _units(self, texts: Sequence[Sequence[str]]) -> _Units:
        counts = [*map(len, texts)]
        flat = np.fromiter(map(self._hashes.__getitem__, chain.from_iterable(texts)), np.uint64, sum(counts))
        return _Units(flat, np.repeat(np.arange(len(texts)), counts))

    def encode(self, readings: Sequence[Reading]) -> tuple[Hashes, Places]:
        """Return the features that words and concepts make together, those of `word_features` left aside.

        Many readings are encoded in little more time than one.

        Returns
        -------
        features, owners : uint32 (n,), intp (n,)
            Features, and the number of the reading that each is of. Those of one are in the order of `origins`.
        """
        outlines = [self._outline(reading) for reading in readings]
        words = self._units([["^", *outline.words, "$"] for outline in outlines])
        mixed = self._units([["^", *outline.mixed] for outline in outlines])
        edged = self._units([["^", *outline.concepts, "$"] for outline in outlines])
        named = self._units([outline.named for outline in outlines])
        concepts = [outline.concepts for outline in outlines]
        concept, owner = self._units(concepts)
        strength = self._units([[outline.strength] for outline in outlines]).hashes
        negated = np.fromiter(map(self._negations.__contains__, chain.from_iterable(concepts)), np.uint64, len(concept))
        negations = np.bincount(owner, negated, len(outlines)).astype(np.uint64)
        clauses = _numbered([outline.clauses for outline in outlines])
        before, within = _parity(clauses, negated)
        counts = [*map(len, concepts)]
        i, j = _spots(counts, _pairs)
        joined = clauses[i] == clauses[j]
        first, second, inside = concept[i], concept[j], i[joined]
        three = _spots(counts, _threes)
        three = three[:, clauses[three[0]] == clauses[three[2]]]
        w, of_w = words.neighbors()
        m, of_m = mixed.neighbors()
        e, of_e = edged.neighbors()
        features = np.concatenate(
            (
                _join((("concept", (named.hashes,)),)),
                _join(
                    (
                        ("words", (words.hashes[w], words.hashes[w + 1])),
                        ("mixed", (mixed.hashes[m], mixed.hashes[m + 1])),
                        ("concepts", (edged.hashes[e], edged.hashes[e + 1])),
                        ("state", (strength, np.minimum(negations, _MANY))),
                        ("polarity", (concept, negations[owner] & _ONE)),
                        ("scoped", (concept, before)),
                        ("pair", (first, second)),
                    )
                ),
                _join(
                    (
                        ("pair-polarity", (first[joined], second[joined], within[inside])),
                        ("three", tuple(concept[three])),
                    )
                ),
            )
        )
        singly = np.arange(len(outlines))
        owners = (named.owners, of_w, of_m, of_e, singly, owner, owner, owner[i], owner[inside], owner[three[0]])
        return features, np.concatenate(owners)

    def _outline(self, reading: Reading) -> _Outline:
        words, surfaces, shapes = reading.words, reading.surfaces, self._shapes
        rare = self._rare.__getitem__
        mixed: list[str] = []
        concepts: list[str] = []
        spots: list[tuple[int, int]] = []
        named: list[str] = []
        clauses: list[int] = []
        strengths: set[str] = set()
        clause = done = 0
        # Behind the last word stands a mention of nothing, so that the words before it are dealt with like others.
        for start, end, names in chain(reading.mentions, ((len(words), len(words), ()),)):
            parting = False
            if start > done:
                between = words[done:start]
                mixed += between
                if any(map(rare, surfaces[done:start])):
                    concepts.append(_RARE)
                    spots.append((done, start - 1))
                    clauses.append(clause)
                parting = not _PARTING_MARKS.isdisjoint(between)
            done = end
            if not names:
                break
            upper, sequence, parts, kinds = shapes.get(names) or self._shape(names)
            clause += parts or parting
            mixed.append(upper)
            named += names
            concepts += sequence
            spots += [(start, end - 1)] * len(sequence)
            clauses += [clause] * len(sequence)
            if kinds:
                strengths.update(kinds)
        if not AGENT.isdisjoint(surfaces) and not BE.isdisjoint(surfaces) and (order := _active(surfaces, spots)):
            # A clause is one clause in any order.
            concepts, spots = [concepts[at] for at in order], [spots[at] for at in order]
        strength = "+".join([kind for kind in _STRENGTHS if kind in strengths]) if strengths else ""
        return _Outline(words, mixed, concepts, spots, named, clauses, strength)

    def _shape(self, names: tuple[str, ...]) -> _Shape:
        denied = tuple(name for name in names if name in self._negations)[:1]
        sequence = denied + tuple(name for name in names if name not in self._negations)[:2]
        strengths = tuple(self._strengths[name] for name in sequence if name in self._strengths)
        found = self._shapes[names] = _Shape(names[0].upper(), sequence, names[0] in self._parting, strengths)
        return found

    def origins(self, reading: Reading) -> list[tuple[str, int, int]]:
        """Return, for each feature of `encode`, its channel and the first and last word that it was made from."""
        outline = self._outline(reading)
        count, last = len(reading.words), max(len(reading.words) - 1, 0)
        spots = outline.spots
        units: list[tuple[int, int]] = []
        done = 0
        for start, end, _ in reading.mentions:
            units += [(at, at) for at in range(done, start)]
            units.append((start, end - 1))
            done = end
        units += [(at, at) for at in range(done, count)]
        edged = [(0, 0), *units]
        ended = [(0, 0), *spots, (last, last)]
        clauses = outline.clauses
        pairs = [(int(i), int(j)) for i, j in _pairs(len(spots)).T]
        threes = [(int(i), int(k)) for i, _, k in _threes(len(spots)).T]
        found = [("concept", start, end - 1) for start, end, names in reading.mentions for _ in names]
        found += [("words", max(at - 1, 0), min(at, last)) for at in range(count + 1)]
        found += [("mixed", a[0], b[1]) for a, b in pairwise(edged)]
        found += [("concepts", *_over(a, b)) for a, b in pairwise(ended)]
        found.append(("state", 0, last))
        found += [(name, *spot) for name in ("polarity", "scoped") for spot in spots]
        found += [("pair", *_over(spots[i], spots[j])) for i, j in pairs]
        pairs = [(i, j) for i, j in pairs if clauses[i] == clauses[j]]
        threes = [(i, k) for i, k in threes if clauses[i] == clauses[k]]
        found += [("pair-polarity", *_over(spots[i], spots[j])) for i, j in pairs]
        found += [("three", *_over(spots[i], spots[k])) for i, k in threes]
        return found


def _active(words: Sequence[str], spots: Sequence[tuple[int, int]]) -> list[int]:
    """Return an order of the concepts at `spots` in which those of passive clauses stand as they would in the active.

    Nothing, where no clause is turned.
    """
    order = list(range(len(spots)))
    turned = False
    for clause in passives(words):
        subject, verb, agent = ([at for at in order if _within(spots[at], part)] for part in clause)
        # Such as "caused by" is a concept by itself, and points backwards.
        if subject and verb and agent and not any(start < clause.verb[1] <= end for start, end in spots):
            moved = {*subject, *verb, *agent}
            places = iter(agent + verb + subject)
            order = [next(places) if at in moved else at for at in order]
            turned = True
    return order if turned else []


def _over(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])


def _within(spot: tuple[int, int], part: tuple[int, int]) -> bool:
    return part[0] <= spot[0] and spot[1] < part[1]


def _numbered(clauses: Sequence[Sequence[int]]) -> Places:
    """Return the clauses of several readings, numbered on from one to the next."""
    steps = np.cumsum([0, *(one[-1] + 1 if one else 0 for one in clauses)])
    counts = [*map(len, clauses)]
    flat = np.fromiter(chain.from_iterable(clauses), np.intp, sum(counts))
    return np.asarray(flat + np.repeat(steps[:-1], counts))


def _spots(counts: Sequence[int], within: Callable[[int], Places]) -> Places:
    """Return the places that `within` has for each count, numbered on from one to the next."""
    parts = [within(count) for count in counts]
    starts = np.cumsum([0, *counts[:-1]])
    return np.asarray(np.concatenate(parts, axis=1) + np.repeat(starts, [part.shape[1] for part in parts]))


def _parity(clauses: Places, negated: Parts) -> tuple[Parts, Parts]:
    """Return for each concept whether the negations before it in its clause are odd, and those of the clause."""
    if not len(clauses):
        return negated, negated
    running = np.concatenate((np.zeros(1, np.uint64), np.cumsum(negated, dtype=np.uint64)))
    starts = np.searchsorted(clauses, clauses, side="left")
    ends = np.searchsorted(clauses, clauses, side="right")
    return (running[:-1] - running[starts]) & _ONE, (running[ends] - running[starts]) & _ONE
