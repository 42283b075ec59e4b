"""The model that answers: plain arrays, read without pickle, that score a statement in whole numbers."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zipimport import zipimporter
from zlib import compress, crc32, decompress

import numpy as np
from numpy.lib import format as npy

from magcheck.chances import SETTLED, chances_of, logs_of, odds_of, of_bases, of_labels, of_sentences
from magcheck.compound import SURE, mixed, opinions, split
from magcheck.distance import SIGNS, Distance, moved
from magcheck.errors import ModelError
from magcheck.features import Encoder, word_features
from magcheck.lexicon import Lexicon
from magcheck.reading import Reader, Reading

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from magcheck.features import Hashes, Places

    Sums = NDArray[np.float64]
    # A stem with its surface.
    Word = tuple[str, str]

FORMAT = "magcheck-model"
PROTOCOL = 9
_RETRAIN = "make it anew with: magcheck train --corpus DIR --output FILE"
_CACHED_WORDS = 1 << 15
# What a model file tells of a passage, and how large a number of its own may be: products of a few stay finite.
_TOLD = frozenset(("id", "section", "text", "source", "stance"))
_LARGEST = 1e9

# From so many readings on it pays to unpack all weights.
_MANY = 16
# A weight is a whole number below this, and sums of whole numbers are exact in single precision below that.
_HEAVIEST = 1 << 15
_EXACT = 1 << 24
# Products of so few rows are too small for a BLAS to spread over threads, which would only wait for each other.
_BLOCK = 8
_BUCKETS = 1 << 16
_HALF = np.uint32(16)
LEVELS = 16
_DULLEST = 0.2

# A feature's squared weight is kept in a byte, in steps of a half.
SQUARE_UNIT = 2

# The probability of each basis where nothing is claimed: not addressed.
_NO_CLAIM = (0.0, 0.0, 0.0, 1.0)

_ARRAYS = {
    "buckets": (np.uint8, 1),
    "remainders": (np.uint16, 1),
    "squares": (np.uint8, 1),
    "embedding": (np.uint8, 2),
    "levels": (np.int16, 2),
    "scale": (np.float64, 1),
    "bias": (np.float64, 1),
    "hidden": (np.float16, 2),
    "hidden_bias": (np.float64, 1),
    "out": (np.float16, 2),
    "out_bias": (np.float64, 1),
    "relevance": (np.float64, 1),
    "mixing": (np.float64, 2),
    "moving": (np.float64, 2),
}


class Arrays(NamedTuple):
    """The numbers of a model, for d features, r stance scores, h hidden units and s sentences.

    Behind the stance scores, as one more, goes how far the network can be trusted: what its log-odds are multiplied by.

    Attributes
    ----------
    buckets, remainders : uint8 (65536,), uint16 (d,)
        Known features, sorted: how many there are of each value of the leading sixteen bits, and the other bits.
    squares : uint8 (d,)
        What each feature adds to the statement's squared length, in steps of 1 / `SQUARE_UNIT`.
    embedding, levels : uint8 (d, (r + 2) // 2), int16 (r + 1, 16)
        What each feature adds to the stance scores: the number of one of 16 levels for each, two to a byte, the
        first half of the scores in the low bits.
    scale, bias : float64 (r + 1,), float64 (r + 1,)
        The unit of each score's levels, and where the score starts.
    hidden, hidden_bias : float16 (r, h), float64 (h,)
    out, out_bias : float16 (h, 3 s + 1), float64 (3 s + 1,)
        The head from stance scores, through a layer of units, to the log-odds of grounds (`magcheck.chances`).
    relevance : float64 (2,)
        Slope and intercept of the logistic curve from a sentence's log-odds to its relevance (Platt 1999).
    mixing : float64 (10, 4)
        What the parts of a compound statement add to its log-odds, as `magcheck.compound.mixed` has it.
    moving : float64 (9, 4)
        What signs of distance add to a statement's log-odds, as `magcheck.distance.moved` has it.
    """

    buckets: NDArray[np.uint8]
    remainders: NDArray[np.uint16]
    squares: NDArray[np.uint8]
    embedding: NDArray[np.uint8]
    levels: NDArray[np.int16]
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]
    hidden: NDArray[np.float16]
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float16]
    out_bias: NDArray[np.float64]
    relevance: NDArray[np.float64]
    mixing: NDArray[np.float64]
    moving: NDArray[np.float64]


class Scores(NamedTuple):
    """What the model makes of n readings.

    Attributes
    ----------
    stance : float64 (n, r)
        The stance scores.
    bases : float64 (n, 4)
        Probability of each basis.
    sentences : float64 (n, s)
        Log-odds that each sentence of the document is the one that settles each statement.
    """

    stance: NDArray[np.float64]
    bases: NDArray[np.float64]
    sentences: NDArray[np.float64]


class Model:
    """Scores readings.

    Parameters
    ----------
    arrays
        The numbers.
    meta
        JSON-ready facts: passages, sentences, lexicon, vocabulary, corpus hash, versions, seed, scores.
    """

    def __init__(self, arrays: Arrays, meta: dict[str, Any]) -> None:
        self.arrays = arrays
        self.meta = meta
        self.lexicon = Lexicon.from_json(meta["lexicon"])
        self.reader = Reader(self.lexicon, meta["vocabulary"].split(" "))
        self.encoder = Encoder(self.lexicon, self.reader.known)
        self.distance = Distance(self.lexicon, self.reader.known)
        leading = np.repeat(np.arange(_BUCKETS, dtype=np.uint32), arrays.buckets)
        self.features: Hashes = leading << _HALF | arrays.remainders
        # Where the features of each bucket begin.
        self._starts = np.cumsum(arrays.buckets, dtype=np.intp) - arrays.buckets
        self._head = [_rounded(one) for one in (arrays.hidden, arrays.hidden_bias, arrays.out, arrays.out_bias)]
        # What the features of one word by itself add up to: a row for each word met so far.
        self._words: dict[Word, int] = {}
        self._word_sums = np.zeros((0, len(arrays.scale) + 1), dtype=np.float32)
        self._word_sizes = np.zeros(0)

    @cached_property
    def _unpacked(self) -> NDArray[np.float32]:
        """All weights with the squares behind them: eight times the packed ones' size."""
        arrays = self.arrays
        return np.column_stack((unpacked(arrays.embedding, arrays.levels), arrays.squares)).astype(np.float32)

    def known(self, hashes: Hashes) -> tuple[Places, Places]:
        """Return which of `hashes` are known, and where in the table each of these stands."""
        table, starts = self.features, self._starts
        last = len(table) - 1
        at = starts.take(hashes >> _HALF)
        # Most features stand first in their bucket; those that do not, step on.
        behind = np.flatnonzero(table.take(at, mode="clip") < hashes)
        while len(behind):
            at[behind] += 1
            place = at[behind]
            behind = behind[(table.take(place, mode="clip") < hashes[behind]) & (place < last)]
        found = np.flatnonzero(table.take(at, mode="clip") == hashes)
        return found, at.take(found)

    def sums(self, hashes: Hashes, owners: Places, count: int) -> Sums:
        """Return what features add up to.

        Parameters
        ----------
        hashes, owners : uint32 (n,), intp (n,)
            Features, and the number of the reading that each is of.
        count
            How many readings there are.

        Returns
        -------
        float64 (count, r + 2)
            Stance scores and sharpness in units of their scales, and the squared length in steps of
            1 / `SQUARE_UNIT`, all of them whole numbers.
        """
        arrays = self.arrays
        found, rows = self.known(hashes)
        owners = owners[found]
        if count > 1:
            order = np.argsort(owners, kind="stable")
            rows, owners = rows[order], owners[order]
        if count >= _MANY:
            return _sums(self._unpacked, rows, owners, count).astype(np.float64)
        weights = np.column_stack((unpacked(arrays.embedding[rows], arrays.levels), arrays.squares[rows]))
        return _added_up(weights, owners, count)

    def score(self, readings: Sequence[Reading]) -> Scores:
        """Score readings.

        Features are summed in whole numbers, so that a score is the same whatever order or company it is worked
        out in, and scaled to the statement's length afterwards.
        """
        sums = self.sums(*self.encoder.encode(readings), len(readings)) + self._sums_of_words(readings)
        scores = self.scaled(sums)
        signs = self.distance.signs(readings)
        return scores._replace(bases=moved(scores.bases, signs, self.arrays.moving))

    def judge(self, readings: Sequence[Reading]) -> Scores:
        """Score readings, and the parts of compound ones for a second opinion where the first is not sure.

        Where the parts overrule the whole, the sentences are those of the part that decides. One word alone claims
        nothing.
        """
        scores = self.score(readings)
        scores.bases[np.array([reading.is_one_word for reading in readings], dtype=bool)] = _NO_CLAIM
        unsure = np.flatnonzero(of_labels(scores.bases).max(axis=1) < SURE)
        parts, owners = split([readings[at] for at in unsure.tolist()], self.lexicon)
        if not parts:
            return scores
        compound, owners = np.unique(unsure[owners], return_inverse=True)
        found = self.score(parts)
        whole = scores.bases[compound]
        bases, sentences = scores.bases.copy(), scores.sentences.copy()
        bases[compound] = mixed(opinions(whole, found.bases, owners), self.arrays.mixing)
        labels = of_labels(bases[compound]).argmax(axis=1)
        of_parts = of_labels(found.bases)
        for at in np.flatnonzero(labels != of_labels(whole).argmax(axis=1)):
            own = np.flatnonzero(owners == at)
            sentences[compound[at]] = found.sentences[own[of_parts[own, labels[at]].argmax()]]
        return scores._replace(bases=bases, sentences=sentences)

    def _sums_of_words(self, readings: Sequence[Reading]) -> Sums:
        words, surfaces = [reading.words for reading in readings], [reading.surfaces for reading in readings]

        def pairs() -> Iterator[Word]:
            return zip(chain.from_iterable(words), chain.from_iterable(surfaces), strict=True)

        rows = [*map(self._words.get, pairs())]
        if None in rows:
            needed = [*pairs()]
            self._learn({pair for pair, row in zip(needed, rows, strict=True) if row is None}, needed)
            rows = [*map(self._words.get, needed)]
        owners = np.repeat(np.arange(len(readings)), [*map(len, words)])
        places = np.fromiter(rows, np.intp, len(rows))
        return _sums(self._word_sums, places, owners, len(readings), self._word_sizes[places])

    def _learn(self, unknown: set[Word], needed: Sequence[Word]) -> None:
        """Add up the features of unknown words; where there is no room for more, forget all but those needed."""
        if len(self._words) + len(unknown) > _CACHED_WORDS:
            self._words, unknown = {}, set(needed)
        new = sorted(unknown)
        start, end = len(self._words), len(self._words) + len(new)
        if end > len(self._word_sums):
            room = np.empty((2 * end, self._word_sums.shape[1]), dtype=np.float32)
            room[:start] = self._word_sums[:start]
            self._word_sums, self._word_sizes = room, np.resize(self._word_sizes, 2 * end)
        sums = self.sums(*word_features(new), len(new))
        self._word_sums[start:end], self._word_sizes[start:end] = sums, np.abs(sums).max(axis=1)
        self._words.update(zip(new, range(start, end), strict=True))

    def scaled(self, sums: Sums) -> Scores:
        """Return the scores that `sums` (n, r + 2) amount to."""
        arrays = self.arrays
        length = np.sqrt(sums[:, -1:] / SQUARE_UNIT)
        length[length == 0] = 1.0
        found = _rounded(sums[:, :-1] * (arrays.scale / length) + arrays.bias)
        stance, sharpness = found[:, :-1], sharp(found[:, -1:])
        grounds = chances_of(self.grounds(stance))
        return Scores(stance, chances_of(logs_of(of_bases(grounds)) * sharpness), odds_of(of_sentences(grounds)))

    def grounds(self, stance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of grounds (n, 3 s + 1), given the stance scores (n, r).

        Weights and what they weigh are whole multiples of 2⁻¹⁶: as long as sums stay below 2²¹, products of matrices
        are exact then, and the same whatever their size, on any machine.
        """
        hidden, hidden_start, out, out_start = self._head
        grounds = np.empty((len(stance), len(out_start)))
        for at in range(0, len(stance), _BLOCK):
            reached = _rounded(np.maximum(stance[at : at + _BLOCK] @ hidden + hidden_start, 0.0))
            grounds[at : at + _BLOCK] = reached @ out + out_start
        return grounds

    def save(self, path: Path) -> None:
        """Write the model to `path`, whole or not at all; the same model gives the same bytes."""
        stored: dict[str, NDArray[Any]] = {name: np.ascontiguousarray(getattr(self.arrays, name)) for name in _ARRAYS}
        text = json.dumps(self.meta, ensure_ascii=False, sort_keys=True).encode()
        stored["meta"] = np.frombuffer(compress(text, 9), dtype=np.uint8)
        stored["checksum"] = np.array([_checksum(stored)], dtype=np.uint32)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **stored)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Read a model.

        A file of `numpy.savez` is a zip archive, which Python has read one itself from the start: importing zipfile
        for `numpy.load` would cost as much as all the rest of this.

        Raises
        ------
        ModelError
            If the file is missing, damaged, or of a protocol that this version does not know.
        """
        read = _opened(path)
        stored: dict[str, NDArray[Any]] = {}
        try:
            stored["meta"] = read("meta")
            meta = json.loads(decompress(stored["meta"].tobytes()))
            kind, protocol = meta["format"], meta["protocol"]
        except Exception as error:  # What parsers raise on a broken archive is of many kinds.
            raise ModelError(f"{path}: is no magcheck model; {_RETRAIN}") from error
        if kind != FORMAT or protocol != PROTOCOL:
            raise ModelError(
                f"{path}: is of protocol {protocol!r}, and this version of magcheck reads {PROTOCOL}; "
                f"install the version that wrote it ({meta.get('version', 'unknown')}), or {_RETRAIN}"
            )
        try:
            stored |= {name: read(name) for name in _ARRAYS}
            if read("checksum").tolist() != [_checksum(stored)]:
                raise ValueError("another checksum")
        except Exception as error:
            raise ModelError(f"{path}: is damaged or was changed after it was written; {_RETRAIN}") from error
        try:
            arrays = Arrays(**{name: _checked(stored[name], name, path) for name in _ARRAYS})
            _fit_together(arrays, meta)
            return cls(arrays, meta)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"{path}: lacks a part of the model ({error}); {_RETRAIN}") from error


def sharp(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what log-odds are multiplied by, given scores of any shape that say so: these, but never next to 0."""
    return np.maximum(scores, _DULLEST)


def bucketed(table: Hashes) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Return sorted features as `Arrays` keeps them: buckets and remainders.

    Raises
    ------
    ValueError
        If a bucket holds more than 255 features.
    """
    buckets = np.bincount(table >> _HALF, minlength=_BUCKETS)
    if buckets.max(initial=0) > np.iinfo(np.uint8).max:
        raise ValueError("more features than a bucket of the table can hold")
    return buckets.astype(np.uint8), (table & np.uint32(0xFFFF)).astype(np.uint16)


def packed(chosen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return numbers below 16 (d, t), two to a byte (d, (t + 1) // 2)."""
    half = (chosen.shape[1] + 1) // 2
    high = np.zeros((len(chosen), half), dtype=np.uint8)
    high[:, : chosen.shape[1] - half] = chosen[:, half:]
    return np.asarray(chosen[:, :half] | high << 4)


def unpacked(stored: NDArray[np.uint8], levels: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the weights (d, t) whose numbers are `packed`, of the levels (t, 16) of each column."""
    firsts = np.arange(0, levels.size, LEVELS, dtype=np.intp)
    chosen = np.concatenate((stored & 15, stored >> 4), axis=1)[:, : len(levels)]
    return levels.ravel().take(chosen + firsts)


def _added_up(values: NDArray[Any], owners: Places, count: int) -> Sums:
    """Return the sums (count, c) of the rows of `values` that each owner, in order, has."""
    starts = np.searchsorted(owners, np.arange(count + 1))
    some = np.flatnonzero(np.diff(starts))
    totals = np.zeros((count, values.shape[1]))
    if len(some):
        totals[some] = np.add.reduceat(values, starts[some], axis=0, dtype=np.float64)
    return totals


def _sums(
    table: NDArray[np.float32], rows: Places, owners: Places, count: int, sizes: NDArray[np.float64] | None = None
) -> NDArray[Any]:
    """Return the sums (count, c) of the rows of `table` (d, c) that each owner, in order, has.

    `sizes` are how large the numbers in each of `rows` are at most; without them, that of one feature's weights.
    """
    starts = np.searchsorted(owners, np.arange(count + 1))
    lengths = np.diff(starts)
    most = lengths * _HEAVIEST if sizes is None else np.bincount(owners, sizes, count)
    ones = np.ones(int(lengths.max(initial=0)), dtype=np.float32)
    # One statement's rows stay in the nearest cache, and a product adds them up faster than a sum does.
    return np.array(
        [
            ones[: end - start].dot(table.take(rows[start:end], axis=0))
            if exact
            else table.take(rows[start:end], axis=0).sum(axis=0, dtype=np.float64)
            for exact, (start, end) in zip((most < _EXACT).tolist(), pairwise(starts.tolist()), strict=True)
        ]
    )


def _rounded(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers as whole multiples of 2⁻¹⁶."""
    return np.asarray(np.rint(np.asarray(numbers, dtype=np.float64) * 65536.0) / 65536.0)


def _checked(array: NDArray[Any], name: str, path: str | os.PathLike[str]) -> NDArray[Any]:
    kind, dimensions = _ARRAYS[name]
    if array.dtype != kind or array.ndim != dimensions:
        raise ModelError(f"{path}: {name} is not of the kind that it must be; {_RETRAIN}")
    return array


def _fit_together(arrays: Arrays, meta: dict[str, Any]) -> None:
    """Raise ValueError where arrays and facts are not of one model."""
    known, scores = len(arrays.remainders), len(arrays.scale)
    units, grounds = len(arrays.hidden_bias), SETTLED * len(meta["sentences"]) + 1
    shapes = {
        "buckets": (_BUCKETS,),
        "squares": (known,),
        "embedding": (known, (scores + 1) // 2),
        "levels": (scores, LEVELS),
        "bias": (scores,),
        "hidden": (scores - 1, units),
        "out": (units, grounds),
        "out_bias": (grounds,),
        "relevance": (2,),
        "mixing": (10, 4),
        "moving": (SIGNS + 1, 4),
    }
    for name, shape in shapes.items():
        if getattr(arrays, name).shape != shape:
            raise ValueError(f"{name} is not of the size that the others ask for")
    if not all(passage.keys() >= _TOLD for passage in meta["passages"]):
        raise ValueError("a passage lacks what is told of it")
    told = {source for passage in meta["passages"] for source in passage["source"]}
    if not known or not meta["sentences"] or not set(meta["sentences"]) <= told:
        raise ValueError("sentences and passages do not go together")
    if int(arrays.buckets.sum(dtype=np.int64)) != known:
        raise ValueError("buckets and remainders do not go together")
    if not all((np.abs(array.astype(np.float64)) <= _LARGEST).all() for array in arrays if array.dtype.kind == "f"):
        raise ValueError("a number is not finite, or far too large")


def _opened(path: str | os.PathLike[str]) -> Callable[[str], NDArray[Any]]:
    """Return what reads an array of the file at `path`."""
    try:
        with open(path, "rb"):
            pass
        archive = zipimporter(os.fspath(path))
        archive.invalidate_caches()  # A file that was there before is remembered by its name.
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror or error}); check its name, or {_RETRAIN}"
        ) from error
    except Exception as error:
        raise ModelError(f"{path}: is no magcheck model, or a part of one is missing; {_RETRAIN}") from error
    return lambda name: _array(archive.get_data(os.path.join(archive.archive, f"{name}.npy")))


def _array(content: bytes) -> NDArray[Any]:
    """Return the array in a file of `numpy.save`, without a copy."""
    head = io.BytesIO(content)
    if npy.read_magic(head) != (1, 0):
        raise ValueError("another version of the format")
    shape, by_columns, kind = npy.read_array_header_1_0(head)
    if by_columns or kind.hasobject:
        raise ValueError("an array of another kind")
    return np.frombuffer(content, kind, int(np.prod(shape)), head.tell()).reshape(shape)


def _checksum(stored: dict[str, NDArray[Any]]) -> int:
    checksum = 0
    for name in sorted(stored):
        array = stored[name]
        checksum = crc32(
            np.ascontiguousarray(array).data, crc32(f"{name} {array.dtype.str} {array.shape}".encode(), checksum)
        )
    return checksum
