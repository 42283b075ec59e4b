"""Log-odds of grounds, and what they come to."""

from __future__ import annotations

import numpy as np

from magcheck.chances import chances_of, logs_of, odds_of, of_bases, of_labels, of_sentences


def test_bases_and_sentences_are_sums_over_grounds() -> None:
    grounds = chances_of(np.random.default_rng(0).normal(size=(20, 3 * 5 + 1)) * 4)
    np.testing.assert_allclose(grounds.sum(axis=1), 1.0)
    by_basis = [grounds[:, start : start + 5].sum(axis=1) for start in (0, 5, 10)]
    np.testing.assert_allclose(of_bases(grounds), np.column_stack((*by_basis, grounds[:, -1])))
    by_sentence = grounds[:, 0:5] + grounds[:, 5:10] + grounds[:, 10:15]
    np.testing.assert_allclose(of_sentences(grounds), by_sentence)


def test_chances_come_back_from_their_logarithms_and_log_odds() -> None:
    chances = chances_of(np.random.default_rng(0).normal(size=(20, 7)) * 9)
    np.testing.assert_allclose(chances_of(logs_of(chances)), chances)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds_of(chances))), chances)


def test_the_largest_numbers_of_a_model_leave_all_finite() -> None:
    grounds = chances_of(np.array([[1e15, -1e15, 0.0, 1e15, -1e15, 3.0, 1e15], [-1e15] * 7, [800.0, *[-800.0] * 6]]))
    for odds in (logs_of(of_bases(grounds)), odds_of(of_sentences(grounds))):
        assert np.isfinite(odds).all()
    # Three grounds share all there is: one of each sentence, and that none settles.
    np.testing.assert_allclose(of_sentences(grounds)[:2, 0], [1 / 3, 3 / 7])


def test_of_no_rows_there_are_none() -> None:
    assert of_bases(np.zeros((0, 7))).shape == (0, 4)
    assert of_sentences(np.zeros((0, 7))).shape == (0, 2)


def test_a_hedge_and_silence_are_both_uncertain() -> None:
    assert of_labels(np.array([[5, 7, 1, 2]])).tolist() == [[5, 7, 3]]
