"""The corpus check: its counts, its likenesses against plain counting, and the faults that it finds."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from magcheck.corpus_check import SMALL, Examination, Goals, datasheet, examine, refreshed
from magcheck.errors import CorpusError
from magcheck.training.census import distinct_bigrams, plain
from magcheck.training.duplicates import near_duplicates

NONE = Goals(0, 0, 0, 0, 0, 0, 100.0)
DOCUMENT = """# Tea

## Facts

- Tea holds caffeine. <!-- id: 1; source: 1; stance: asserts -->
- Tea may calm. <!-- id: 2; source: 2, 3; stance: possible -->
"""
LEXICON = "tea\tsubstance\ttea; brew\ncaffeine\tsubstance\tcaffeine\n"
ROWS: list[dict[str, Any]] = [
    {"id": "a1", "statement": "Tea holds caffeine.", "basis": "asserted", "evidence": ["1"], "group": 1},
    {
        "id": "a2",
        "statement": "Tea holds no caffeine.",
        "basis": "contradicted",
        "evidence": ["1"],
        "group": 1,
    },
    {"id": "a3", "statement": "Tea calms people.", "basis": "hedged", "evidence": ["2", "3"]},
    {
        "id": "a4",
        "statement": "Tea holds iron.",
        "basis": "not-addressed",
        "evidence": [],
        "tags": ["near-topic", "short"],
    },
    {
        "id": "a5",
        "statement": "Tea calms, and it has caffeine.",
        "basis": "hedged",
        "evidence": ["2"],
        "tags": ["compound"],
    },
]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    def build(rows: list[dict[str, Any]], document: str = DOCUMENT, lexicon: str = LEXICON) -> Path:
        (tmp_path / "statements").mkdir(exist_ok=True)
        (tmp_path / "document.md").write_text(document, "utf-8")
        (tmp_path / "lexicon.tsv").write_text(lexicon, "utf-8")
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "statements" / "first.jsonl").write_text(lines, "utf-8")
        return tmp_path

    return build


def values(examination: Examination) -> dict[str, float]:
    return {one.name: one.value for one in examination.measures}


def test_counts(make: Callable[..., Path]) -> None:
    found = examine(make(ROWS), NONE)
    assert found.title == "Tea"
    assert found.faults == []
    assert found.bases == {"asserted": 1, "contradicted": 1, "hedged": 2, "not-addressed": 1}
    assert found.labels == {"supported": 1, "unsupported": 1, "uncertain": 3}
    assert found.tags == {"compound": 1, "near-topic": 1, "short": 1}
    assert found.sentences == {"1": 2, "2": 2, "3": 1}
    assert found.voices == {"first": {"asserted": 1, "contradicted": 1, "hedged": 2, "not-addressed": 1}}
    assert values(found) == {
        "statements": 5,
        "asserted statements": 1,
        "contradicted statements": 1,
        "hedged statements": 2,
        "not-addressed statements": 1,
        "fewest statements for a sentence": 1,
        "contrast groups": 1,
        "near misses": 1,
        "compounds": 1,
        "statements that repeat another": 0,
        "statements nearly the same, %": 0.0,
        "voices": 1,
        "distinct words": 10,
        # 14 pairs of neighbours; "tea holds" stands three times and "tea calms" twice.
        "distinct pairs of words, %": round(100 * 11 / 14, 2),
    }


def test_every_missed_goal_is_a_fault(make: Callable[..., Path]) -> None:
    found = examine(make(ROWS), Goals(6, 2, 2, 2, 2, 2, 2.0))
    missed = [one.name for one in found.measures if not one.met]
    assert missed == [
        "statements",
        "asserted statements",
        "contradicted statements",
        "not-addressed statements",
        "fewest statements for a sentence",
        "contrast groups",
        "near misses",
        "compounds",
    ]
    assert "sentence 3: evidence for 1 statements, at least 2 wanted" in found.faults
    assert "statements: 5, at least 6 wanted" in found.faults
    assert len(found.faults) == len(missed) + 1
    text = found.to_text()
    assert f"{'statements':36} {'5':>9}  at least 6: missed\n" in text
    assert f"{'hedged statements':36} {'2':>9}  at least 2\n" in text


def test_goals_depend_on_the_corpus(make: Callable[..., Path]) -> None:
    goals = {one.name: one.goal for one in examine(make(ROWS)).measures}
    assert goals["statements"] == SMALL.statements
    assert goals["contrast groups"] is None


def test_repeated_statements_and_poison_are_faults(make: Callable[..., Path]) -> None:
    again = {"id": "b1", "statement": "tea  calms PEOPLE!", "basis": "hedged", "evidence": ["2"]}
    poison = {"id": "b2", "statement": "“Tea holds iron”", "basis": "asserted", "evidence": ["1"]}
    found = examine(make([*ROWS, again, poison]), NONE)
    assert found.faults == [
        "a3 and b1: the same statement: 'Tea calms people.'",
        "a4 and b2: the same statement, but labelled not-addressed and asserted: 'Tea holds iron.'",
        "statements that repeat another: 2, at most 0 wanted",
    ]


def test_group_without_contrast_is_a_fault_and_no_contrast_group(make: Callable[..., Path]) -> None:
    rows = [
        {"id": "c1", "statement": "Brew calms.", "basis": "hedged", "evidence": ["2"], "group": "g"},
        {"id": "c2", "statement": "Brewing soothes.", "basis": "hedged", "evidence": ["2"], "group": "g"},
    ]
    found = examine(make([*ROWS, *rows]), NONE)
    assert found.faults == ["c1: contrast group 'first:g' has no contrast, all of it is hedged"]
    assert values(found)["contrast groups"] == 1
    many = [{**row, "id": f"d{at}", "group": "h", "statement": f"Tea {'x' * at}"} for at, row in enumerate(ROWS * 2)]
    assert values(examine(make([*ROWS, *many]), NONE))["contrast groups"] == 1  # ten are too many


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"statement": "x", "basis": "asserted", "evidence": ["9"]}, "evidence '9' is no sentence"),
        ({"statement": "x", "basis": "true", "evidence": ["1"]}, "basis 'true' is not one of"),
        ({"statement": "", "basis": "asserted", "evidence": ["1"]}, "has no statement"),
        ({"statement": "x", "basis": "hedged", "label": "supported", "evidence": ["1"]}, "does not go with"),
    ],
)
def test_bad_row_is_a_fault_that_names_its_line(make: Callable[..., Path], row: dict[str, Any], fault: str) -> None:
    found = examine(make([*ROWS, row]), NONE)
    assert len(found.faults) == 1
    assert "first.jsonl:6: " in found.faults[0]
    assert fault in found.faults[0]
    assert values(found)["statements"] == 5


def test_bad_tables_are_faults(make: Callable[..., Path], tmp_path: Path) -> None:
    found = examine(make(ROWS, document="# Tea\n\nNothing.\n", lexicon="tea substance tea\n"), NONE)
    assert ["holds no passage" in found.faults[0], "tab-separated" in found.faults[1]] == [True, True]
    assert found.sentences == {"1": 2, "2": 2, "3": 1}
    (tmp_path / "frames.tsv").write_text("denied It is a myth that {}.\n", "utf-8")
    assert any("frames.tsv:1: is no frame" in fault for fault in examine(tmp_path, NONE).faults)
    for file in (tmp_path / "statements").iterdir():
        file.unlink()
    assert any("holds no .jsonl file" in fault for fault in examine(tmp_path, NONE).faults)
    with pytest.raises(CorpusError, match="no such directory"):
        examine(tmp_path / "elsewhere")


def test_near_duplicates_count_outside_contrast_groups_alone(make: Callable[..., Path]) -> None:
    long = "Green tea from the hills of the south holds a good deal of caffeine for a leaf"
    near: list[dict[str, Any]] = [
        {"id": "n1", "statement": long, "basis": "asserted", "evidence": ["1"], "group": "n"},
        {"id": "n2", "statement": f"{long} not", "basis": "contradicted", "evidence": ["1"], "group": "n"},
    ]
    assert examine(make([*ROWS, *near]), NONE).near_duplicates == []
    near.append({"id": "n3", "statement": f"{long}!?", "basis": "asserted", "evidence": ["1"]})
    near[2]["statement"] += " yes"
    found = examine(make([*ROWS, *near]), NONE)
    assert [pair[:2] for pair in found.near_duplicates] == [("n1", "n3"), ("n2", "n3")]
    assert values(found)["statements nearly the same, %"] == round(100 * 3 / 8, 2)
    assert "n1 and n3 (0.9" in found.to_text()


def test_prefix_filter_misses_no_pair() -> None:
    chance = random.Random(0)
    words = ["tea", "calms", "caffeine", "holds", "may", "not", "leaf", "hill"]
    texts = [" ".join(chance.choices(words, k=chance.randint(0, 9))) for _ in range(150)]
    for _ in range(150):
        text = list(chance.choice(texts) or "tea")
        for _ in range(chance.randint(0, 2)):
            text[chance.randrange(len(text))] = chance.choice("abcdefg ")
        texts.append("".join(text))

    def grams(text: str) -> set[str]:
        return {text[at : at + 5] for at in range(len(text) - 4)} or {text}

    for likeness in (0.5, 0.8, 0.9):
        plainly = []
        for i, j in combinations(range(len(texts)), 2):
            a, b = grams(texts[i]), grams(texts[j])
            if len(a & b) / len(a | b) > likeness:
                plainly.append((i, j, len(a & b) / len(a | b)))
        assert len(plainly) > 20
        assert near_duplicates(texts, likeness) == plainly


def test_likeness_must_be_exceeded() -> None:
    # Nine grams each, eight of them shared: 8 / 10.
    assert near_duplicates(["abcdefghijklm", "bcdefghijklmn"], 0.8) == []
    assert near_duplicates(["abcdefghijklm", "bcdefghijklmn"], 0.79) == [(0, 1, 0.8)]
    assert near_duplicates([]) == []


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("Magnesium:   prevents ALS?!", "magnesium prevents als"),
        ("ＭＡＧＮＥＳＩＵＭ", "magnesium"),
        ("It’s 5 %", "it s 5"),
        (" 🙂🙂 ", "🙂🙂"),
    ],
)
def test_plain_leaves_words(statement: str, left: str) -> None:
    assert plain(statement) == left


def test_distinct_bigrams() -> None:
    assert distinct_bigrams(["a b a b", "b a"]) == 2 / 4
    assert distinct_bigrams(["alone"]) == 0.0


def test_probe_shows_what_the_wording_gives_away(make: Callable[..., Path]) -> None:
    chance = random.Random(1)
    rows = []
    for at in range(240):
        told = at % 2 == 0
        given, hidden = ("green" if told else "black"), chance.choice(["green", "black"])
        tag, leaf = chance.choice([("plain", given), ("typo", hidden)])
        rows.append(
            {
                "statement": f"{leaf} tea number {at}",
                "basis": "asserted" if told else "contradicted",
                "evidence": ["1"],
                "tags": [tag],
                "voice": f"v{at % 11}",
            }
        )
    found = examine(make(rows), NONE, probe=True, jobs=1)
    assert set(found.probe) == {"plain", "typo"}
    assert found.probe["plain"].accuracy > 0.9
    assert found.probe["typo"].accuracy < 0.75
    assert all(0.5 <= one.commonest < 0.65 for one in found.probe.values())
    assert found.probe["plain"].n + found.probe["typo"].n == 240
    assert f"{'plain':28} {found.probe['plain'].n:7,}" in found.to_text()
    assert "<!-- probe: begin" in datasheet(found)


def test_dict_is_json(make: Callable[..., Path]) -> None:
    found = examine(make(ROWS), Goals(6, 0, 0, 0, 0, 0, 2.0))
    stored = json.loads(json.dumps(found.to_dict()))
    assert stored["measures"][0] == {"name": "statements", "value": 5, "goal": 6, "most": False, "met": False}
    assert stored["faults"] == found.faults
    assert stored["labels"] == found.labels


def test_datasheet_is_put_in_its_place_and_kept(make: Callable[..., Path]) -> None:
    before = examine(make(ROWS[:3]), NONE)
    after = examine(make(ROWS), NONE)
    page = f"# Corpus\n\nBy hand.\n\n{datasheet(before)}\nAlso by hand \\1.\n"
    fresh = refreshed(page, after)
    assert fresh == f"# Corpus\n\nBy hand.\n\n{datasheet(after)}\nAlso by hand \\1.\n"
    assert refreshed(fresh, after) == fresh
    assert "| statements | 5 |  |" in fresh
    assert "| hedged | uncertain | 2 |" in fresh
    with pytest.raises(CorpusError, match="no place for the figures"):
        refreshed("# Corpus\n", after)


def test_table_cells_cannot_break_the_table(make: Callable[..., Path]) -> None:
    sheet = datasheet(examine(make([{**row, "voice": "a|b"} for row in ROWS]), NONE))
    assert "| a\\|b | 1 | 1 | 2 | 1 | 5 |" in sheet


def test_packaged_corpus_is_free_of_poison_and_quickly_examined() -> None:
    start = time.perf_counter()
    found = examine()
    assert time.perf_counter() - start < 60
    counted = values(found)
    assert counted["statements that repeat another"] == 0
    assert counted["statements nearly the same, %"] < 2
    assert min(found.sentences.values()) >= 150
    assert not [fault for fault in found.faults if ".jsonl:" in fault or "same statement" in fault]
    by_voice = [sum(counts.values()) for counts in found.voices.values()]
    assert sum(found.bases.values()) == counted["statements"] == sum(by_voice)
