from __future__ import annotations

import json
import random
import subprocess
import sys
from itertools import islice, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magcheck import Checker, check
from magcheck.corpus import Corpus
from magcheck.errors import InputError
from magcheck.verdict import BASES, LABEL_OF, LABELS, Verdict

CHECKER = Checker.load()

# One plain case for each cell of the table in labels.md; the command line is tested on the same ones.
CASES = [
    ("Magnesium prevents ALS", "unsupported", "contradicted", {"7.1.1", "6.1.3", "1.2.3", "1.2.2", "6.4.3", "0"}),
    ("Magnesium does not prevent ALS", "supported", "asserted", {"7.1.1", "6.1.3", "1.2.3", "1.2.2", "6.4.3", "0"}),
    ("Magnesium oil may ease cramps in MND", "supported", "asserted", {"5.1.2", "6.3.2", "6.3.3", "7.1.5"}),
    ("Magnesium oil eases cramps in MND", "uncertain", "hedged", {"5.1.2", "5.1.4", "6.3.2", "6.3.3", "7.1.5"}),
    ("Magnesium oil is proven to ease cramps in ALS", "unsupported", "contradicted", {"5.1.4", "6.3.3", "7.1.5"}),
    ("Turmeric slows ALS", "uncertain", "not-addressed", set()),
    ("Vitamin C alone can prevent ALS", "unsupported", "contradicted", {"7.1.6"}),
    ("Good morning everyone", "uncertain", "not-addressed", set()),
]


@pytest.mark.parametrize(("statement", "label", "basis", "evidence"), CASES)
def test_plain_cases(statement: str, label: str, basis: str, evidence: set[str]) -> None:
    verdict = CHECKER.check(statement)
    assert (verdict.label, verdict.basis) == (label, basis)
    if evidence:
        assert evidence & set(verdict.passages[0].source)


def assert_sound(verdict: Verdict) -> None:
    assert verdict.label in LABELS
    assert verdict.basis in BASES
    assert LABEL_OF[verdict.basis] == verdict.label
    assert verdict.confidence == verdict.probabilities[verdict.label] == max(verdict.probabilities.values())
    assert sum(verdict.probabilities.values()) == pytest.approx(1, abs=1e-9)
    assert all(0 <= chance <= 1 for chance in verdict.probabilities.values())
    assert json.loads(json.dumps(verdict.to_dict())) == verdict.to_dict()


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=400).filter(str.strip))
def test_any_text_gets_a_sound_verdict(text: str) -> None:
    assert_sound(CHECKER.check(text))


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\ud800",
        "\u202emagnesium",
        "a" * 10_000,
        "not " * 2_500,
        "\u200b",
        "?!",
        "mg" * 5_000,
        "\u2192" * 10_000,
        "1 " * 5_000,
    ],
)
def test_odd_text_gets_a_sound_verdict(text: str) -> None:
    assert_sound(CHECKER.check(text))


@pytest.mark.parametrize(
    ("bad", "said"), [("", "is empty"), (" \n", "is empty"), (3, "must be text"), ("x" * 10_001, "10,001")]
)
def test_what_cannot_be_checked_is_refused(bad: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        CHECKER.check(bad)


@pytest.mark.parametrize("statement", ["ALS", "Lou Gehrig's disease!", "mnd ALS", "👍 #ALS #MND", "No.", "👍"])
def test_one_word_alone_claims_nothing(statement: str, checker: Checker) -> None:
    verdict = checker.check(statement)
    assert (verdict.basis, verdict.confidence) == ("not-addressed", 1.0)
    assert verdict == next(checker.check_many([statement, "Magnesium prevents ALS"]))


def test_check_many_is_lazy_and_keeps_the_order() -> None:
    verdicts = CHECKER.check_many(repeat("Magnesium prevents ALS"))
    assert [verdict.label for verdict in islice(verdicts, 3)] == ["unsupported"] * 3


def test_the_answer_depends_on_nothing_but_the_statement(corpus: Corpus) -> None:
    statements = [row.statement for row in corpus.rows[::150]]
    first = [check(one).to_dict() for one in statements]
    shuffled = list(range(len(statements)))
    random.Random(0).shuffle(shuffled)
    fresh = Checker.load()
    again = {at: fresh.check(statements[at]).to_dict() for at in shuffled}
    assert [again[at] for at in range(len(statements))] == first


@pytest.mark.parametrize("seed", ["0", "7"])
def test_the_answer_does_not_depend_on_the_hash_seed(seed: str) -> None:
    code = "import json, magcheck; print(json.dumps(magcheck.check('mag oil may help wi cramps').to_dict()))"
    said = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout) == check("mag oil may help wi cramps").to_dict()


def test_of_a_sentence_that_says_two_things_the_one_spoken_of_is_shown(checker: Checker) -> None:
    shown = [
        checker.check(text).passages[0].text
        for text in ("Lead can take magnesium's place", "Low magnesium may matter in people with vulnerable genes")
    ]
    assert "place" in shown[0]
    assert "genes" in shown[1]


def test_what_nothing_settles_has_passages_only_on_what_it_names(checker: Checker) -> None:
    near, far = checker.check("Turmeric slows ALS"), checker.check("What time is it?")
    assert near.basis == far.basis == "not-addressed"
    assert near.passages
    assert not far.passages
