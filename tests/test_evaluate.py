"""Evaluation: its figures against plain definitions, its intervals, and what it writes."""

from __future__ import annotations

import json
import math
import random
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from magcheck import Checker
from magcheck.corpus import Corpus, Row
from magcheck.errors import CorpusError, InputError
from magcheck.training.evaluate import Evaluation, evaluate, evaluate_file
from magcheck.verdict import BASES, LABEL_OF, LABELS, Passage, Verdict

SENTENCES = ["1.1", "1.2", "2.1", "2.2", "3.1"]


def row(number: int, basis: str, evidence: list[str], group: str | None = None, **more: Any) -> Row:
    return Row(f"s{number}", f"statement {number}", basis, tuple(evidence), group=group, **more)


def verdict(number: int, basis: str, confidence: float, shown: list[list[str]]) -> Verdict:
    label = LABEL_OF[basis]
    rest = (1 - confidence) / 2
    passages = tuple(Passage(str(at), "", f"passage {at}", tuple(ids), 0.5) for at, ids in enumerate(shown))
    probabilities = {name: confidence if name == label else rest for name in LABELS}
    return Verdict(f"statement {number}", label, basis, confidence, probabilities, passages)


def random_case(seed: int, count: int) -> tuple[list[Row], list[Verdict]]:
    chance = random.Random(seed)
    gold, said = [], []
    for number in range(count):
        basis = chance.choice(BASES)
        evidence = [] if basis == "not-addressed" else chance.sample(SENTENCES, chance.randint(1, 2))
        group = f"g{number // 3}" if chance.random() < 0.7 else None
        tags = tuple(chance.sample(["negation", "short", "typo"], chance.randint(0, 2)))
        gold.append(row(number, basis, evidence, group, tags=tags, voice=chance.choice("ab")))
        given = basis if chance.random() < 0.7 else chance.choice(BASES)
        # Few distinct values, the ends among them: ties and the edges of bins are where definitions part.
        confidence = chance.choice([0.0, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.8, 0.93, 1.0])
        shown = [chance.sample(SENTENCES, chance.randint(1, 2)) for _ in range(chance.randint(0, 3))]
        said.append(verdict(number, given, confidence, shown))
    return gold, said


def naive(gold: list[Row], said: list[Verdict]) -> dict[str, float]:
    """The figures as they are defined, counted one by one."""
    n = len(gold)
    right = [g.label == v.label for g, v in zip(gold, said, strict=True)]
    found = {"accuracy": right.count(True) / n}
    for label in LABELS:
        both = either = 0
        for g, v in zip(gold, said, strict=True):
            both += g.label == label and v.label == label
            either += (g.label == label) + (v.label == label)
        found[f"f1_{label}"] = 2 * both / either if either else 0.0
    found["macro_f1"] = sum(found[f"f1_{label}"] for label in LABELS) / 3
    found["basis_accuracy"] = sum(g.basis == v.basis for g, v in zip(gold, said, strict=True)) / n

    def hit(g: Row, v: Verdict, k: int) -> bool:
        return any(one in passage.source for passage in v.passages[:k] for one in g.evidence)

    backed = [(g, v) for g, v in zip(gold, said, strict=True) if g.evidence]
    if backed:
        for k in (1, 3):
            found[f"evidence_hit@{k}"] = sum(hit(g, v, k) for g, v in backed) / len(backed)
    met = [not g.evidence or hit(g, v, 1) for g, v in zip(gold, said, strict=True)]
    found["correct@1"] = sum(r and m for r, m in zip(right, met, strict=True)) / n
    ece = 0.0
    for at in range(15):
        inside = [
            (v.confidence, r)
            for v, r in zip(said, right, strict=True)
            if (int(v.confidence * 15) == at) or (at == 14 and v.confidence == 1.0)
        ]
        if inside:
            confidence = sum(c for c, _ in inside) / len(inside)
            accuracy = sum(r for _, r in inside) / len(inside)
            ece += len(inside) / n * abs(confidence - accuracy)
    found["ece"] = ece
    ranked = sorted(range(n), key=lambda at: said[at].confidence, reverse=True)[: max(1, int(0.8 * n))]
    found["accuracy@80%"] = sum(right[at] for at in ranked) / len(ranked)
    groups: dict[str, list[bool]] = {}
    for g, r in zip(gold, right, strict=True):
        if g.group is not None:
            groups.setdefault(g.group, []).append(r)
    several = [marks for marks in groups.values() if len(marks) > 1]
    if several:
        found["pairs_right"] = sum(all(marks) for marks in several) / len(several)
    return found


@pytest.mark.parametrize(("seed", "count"), [(0, 200), (1, 57), (2, 7), (3, 1), (4, 300)])
def test_figures_are_those_of_the_plain_definitions(seed: int, count: int) -> None:
    gold, said = random_case(seed, count)
    found = evaluate(gold, said, bootstrap=0)
    assert {name: figure.value for name, figure in found.figures.items()} == pytest.approx(naive(gold, said))
    assert found.n == count


def test_confusion_and_shares_are_counts() -> None:
    gold, said = random_case(5, 120)
    found = evaluate(gold, said, bootstrap=0)
    for at, label in enumerate(LABELS):
        for to, other in enumerate(LABELS):
            pairs = sum(g.label == label and v.label == other for g, v in zip(gold, said, strict=True))
            assert found.confusion[at][to] == pairs
    tagged = [g.label == v.label for g, v in zip(gold, said, strict=True) if "typo" in g.tags]
    assert (found.tags["typo"].n, found.tags["typo"].accuracy) == (len(tagged), sum(tagged) / len(tagged))
    assert set(found.voices) == {"a", "b"}
    assert len(found.mistakes) == sum(g.label != v.label for g, v in zip(gold, said, strict=True))
    surest = [mistake.verdict.confidence for mistake in found.mistakes]
    assert surest == sorted(surest, reverse=True)


def test_risk_coverage_ends_at_all_mistakes() -> None:
    gold, said = random_case(6, 250)
    curve = evaluate(gold, said, bootstrap=0).risk_coverage
    accuracy = sum(g.label == v.label for g, v in zip(gold, said, strict=True)) / len(gold)
    assert curve[-1] == pytest.approx((1.0, 1 - accuracy), abs=1e-5)
    assert [coverage for coverage, _ in curve] == sorted({coverage for coverage, _ in curve})
    ranked = sorted(zip(gold, said, strict=True), key=lambda pair: -pair[1].confidence)
    for coverage, risk in curve:
        kept = ranked[: round(coverage * len(ranked))]
        wrong = sum(g.label != v.label for g, v in kept)
        assert risk == pytest.approx(wrong / len(kept), abs=1e-5)


def test_intervals_hold_the_figure_and_depend_on_the_seed_alone() -> None:
    gold, said = random_case(7, 150)
    first = evaluate(gold, said, bootstrap=200, seed=3)
    assert first.to_dict() == evaluate(gold, said, bootstrap=200, seed=3).to_dict()
    assert first.figures != evaluate(gold, said, bootstrap=200, seed=4).figures
    for name, figure in first.figures.items():
        assert figure.low is not None
        assert figure.high is not None
        assert 0 <= figure.low < figure.high <= 1
        if name != "ece":
            assert figure.low <= figure.value <= figure.high


def test_interval_is_as_wide_as_theory_says() -> None:
    # 400 statements alone, half of them right: the standard error of the accuracy is 0.5 / 20.
    gold = [row(at, "asserted", ["1.1"]) for at in range(400)]
    said = [verdict(at, ("asserted", "contradicted")[at % 2], 0.5, []) for at in range(400)]
    alone = evaluate(gold, said, bootstrap=600).figures["accuracy"]
    assert alone.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert alone.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)
    # In groups of four that stand and fall together there are a quarter as many draws: twice the width.
    gold = [row(at, "asserted", ["1.1"], group=f"g{at // 4}") for at in range(400)]
    said = [verdict(at, ("asserted", "contradicted")[at // 4 % 2], 0.5, []) for at in range(400)]
    grouped = evaluate(gold, said, bootstrap=600).figures["accuracy"]
    assert grouped.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert grouped.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)


def test_error_by_chance_is_that_of_exact_confidence() -> None:
    # One bin, 400 statements of confidence 0.9: the mean distance of a binomial share from 0.9.
    gold = [row(at, "asserted", ["1.1"]) for at in range(400)]
    said = [verdict(at, "contradicted", 0.9, []) for at in range(400)]
    found = evaluate(gold, said, bootstrap=2000).figures
    deviation = (0.9 * 0.1 / 400) ** 0.5
    assert found["ece"].value == pytest.approx(0.9)
    assert found["ece_by_chance"].value == pytest.approx(deviation * (2 / math.pi) ** 0.5, rel=0.05)
    assert found["ece_by_chance"].high == pytest.approx(2.24 * deviation, rel=0.15)
    assert list(found).index("ece_by_chance") == list(found).index("ece") + 1


def test_all_right_and_all_wrong() -> None:
    bases = ["asserted", "contradicted", "not-addressed"]
    gold = [row(0, bases[0], ["1.1"], "g"), row(1, bases[1], ["1.1"], "g"), row(2, bases[2], [])]
    said = [verdict(at, basis, 1.0, [["1.1"]]) for at, basis in enumerate(bases)]
    best = evaluate(gold, said, bootstrap=10)
    assert {name: figure.value for name, figure in best.figures.items()} == {
        name: 0.0 if name in {"ece", "ece_by_chance"} else 1.0 for name in best.figures
    }
    assert best.mistakes == ()
    others = ["contradicted", "hedged", "asserted"]
    said = [verdict(at, basis, 1.0, [["3.1"]]) for at, basis in enumerate(others)]
    worst = evaluate(gold, said, bootstrap=10)
    assert {name: figure.value for name, figure in worst.figures.items()} == {
        name: 1.0 if name == "ece" else 0.0 for name in worst.figures
    }


def test_what_cannot_be_told_is_left_out() -> None:
    found = evaluate([row(0, "not-addressed", [])], [verdict(0, "not-addressed", 0.9, [])], bootstrap=5)
    assert not {"pairs_right", "evidence_hit@1", "evidence_hit@3"} & set(found.figures)
    assert found.voices == found.tags == {}


def test_wrong_use_is_named() -> None:
    with pytest.raises(InputError, match="no labelled statement"):
        evaluate([], [])
    with pytest.raises(InputError, match="1 labelled statements do not go with 0 verdicts"):
        evaluate([row(0, "not-addressed", [])], [])


def small() -> Evaluation:
    gold, said = random_case(8, 60)
    return evaluate(gold, said, bootstrap=20)


def test_text_tells_every_figure() -> None:
    found = small()
    text = found.to_text(mistakes=2)
    for name, figure in found.figures.items():
        assert f"{name:16} {figure.value:.3f}  [{figure.low:.3f}, {figure.high:.3f}]" in text
    assert all(f"{count:12}" in text for counts in found.confusion for count in counts)
    assert text.count("said ") == 2 + 1  # two mistakes, and the head of the confusion table
    assert found.mistakes[0].row.statement in text
    assert found.mistakes[2].to_text() not in text


def test_dict_is_json_and_complete() -> None:
    found = small()
    stored = json.loads(json.dumps(found.to_dict()))
    assert stored["n"] == 60
    assert set(stored["figures"]) == set(found.figures)
    assert stored["mistakes"][0]["verdict"] == found.mistakes[0].verdict.to_dict()
    assert sum(map(sum, stored["confusion"])) == 60


class Outline(HTMLParser):
    """Collects tags and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_is_whole_escaped_and_fetches_nothing() -> None:
    nasty = "<script>alert(1)</script> & \"quoted\" \ud800 'x'"
    gold = [
        Row("<id>", nasty, "asserted", ("1.1",), tags=("<b>tag</b>",), voice="v<1>"),
        Row("2", "fine", "hedged", ("1.2",), voice="v2"),
    ]
    said = [verdict(0, "contradicted", 0.9, [["<i>1.2</i>"]]), verdict(1, "hedged", 0.7, [["1.2"]])]
    page = evaluate(gold, said, bootstrap=5).to_html(title="A <title> & more")
    page.encode("utf-8")
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    names = {name for name, _ in outline.seen}
    assert "script" not in names
    assert not names & {"link", "img", "iframe", "object", "i", "id"}
    addresses = [attrs for _, attrs in outline.seen if {"src", "href", "xlink:href"} & set(attrs)]
    assert addresses == []
    assert "url(" not in page
    assert "@import" not in page
    assert sum(name == "svg" for name, _ in outline.seen) == 5  # confusion, two curves, tags, voices
    assert "<script>alert(1)</script>" in outline.text
    assert "prefers-color-scheme: dark" in page


def test_file_is_checked_and_measured(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    rows = [
        {"id": "1", "statement": "Magnesium prevents ALS", "basis": "contradicted", "evidence": ["0"]},
        {"id": "2", "statement": "Hello there!", "basis": "not-addressed", "evidence": []},
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    found = evaluate_file(path, Checker.load(), bootstrap=5)
    assert found.figures["accuracy"].value == 1.0
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no labelled statement"):
        evaluate_file(path, Checker.load())
    path.write_text('{"statement": "x", "basis": "maybe"}\n', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"gold.jsonl:1: basis 'maybe'"):
        evaluate_file(path, Checker.load())


def test_statements_about_another_document_are_refused(tmp_path: Path, checker: Checker) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps({"statement": "Bees dance", "basis": "asserted", "evidence": ["99.9"]}))
    with pytest.raises(CorpusError, match=r"evidence '99\.9' is no sentence of the document"):
        evaluate_file(path, checker)


def test_the_exam_that_is_kept_is_not_learnt_from_and_is_read_rightly(checker: Checker, corpus: Corpus) -> None:
    exam = Path(__file__).resolve().parent.parent / "benchmarks" / "exam.jsonl"
    statements = {json.loads(line)["statement"].lower() for line in exam.read_text(encoding="utf-8").splitlines()}
    assert not statements & {row.statement.lower() for row in corpus.rows}
    found = evaluate_file(exam, checker)
    assert found.n == len(statements)
    assert len(found.mistakes) <= 0.04 * found.n
