"""What a model has to beat: the commonest label, cue words alone, and the statement's wording alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union

from magcheck.corpus import Corpus, Row, load
from magcheck.lexicon import Lexicon
from magcheck.reading import Reader
from magcheck.training.design import group_folds, voice_folds
from magcheck.training.metrics import Figure, of_labels, table, with_intervals

_STRENGTHS = ("hedge", "certainty", "openness")


class Cues:
    """Tells the cues of a statement and nothing else: how many negations, and which kinds of strength.

    Parameters
    ----------
    lexicon
        Names the cues.

    Examples
    --------
    >>> from magcheck.corpus import load
    >>> Cues(load().lexicon)("Magnesium may not help")
    ['1 negation, hedge']
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.reader = Reader(lexicon)

    def __call__(self, statement: str) -> list[str]:
        """Return the statement's cues, as one term."""
        kinds = [self.reader.lexicon.kinds[names[0]] for _, _, names in self.reader.read(statement).mentions]
        strengths = [kind for kind in _STRENGTHS if kind in kinds]
        return [", ".join([f"{kinds.count('negation')} negation", *strengths])]


def cue_rules(lexicon: Lexicon) -> ClassifierMixin:
    """Return a classifier that gives each combination of cues the label it commonly has.

    Naive Bayes over a single term is just that: its probabilities are the (smoothed) shares of the labels.
    """
    return make_pipeline(CountVectorizer(analyzer=Cues(lexicon)), MultinomialNB())


def claim_only(seed: int = 0) -> ClassifierMixin:
    """Return a classifier of the wording alone: TF-IDF (words 1-3, letters 2-5) and logistic regression."""
    terms = make_union(
        TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    # The dual solver takes a tenth of the time of the primal ones with this many features.
    regression = LogisticRegression(C=10.0, solver="liblinear", dual=True, random_state=seed)
    return make_pipeline(terms, OneVsRestClassifier(regression))


def held_out(rows: Sequence[Row], folds: int, seed: int) -> NDArray[np.intp]:
    """Return a fold for each row that parts no voice or, with fewer voices than folds, no contrast group."""
    deal = voice_folds if len({row.voice for row in rows}) >= folds else group_folds
    return deal(rows, folds, seed)


def out_of_fold(
    classifier: ClassifierMixin, rows: Sequence[Row], folds: NDArray[np.intp], jobs: int = 2
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the label, and its probability, that `classifier` gives each row, fitted on the other folds."""
    statements, labels = [row.statement for row in rows], [row.label for row in rows]
    chances = cross_val_predict(
        classifier, statements, labels, cv=PredefinedSplit(folds), method="predict_proba", n_jobs=jobs
    )
    names = sorted(set(labels))
    return [names[at] for at in chances.argmax(axis=1)], chances.max(axis=1)


def compare(
    corpus: Corpus, *, folds: int = 5, bootstrap: int = 0, seed: int = 0, jobs: int = 2
) -> dict[str, Mapping[str, Figure]]:
    """Measure the baselines on a corpus, by cross-validation over `held_out` folds.

    Parameters
    ----------
    folds
        Parts that the corpus is dealt into.
    bootstrap
        Number of resamples that the intervals come from; with 0 there are no intervals.
    seed
        Of every random choice.
    jobs
        Processes that folds are fitted in.

    Returns
    -------
    dict
        The figures of each baseline, by its name; `magcheck.training.metrics.table` shows them.
    """
    classifiers = {
        "commonest label": DummyClassifier(strategy="prior"),
        "cue rules": cue_rules(corpus.lexicon),
        "TF-IDF of the statement": claim_only(seed),
    }
    parts = held_out(corpus.rows, folds, seed)
    found = {}
    for name, classifier in classifiers.items():
        said, confidence = out_of_fold(classifier, corpus.rows, parts, jobs)
        found[name] = with_intervals(of_labels(corpus.rows, said, confidence), bootstrap, seed)
    return found


def main() -> None:
    """Measure the baselines on magcheck's own corpus and print them."""
    print(table(compare(load(), bootstrap=200)))


if __name__ == "__main__":
    main()
