"""Fitting a model to a corpus.

A deep averaging network (Iyyer et al. 2015) learns stance scores, and a head that turns them into the log-odds of
grounds: on which basis a statement stands, and by which sentence. Some statements are learnt from once more in frames
that deny or affirm them. How far log-odds can be trusted, and what distance and parts of a statement say beside them,
is fitted on statements that networks had not learnt from.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from magcheck import __version__
from magcheck.corpus import Corpus, Row
from magcheck.model import FORMAT, PROTOCOL, SQUARE_UNIT, Arrays, Model, bucketed
from magcheck.reading import Reader
from magcheck.training import metrics
from magcheck.training.design import Floats, make_reader
from magcheck.training.levels import in_levels
from magcheck.training.opinions import fit_opinions
from magcheck.training.relevance import fit_relevance
from magcheck.training.settings import Settings
from magcheck.training.sharpness import fit_sharpness
from magcheck.training.stance import fit_stance
from magcheck.training.trial import make_trial
from magcheck.verdict import BASES, LABEL_OF, LABELS

Say = Callable[[str], None]


def fit(corpus: Corpus, settings: Settings | None = None, say: Say = lambda _: None, jobs: int = 2) -> Model:
    """Fit a model to a corpus.

    Parameters
    ----------
    corpus
        Document, statements, lexicon and frames.
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
    # What a product of matrices comes to, in its last bits, depends on how many threads work it out.
    with threadpool_limits(1), parallel_config("loky", inner_max_num_threads=1):
        return _fit(corpus, settings or Settings(), say, jobs)


def _fit(corpus: Corpus, chosen: Settings, say: Say, jobs: int) -> Model:
    rows = corpus.rows
    say(f"reading {len(rows):,} statements")
    reader, encoder = make_reader(corpus)
    readings = [reader.read(row.statement) for row in rows]
    trial = make_trial(corpus, reader, encoder, readings, chosen, jobs)
    design = trial.design

    say(f"fitting {chosen.scores} stance scores over {len(design.table):,} features, {len(trial.wholes)} times")
    stance = fit_stance(trial)
    say("fitting how far they can be trusted")
    tried = [rows[at] for at in trial.tried]
    calibrated = fit_sharpness(trial, stance, counted(tried))
    whole, head = calibrated[-1].fitted, calibrated[-1].head
    say("weighing distance, and the parts of compound statements")
    opinions = fit_opinions(trial, calibrated, reader, encoder, readings)
    say("fitting how relevant passages are")
    relevance = fit_relevance(trial, stance)

    narrow = design.only(whole.columns)
    roots, counts = np.sqrt(narrow.squares), np.asarray(narrow.present.sum(axis=0)).ravel()
    embedding, levels, scale = in_levels(whole.weights.T * roots[:, None], counts)
    buckets, remainders = bucketed(narrow.table)
    arrays = Arrays(
        buckets=buckets,
        remainders=remainders,
        squares=np.rint(narrow.squares * SQUARE_UNIT).astype(np.uint8),
        embedding=embedding,
        levels=levels,
        scale=scale,
        bias=whole.bias,
        hidden=head.hidden.astype(np.float16),
        hidden_bias=head.hidden_bias,
        out=head.out.astype(np.float16),
        out_bias=head.out_bias,
        relevance=relevance,
        mixing=opinions.mixing,
        moving=opinions.moving,
    )
    return Model(arrays, _meta(corpus, reader, chosen, measured(tried, opinions.chances)))


def counted(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Return which rows (n,) confidence is to be right on most of all: fresh ones, or what comes nearest to these.

    Where mistakes were looked at and mended, a model is right more often than where it has yet to be tried.
    """
    fresh, asked, alone = np.array([(row.fresh, row.natural, row.group is None) for row in rows]).T
    return next(one for one in (fresh, asked, alone, ~alone) if one.any())


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
        "how": f"on {len(rows):,} statements, by models that had learnt from others, contrast groups kept whole"
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
