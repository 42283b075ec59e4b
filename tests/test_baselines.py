"""Baselines: what each can and cannot see."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from magcheck import corpus as corpora
from magcheck.corpus import Corpus, Row
from magcheck.training.baselines import Cues, claim_only, compare, cue_rules, held_out, out_of_fold
from magcheck.training.metrics import table


@pytest.fixture(scope="module")
def whole() -> Corpus:
    return corpora.load()


def made(whole: Corpus, count: int = 240) -> Corpus:
    """A corpus in twelve voices where a negation alone tells supported from unsupported."""
    chance = random.Random(0)
    nouns = ["tablets", "spinach", "oil", "cashews", "water", "beans"]
    rows = []
    for at in range(count):
        noun, basis = chance.choice(nouns), ("asserted", "contradicted")[at % 2]
        cue = "does not help" if basis == "asserted" else "helps"
        text = f"Taking {noun} {cue} in case {at // 2}"
        rows.append(Row(str(at), text, basis, ("0",), group=f"g{at // 2}", voice=f"v{at // 2 % 12}"))
    return replace(whole, title="made", rows=tuple(rows), hash="")


@pytest.mark.parametrize(
    ("statement", "cues"),
    [
        ("Magnesium prevents ALS", "0 negation"),
        ("Magnesium does not prevent ALS", "1 negation"),
        ("Magnesium may ease cramps", "0 negation, hedge"),
        ("It is proven that magnesium does not cure ALS", "1 negation, certainty"),
    ],
)
def test_cues_are_all_that_is_seen(whole: Corpus, statement: str, cues: str) -> None:
    assert Cues(whole.lexicon)(statement) == [cues]


def test_cue_rules_give_the_share_of_each_label(whole: Corpus) -> None:
    statements = ["A helps", "B helps", "C helps", "D does not help"]
    rules = cue_rules(whole.lexicon).fit(statements, ["no", "no", "yes", "yes"])
    assert list(rules.predict(["Whatever does it", "Nothing never does not"])) == ["no", "no"]
    assert list(rules.predict(["E does not help"])) == ["yes"]
    # Shares with one added to each count: 2 of "no", 1 of "yes", and 4 cells of two labels and two cues.
    chances = rules.predict_proba(["F helps"])[0]
    assert chances == pytest.approx(np.array([3 / 4, 2 / 4]) / (3 / 4 + 2 / 4))


def test_folds_hold_out_whole_voices(whole: Corpus) -> None:
    corpus = made(whole)
    # Each voice has a word of its own that names the label; only a split by voice hides it.
    rows = [Row(row.id, f"word{row.voice}{row.label}", row.basis, row.evidence, voice=row.voice) for row in corpus.rows]
    folds = held_out(rows, 4, 0)
    rules = claim_only()
    statements, labels = [row.statement for row in rows], [row.label for row in rows]
    assert rules.fit(statements, labels).score(statements, labels) == 1.0
    said, confidence = out_of_fold(rules, rows, folds, jobs=1)
    assert len(said) == len(confidence) == len(rows)
    for fold in range(4):
        seen = {row.voice for row, one in zip(rows, folds, strict=True) if one != fold}
        assert not seen & {row.voice for row, one in zip(rows, folds, strict=True) if one == fold}


def test_few_voices_are_parted_between_contrast_groups(whole: Corpus) -> None:
    rows = [replace(row, voice="one") for row in made(whole).rows]
    folds = held_out(rows, 4, 0)
    assert set(folds) == {0, 1, 2, 3}
    assert (folds[::2] == folds[1::2]).all()


def test_comparison_ranks_what_sees_more_above_what_sees_less(whole: Corpus) -> None:
    corpus = made(whole)
    found = compare(corpus, folds=3, bootstrap=20, jobs=1)
    assert list(found) == ["commonest label", "cue rules", "TF-IDF of the statement"]
    accuracy = {name: figures["accuracy"].value for name, figures in found.items()}
    assert accuracy["commonest label"] == pytest.approx(0.5, abs=0.02)
    assert accuracy["cue rules"] == accuracy["TF-IDF of the statement"] == 1.0
    assert found["commonest label"]["pairs_right"].value == 0.0
    assert found["cue rules"]["pairs_right"].value == 1.0
    assert "basis_accuracy" not in found["cue rules"]
    assert found == compare(corpus, folds=3, bootstrap=20, jobs=1)


def test_table_has_a_row_for_each_figure(whole: Corpus) -> None:
    found = compare(made(whole), folds=3, jobs=1)
    lines = table(found).splitlines()
    assert lines[0] == "| figure | commonest label | cue rules | TF-IDF of the statement |"
    assert len(lines) == 2 + len(found["cue rules"])
    assert {line.count("|") for line in lines} == {5}
    assert any(line.startswith("| accuracy | 0.500 | 1.000 | 1.000 |") for line in lines)


def test_packaged_corpus_is_beyond_cue_rules(whole: Corpus) -> None:
    # The corpus was written so that cues alone do not give labels away.
    rows = whole.rows[::10]
    said, _ = out_of_fold(cue_rules(whole.lexicon), rows, held_out(rows, 2, 0), jobs=1)
    right = np.mean([row.label == one for row, one in zip(rows, said, strict=True)])
    assert right < 0.6
