"""Fitting a model to a corpus."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.extmath import randomized_svd

from magcheck import __version__
from magcheck.corpus import Corpus, Row
from magcheck.features import Encoder, word_features
from magcheck.model import FORMAT, PROTOCOL, Arrays, Model
from magcheck.reading import Reader
from magcheck.verdict import BASES

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen by grouped cross-validation on the corpus (docs/experiments.md).

    Attributes
    ----------
    rarest
        Features of fewer statements are left out.
    penalty
        Weight of the squared coefficients in the ridge regression.
    rank
        Numbers in a statement's vector.
    folds
        Parts of the corpus that the head is fitted across.
    head_c
        Inverse penalty of the head.
    seed
        Of every random choice.
    """

    rarest: int = 3
    penalty: float = 0.2
    rank: int = 40
    folds: int = 4
    head_c: float = 0.003
    seed: int = 0


def fit(corpus: Corpus, settings: Settings | None = None, say: Say = lambda _: None, jobs: int = 2) -> Model:
    """Fit a model to a corpus.

    Sentence-and-stance scores are fitted by ridge regression, one output for each pair of a sentence and the basis
    of the statements it settles, and one for each basis; the coefficients are compressed to `Settings.rank` numbers
    a feature (truncated SVD) and rounded to bytes. A multinomial logistic regression, the head, is fitted on scores
    of statements that the ridge has not seen (stacking, Wolpert 1992), so that its probabilities are calibrated.

    Parameters
    ----------
    corpus
        Document, statements and lexicon.
    say
        Is told of progress.
    jobs
        Processes that folds are fitted in. The result does not depend on it.
    """
    chosen = settings or Settings()
    rows = corpus.rows
    say(f"reading {len(rows):,} statements")
    reader, encoder = make_reader(corpus)
    matrix, table, squares = design(reader, encoder, [row.statement for row in rows], chosen.rarest)
    outputs = make_outputs(corpus)
    targets = make_targets(rows, outputs)
    say(f"fitting {targets.shape[1]} scores over {matrix.shape[1]:,} features")
    folds = voice_folds(rows, chosen.folds, chosen.seed)
    wholes = [folds != fold for fold in range(chosen.folds)] + [np.ones(len(rows), dtype=bool)]
    fitted = Parallel(n_jobs=jobs)(
        delayed(_ridge)(matrix[kept], targets[kept], chosen.penalty) for kept in wholes
    )
    say("fitting the head on scores of statements not seen")
    scores = np.zeros(targets.shape)
    for fold, (weights, bias) in enumerate(fitted[:-1]):
        scores[folds == fold] = matrix[folds == fold] @ weights.T + bias
    head, head_bias = _head(scores, rows, chosen)
    relevance = _relevance(scores, rows, outputs)
    weights, bias = fitted[-1]
    say(f"compressing to {chosen.rank} numbers a feature")
    embedding, scale, project = _compress(weights, chosen, squares)
    arrays = Arrays(table, embedding, np.rint(squares * 1024).astype(np.int32), scale, project, bias,
                    head, head_bias, relevance)
    meta = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "version": __version__,
        "python": platform.python_version(),
        "title": corpus.title,
        "corpus": {"hash": corpus.hash, "statements": len(rows), "passages": len(corpus.passages)},
        "settings": {name: getattr(chosen, name) for name in chosen.__slots__},
        "outputs": [list(output) for output in outputs],
        "passages": [
            {"id": p.id, "section": p.section, "text": p.text, "source": list(p.source), "stance": p.stance}
            for p in corpus.passages
        ],
        "lexicon": corpus.lexicon.to_json(),
        "vocabulary": list(reader.vocabulary),
    }
    return Model(arrays, meta)


def make_reader(corpus: Corpus) -> tuple[Reader, Encoder]:
    """Return a reader whose known words are those of the lexicon and those that stand in two statements or more."""
    plain = Reader(corpus.lexicon)
    counts: Counter[str] = Counter()
    for row in corpus.rows:
        counts.update(set(plain.read(row.statement).words))
    common = sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))
    return Reader(corpus.lexicon, common), Encoder(corpus.lexicon)


def design(
    reader: Reader, encoder: Encoder, statements: Sequence[str], rarest: int
) -> tuple[sp.csr_matrix, NDArray[np.uint64], NDArray[np.float64]]:
    """Return the matrix of statements by features, the features' hashes, and their squared weights.

    A feature weighs its inverse document frequency; each row has unit length.
    """
    hashes = []
    for statement in statements:
        reading = reader.read(statement)
        words = [word_features(*pair) for pair in zip(reading.words, reading.surfaces, strict=True)]
        hashes.append(np.concatenate((encoder.encode(reading), *words)))
    table, counts = np.unique(np.concatenate([np.unique(one) for one in hashes]), return_counts=True)
    kept = counts >= rarest
    table, counts = table[kept], counts[kept]
    weights = np.log((1 + len(statements)) / (1 + counts)) + 1
    squares = np.rint(weights**2 * 1024) / 1024
    columns, starts, lengths = [], [0], []
    for one in hashes:
        at = np.searchsorted(table, one)
        at[at == len(table)] = 0
        at = at[table[at] == one]
        columns.append(at)
        starts.append(starts[-1] + len(at))
        lengths.append(max(float(np.sqrt(squares[at].sum())), 1e-9))
    flat = np.concatenate(columns)
    values = np.sqrt(squares)[flat] / np.repeat(lengths, np.diff(starts))
    matrix = sp.csr_matrix((values, flat, starts), shape=(len(statements), len(table)))
    matrix.sum_duplicates()
    return matrix, table, squares


def make_outputs(corpus: Corpus) -> list[tuple[str, str]]:
    """Return the pairs of a sentence and a basis that enough statements of the corpus have."""
    counts = Counter((sentence, row.basis) for row in corpus.rows for sentence in row.evidence)
    return [(s, b) for s in corpus.sentences for b in BASES[:3] if counts[s, b] >= 3]


def make_targets(rows: Sequence[Row], outputs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Return 0 or 1 for each row and output, and for each basis."""
    place = {output: at for at, output in enumerate(outputs)}
    targets = np.zeros((len(rows), len(outputs) + len(BASES)))
    for at, row in enumerate(rows):
        targets[at, len(outputs) + BASES.index(row.basis)] = 1
        for sentence in row.evidence:
            if (sentence, row.basis) in place:
                targets[at, place[sentence, row.basis]] = 1
    return targets


def voice_folds(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row, such that neither a contrast group nor, with enough of them, a voice is parted."""
    voices = sorted({row.voice for row in rows})
    if len(voices) >= 2 * folds:
        units = [row.voice for row in rows]
    else:
        units = [row.group or f"{row.voice} {row.id}" for row in rows]
    names = sorted(set(units))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[one]: at % folds for at, one in enumerate(order)}
    return np.array([fold[unit] for unit in units], dtype=np.intp)


def _ridge(matrix: sp.csr_matrix, targets: NDArray[np.float64], penalty: float) -> tuple[Any, Any]:
    # A coarse tolerance is enough: cross-validated scores do not change below it, and time does.
    ridge = Ridge(alpha=penalty, solver="sparse_cg", tol=0.1).fit(matrix, targets)
    return ridge.coef_.astype(np.float32), ridge.intercept_


def _head(
    scores: NDArray[np.float64], rows: Sequence[Row], chosen: Settings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spread = scores.std(axis=0) + 1e-6
    bases = np.array([BASES.index(row.basis) for row in rows])
    head = LogisticRegression(C=chosen.head_c, max_iter=500).fit(scores / spread, bases)
    weights = np.zeros((scores.shape[1], len(BASES)))
    bias = np.full(len(BASES), -30.0)
    weights[:, head.classes_] = (head.coef_ / spread).T
    bias[head.classes_] = head.intercept_
    return weights, bias


def _relevance(
    scores: NDArray[np.float64], rows: Sequence[Row], outputs: Sequence[tuple[str, str]]
) -> NDArray[np.float64]:
    sentences = list(dict.fromkeys(sentence for sentence, _ in outputs))
    best = np.stack(
        [scores[:, [at for at, (s, _) in enumerate(outputs) if s == one]].max(axis=1) for one in sentences], axis=1
    )
    named = np.array([[one in row.evidence for one in sentences] for row in rows])
    curve = LogisticRegression(C=100.0).fit(best.reshape(-1, 1), named.ravel())
    return np.array([curve.coef_[0, 0], curve.intercept_[0]])


def _compress(
    weights: NDArray[np.float32], chosen: Settings, squares: NDArray[np.float64]
) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    scaled = weights.T * np.sqrt(squares)[:, None].astype(np.float32)
    rank = min(chosen.rank, *scaled.shape)
    left, values, right = randomized_svd(scaled, rank, n_iter=6, random_state=chosen.seed)
    # A few features weigh far more than the rest: clipping them keeps the others' steps fine.
    top = np.maximum(np.quantile(np.abs(left), 0.9999, axis=0), 1e-9)
    embedding = np.clip(np.rint(left / top * 127), -127, 127).astype(np.int8)
    return embedding, np.asarray(top / 127, dtype=np.float64), np.asarray(values[:, None] * right, dtype=np.float64)
