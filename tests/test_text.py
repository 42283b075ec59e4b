from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magcheck.errors import InputError
from magcheck.text import MAX_CHARACTERS, clean, plain_words, stem, token_spans, tokens


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("M\u0430gnesium", "Magnesium"),
        ("mag\u200bnesium", "magnesium"),
        ("\uff4d\uff41\uff47", "mag"),
        ("read this https://example.org/x?y=z now", "read this   now"),
        ("Magnesium prevents ALS #als #health", "Magnesium prevents ALS"),
        ("“Magnesium prevents ALS @Kev” 🙏", "“Magnesium prevents ALS"),
        ("#ALS", "#ALS"),
        ("magn\u00e9sium na\u00efve", "magnesium naive"),
        ("magne\u0301sium", "magnesium"),
        ("magnesium \u2260 cure", "magnesium  not  cure"),
        ("\u2191 Mg, \u2193 risk \u2705", " up  Mg,  down  risk  true "),
        ("a \u2192 b", "a  leads to  b"),
        ("by i.v. or p.o., e.g. A.L.S.", "by iv or po, eg ALS"),
        ("oral vs. topical, Dr. Who", "oral vs topical, Dr Who"),
        ("oral vs.\ttopical. Is VS.\nso", "oral vs\ttopical. Is VS\nso"),
        ("50 mg or 5mg of Mg", "50 milligrams or 5 milligrams of Mg"),
        ("N > 5 and n=6, mag n cheese", "sample > 5 and sample=6, mag n cheese"),
        ("It ends. So does this.", "It ends. So does this."),
    ],
)
def test_clean_makes_disguised_and_decorated_text_plain(typed: str, plain: str) -> None:
    assert clean(typed) == plain


def test_words_of_another_script_are_left_alone() -> None:
    assert clean("магний") == "магний"


def test_clean_refuses_what_is_not_text_or_too_long() -> None:
    with pytest.raises(InputError, match="must be text, not int"):
        clean(7)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="10,001 characters"):
        clean("x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("Won't", ("will", "not")),
        ("Won\u2019t", ("will", "not")),
        ("Gehrig's", ("gehrig",)),
        ("they've", ("they", "have")),
        ("o'clock", ("oclock",)),
        ("neurone", ("neuron",)),
        ("travelled", ("traveled",)),
        ("killed", ("killed",)),
        ("15", ("15",)),
    ],
)
def test_plain_words(token: str, words: tuple[str, ...]) -> None:
    assert plain_words(token, {"won't": ("will", "not")}) == words


@pytest.mark.parametrize(
    ("forms", "shared"),
    [
        (("cramp", "cramps", "cramping", "cramped"), "cramp"),
        (("stop", "stops", "stopping", "stopped"), "stop"),
        (("slow", "slowly", "slowed"), "slow"),
        (("study", "studies", "studied"), "study"),
        (("cure", "cures", "cured", "curing"), "cure"),
        (("note", "noted", "noting"), "note"),
        (("ease", "eased", "easing"), "ease"),
        (("say", "saying"), "say"),
        (("family", "families"), "family"),
        (("heavy", "heavily"), "heavy"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms: tuple[str, ...], shared: str) -> None:
    assert {stem(form) for form in forms} == {shared}


@given(st.text(max_size=200))
def test_spans_lie_where_the_tokens_are(text: str) -> None:
    cleaned = clean(text)
    assert [cleaned[start:end] for start, end in token_spans(cleaned)] == tokens(cleaned)


def test_tags_are_read_where_nothing_else_is_said() -> None:
    assert tokens(clean("#ALS #MND #hope")) == tokens(clean("  #ALS  #MND #hope")) == ["ALS", "MND", "hope"]
    assert tokens(clean("Magnesium cures ALS #MND #hope")) == ["Magnesium", "cures", "ALS"]
