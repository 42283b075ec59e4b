from __future__ import annotations

from conftest import REPOSITORY
from magcheck import Checker
from magcheck.corpus import load, read_statements
from magcheck.training.evaluate import evaluate
from magcheck.training.fit import fit

BEES = REPOSITORY / "examples" / "honey-bees"


def test_a_corpus_of_another_topic_makes_a_checker_of_its_own() -> None:
    corpus = load(BEES)
    checker = Checker(fit(corpus, jobs=1))
    # Sixty statements by someone who had not seen those that the model learns from.
    rows = list(read_statements(BEES / "test.jsonl", set(corpus.sentences)))
    found = evaluate(rows, list(checker.check_many(row.statement for row in rows)), bootstrap=0)
    assert len(rows) == 60
    assert found.figures["macro_f1"].value >= 0.75
    assert not {passage.id for passage in checker.check("Varroa mites kill bees").passages} - {
        passage.id for passage in corpus.passages
    }
