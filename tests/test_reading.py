from __future__ import annotations

import pytest

from magcheck import Checker
from magcheck.lexicon import Lexicon
from magcheck.reading import Reader


@pytest.fixture(scope="module")
def reader(checker: Checker) -> Reader:
    return checker.model.reader


@pytest.mark.parametrize(
    "name", ["ALS", "MND", "amyotrophic lateral sclerosis", "Lou Gehrig's disease", "motor neurone disease"]
)
def test_the_disease_is_one_concept_under_every_name(reader: Reader, name: str) -> None:
    assert reader.read(f"Magnesium prevents {name}").words == reader.read("Mg prevents ALS").words


@pytest.mark.parametrize("slip", ["magnesuim", "magnesim", "magnessium", "amgnesium"])
def test_one_slip_of_typing_is_mended(reader: Reader, slip: str) -> None:
    assert reader.read(f"{slip} prevents ALS").words == reader.read("magnesium prevents ALS").words


def test_known_and_short_words_are_left_as_they_are(reader: Reader) -> None:
    assert [reader.respell(word) for word in ("mice", "mag", "xqzptv")] == ["mice", "mag", "xqzptv"]


@pytest.mark.parametrize(("typed", "read"), [("nary", "nary"), ("nsry", "nary"), ("nery", "nary"), ("navy", "navy")])
def test_a_letter_is_a_slip_of_one_that_is_near_or_sounds_alike(typed: str, read: str) -> None:
    assert Reader(Lexicon({}, {}), ["nary"]).respell(typed) == read


@pytest.mark.parametrize("opening", ["Hi all, ", "I read that ", "Did you know that ", "Hello, I heard that "])
def test_openings_that_claim_nothing_are_passed_over(reader: Reader, opening: str) -> None:
    assert reader.read(opening + "magnesium prevents ALS").words == reader.read("magnesium prevents ALS").words


def test_words_keep_the_token_they_came_from(reader: Reader) -> None:
    reading = reader.read("Magnesium doesn't prevent ALS")
    assert reading.surfaces == ["magnesium", "does", "not", "prevent", "als"]
    assert reading.tokens == [(0, 0), (1, 1), (1, 1), (2, 2), (3, 3)]
