"""The deep averaging network: what it learns that no sum can tell, whom it minds, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from magcheck.chances import chances_of, of_sentences
from magcheck.training.averaging import _Embedding, _Layer, _thinned, fit_averaging, grounds_of, slopes
from magcheck.training.settings import Settings

CHOSEN = Settings(scores=4, hidden=16, passes=40)


def odd_or_even(rng: np.random.Generator, count: int) -> tuple[sp.csr_matrix, Any]:
    """Return rows of two words, each as it is or negated, and whether just one of them is negated."""
    negated = rng.integers(0, 2, (count, 2))
    words = rng.integers(0, 3, (count, 2)) + np.array([0, 6]) + 3 * negated
    matrix = sp.csr_matrix((np.ones(2 * count), words.ravel(), 2 * np.arange(count + 1)), shape=(count, 12))
    return matrix, negated.sum(axis=1) % 2


def test_it_learns_what_no_sum_of_features_tells() -> None:
    rng = np.random.default_rng(0)
    matrix, bases = odd_or_even(rng, 2000)
    named, chosen = np.ones((2000, 1), dtype=bool), replace(CHOSEN, dropped=0.0)
    weights, bias, head = fit_averaging(matrix, bases, named, np.ones(2000), chosen)
    unseen, right = odd_or_even(rng, 300)
    said = head.log_odds(unseen @ weights.T + bias).argmax(axis=1)
    assert (said == right).all()
    again = fit_averaging(matrix, bases, named, np.ones(2000), chosen)
    assert np.array_equal(weights, again[0])


def test_of_the_sentences_that_are_named_it_finds_the_one_that_all_statements_of_a_kind_share() -> None:
    kinds = np.arange(600) % 2
    matrix = sp.csr_matrix(np.eye(2)[kinds])
    # Each kind has a sentence of its own, and beside it any of three others now and then.
    named = np.column_stack((kinds == 0, kinds == 1, np.random.default_rng(0).random((600, 3)) < 0.4))
    weights, bias, head = fit_averaging(matrix, kinds, named, np.ones(600), replace(CHOSEN, dropped=0.0))
    assert of_sentences(chances_of(head.grounds(weights.T + bias))).argmax(axis=1).tolist() == [0, 1]
    assert head.log_odds(weights.T + bias).argmax(axis=1).tolist() == [0, 1]


def test_grounds_are_the_basis_by_any_sentence_that_is_named_or_by_any_at_all() -> None:
    named = np.array([[False, True], [False, False], [False, False]])
    found = grounds_of(np.array([1, 2, 3]), named)
    assert found.astype(int).tolist() == [[0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0, 1]]


def test_rows_that_count_more_decide_where_rows_disagree() -> None:
    matrix = sp.csr_matrix(np.ones((400, 1)))
    bases = np.arange(400) % 2
    for minded in (0, 1):
        counts = np.where(bases == minded, 4.0, 1.0)
        weights, bias, head = fit_averaging(matrix, bases, np.ones((400, 1), dtype=bool), counts, CHOSEN)
        odds = head.log_odds(weights.T + bias)[0]
        assert odds[minded] - odds[1 - minded] == pytest.approx(np.log(4), abs=0.5)


def test_a_share_of_each_row_is_left_out_and_the_rest_raised() -> None:
    part = sp.random(200, 500, density=0.2, random_state=1, format="csr", dtype=np.float32)
    columns, left = _thinned(part, 0.75, np.random.default_rng(0))
    assert 0.23 < left.nnz / part.nnz < 0.27
    whole = part.toarray()[:, columns]
    kept = left.toarray()
    np.testing.assert_allclose(kept[kept > 0], whole[kept > 0] / 0.25, rtol=1e-5)
    assert abs(left.sum() / part.sum() - 1) < 0.05


def test_rows_move_against_the_slope_and_others_stay() -> None:
    embedding = _Embedding(np.ones((3, 2)))

    def step(row: int, slope: list[float]) -> Any:
        rows, before = np.array([row]), embedding.values[row].copy()
        embedding.move(rows, embedding.values[rows], np.array([slope], dtype=np.float32), 0.1)
        return embedding.values[row] - before

    # 0.1 * slope / sqrt(squares), where squares are a thousandth of the slope's mean square, and then a thousandth of
    # the way nearer to the next.
    squares = 0.001 * (1 + 0.25) / 2
    assert step(1, [1.0, -0.5]) == pytest.approx(-0.1 * np.array([1.0, -0.5]) / squares**0.5, rel=1e-3)
    assert (embedding.values[[0, 2]] == 1).all()
    squares += 0.001 * ((4 + 1) / 2 - squares)
    assert step(1, [2.0, -1.0]) == pytest.approx(-0.1 * np.array([2.0, -1.0]) / squares**0.5, rel=1e-3)
    # What other rows remember does not change meanwhile, and weights that nothing moves decay.
    assert step(0, [1.0, -0.5]) == pytest.approx(-0.1 * np.array([1.0, -0.5]) / (0.001 * 1.25 / 2) ** 0.5, rel=1e-3)
    assert (step(2, [0.0, 0.0]) < 0).all()


def test_a_layer_goes_on_where_slopes_led() -> None:
    layer = _Layer(np.zeros(1))
    layer.move(np.ones(1, dtype=np.float32), 0.1)
    before = layer.values.copy()
    layer.move(np.zeros(1, dtype=np.float32), 0.1)
    assert layer.values[0] < before[0] < 0


def test_slopes_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    part = sp.random(6, 9, density=0.5, random_state=1, format="csr")
    right = [(share, rng.random((6, 7)) < 0.4) for share in (0.7, 0.3)]
    for _, these in right:
        these[:, 0] = True
    counts = rng.uniform(1, 3, (6, 1))
    embedding = rng.normal(size=(9, 3))
    layers = [rng.normal(size=size) for size in ((3, 8), (8, 7))]
    biases = [rng.normal(size=size) for size in (3, 8, 7)]

    def loss() -> float:
        units = np.maximum((part @ embedding + biases[0]) @ layers[0] + biases[1], 0)
        chances = chances_of(units @ layers[1] + biases[2])
        told = sum(share * np.log((chances * these).sum(axis=1)) for share, these in right)
        return float(-(counts[:, 0] * told).sum() / 6)

    of_embedding, of_layers, of_biases = slopes(part, embedding, layers, biases, right, counts)
    for values, found in zip((embedding, *layers, *biases), (of_embedding, *of_layers, *of_biases), strict=True):
        assert values.shape == found.shape
        for at in np.ndindex(*values.shape):
            before, step = values[at], 1e-6
            values[at] = before + step
            above = loss()
            values[at] = before - step
            assert (above - loss()) / (2 * step) == pytest.approx(found[at], abs=1e-7)
            values[at] = before
