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


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Doesn't magnesium prevent ALS?", "Does magnesium prevent ALS?"),
        ("ALS is rare. So isn't magnesium useless?", "ALS is rare. So is magnesium useless?"),
        ("Magnesium prevents ALS, doesn't it?", "Magnesium prevents ALS, does it?"),
        ("Is it not true that magnesium prevents ALS?", "Is it true that magnesium prevents ALS?"),
        ("Magnesium prevents ALS, does it not?", "Magnesium prevents ALS, does it?"),
    ],
)
def test_a_question_in_the_negative_asks_the_same(reader: Reader, typed: str, plain: str) -> None:
    assert reader.read(typed).words == reader.read(plain).words


@pytest.mark.parametrize(
    "denial",
    [
        "Doesn't prevent ALS.",
        "It doesn't prevent ALS, does it?",
        "Why doesn't it prevent ALS?",
        "Magnesium does not help?",
    ],
)
def test_a_denial_that_is_not_asked_about_stays(reader: Reader, denial: str) -> None:
    assert reader.read(denial).surfaces.count("not") == 1


@pytest.mark.parametrize("text", ["?", "not?", "isn't?", "is not ? ?", "? not ?"])
def test_a_bare_question_is_read(reader: Reader, text: str) -> None:
    assert "?" in reader.read(text).words
