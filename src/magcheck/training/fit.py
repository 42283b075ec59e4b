"""Fitting a model to a corpus: scores for stance and passage, and a head that turns them into probabilities.

Stance scores come from a ridge regression of many targets at once. The targets say which sentences settle a
statement and with what basis; their principal components (Jolliffe 2002) are few numbers that hold nearly all of it,
and those are what is fitted. A second regression scores the sentences themselves. The head, a small neural network,
is fitted on stance scores of statements that the regression has not seen (stacking, Wolpert 1992).
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier

from magcheck import __version__
from magcheck.corpus import Corpus, Row
from magcheck.features import Encoder, word_features
from magcheck.model import FORMAT, PROTOCOL, SQUARE_UNIT, Arrays, Model
from magcheck.reading import Reader
from magcheck.text import clean, plain_words, tokens
from magcheck.verdict import BASES

Say = Callable[[str], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen by grouped cross-validation on the corpus (docs/experiments.md).

    Attributes
    ----------
    rarest
        Features of fewer statements are not considered.
    features
        How many features are kept for stance, those that tell most.
    rank_features
        How many of them score sentences.
    penalty, rank_penalty
        Weight of the squared coefficients in either ridge regression.
    components
        Principal components of the targets.
    folds
        Parts of the corpus that scores for the head are fitted across.
    hidden, decay, epochs, heads
        Units, penalty, passes and number of the networks whose log-odds are averaged.
    seed
        Of every random choice.
    """

    rarest: int = 3
    features: int = 54_000
    rank_features: int = 11_000
    penalty: float = 0.2
    rank_penalty: float = 0.4
    components: int = 32
    folds: int = 4
    hidden: int = 64
    decay: float = 1.0
    epochs: int = 25
    heads: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Design:
    """Statements as a matrix of features.

    Attributes
    ----------
    present : csr (n, d)
        How often each statement has each feature.
    table : uint64 (d,)
        The features, sorted.
    squares : float64 (d,)
        Squared weight of each feature: of its inverse document frequency.
    """

    present: sp.csr_matrix
    table: NDArray[np.uint64]
    squares: Floats

    def weighted(self, columns: NDArray[np.intp]) -> sp.csr_matrix:
        """Return the chosen columns, weighted, with each row at unit length."""
        chosen = self.present[:, columns]
        squares = self.squares[columns]
        lengths = np.sqrt(np.maximum(chosen @ squares, 1e-9))
        return (sp.diags(1 / lengths) @ chosen @ sp.diags(np.sqrt(squares))).tocsr()


def fit(corpus: Corpus, settings: Settings | None = None, say: Say = lambda _: None, jobs: int = 2) -> Model:
    """Fit a model to a corpus.

    Parameters
    ----------
    corpus
        Document, statements and lexicon.
    settings
        Sizes and penalties; the defaults are those of the model that comes with the package.
    say
        Is told of progress.
    jobs
        How many folds are fitted at the same time. The model does not depend on it.
    """
    chosen = settings or Settings()
    rows = corpus.rows
    say(f"reading {len(rows):,} statements")
    reader, encoder = make_reader(corpus)
    design = make_design(reader, encoder, [row.statement for row in rows], chosen.rarest)
    components, centre = make_components(corpus, chosen.components)
    targets = (make_targets(rows, make_outputs(corpus)) - centre) @ components
    bases = np.array([BASES.index(row.basis) for row in rows])
    folds = group_folds(rows, chosen.folds, chosen.seed)
    wholes = [folds != fold for fold in range(chosen.folds)] + [np.ones(len(rows), dtype=bool)]
    say(f"fitting {targets.shape[1]} stance scores over {len(design.table):,} features, {len(wholes)} times")
    fitted = Parallel(n_jobs=jobs)(
        delayed(fit_scores)(design, targets, kept, chosen.features, chosen.penalty) for kept in wholes
    )
    scores = np.zeros(targets.shape)
    for fold, one in enumerate(fitted[:-1]):
        scores[folds == fold] = one.scores[folds == fold]
    stance = fitted[-1]

    say("fitting the head")
    heads = Parallel(n_jobs=jobs)(delayed(_network)(scores, bases, chosen, seed) for seed in range(chosen.heads))
    alone = np.array([row.group is None for row in rows])
    temperature = _temperature(scores, bases, folds, alone, chosen, jobs)
    hidden, hidden_bias, head, head_bias = _stack(heads, scores, temperature)

    say("fitting the ranking of passages")
    named = np.array([[one in row.evidence for one in corpus.sentences] for row in rows])
    backed = np.asarray(named.any(axis=1))
    # The more sentences settle a statement, the less each is the one to show.
    about = named / np.sqrt(np.maximum(named.sum(axis=1, keepdims=True), 1))
    narrow = Design(design.present[:, stance.columns], design.table[stance.columns], design.squares[stance.columns])
    lengths = np.sqrt(np.maximum(narrow.present @ narrow.squares, 1e-9))
    columns = _telling(narrow.present, about, backed, chosen.rank_features)
    ranked = (sp.diags(1 / lengths) @ narrow.present[:, columns] @ sp.diags(np.sqrt(narrow.squares[columns]))).tocsr()
    half = np.asarray(folds % 2 == 0)
    trial = Parallel(n_jobs=jobs)(
        delayed(_ridge)(ranked[kept], about[kept], chosen.rank_penalty) for kept in (backed & half, backed & ~half)
    )
    unseen = np.where(half[:, None], ranked @ trial[1][0].T + trial[1][1], ranked @ trial[0][0].T + trial[0][1])
    relevance = LogisticRegression(C=100.0).fit(unseen.reshape(-1, 1), named.ravel())
    rank_weights, rank_bias = _ridge(ranked[backed], about[backed], chosen.rank_penalty)

    embedding, scale = _in_bytes(stance.weights.T * np.sqrt(narrow.squares)[:, None])
    ranking, rank_scale = _in_bytes(rank_weights.T * np.sqrt(narrow.squares[columns])[:, None])
    rank_rows = np.full(len(narrow.table), -1, dtype=np.int16)
    rank_rows[columns] = np.arange(len(columns), dtype=np.int16)
    arrays = Arrays(
        features=narrow.table,
        squares=np.rint(narrow.squares * SQUARE_UNIT).astype(np.uint8),
        embedding=embedding,
        scale=scale,
        bias=stance.bias,
        hidden=hidden,
        hidden_bias=hidden_bias,
        head=head,
        head_bias=head_bias,
        rank_rows=rank_rows,
        ranking=ranking,
        rank_scale=rank_scale,
        rank_bias=rank_bias,
        relevance=np.array([relevance.coef_[0, 0], relevance.intercept_[0]]),
    )
    return Model(arrays, _meta(corpus, reader, chosen))


def _meta(corpus: Corpus, reader: Reader, chosen: Settings) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "version": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "title": corpus.title,
        "corpus": {"hash": corpus.hash, "statements": len(corpus.rows), "passages": len(corpus.passages)},
        "settings": asdict(chosen),
        "sentences": list(corpus.sentences),
        "passages": [{**asdict(passage), "source": list(passage.source)} for passage in corpus.passages],
        "lexicon": corpus.lexicon.to_json(),
        "vocabulary": list(reader.vocabulary),
        "scores": {},
    }


def make_reader(corpus: Corpus) -> tuple[Reader, Encoder]:
    """Return a reader whose known words are those of the lexicon and those of two statements or more."""
    spellings = corpus.lexicon.spellings
    counts: Counter[str] = Counter()
    for row in corpus.rows:
        # Counted as typed: a reader would take what it does not know yet for a slip of what it does.
        typed = tokens(clean(row.statement))
        counts.update({word for token in typed for word in plain_words(token, spellings) if word.isalpha()})
    common = sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))
    return Reader(corpus.lexicon, common), Encoder(corpus.lexicon)


def make_design(reader: Reader, encoder: Encoder, statements: Sequence[str], rarest: int) -> Design:
    """Return the features of `statements` that stand in `rarest` of them or more."""
    hashes = []
    for statement in statements:
        reading = reader.read(statement)
        words = [word_features(*pair) for pair in zip(reading.words, reading.surfaces, strict=True)]
        hashes.append(np.concatenate((encoder.encode(reading), *words)))
    table, counts = np.unique(np.concatenate([np.unique(one) for one in hashes]), return_counts=True)
    table, counts = table[counts >= rarest], counts[counts >= rarest]
    columns, starts = [], [0]
    for one in hashes:
        at = np.searchsorted(table, one)
        at[at == len(table)] = 0
        at = at[table[at] == one]
        columns.append(at)
        starts.append(starts[-1] + len(at))
    flat = np.concatenate(columns)
    present = sp.csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(statements), len(table)))
    present.sum_duplicates()
    idf = np.log((1 + len(statements)) / (1 + counts)) + 1
    # Whole multiples of the unit that the model stores, so that fitted and exported model agree.
    return Design(present, table, np.maximum(np.rint(idf**2 * SQUARE_UNIT), 1) / SQUARE_UNIT)


def make_outputs(corpus: Corpus) -> list[tuple[str, str]]:
    """Return the pairs of a sentence and a basis that some statements of the corpus have."""
    counts = Counter((sentence, row.basis) for row in corpus.rows for sentence in row.evidence)
    return [(s, b) for s in corpus.sentences for b in BASES[:3] if counts[s, b] >= 3]


def make_targets(rows: Sequence[Row], outputs: Sequence[tuple[str, str]]) -> Floats:
    """Return 0 or 1 for each row and output, and then for each basis."""
    place = {output: at for at, output in enumerate(outputs)}
    targets = np.zeros((len(rows), len(outputs) + len(BASES)))
    for at, row in enumerate(rows):
        targets[at, len(outputs) + BASES.index(row.basis)] = 1
        for sentence in row.evidence:
            if (sentence, row.basis) in place:
                targets[at, place[sentence, row.basis]] = 1
    return targets


def make_components(corpus: Corpus, count: int) -> tuple[Floats, Floats]:
    """Return the first principal components of the targets, as columns, and the targets' mean."""
    targets = make_targets(corpus.rows, make_outputs(corpus))
    centre = targets.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov((targets - centre).T))
    vectors = vectors[:, ::-1][:, :count]
    # An eigenvector's sign is the library's whim; the largest entry is made positive.
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    return vectors * signs, centre


def voice_folds(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row, such that no voice is parted."""
    return _folds([row.voice for row in rows], folds, seed)


def group_folds(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row, such that no contrast group is parted."""
    return _folds([row.group or f"{row.voice} {row.id}" for row in rows], folds, seed)


def _folds(units: Sequence[str], folds: int, seed: int) -> NDArray[np.intp]:
    names = sorted(set(units))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[one]: at % folds for at, one in enumerate(order)}
    return np.array([fold[unit] for unit in units], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A ridge regression: its columns of the design, coefficients (t, d), intercepts (t,), and all rows' scores."""

    columns: NDArray[np.intp]
    weights: Floats
    bias: Floats
    scores: Floats


def fit_scores(design: Design, targets: Floats, kept: NDArray[np.bool_], features: int, penalty: float) -> Fitted:
    """Fit scores on the rows `kept`, over the features that tell most there, and score every row."""
    columns = _telling(design.present, targets, kept, features)
    matrix = design.weighted(columns)
    weights, bias = _ridge(matrix[kept], targets[kept], penalty)
    return Fitted(columns, weights, bias, matrix @ weights.T + bias)


def _telling(present: sp.csr_matrix, targets: Floats, kept: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the columns whose presence explains most of the targets' variance among the rows `kept`."""
    has = present[kept].copy()
    has.data = np.ones_like(has.data)
    summed = has.T @ (targets[kept] - targets[kept].mean(axis=0))
    # The constant keeps features of a handful of statements from looking certain.
    explained = (summed**2).sum(axis=1) / (np.asarray(has.sum(axis=0)).ravel() + 3)
    return np.sort(np.argsort(-explained, kind="stable")[:count])


def _ridge(matrix: sp.csr_matrix, targets: Floats, penalty: float) -> tuple[Floats, Floats]:
    # A coarse tolerance is enough: cross-validated scores do not change below it, and time does.
    ridge = Ridge(alpha=penalty, solver="sparse_cg", tol=0.1).fit(matrix, targets)
    return ridge.coef_, ridge.intercept_


def _network(scores: Floats, bases: NDArray[np.intp], chosen: Settings, seed: int) -> MLPClassifier:
    network = MLPClassifier(
        (chosen.hidden,),
        alpha=chosen.decay,
        batch_size=min(128, len(scores)),
        max_iter=chosen.epochs,
        n_iter_no_change=chosen.epochs,
        random_state=chosen.seed + seed,
    )
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Stopping after a set number of passes is the intent, not a failure to converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(scores / _spread(scores), bases)


def _spread(scores: Floats) -> Floats:
    return np.asarray(scores.std(axis=0) + 1e-6)


def _log_odds(network: MLPClassifier, scores: Floats, spread: Floats) -> Floats:
    raised = np.maximum(scores / spread @ network.coefs_[0] + network.intercepts_[0], 0)
    return np.asarray(raised @ network.coefs_[1] + network.intercepts_[1])


def _temperature(
    scores: Floats,
    bases: NDArray[np.intp],
    folds: NDArray[np.intp],
    alone: NDArray[np.bool_],
    chosen: Settings,
    jobs: int,
) -> float:
    """Return the number that log-odds are divided by to be calibrated (Guo et al. 2017), found across folds.

    Only rows outside contrast groups count (`alone`): people ask one thing at a time, not its hardest neighbours.
    """
    numbers = range(chosen.folds)
    networks = Parallel(n_jobs=jobs)(
        delayed(_network)(scores[folds != fold], bases[folds != fold], chosen, 0) for fold in numbers
    )
    odds = np.zeros((len(scores), len(BASES)))
    for fold, network in zip(numbers, networks, strict=True):
        odds[folds == fold] = _log_odds(network, scores[folds == fold], _spread(scores[folds != fold]))

    def loss(temperature: float) -> float:
        scaled = odds / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        chances = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
        return float(-np.log(chances[np.arange(len(bases)), bases] + 1e-12)[alone].mean())

    return float(minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x)


def _stack(heads: Sequence[MLPClassifier], scores: Floats, temperature: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the networks as one, whose log-odds are their mean."""
    spread = _spread(scores)
    scale = len(heads) * temperature
    hidden = np.concatenate([head.coefs_[0] for head in heads], axis=1) / spread[:, None]
    hidden_bias = np.concatenate([head.intercepts_[0] for head in heads])
    out = np.concatenate([head.coefs_[1] for head in heads]) / scale
    out_bias = np.sum([head.intercepts_[1] for head in heads], axis=0) / scale
    return hidden, hidden_bias, out, out_bias


def _in_bytes(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return weights (d, t) as bytes, and the value of one step for each column."""
    # A few features weigh far more than the rest: clipping them keeps the others' steps fine.
    top = np.maximum(np.quantile(np.abs(weights), 0.9999, axis=0), 1e-9)
    return np.clip(np.rint(weights / top * 127), -127, 127).astype(np.int8), np.asarray(top / 127)
