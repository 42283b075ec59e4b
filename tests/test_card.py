"""The model card: what it says comes from the model and its evaluation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from magcheck import Checker
from magcheck.corpus import Row
from magcheck.model import Model
from magcheck.paths import model_file
from magcheck.training.card import model_card
from magcheck.training.evaluate import Evaluation, Share, evaluate
from magcheck.training.metrics import Figure
from magcheck.verdict import Verdict


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load()


def evaluation(checker: Checker) -> Evaluation:
    gold = [
        Row("1", "Magnesium prevents ALS", "contradicted", ("0",), tags=("plain",)),
        Row("2", "Hello *there* <b>you</b> | all", "not-addressed", (), tags=("short",)),
    ]
    right = checker.check(gold[0].statement)
    wrong = Verdict(gold[1].statement, "supported", "asserted", 0.876, {}, ())
    return evaluate(gold, [right, wrong], bootstrap=10)


def with_scores(model: Model, **scores: object) -> Model:
    return Model(model.arrays, {**model.meta, "scores": scores})


def test_card_tells_what_the_model_is(checker: Checker) -> None:
    meta = checker.model.meta
    card = model_card(checker.model)
    assert card.startswith(f"# Model card: {meta['title']}\n")
    for told in (
        meta["corpus"]["hash"],
        f"{meta['corpus']['statements']:,} labelled statements",
        f"{len(checker.model.features):,} features",
        f"magcheck {meta['version']}",
        "Not for medical advice",
        "the document is its only authority",
        *(f"{name} {value}" for name, value in meta["settings"].items()),
    ):
        assert told in card
    assert "deep averaging network" in card
    assert "{" not in card
    assert card == model_card(checker.model)


def test_the_card_that_is_kept_is_of_the_model_that_is(checker: Checker) -> None:
    kept = Path(model_file()).with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    made = model_card(checker.model)
    for mark in ("Made by", "Corpus hash", "Settings"):
        lines = [line for line in made.splitlines() if mark in line]
        assert lines
        assert all(line in kept for line in lines)


def test_unmeasured_model_says_so(checker: Checker) -> None:
    card = model_card(with_scores(checker.model))
    assert card.count("Not measured.") == 2
    assert "| figure |" not in card


def test_figures_stand_beside_the_baselines(checker: Checker) -> None:
    model = with_scores(checker.model, macro_f1=0.91234, accuracy=0.92, method="by held-out voice")
    card = model_card(
        model,
        evaluation=evaluation(checker),
        evaluated_on="two statements",
        baselines={"cue rules": {"macro_f1": Figure(0.456, 0.449, 0.466)}},
    )
    assert "| figure | cross-validated | two statements | cue rules (baseline) |" in card
    row = next(line for line in card.splitlines() if line.startswith("| macro_f1 |"))
    assert row.split("|")[2].strip() == "0.912"
    assert row.split("|")[4].strip() == "0.456  [0.449, 0.466]"
    accuracy = next(line for line in card.splitlines() if line.startswith("| accuracy |"))
    assert accuracy.split("|")[2].strip() == "0.920"
    assert accuracy.split("|")[3].strip().startswith("0.500  [")
    assert accuracy.split("|")[4].strip() == ""
    assert "method: by held-out voice." in card
    assert "Not measured" not in card


def test_mistakes_are_told_and_escaped(checker: Checker) -> None:
    measured = evaluation(checker)
    card = model_card(checker.model, evaluation=measured, evaluated_on="two statements")
    assert "Of 2 statements (two statements), 1 are labelled wrong." in card
    assert "| uncertain | 1 | 0 | 0 |" in card
    assert r"- Hello \*there\* \<b\>you\</b\> \| all" in card
    assert "is uncertain (not-addressed), said supported with 0.88" in card
    assert "Mistakes it is surest of" not in model_card(checker.model, evaluation=measured, mistakes=0)


def test_weakest_kinds_are_those_with_enough_statements(checker: Checker) -> None:
    tags = {"typo": Share(40, 0.7), "short": Share(30, 0.9), "rare": Share(3, 0.0), "plain": Share(50, 1.0)}
    card = model_card(checker.model, evaluation=replace(evaluation(checker), tags=tags))
    assert "by accuracy: typo 0.70 (of 40), short 0.90 (of 30)." in card


def test_card_is_written_like_any_text(checker: Checker, tmp_path: Path) -> None:
    gold = [Row("1", "half a pair \ud800\nnew line", "not-addressed", ())]
    said = [Verdict(gold[0].statement, "supported", "asserted", 0.5, {}, ())]
    card = model_card(checker.model, evaluation=evaluate(gold, said, bootstrap=0))
    (tmp_path / "card.md").write_text(card, encoding="utf-8")
    assert "- half a pair ? new line  \n" in card
    assert json.loads(json.dumps(card)) == card
