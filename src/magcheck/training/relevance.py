"""Relevance: how likely each of the document's sentences settles a statement, alone or with others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from magcheck.chances import chances_of, odds_of, of_sentences
from magcheck.training.design import Floats
from magcheck.training.stance import Stance
from magcheck.training.trial import Trial


def fit_relevance(trial: Trial, stance: Sequence[Stance]) -> Floats:
    """Fit the slope and intercept (2,) from a sentence's log-odds to relevance, where stance had not learnt from it.

    A statement's grounds name one sentence. Of several that settle a statement, each may be it, so that each has less
    of a chance to be than to settle. One curve serves the first of them and those behind it, which get too little: of
    those that a compound statement needs together, all but one.
    """
    chances = trial.unseen(
        stance, lambda one, rows: of_sentences(chances_of(one.head.grounds(one.fitted.scores[rows])))
    )
    named = trial.named[trial.tried]
    if named.all() or not named.any():
        return np.array([1.0, 0.0])
    found = LogisticRegression(C=100.0).fit(odds_of(chances).reshape(-1, 1), named.ravel())
    return np.array([found.coef_[0, 0], found.intercept_[0]])
