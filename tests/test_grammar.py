from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magcheck.grammar import AGENT, idle_denials, passives


@pytest.mark.parametrize(
    ("clause", "parts"),
    [
        ("magnesium can be replaced by lead in the body", ["magnesium", "can be replaced", "lead"]),
        ("is magnesium replaced by lead ?", ["magnesium", "replaced", "lead"]),
        ("can als be prevented through diet ?", ["als", "be prevented", "diet"]),
        ("it is true that cramps have not been eased by oil", ["cramps", "have not been eased", "oil"]),
        ("weakness was held off mainly by magnesium", ["weakness", "was held off mainly", "magnesium"]),
        ("weakness was delayed mainly by magnesium", ["weakness", "was delayed mainly", "magnesium"]),
        ("magnesium is linked with als", None),
        ("the dose of magnesium taken by mouth", None),
        ("it was given . by mouth", None),
    ],
)
def test_passives(clause: str, parts: list[str] | None) -> None:
    words = clause.split()
    found = [[" ".join(words[start:end]) for start, end in one] for one in passives(words)]
    assert found == ([parts] if parts else [])


def test_one_passive_after_another() -> None:
    found = passives("als is not prevented by magnesium but cramps may be eased by oil".split())
    assert [one.agent for one in found] == [(5, 6), (12, 13)]


@given(st.lists(st.sampled_from([*AGENT, "is", "been", "not", "eased", "als", "?", ".", ",", "only", "does", "it"])))
def test_any_words_have_parts_in_order(words: list[str]) -> None:
    done = 0
    for subject, verb, agent in passives(words):
        assert done <= subject[0] < subject[1] <= verb[0] < verb[1] < agent[0] < agent[1] <= len(words)
        done = agent[1]
    idle = idle_denials(words)
    assert all(words[at] == "not" for at in idle)
    assert idle == sorted(set(idle), reverse=True)
