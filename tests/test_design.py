"""Statements as a matrix: the features of each reading, whatever others it is encoded with."""

from __future__ import annotations

from collections import Counter

import numpy as np

from magcheck.corpus import Corpus
from magcheck.features import word_features
from magcheck.training import design as designs
from magcheck.training.design import further, group_folds, make_design, make_reader


def test_a_row_has_the_features_of_its_reading_alone(corpus: Corpus) -> None:
    reader, encoder = make_reader(corpus)
    readings = [reader.read(row.statement) for row in corpus.rows[: designs._CHUNK + 50]]
    design = make_design(encoder, [*readings, reader.read("")], rarest=2)
    counts = np.zeros(len(design.table), dtype=int)
    for at, reading in enumerate(readings):
        words = list(zip(reading.words, reading.surfaces, strict=True))
        own = np.concatenate((encoder.encode([reading])[0], word_features(words)[0]))
        known = np.isin(design.table, own)
        counts += known
        expected = [np.count_nonzero(own == feature) for feature in design.table[known]]
        row = design.present[at].toarray().ravel()
        assert row[known].tolist() == expected
        assert not row[~known].any()
    assert counts.min() >= 2
    assert (
        further(design, encoder, readings[-3:]).present != design.present[len(readings) - 3 : len(readings)]
    ).nnz == 0


def test_weighted_rows_are_of_unit_length_unless_a_feature_stands_twice(corpus: Corpus) -> None:
    reader, encoder = make_reader(corpus)
    design = make_design(encoder, [reader.read(row.statement) for row in corpus.rows[:40]], rarest=1)
    weighted = design.weighted(np.arange(len(design.table)))
    squared = np.asarray(weighted.power(2).sum(axis=1)).ravel()
    # A feature that stands twice adds twice to the squared length, and counts twice.
    repeated = np.asarray((design.present > 1).sum(axis=1)).ravel() > 0
    np.testing.assert_allclose(squared[~repeated], 1.0)
    assert (squared[repeated] > 1.0).all()


def test_folds_part_no_group_nor_natural_voice_and_have_as_much_of_these(corpus: Corpus) -> None:
    rows = corpus.rows[::3]
    folds = group_folds(rows, 5, 0)
    units: dict[str, set[int]] = {}
    natural, fresh = np.zeros(5, dtype=int), np.zeros(5, dtype=int)
    sizes = Counter(row.voice for row in rows if row.natural)
    for row, fold in zip(rows, folds.tolist(), strict=True):
        units.setdefault(row.voice if row.natural else row.group or row.id, set()).add(fold)
        natural[fold] += row.natural
        fresh[fold] += row.fresh
    assert {len(found) for found in units.values()} == {1}
    assert natural.max() - natural.min() <= max(sizes.values())
    assert fresh.max() - fresh.min() <= max(sizes.values())
