"""Statements in frames: whose basis turns, what is put into none, and that what is tried is never learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from magcheck.corpus import Corpus, Frame, Row
from magcheck.training import stance
from magcheck.training.design import group_folds, make_reader
from magcheck.training.framing import Framed, framed
from magcheck.training.settings import Settings
from magcheck.training.trial import make_trial

DENIED, AFFIRMED = Frame("It is a myth that {}.", denies=True), Frame("{}? Yes.", denies=False)


def put(corpus: Corpus, frame: Frame, *rows: Row) -> list[Framed]:
    reader, _ = make_reader(replace(corpus, rows=rows))
    readings = [reader.read(row.statement) for row in rows]
    found = framed(rows, readings, [frame], corpus.lexicon, len(rows), 0)
    return sorted(found, key=lambda one: one.row)


def row(statement: str, basis: str = "asserted", *tags: str) -> Row:
    return Row("a", statement, basis, (), tags)


def test_what_is_denied_turns_and_what_is_open_stays(corpus: Corpus) -> None:
    bases = ("asserted", "contradicted", "hedged", "not-addressed")
    rows = [row(f"Magnesium calms {what}.", basis) for what, basis in zip(("a", "b", "c", "d"), bases, strict=True)]
    assert [one.basis for one in put(corpus, DENIED, *rows)] == ["contradicted", "asserted", "hedged", "not-addressed"]
    affirmed = put(corpus, AFFIRMED, *rows)
    assert [one.basis for one in affirmed] == list(bases)
    assert [one.row for one in affirmed] == [0, 1, 2, 3]
    assert affirmed[0].statement == "Magnesium calms a? Yes."


@pytest.mark.parametrize(
    "other",
    [
        row("Does magnesium calm nerves?"),
        row("Magnesium calms. It does."),
        row("Magnesium helps, and it calms", "asserted", "compound"),
        row("Hello there, good people", "not-addressed", "not-a-claim"),
        row("He says “magnesium calms”"),
        row("It calms"),
        row("Magnesium " + "very " * 22 + "calms"),
    ],
)
def test_what_is_no_one_plain_claim_is_left_alone(corpus: Corpus, other: Row) -> None:
    assert put(corpus, AFFIRMED, other) == []
    assert len(put(corpus, AFFIRMED, other, row("Magnesium calms nerves."))) == 1


def test_a_may_that_holds_is_put_into_no_frame_that_denies(corpus: Corpus) -> None:
    may = row("Magnesium oil may ease cramps")
    assert put(corpus, DENIED, may) == []
    assert len(put(corpus, AFFIRMED, may)) == 1
    assert len(put(corpus, DENIED, replace(may, basis="contradicted"))) == 1


def test_without_frames_there_is_nothing(corpus: Corpus) -> None:
    assert framed(corpus.rows[:1], [], [], corpus.lexicon, 10, 0) == []


def test_every_frame_that_denies_is_read_as_more_than_its_statement(corpus: Corpus) -> None:
    reader, _ = make_reader(replace(corpus, rows=corpus.rows[:2000]))
    claim = "magnesium calms nerves"
    bare = reader.read(claim).words
    # Those that affirm may be openings that claim nothing, which a reading passes over.
    assert not [one.text for one in corpus.frames if one.denies and reader.read(one.around(claim)).words == bare]


def test_what_stands_in_a_frame_is_learnt_from_where_the_statement_is_and_only_there(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(corpus, rows=corpus.rows[::200])
    reader, encoder = make_reader(small)
    readings = [reader.read(row.statement) for row in small.rows]
    chosen = Settings(features=500, folds=2, framing=0.5)
    trial = make_trial(small, reader, encoder, readings, chosen, jobs=1)
    assert len(trial.beside.rows) > 0.3 * len(small.rows)
    learnt: list[tuple[int, np.ndarray, np.ndarray]] = []

    def spy(matrix: sp.csr_matrix, bases: np.ndarray, named: np.ndarray, counts: np.ndarray, _: Settings) -> None:
        assert matrix.shape[0] == len(bases) == len(named) == len(counts)
        learnt.append((matrix.shape[0], bases, counts))
        raise StopIteration

    monkeypatch.setattr(stance, "fit_averaging", spy)
    for kept in trial.wholes:
        with pytest.raises(StopIteration):
            stance._stance(trial, kept)
        rows, bases, counts = learnt[-1]
        own = kept[trial.beside.rows]
        assert rows == kept.sum() + own.sum()
        assert bases[kept.sum() :].tolist() == trial.beside.bases[own].tolist()
        assert set(counts[kept.sum() :]) == {chosen.framed}
    assert learnt[0][0] < learnt[-1][0] == len(small.rows) + len(trial.beside.rows)


def test_as_many_folds_are_tried_as_hold_enough_statements(corpus: Corpus) -> None:
    small = replace(corpus, rows=corpus.rows[::200])
    reader, encoder = make_reader(small)
    readings = [reader.read(row.statement) for row in small.rows]
    folds = group_folds(small.rows, 4, Settings().seed)
    enough = int(np.count_nonzero(folds < 3))
    trial = make_trial(small, reader, encoder, readings, Settings(features=500, folds=4, tried=enough), jobs=1)
    assert [sorted(set(trial.folds[~whole].tolist())) for whole in trial.wholes] == [[0], [1], [2], []]
    assert set(trial.folds[trial.tried]) == {0, 1, 2}
    numbers = trial.unseen([0, 1, 2, 9], lambda one, rows: np.full((rows.sum(), 1), float(one)))
    assert numbers[:, 0].tolist() == trial.folds[trial.tried].tolist()


@pytest.mark.parametrize(("tried", "folds"), [(1, 2), (10**6, 4)])
def test_two_folds_are_tried_at_least_and_all_of_a_small_corpus(corpus: Corpus, tried: int, folds: int) -> None:
    small = replace(corpus, rows=corpus.rows[::400])
    reader, encoder = make_reader(small)
    readings = [reader.read(row.statement) for row in small.rows]
    trial = make_trial(small, reader, encoder, readings, Settings(features=500, folds=4, tried=tried), jobs=1)
    assert trial.tried_folds == range(folds)
