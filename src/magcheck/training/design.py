"""Statements as numbers, a row for each and a column for each feature, and the parts of a cross-validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from magcheck.corpus import Corpus, Row
from magcheck.features import Encoder, word_features
from magcheck.model import SQUARE_UNIT
from magcheck.reading import Reader, Reading
from magcheck.text import clean, plain_words, tokens

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint32]
Places = NDArray[np.intp]

_BITS = np.uint64(32)
# Readings encoded at a time: calls of NumPy are shared, and what they work on stays in the cache.
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Design:
    """Statements as a matrix of features.

    Attributes
    ----------
    present : csr (n, d)
        How often each statement has each feature.
    table : uint32 (d,)
        The features, sorted.
    squares : float64 (d,)
        Squared weight of each feature: of its inverse document frequency.
    """

    present: sp.csr_matrix
    table: NDArray[np.uint32]
    squares: Floats

    def only(self, columns: NDArray[np.intp]) -> Design:
        """Return the design with some of its features."""
        return Design(self.present[:, columns], self.table[columns], self.squares[columns])

    def lengths(self) -> Floats:
        """Return the length (n,) of each row once weighted; a feature that stands twice adds its square twice."""
        return np.asarray(np.sqrt(np.maximum(self.present @ self.squares, 1e-9)))

    def weighted(self, columns: NDArray[np.intp]) -> sp.csr_matrix:
        """Return the chosen columns, weighted, and divided by the length of each row (`lengths`)."""
        chosen = self.only(columns)
        weighted = chosen.present
        weighted.data *= np.repeat(1 / chosen.lengths(), np.diff(weighted.indptr))
        weighted.data *= np.sqrt(chosen.squares)[weighted.indices]
        return weighted


def make_reader(corpus: Corpus) -> tuple[Reader, Encoder]:
    """Return a reader whose known words are those of the lexicon and those of two statements or more."""
    spellings = corpus.lexicon.spellings
    counts: Counter[str] = Counter()
    for row in corpus.rows:
        # Counted as typed: a reader would take what it does not know yet for a slip of what it does.
        typed = tokens(clean(row.statement))
        counts.update({word for token in typed for word in plain_words(token, spellings) if word.isalpha()})
    common = sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))
    reader = Reader(corpus.lexicon, common)
    return reader, Encoder(corpus.lexicon, reader.known)


def make_design(encoder: Encoder, readings: Sequence[Reading], rarest: int) -> Design:
    """Return the features of readings that stand in `rarest` of them or more."""
    hashes, owners = _hashes(encoder, readings)
    pairs = np.sort(owners.astype(np.uint64) << _BITS | hashes)
    # Each feature of a reading counts once, however often the reading has it.
    first = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
    table, counts = np.unique(pairs[first].astype(np.uint32), return_counts=True)
    table, counts = table[counts >= rarest], counts[counts >= rarest]
    return Design(_present(hashes, owners, len(readings), table), table, squares(counts, len(readings)))


def squares(counts: NDArray[np.intp], count: int) -> Floats:
    """Return the squared weights (d,) of features that stand in `counts` (d,) of so many statements.

    They are such as the model can store, so that fitted and exported model agree.
    """
    idf = np.log((1 + count) / (1 + counts)) + 1
    return np.asarray(np.clip(np.rint(idf**2 * SQUARE_UNIT), 1, np.iinfo(np.uint8).max) / SQUARE_UNIT)


def further(design: Design, encoder: Encoder, readings: Sequence[Reading]) -> Design:
    """Return other readings as a matrix of the features of `design`."""
    return replace(design, present=_present(*_hashes(encoder, readings), len(readings), design.table))


def _hashes(encoder: Encoder, readings: Sequence[Reading]) -> tuple[Hashes, Places]:
    """Return features, and the number of the reading that each is of."""
    found: list[Hashes] = [np.zeros(0, dtype=np.uint32)]
    owners: list[Places] = [np.zeros(0, dtype=np.intp)]
    for start in range(0, len(readings), _CHUNK):
        chunk = readings[start : start + _CHUNK]
        for features, of in (encoder.encode(chunk), _of_words(chunk)):
            found.append(features)
            owners.append(of + start)
    return np.concatenate(found), np.concatenate(owners)


def _of_words(readings: Sequence[Reading]) -> tuple[Hashes, Places]:
    """Return the features of words by themselves, those of a word worked out once however often it stands."""
    numbers: dict[tuple[str, str], int] = {}
    places = [
        numbers.setdefault(word, len(numbers))
        for reading in readings
        for word in zip(reading.words, reading.surfaces, strict=True)
    ]
    features, words = word_features(list(numbers))
    order = np.argsort(words, kind="stable")
    sizes = np.bincount(words, minlength=len(numbers))
    counts = sizes[places]
    starts = (np.cumsum(sizes) - sizes)[places]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    owners = np.repeat(np.arange(len(readings)), [len(reading.words) for reading in readings])
    return features[order[np.repeat(starts, counts) + within]], np.repeat(owners, counts)


def _present(hashes: Hashes, owners: Places, count: int, table: Hashes) -> sp.csr_matrix:
    """Return how often each of so many readings has each feature of a table (count, d)."""
    at = np.searchsorted(table, hashes)
    at[at == len(table)] = 0
    known = table[at] == hashes
    return sp.csr_matrix((np.ones(known.sum()), (owners[known], at[known])), shape=(count, len(table)))


def voice_folds(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row, such that no voice is parted."""
    return _folds([row.voice for row in rows], folds, seed)


def group_folds(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row, such that no contrast group is parted, nor a voice that asks as people do.

    These voices, some of which are read far worse than others, are few: they are dealt so that each fold has as much
    of them as any other, of fresh ones above all.
    """
    found = _folds([row.group or f"{row.voice} {row.id}" for row in rows], folds, seed)
    voices: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        if row.natural:
            voices.setdefault(row.voice, []).append(at)
    filled = np.zeros(folds, dtype=np.intp)
    for _, places in sorted(voices.items(), key=lambda one: (not rows[one[1][0]].fresh, -len(one[1]), one[0])):
        fold = filled.argmin()
        found[places] = fold
        filled[fold] += len(places)
    return found


def _folds(units: Sequence[str], folds: int, seed: int) -> NDArray[np.intp]:
    names = sorted(set(units))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[one]: at % folds for at, one in enumerate(order)}
    return np.array([fold[unit] for unit in units], dtype=np.intp)
