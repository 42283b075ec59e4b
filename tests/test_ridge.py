"""The ridge regression: the solution that scikit-learn finds, and how near a coarse tolerance comes to it."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import Ridge

from magcheck.training.ridge import ridge


def test_it_finds_what_scikit_learn_finds() -> None:
    chance = np.random.default_rng(0)
    matrix = sp.random(300, 80, density=0.1, random_state=1, format="csr")
    targets = matrix @ chance.normal(size=(80, 5)) + chance.normal(size=(300, 5)) + 3.0
    for penalty in (0.1, 10.0):
        known = Ridge(alpha=penalty, solver="sparse_cg", tol=1e-8).fit(matrix, targets)
        weights, bias = ridge(matrix, targets, penalty, tolerance=1e-5)
        np.testing.assert_allclose(weights, known.coef_, atol=1e-3)
        np.testing.assert_allclose(bias, known.intercept_, atol=1e-3)


def test_a_target_that_never_changes_has_no_weights() -> None:
    matrix = sp.random(50, 10, density=0.3, random_state=1, format="csr")
    weights, bias = ridge(matrix, np.full((50, 2), 0.5), 1.0)
    assert not weights.any()
    np.testing.assert_allclose(bias, 0.5)
