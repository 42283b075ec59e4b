"""Relevance: right where the log-odds of sentences are, and higher than these where several sentences would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from magcheck.chances import chances_of
from magcheck.training.design import Design
from magcheck.training.head import Head
from magcheck.training.relevance import fit_relevance
from magcheck.training.settings import Settings
from magcheck.training.stance import Fitted, Stance
from magcheck.training.trial import Beside, Trial

SENTENCES = 4
GROUNDS = 3 * SENTENCES + 1


def relevance_of(grounds: Any, named: Any) -> Any:
    """Return the curve that is fitted where the network's log-odds of grounds (n, 13) are these."""
    count = len(grounds)
    # A head that passes scores on as they are.
    head = Head(np.eye(GROUNDS), np.full(GROUNDS, 50.0), np.eye(GROUNDS), np.full(GROUNDS, -50.0))
    nothing = np.zeros(0, dtype=np.intp)
    stance = Stance(Fitted(nothing, np.zeros((GROUNDS, 0)), np.zeros(GROUNDS), grounds), head)
    design = Design(sp.csr_matrix((count, 0)), np.zeros(0, dtype=np.uint32), np.zeros(0))
    folds = np.zeros(count, dtype=np.intp)
    beside = Beside(design.present[:0], nothing, nothing)
    trial = Trial(design, folds, folds, named, np.ones(count, dtype=bool), beside, Settings(folds=1), jobs=1)
    return fit_relevance(trial, [stance, stance])


def test_relevance_is_the_chance_of_a_sentence_or_more_where_others_settle_it_too() -> None:
    rng = np.random.default_rng(0)
    grounds = rng.normal(size=(4000, GROUNDS)) * 2
    drawn = (chances_of(grounds).cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    named = np.eye(SENTENCES, dtype=bool)[drawn % SENTENCES] & (drawn < GROUNDS - 1)[:, None]
    slope, start = relevance_of(grounds, named)
    assert (slope, start) == (pytest.approx(1, abs=0.1), pytest.approx(0, abs=0.1))
    assert relevance_of(grounds, np.ones_like(named)).tolist() == [1.0, 0.0]
    others = named | (named.any(axis=1)[:, None] & (rng.random(named.shape) < 0.5))
    assert relevance_of(grounds, others)[1] > 0.5
