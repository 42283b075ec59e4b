from __future__ import annotations

import numpy as np
import pytest

from magcheck import Checker
from magcheck.distance import SIGNS, moved
from magcheck.training.opinions import moving_of


def test_signs_tell_how_far_a_statement_is(checker: Checker) -> None:
    model = checker.model
    near, far, foreign = model.distance.signs(
        [model.reader.read(text) for text in ("Magnesium prevents ALS", "It rained there", "Zwölf Boxkämpfer jagen")]
    )
    assert near.tolist() == pytest.approx([0, 0, 2 / 3, 0, 0, 0, 0, 0])
    assert far[0] == 1
    assert far[2] == 0
    assert far[5] == 1
    assert foreign[3] > 0.5
    assert foreign[4] == 1


def test_without_weights_nothing_is_moved() -> None:
    bases = np.array([[0.7, 0.1, 0.15, 0.05], [0.2, 0.3, 0.4, 0.1]])
    assert moved(bases, np.ones((2, SIGNS)), np.zeros((SIGNS + 1, 4))) == pytest.approx(bases)


def test_what_signs_tell_is_learnt() -> None:
    random = np.random.default_rng(0)
    far = random.integers(0, 2, 600)
    chances = random.dirichlet(np.ones(4), 600)
    signs = np.zeros((600, SIGNS))
    signs[:, 0] = far
    right = np.where(far == 1, 3, chances.argmax(axis=1))
    learnt = moved(chances, signs, moving_of(chances, signs, right))
    assert (learnt.argmax(axis=1) == right)[far == 1].mean() > 0.95
    assert (learnt.argmax(axis=1) == right)[far == 0].mean() > 0.9


@pytest.mark.parametrize("statement", ["The orchestra may have sold a piano.", "Der Hund schläft nie im Garten."])
def test_far_away_text_is_not_addressed(checker: Checker, statement: str) -> None:
    assert checker.check(statement).basis == "not-addressed"
