"""Log-odds of grounds, and what they come to."""

from __future__ import annotations

import numpy as np

from magcheck.chances import chances_of, of_bases, of_labels, of_sentences


def test_bases_and_sentences_are_sums_over_grounds() -> None:
    grounds = np.random.default_rng(0).normal(size=(20, 3 * 5 + 1)) * 4
    chances = chances_of(grounds)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    by_basis = [chances[:, start : start + 5].sum(axis=1) for start in (0, 5, 10)]
    np.testing.assert_allclose(chances_of(of_bases(grounds)), np.column_stack((*by_basis, chances[:, -1])))
    by_sentence = chances[:, 0:5] + chances[:, 5:10] + chances[:, 10:15]
    np.testing.assert_allclose(1 / (1 + np.exp(-of_sentences(grounds))), by_sentence)


def test_the_largest_numbers_of_a_model_leave_all_finite() -> None:
    grounds = np.array([[1e15, -1e15, 0.0, 1e15, -1e15, 3.0, 1e15], [-1e15] * 7, [800.0, *[-800.0] * 6]])
    for odds in (of_bases(grounds), of_sentences(grounds)):
        assert np.isfinite(odds).all()
    np.testing.assert_allclose(chances_of(of_bases(grounds)).sum(axis=1), 1.0)
    # Three grounds share all there is: one of each sentence, and that none settles.
    np.testing.assert_allclose(of_sentences(grounds)[0, 0], np.log(1 / 2), atol=1e-9)
    np.testing.assert_allclose(of_sentences(grounds)[1], np.log(3 / 4), atol=1e-9)


def test_of_no_rows_there_are_none() -> None:
    assert of_bases(np.zeros((0, 7))).shape == (0, 4)
    assert of_sentences(np.zeros((0, 7))).shape == (0, 2)


def test_a_hedge_and_silence_are_both_uncertain() -> None:
    assert of_labels(np.array([[5, 7, 1, 2]])).tolist() == [[5, 7, 3]]
