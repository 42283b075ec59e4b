"""The ranking of the document's sentences, by how well each settles a statement: a ridge regression of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from magcheck.training.design import Floats
from magcheck.training.ridge import ridge
from magcheck.training.stance import telling
from magcheck.training.trial import Trial


@dataclass(frozen=True, slots=True)
class Ranking:
    """Features that rank (of those of stance), their weights (s, d), and where each sentence starts (s,).

    `relevance` is the slope and the start of the log-odds that a sentence of some score settles the statement.
    """

    columns: NDArray[np.intp]
    weights: Floats
    bias: Floats
    relevance: Floats


def fit_ranking(trial: Trial, columns: NDArray[np.intp], named: NDArray[np.bool_]) -> Ranking:
    """Fit the ranking over some features of stance, given which sentences settle each statement (n, s)."""
    chosen = trial.chosen
    backed = np.asarray(named.any(axis=1))
    # The more sentences settle a statement, the less each is the one to show.
    about = named / np.sqrt(np.maximum(named.sum(axis=1, keepdims=True), 1))
    narrow = trial.design.only(columns)
    ranking = telling(narrow.present, about, backed, chosen.rank_features)
    few = narrow.only(ranking)
    # A statement is as long as all of its features make it.
    matrix = (sp.diags(1 / narrow.lengths()) @ few.present @ sp.diags(np.sqrt(few.squares))).tocsr()
    half = np.asarray(trial.folds % 2 == 0)
    halves = Parallel(trial.jobs)(
        delayed(ridge)(matrix[kept], about[kept], chosen.rank_penalty) for kept in (backed & half, backed & ~half)
    )
    even, odd = [matrix @ weights.T + bias for weights, bias in halves]
    guessed = np.where(half[:, None], odd, even)
    relevance = LogisticRegression(C=100.0).fit(guessed.reshape(-1, 1), named.ravel())
    weights, bias = ridge(matrix[backed], about[backed], chosen.rank_penalty)
    return Ranking(ranking, weights, bias, np.array([relevance.coef_[0, 0], relevance.intercept_[0]]))
