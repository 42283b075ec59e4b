from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY
from magcheck import Checker
from magcheck.corpus import load, read_statements
from magcheck.training.evaluate import evaluate
from magcheck.training.fit import fit

BEES = REPOSITORY / "examples" / "honey-bees"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bees") / "bees.npz"
    fit(load(BEES), jobs=1).save(path)
    return path


def run(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run([sys.executable, "-m", "magcheck", *args], capture_output=True, text=True)
    assert ended.returncode == code, ended.stderr
    return ended


def test_a_corpus_of_another_topic_makes_a_checker_of_its_own(model: Path) -> None:
    corpus = load(BEES)
    checker = Checker.load(model)
    # Sixty statements by someone who had not seen those that the model learns from.
    rows = list(read_statements(BEES / "test.jsonl", set(corpus.sentences)))
    found = evaluate(rows, list(checker.check_many(row.statement for row in rows)), bootstrap=0)
    assert len(rows) == 60
    assert found.figures["macro_f1"].value >= 0.75
    assert not {passage.id for passage in checker.check("Varroa mites kill bees").passages} - {
        passage.id for passage in corpus.passages
    }


def test_its_card_is_written_by_evaluate(model: Path, tmp_path: Path) -> None:
    card = tmp_path / "CARD.md"
    args = ("evaluate", "--cross-validate", "group", "--corpus", str(BEES), "--model", str(model), "--bootstrap", "0")
    run(*args, "--card", "-o", str(card))
    text = card.read_text()
    assert f"# Model card: {load(BEES).title}" in text
    assert "by models that had not learnt from the group of the statement" in text
    assert "TF-IDF of the statement (baseline)" in text
    assert "is, and is said to be" in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--cross-validate", "group"), "was not made from the corpus"),
        (("--cross-validate", "voice", "--corpus", str(BEES)), "voices, too few for 4 parts"),
        ((str(BEES / "test.jsonl"), "--cross-validate", "group"), "either a FILE"),
        ((), "either a FILE"),
    ],
)
def test_what_cannot_be_measured_is_told(model: Path, args: tuple[str, ...], said: str) -> None:
    found = run("evaluate", *args, "--model", str(model), code=2)
    assert said in " ".join(found.stderr.split())
