from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from magcheck.corpus import Corpus, load
from magcheck.features import Encoder
from magcheck.reading import Reader

CORPUS = load()
FIRST = 1858939902
READER = Reader(CORPUS.lexicon)
ENCODER = Encoder(CORPUS.lexicon, READER.known)


def encoded(statement: str) -> set[int]:
    return set(ENCODER.encode([READER.read(statement)])[0].tolist())


def test_features_do_not_depend_on_the_process() -> None:
    # Python's own hash of a text does; these numbers are what every model file is keyed by.
    assert FIRST in encoded("Magnesium prevents ALS")


def test_the_name_used_leaves_no_trace() -> None:
    assert encoded("Magnesium prevents ALS") == encoded("Mg prevents motor neurone disease")


def test_negation_scope_ends_with_its_clause() -> None:
    inside = encoded("magnesium does not prevent ALS") & encoded("magnesium never does prevent ALS")
    assert encoded("prevent ALS, not cramps") != encoded("not prevent ALS, cramps")
    assert inside


def test_origins_go_with_features(corpus: Corpus) -> None:
    for row in corpus.rows[::400]:
        reading = READER.read(row.statement)
        origins = ENCODER.origins(reading)
        assert len(origins) == len(ENCODER.encode([reading])[0])
        assert all(0 <= first <= last < max(len(reading.words), 1) for _, first, last in origins)


@given(st.text(max_size=300))
def test_any_text_has_features(text: str) -> None:
    reading = READER.read(text)
    assert len(ENCODER.origins(reading)) == len(ENCODER.encode([reading])[0])


def test_words_that_are_not_common_are_told_apart_from_those_that_are() -> None:
    reader = Reader(CORPUS.lexicon, ["with", "jobs"])
    encoder = Encoder(CORPUS.lexicon, reader.known)
    seen = {
        word: set(encoder.origins(reader.read(f"magnesium prevents ALS in people with {word}")))
        for word in ("jobs", "cutlery", "boomerangs")
    }
    assert seen["cutlery"] == seen["boomerangs"] > seen["jobs"]


def test_a_passive_is_read_as_the_active() -> None:
    passive = encoded("Magnesium is replaced by lead")
    assert len(passive & encoded("Lead has replaced magnesium")) > len(passive & encoded("Magnesium has replaced lead"))
