"""The model that answers: plain arrays, read without pickle, that score a statement in whole numbers."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from magcheck.errors import ModelError
from magcheck.features import Encoder, Hashes, word_features
from magcheck.lexicon import Lexicon
from magcheck.reading import Reader, Reading

FORMAT = "magcheck-model"
PROTOCOL = 1
_RETRAIN = "make it anew with: magcheck train --corpus DIR --output FILE"
_CACHED_WORDS = 1 << 15

_ARRAYS = {
    "features": (np.uint64, 1),
    "embedding": (np.int8, 2),
    "squares": (np.int32, 1),
    "scale": (np.float64, 1),
    "project": (np.float64, 2),
    "bias": (np.float64, 1),
    "head": (np.float64, 2),
    "head_bias": (np.float64, 1),
    "relevance": (np.float64, 1),
}


@dataclass(frozen=True, slots=True)
class Arrays:
    """The numbers of a model.

    Attributes
    ----------
    features : uint64 (d,)
        Known features, sorted.
    embedding : int8 (d, r)
        What each feature adds to a statement's vector, in units of `scale`.
    squares : int32 (d,)
        What each feature adds to the statement's squared length, in 1/1024.
    scale : float64 (r,)
    project, bias : float64 (r, o), (o,)
        From a statement's vector to its scores: one for each (sentence, basis) of the model's outputs, and one for
        each basis.
    head, head_bias : float64 (o, 4), (4,)
        From scores to the log-odds of the four bases.
    relevance : float64 (2,)
        Slope and intercept of the logistic curve from a sentence's score to its relevance (Platt 1999).
    """

    features: Hashes
    embedding: NDArray[np.int8]
    squares: NDArray[np.int32]
    scale: NDArray[np.float64]
    project: NDArray[np.float64]
    bias: NDArray[np.float64]
    head: NDArray[np.float64]
    head_bias: NDArray[np.float64]
    relevance: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model makes of one reading.

    Attributes
    ----------
    outputs : float64 (o,)
        Score of each output.
    bases : float64 (4,)
        Probability of each basis.
    """

    outputs: NDArray[np.float64]
    bases: NDArray[np.float64]


class Model:
    """Scores readings.

    Parameters
    ----------
    arrays
        The numbers.
    meta
        JSON-ready facts: passages, outputs, lexicon, vocabulary, corpus hash, versions, seed, scores.
    """

    def __init__(self, arrays: Arrays, meta: dict[str, Any]) -> None:
        self.arrays = arrays
        self.meta = meta
        self.lexicon = Lexicon.from_json(meta["lexicon"])
        self.reader = Reader(self.lexicon, meta["vocabulary"])
        self.encoder = Encoder(self.lexicon)
        self._words: dict[tuple[str, str], tuple[NDArray[np.int32], int]] = {}

    def rows_of(self, hashes: Hashes) -> NDArray[np.intp]:
        """Return where the known ones among `hashes` stand in the table, with repeats."""
        table = self.arrays.features
        at = np.searchsorted(table, hashes)
        at[at == len(table)] = 0
        return at[table[at] == hashes]

    def _word(self, pair: tuple[str, str]) -> tuple[NDArray[np.int32], int]:
        known = self._words.get(pair)
        if known is None:
            rows = self.rows_of(word_features(*pair))
            summed = self.arrays.embedding[rows].sum(axis=0, dtype=np.int32)
            known = summed, int(self.arrays.squares[rows].sum())
            if len(self._words) >= _CACHED_WORDS:
                self._words.clear()
            self._words[pair] = known
        return known

    def vector(self, reading: Reading) -> NDArray[np.float64]:
        """Return the statement's vector of r numbers, of features summed and scaled to unit length.

        The sum is of whole numbers, so that it is the same whatever order or company it is worked out in.
        """
        rows = self.rows_of(self.encoder.encode(reading))
        total = self.arrays.embedding[rows].sum(axis=0, dtype=np.int32)
        square = int(self.arrays.squares[rows].sum())
        for pair in zip(reading.words, reading.surfaces, strict=True):
            summed, squared = self._word(pair)
            total += summed
            square += squared
        length = (square / 1024) ** 0.5 if square else 1.0
        return total * (self.arrays.scale / length)

    def score(self, reading: Reading) -> Scores:
        """Score one reading."""
        arrays = self.arrays
        outputs = self.vector(reading) @ arrays.project + arrays.bias
        odds = outputs @ arrays.head + arrays.head_bias
        raised = np.exp(odds - odds.max())
        return Scores(outputs, raised / raised.sum())

    def save(self, path: Path) -> None:
        """Write the model to `path`, whole or not at all; the same model gives the same bytes."""
        stored = {name: np.ascontiguousarray(getattr(self.arrays, name)) for name in _ARRAYS}
        text = json.dumps(self.meta, ensure_ascii=False, sort_keys=True).encode()
        stored["meta"] = np.frombuffer(text, dtype=np.uint8)
        stored["digest"] = np.frombuffer(_digest(stored), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **stored)  # type: ignore[arg-type]
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a model.

        Raises
        ------
        ModelError
            If the file is missing, damaged, or of a protocol that this version does not know.
        """
        stored = _read(path)
        try:
            meta = json.loads(stored["meta"].tobytes())
            kind, protocol = meta["format"], meta["protocol"]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path}: is no magcheck model; {_RETRAIN}") from error
        if kind != FORMAT or protocol != PROTOCOL:
            raise ModelError(
                f"{path}: is of protocol {protocol!r}, and this version of magcheck reads {PROTOCOL}; "
                f"install the version that wrote it ({meta.get('version', 'unknown')}), or {_RETRAIN}"
            )
        digest = stored.pop("digest", np.zeros(0, np.uint8)).tobytes()
        if digest != _digest(stored):
            raise ModelError(f"{path}: is damaged or was changed after it was written; {_RETRAIN}")
        try:
            arrays = Arrays(**{name: _checked(stored[name], name, path) for name in _ARRAYS})
            return cls(arrays, meta)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"{path}: lacks a part of the model ({error}); {_RETRAIN}") from error


def _checked(array: NDArray[Any], name: str, path: Path) -> NDArray[Any]:
    kind, dimensions = _ARRAYS[name]
    if array.dtype != kind or array.ndim != dimensions:
        raise ModelError(f"{path}: {name} is not of the kind that it must be; {_RETRAIN}")
    return array


def _read(path: Path) -> dict[str, NDArray[Any]]:
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); {_RETRAIN}") from error
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError, NotImplementedError) as error:
        raise ModelError(f"{path}: is no magcheck model, or a part of one is missing; {_RETRAIN}") from error


def _digest(stored: dict[str, NDArray[Any]]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(stored):
        array = stored[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return digest.digest()
