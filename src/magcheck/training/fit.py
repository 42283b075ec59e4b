"""Fitting a model to a corpus: scores for stance and passage, and a head that turns them into probabilities.

Stance scores are of two kinds. Some come from a ridge regression of many targets at once. The targets say which
sentences settle a statement and with what basis; their principal components (Jolliffe 2002) are few numbers that hold
nearly all of it, and those are what is fitted. A head, a small neural network, is fitted on scores of statements that
the regression has not seen (stacking, Wolpert 1992). Of these scores, only the directions are kept in which a first
such network looks and in which they vary most. The others are those of a deep averaging network (Iyyer et al. 2015),
which learns scores and head together from the basis alone. Log-odds are the mean of both heads'. A second regression
scores the sentences themselves.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from magcheck import __version__
from magcheck.compound import SURE, mixed, opinions, split
from magcheck.corpus import Corpus, Row
from magcheck.distance import Distance, moved
from magcheck.errors import CorpusError
from magcheck.model import FORMAT, PROTOCOL, SQUARE_UNIT, Arrays, Model, bucketed, of_labels, packed, sharp
from magcheck.reading import Reader
from magcheck.training import metrics
from magcheck.training.design import (
    Design,
    Floats,
    further,
    group_folds,
    make_components,
    make_design,
    make_outputs,
    make_reader,
    make_targets,
)
from magcheck.training.head import chances_of, mixing_of, moving_of
from magcheck.training.ridge import ridge
from magcheck.training.settings import Settings
from magcheck.training.sharpness import fit_sharpness
from magcheck.training.stance import fit_stance, telling, unseen_odds
from magcheck.verdict import BASES, LABEL_OF, LABELS

Say = Callable[[str], None]

_LEVELS = 16
_LLOYD_STEPS = 8


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

    Raises
    ------
    CorpusError
        If a basis has too few statements.
    """
    chosen = settings or Settings()
    rows = corpus.rows
    folds = group_folds(rows, chosen.folds, chosen.seed)
    for basis in BASES:
        found = [fold for fold, row in zip(folds.tolist(), rows, strict=True) if row.basis == basis]
        if len(set(found)) < 2:
            raise CorpusError(
                f"the corpus has {len(found)} statements that are {basis}, too few to learn from some and try the "
                "others; write a dozen at least of each basis, not all in one contrast group or natural voice"
            )
    say(f"reading {len(rows):,} statements")
    reader, encoder = make_reader(corpus)
    design = make_design(reader, encoder, [row.statement for row in rows], chosen.rarest)
    components, centre = make_components(corpus, chosen.components)
    targets = (make_targets(rows, make_outputs(corpus)) - centre) @ components
    bases = np.array([BASES.index(row.basis) for row in rows])
    # People ask one thing at a time, not its hardest neighbours.
    asked = np.array([row.natural for row in rows])
    counts = np.where(asked, chosen.asked, 1.0)
    say(f"fitting {targets.shape[1]} stance scores over {len(design.table):,} features, {chosen.folds + 1} times")
    stance = fit_stance(design, targets, bases, folds, counts, chosen, jobs)
    heads = [head for _, head in stance]

    say("fitting how far they can be trusted")
    # Where mistakes were looked at and mended, a model is right more often than where it has yet to be tried.
    fresh, alone = (np.array(one) for one in zip(*((row.fresh, row.group is None) for row in rows), strict=True))
    counted = next(one for one in (fresh, asked, alone, ~alone) if one.any())
    odds = unseen_odds(stance, folds)
    told = [one.columns for one, _ in stance]
    doubts, sharpness = fit_sharpness(design, told, odds, bases, folds, asked, counted, chosen, jobs)
    chances = chances_of(odds * sharpness)
    fitted = [one.beside(doubt) for (one, _), doubt in zip(stance, doubts, strict=True)]
    whole = fitted[-1]

    say("weighing distance, and the parts of compound statements")
    distance = Distance(reader.lexicon, reader.known)
    signs = distance.signs([reader.read(row.statement) for row in rows])
    before, moving = chances.copy(), moving_of(chances, signs, bases)
    for fold in range(chosen.folds):
        own, others = folds == fold, folds != fold
        chances[own] = moved(before[own], signs[own], moving_of(before[others], signs[others], bases[others]))
    unsure = np.flatnonzero(of_labels(chances).max(axis=1) < SURE)
    parts, owners = split([reader.read(rows[at].statement) for at in unsure], reader.lexicon)
    owners = unsure[owners]
    matrix = further(design, encoder, parts)
    of_parts = np.zeros((len(parts), len(BASES)))
    for fold, one in enumerate(fitted[:-1]):
        own = folds[owners] == fold
        found = one.score(matrix)[own]
        of_parts[own] = chances_of(heads[fold].log_odds(found[:, :-1]) * sharp(found[:, -1:]))
    of_parts = moved(of_parts, distance.signs(parts), moving)
    compound, owners = np.unique(owners, return_inverse=True)
    said = opinions(chances[compound], of_parts, owners)
    mixing = mixing_of(said, bases[compound])
    for fold in range(chosen.folds):
        own = folds[compound] == fold
        chances[compound[own]] = mixed(said[own], mixing_of(said[~own], bases[compound[~own]]))

    say("fitting the ranking of passages")
    named = np.array([[one in row.evidence for one in corpus.sentences] for row in rows])
    backed = np.asarray(named.any(axis=1))
    # The more sentences settle a statement, the less each is the one to show.
    about = named / np.sqrt(np.maximum(named.sum(axis=1, keepdims=True), 1))
    narrow = Design(design.present[:, whole.columns], design.table[whole.columns], design.squares[whole.columns])
    lengths = np.sqrt(np.maximum(narrow.present @ narrow.squares, 1e-9))
    columns = telling(narrow.present, about, backed, chosen.rank_features)
    ranked = (sp.diags(1 / lengths) @ narrow.present[:, columns] @ sp.diags(np.sqrt(narrow.squares[columns]))).tocsr()
    half = np.asarray(folds % 2 == 0)
    trial = Parallel(n_jobs=jobs)(
        delayed(ridge)(ranked[kept], about[kept], chosen.rank_penalty) for kept in (backed & half, backed & ~half)
    )
    guessed = np.where(half[:, None], ranked @ trial[1][0].T + trial[1][1], ranked @ trial[0][0].T + trial[0][1])
    relevance = LogisticRegression(C=100.0).fit(guessed.reshape(-1, 1), named.ravel())
    rank_weights, rank_bias = ridge(ranked[backed], about[backed], chosen.rank_penalty)

    counts = np.asarray(narrow.present.sum(axis=0)).ravel()
    embedding, levels, scale = in_levels(whole.weights.T * np.sqrt(narrow.squares)[:, None], counts)
    ranking, rank_levels, rank_scale = in_levels(
        rank_weights.T * np.sqrt(narrow.squares[columns])[:, None], counts[columns]
    )
    buckets, remainders = bucketed(narrow.table)
    arrays = Arrays(
        buckets=buckets,
        remainders=remainders,
        squares=np.rint(narrow.squares * SQUARE_UNIT).astype(np.uint8),
        embedding=embedding,
        levels=levels,
        scale=scale,
        bias=whole.bias,
        hidden=heads[-1].hidden,
        hidden_bias=heads[-1].hidden_bias,
        head=heads[-1].out,
        head_bias=heads[-1].out_bias,
        ranked=np.packbits(np.isin(np.arange(len(narrow.table)), columns)),
        ranking=ranking,
        rank_levels=rank_levels,
        rank_scale=rank_scale,
        rank_bias=rank_bias,
        relevance=np.array([relevance.coef_[0, 0], relevance.intercept_[0]]),
        mixing=mixing,
        moving=moving,
    )
    return Model(arrays, _meta(corpus, reader, chosen, measured(rows, chances)))


_RECORDED = ("accuracy", "macro_f1", "ece", "accuracy@80%", "pairs_right")


def measured(rows: Sequence[Row], chances: Floats) -> dict[str, Any]:
    """Return how good the probabilities of statements not learnt from are, for the model's own record."""
    labels = np.stack(
        [sum(chances[:, at] for at, basis in enumerate(BASES) if LABEL_OF[basis] == label) for label in LABELS], axis=1
    )
    said = [LABELS[at] for at in labels.argmax(axis=1)]
    everything = range(len(rows))
    asked = [at for at in everything if rows[at].natural]
    scores: dict[str, Any] = {
        "how": "on every statement of the corpus, by models that had learnt from others (but for the directions of "
        "scores), contrast groups kept whole"
        + (f"; natural: on the {len(asked):,} that are such as people ask, voices kept whole" if asked else "")
    }
    for before, places in (("", everything), ("natural_", asked)):
        if places:
            these = [rows[at] for at in places]
            found = metrics.figures(metrics.of_labels(these, [said[at] for at in places], labels.max(axis=1)[places]))
            scores |= {before + name: round(found[name], 4) for name in _RECORDED if name in found}
    return scores


def _meta(corpus: Corpus, reader: Reader, chosen: Settings, scores: dict[str, Any]) -> dict[str, Any]:
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
        "vocabulary": " ".join(reader.known),
        "scores": scores,
    }


def in_levels(weights: Floats, counts: Floats) -> tuple[NDArray[np.uint8], NDArray[np.int16], Floats]:
    """Return weights (d, t) as one of 16 levels each, `packed`, the levels (t, 16), and their units (t,).

    Levels are those that lose least (Lloyd 1982), each feature counted as often as it stands in the corpus (d,). They
    are begun at even steps of the weights' square roots, since most are small. Errors of the some two hundred
    features of a statement even out: scores lose a thousandth of macro-F1.
    """
    chosen = np.zeros(weights.shape, dtype=np.uint8)
    levels = np.zeros((weights.shape[1], _LEVELS))
    for at, column in enumerate(weights.T):
        root = np.sign(column) * np.sqrt(np.abs(column))
        even = np.linspace(float(np.quantile(root, 0.0005)), float(np.quantile(root, 0.9995)), _LEVELS)
        steps = np.sign(even) * even**2
        for _ in range(_LLOYD_STEPS):
            nearest = np.searchsorted((steps[1:] + steps[:-1]) / 2, column)
            weighed = np.bincount(nearest, counts, _LEVELS)
            means = np.bincount(nearest, column * counts, _LEVELS) / np.maximum(weighed, 1)
            steps = np.sort(np.where(weighed > 0, means, steps))
        chosen[:, at] = np.searchsorted((steps[1:] + steps[:-1]) / 2, column)
        levels[at] = steps
    scale = np.maximum(np.abs(levels).max(axis=1), 1e-9) / np.iinfo(np.int16).max
    return packed(chosen), np.rint(levels / scale[:, None]).astype(np.int16), scale
