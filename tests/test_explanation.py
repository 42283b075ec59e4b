from __future__ import annotations

import math

import numpy as np
import pytest

from magcheck import Checker
from magcheck.corpus import Corpus
from magcheck.features import word_features
from magcheck.verdict import BASES, LABEL_OF

STATEMENTS = [
    "Magnesium prevents ALS",
    "Magnesium oil is proven to ease cramps in MND",
    "The mice lived no longer on magnesium",
    "Turmeric slows ALS",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_words_stand_where_they_are_said_to(checker: Checker, statement: str) -> None:
    explanation = checker.check(statement, explain=True).explanation
    assert explanation is not None
    assert explanation.weights
    for one in explanation.weights:
        assert statement[one.start : one.end] == one.text


def test_taking_out_the_heaviest_word_changes_the_confidence_the_way_it_is_said_to(
    checker: Checker, corpus: Corpus
) -> None:
    moved = right = 0
    for row in corpus.rows[::300]:
        verdict = checker.check(row.statement, explain=True)
        assert verdict.explanation is not None
        if not verdict.explanation.weights:
            continue
        word = verdict.explanation.weights[0]
        without = row.statement[: word.start] + row.statement[word.end :]
        if not without.strip():
            continue
        change = verdict.confidence - checker.check(without).probabilities[verdict.label]
        moved += abs(change) > 1e-4
        right += (change > 0) == (word.weight > 0)
        if abs(change) <= 1e-4:
            right += 0
    assert moved >= 40
    # Taking a word out also makes new neighbours, so the two need not agree on every statement.
    assert right >= 0.8 * moved


def test_of_one_word_nothing_weighs(checker: Checker) -> None:
    explanation = checker.check("ALS", explain=True).explanation
    assert explanation is not None
    assert explanation.weights == ()
    assert "what weighed" not in explanation.to_text()


def test_a_compound_shows_its_parts(checker: Checker) -> None:
    verdict = checker.check("Magnesium matters for general health, but it prevents ALS", explain=True)
    assert verdict.explanation is not None
    assert [part.label for part in verdict.explanation.parts] == ["supported", "unsupported"]


def test_it_is_in_the_dictionary_only_where_it_was_asked_for(checker: Checker) -> None:
    assert "explanation" not in checker.check("Magnesium prevents ALS").to_dict()
    shown = checker.check("Magnesium prevents ALS", explain=True)
    assert shown.explanation is not None
    assert shown.to_dict()["explanation"]["read_as"] == list(shown.explanation.read_as)
    assert "what weighed" in shown.explanation.to_text()


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("Magnesium prevents ALS", "of “Magnesium”: “prevents” “ALS” (affirmed, flatly)"),
        ("Mag oil is proven to ease cramps", "of “Mag oil”: “ease” “cramps” (affirmed, as certain)"),
        ("Eating spinach doesn't lower the risk of ALS", "of “Eating spinach”: “lower” “risk of ALS” (denied, flatly)"),
        ("Low magnesium might lead to ALS", "of “Low magnesium”: “lead to” “ALS” (affirmed, as possible)"),
        ("ALS", "of “ALS”: something (affirmed, flatly)"),
        ("zzz", "nothing that the lexicon knows (affirmed, flatly)"),
    ],
)
def test_it_says_what_is_claimed_of_what(checker: Checker, statement: str, claim: str) -> None:
    explanation = checker.check(statement, explain=True).explanation
    assert explanation is not None
    assert explanation.claim.to_text() == claim
    assert explanation.to_text().startswith(f"claimed {claim}\n")


@pytest.mark.parametrize(
    "statement", ["Magnesium oil may ease cramps in MND", "They say in the village that magnesium cures ALS"]
)
def test_a_weight_is_what_goes_with_the_words(checker: Checker, statement: str) -> None:
    verdict = checker.check(statement, explain=True)
    model, explanation = checker.model, verdict.explanation
    assert explanation is not None
    reading = model.reader.read(statement)
    together, _ = model.encoder.encode([reading])
    alone, at = word_features(list(zip(reading.words, reading.surfaces, strict=True)))
    features = np.concatenate((together, alone))
    spots = [(start, end) for _, start, end in model.encoder.origins(reading)] + [(one, one) for one in at.tolist()]

    def odds(kept: list[bool]) -> float:
        left = features[np.array(kept)]
        bases = model.scaled(model.sums(left, np.zeros(len(left), dtype=np.intp), 1)).bases[0]
        chance = sum(one for one, basis in zip(bases, BASES, strict=True) if LABEL_OF[basis] == verdict.label)
        return math.log(chance / (1 - chance))

    cures = next(one for one in explanation.weights if one.text in ("cramps", "cures"))
    place = next(at for at, word in enumerate(reading.surfaces) if word == cures.text)
    whole = odds([True] * len(features))
    assert cures.weight == pytest.approx(whole - odds([not a <= place <= b for a, b in spots]), abs=1e-3)


@pytest.mark.parametrize("statement", ["'", '"""', "…", "?", "a"])
def test_next_to_nothing_is_explained_too(checker: Checker, statement: str) -> None:
    verdict = checker.check(statement, explain=True)
    assert verdict.explanation is not None
    assert verdict.explanation.to_text()


def test_a_pronoun_stands_for_what_the_first_part_names(checker: Checker) -> None:
    told = checker.check("Magnesium matters for health, but it prevents ALS", explain=True).explanation
    assert told
    alone = checker.check("magnesium prevents ALS")
    assert [part.text for part in told.parts] == ["Magnesium matters for health", "it prevents ALS"]
    assert told.parts[1].confidence == alone.confidence
    assert told.parts[1].passage == alone.passages[0].id
