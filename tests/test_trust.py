"""The tools that measure trust, and what they measure, at a small size."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from magcheck import Checker, MagcheckError
from magcheck.corpus import Corpus, Row
from magcheck.verdict import Verdict

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

edits, turns, far, tables = (import_module(f"trust.{name}") for name in ("edits", "turns", "far", "table"))
targets, fuzz, security, load = (import_module(f"trust.{name}") for name in ("targets", "fuzz", "security", "load"))
advisories = import_module("trust.advisories")
invariance, direction, same, settings, calibration = (
    import_module(f"trust.{name}") for name in ("invariance", "direction", "same", "setting", "calibration")
)

EDITS = {edit.name: edit for edit in edits.EDITS}
POSSIBLE = {"5.1.2": frozenset({"possible"}), "1.2.1": frozenset({"asserts"}), "3.2.4": frozenset({"asserts"})}
POSSIBLE |= {"6.1.3": frozenset({"denies"}), "2.2.1": frozenset({"denies"})}


def row(statement: str, basis: str = "asserted", evidence: tuple[str, ...] = ("0",), *tags: str) -> Row:
    return Row("1", statement, basis, evidence, tags, voice="test")


class Alike:
    """A checker that says what it is told to say of each text."""

    def __init__(self, label: Any) -> None:
        self.label = label
        self.model = SimpleNamespace(meta={"passages": [{"source": ["5.1.2"], "stance": "possible"}]})

    def check(self, text: str) -> Verdict:
        label = self.label(text)
        return Verdict(text, label, "asserted", 1.0, {label: 1.0})

    def check_many(self, texts: Iterator[str]) -> Iterator[Verdict]:
        return map(self.check, texts)


# Confidence.


@pytest.mark.parametrize(("sure", "met"), [(0.9799, False), (0.98, True)])
def test_confidence_is_judged_in_the_parts_that_were_tried_and_in_all(
    sure: float, met: bool, monkeypatch: pytest.MonkeyPatch, checker: Checker
) -> None:
    scores = {"ece": 0.01, "natural_ece": 0.03, "accuracy@80%": sure, "natural_accuracy@80%": 1.0}
    packaged = SimpleNamespace(model=SimpleNamespace(meta=checker.model.meta | {"scores": scores}))
    fitted: list[int] = []

    def fit(_: Any, chosen: Any, jobs: int) -> Any:
        fitted.append(chosen.tried)
        return packaged.model

    monkeypatch.setattr(calibration, "fit", fit)
    monkeypatch.setattr(calibration, "load", lambda: SimpleNamespace(rows=range(7)))
    few = SimpleNamespace(packaged=packaged, samples=[None], full=False, jobs=1)
    checks = calibration.run(few)
    assert [check.met for check in checks] == [True, met, False, True]
    assert fitted == []
    few.full = True
    checks = calibration.run(few)
    assert [check.met for check in checks] == [True, met, False, True] * 2
    assert fitted == [7]


# Harmless edits.


@pytest.mark.parametrize(
    ("name", "statement", "edited"),
    [
        ("upper case", "Mg doesn't help", "MG DOESN'T HELP"),
        ("title case", "ALS isn't a mystery", "Als Isn't A Mystery"),
        ("end punctuation missing", "Is it so?!", "Is it so"),
        ("end punctuation doubled", "It is so", "It is so.."),
        ("end punctuation doubled", "Is it so?", "Is it so??"),
        ("straight quotes around", "It is so.", '"It is so."'),
        ("curly or straight apostrophes", "It isn't so", "It isn’t so"),
        ("curly or straight apostrophes", "It isn’t so", "It isn't so"),
        ("“I read that …”", "A diet helps people", "I read that a diet helps people"),
        ("“I read that …”", "ALS spares no one", "I read that ALS spares no one"),
        ("“Fact: …” (where not hedged)", "The oil helps people.", "Fact: The oil helps people."),
        ("contracted", "Magnesium does not help and cannot cure", "Magnesium doesn't help and can't cure"),
        ("written out", "It won't help; it's no cure", "It will not help; it is no cure"),
        ("British or American spelling", "Neuronal Behaviour is randomised", "Neuronal Behavior is randomized"),
        ("British or American spelling", "Muscle fibers and tumors", "Muscle fibres and tumours"),
        ("disease → MND", "A cure for an ALS patient", "A cure for an MND patient"),
        ("disease → Lou Gehrig's disease", "For an ALS patient", "For a Lou Gehrig's disease patient"),
        ("disease → ALS", "Is a motor neurone disease drug out?", "Is an ALS drug out?"),
        ("disease → amyotrophic lateral sclerosis", "MND is rare", "Amyotrophic lateral sclerosis is rare"),
        ("magnesium → Mg", "Magnesium and low-magnesium food", "Mg and low-Mg food"),
        ("Mg → magnesium", "Mg at 300 mg a day", "Magnesium at 300 mg a day"),
    ],
)
def test_an_edit_does_what_it_is_called(name: str, statement: str, edited: str) -> None:
    assert EDITS[name](row(statement), Random(1)) == edited


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("“I read that …”", "Does magnesium help people?"),
        ("“I read that …”", "Take magnesium every day"),
        ("“I read that …”", "Myth: magnesium helps people"),
        ("contracted", "So it is"),
        ("written out", "Doesn't magnesium help?"),
        ("written out", "It’s been tried"),
        ("curly or straight apostrophes", "It is so"),
        ("disease → MND", "ALS, or MND, is rare"),
        ("disease → MND", "The ALS Association funds it"),
        ("disease → MND", "ALS stands for a long name"),
        ("disease → MND", "The ALS-FTD spectrum"),
        ("magnesium → Mg", "300 mg of magnesium"),
        ("Mg → magnesium", "300 Mg a day"),
        ("one typo", "5 of 15 is so"),
    ],
)
def test_an_edit_leaves_alone_what_it_is_not_for(name: str, statement: str) -> None:
    assert EDITS[name](row(statement), Random(1)) is None


def test_fact_is_not_put_before_what_the_document_holds_possible() -> None:
    statement = "The oil helps people."
    assert EDITS["“Fact: …” (where not hedged)"](row(statement, "hedged"), Random(1)) is None


def test_typos_fall_on_long_words_one_in_each() -> None:
    before = "Oral 1,050,000 isn't magnesium, for 15 ALS mice".split()
    for seed in range(200):
        for name, count in (("one typo", 1), ("two typos", 2)):
            edited = EDITS[name](row(" ".join(before)), Random(seed))
            changed = [old for old, new in zip(before, edited.split(), strict=True) if old != new]
            assert len(changed) == count
            assert set(changed) <= {"Oral", "magnesium,", "mice"}
    assert edited == EDITS["two typos"](row(" ".join(before)), Random(199))


# Meaning-changing edits.


@pytest.mark.parametrize(
    ("rule", "given", "text", "labels"),
    [
        ("negated", row("Magnesium lessens oxidative stress.", "asserted", ("3.2.4",)), None, {"unsupported"}),
        ("negated", row("Magnesium markedly prevents ALS", "contradicted", ("6.1.3",)), None, {"supported"}),
        (
            "denial taken back",
            row("Magnesium doesn't prevent ALS.", "asserted", ("6.1.3",)),
            "Magnesium prevents ALS.",
            {"unsupported"},
        ),
        (
            "flat → may",
            row("Magnesium oil eases cramps in ALS", "hedged", ("5.1.2",)),
            "Magnesium oil may ease cramps in ALS",
            {"supported"},
        ),
        (
            "flat → is proven to",
            row("Magnesium oil eases cramps in ALS", "hedged", ("5.1.2",)),
            "Magnesium oil is proven to ease cramps in ALS",
            {"unsupported"},
        ),
        (
            "may → flat",
            row("Magnesium lotions may ease cramps.", "asserted", ("5.1.2",)),
            "Magnesium lotions ease cramps.",
            {"uncertain"},
        ),
        (
            "may → is proven to",
            row("Magnesium oil might ease cramps.", "asserted", ("5.1.2",)),
            "Magnesium oil is proven to ease cramps.",
            {"unsupported"},
        ),
        (
            "another number",
            row("More than 1,050,000 people were followed", "asserted", ("1.2.1",)),
            "More than 2,300,000 people were followed",
            {"unsupported"},
        ),
        (
            "magnesium → zinc",
            row("Mg lessens oxidative stress", "asserted", ("3.2.4",)),
            "Zinc lessens oxidative stress",
            {"uncertain"},
        ),
        (
            "mice → rats",
            row("Mice fed magnesium lived no longer", "asserted", ("2.2.1",)),
            "Rats fed magnesium lived no longer",
            {"uncertain", "unsupported"},
        ),
        (
            "direction turned",
            row("Magnesium lowers oxidative stress", "asserted", ("3.2.4",)),
            "Magnesium raises oxidative stress",
            {"unsupported"},
        ),
        (
            "oral → intravenous",
            row("An oral dose slows ALS", "contradicted", ("6.1.3",)),
            "An intravenous dose slows ALS",
            {"uncertain"},
        ),
    ],
)
def test_a_rule_turns_a_statement(rule: str, given: Row, text: str | None, labels: set[str]) -> None:
    turned = turns.RULES[rule](given, POSSIBLE, Random(1))
    assert turned.labels == labels
    assert turned.text == text or (text is None and " not " in turned.text.replace("doesn't", "does not"))


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("negated", row("Every mineral lessens oxidative stress.", "asserted", ("3.2.4",))),
        ("negated", row("Magnesium oil eases cramps", "contradicted", ("5.1.2",))),
        ("negated", row("Magnesium lessens stress and helps nerves", "asserted", ("3.2.4",))),
        ("flat → may", row("Magnesium oil eases cramps in 3 days", "hedged", ("5.1.2",))),
        ("may → flat", row("Magnesium may lessen oxidative stress", "asserted", ("3.2.4",))),
        ("another number", row("At least five cohorts were pooled", "asserted", ("1.2.1",))),
        ("magnesium → zinc", row("Magnesium prevents ALS", "contradicted", ("6.1.3",))),
        ("oral → intravenous", row("Oral magnesium does nothing in mice", "asserted", ("2.2.1",))),
    ],
)
def test_a_rule_leaves_alone_what_it_cannot_judge(rule: str, given: Row) -> None:
    assert turns.RULES[rule](given, POSSIBLE, Random(1)) is None


# What is measured is measured: checkers that are wrong on purpose are found out.


def test_flips_are_counted_and_noted(tmp_path: Path) -> None:
    log = tables.Log(tmp_path / "log.jsonl")
    sample = settings.Sample.of(
        "", Alike(lambda text: "supported" if text.islower() else "uncertain"), [row("It is so")]
    )
    checks = {check.what: check for check in invariance.flips(settings.Setting(log=log), sample)}
    assert checks["lower case"].met is False
    assert checks["extra spaces"].met is True
    assert checks["Mg → magnesium"].met is None
    assert '"check": "lower case"' in (tmp_path / "log.jsonl").read_text()


def test_statements_from_outside_the_corpus_are_not_told(tmp_path: Path) -> None:
    log = tables.Log(tmp_path / "log.jsonl")
    checker = Alike(lambda text: "supported" if text.islower() else "uncertain")
    invariance.flips(settings.Setting(log=log), settings.Sample.of("x", checker, [row("It is secret")], told=False))
    assert "lower case (x)" in log.first
    assert "secret" not in (tmp_path / "log.jsonl").read_text().lower()


@pytest.mark.parametrize(("after", "met"), [("supported", True), ("uncertain", False)])
def test_turns_are_counted(after: str, met: bool) -> None:
    given = [row(f"Magnesium oil eases cramps in {word}", "hedged", ("5.1.2",)) for word in ("legs", "feet", "ALS")]
    checker = Alike(lambda text: after if " may " in text else "unsupported" if "proven" in text else "uncertain")
    checks = direction.turns(settings.Setting(), settings.Sample.of("", checker, given), 10)
    assert checks[-1].met is met
    assert checks[-1].figure == ("100.0% of 6" if met else "50.0% of 6")


def test_held_out_voices_are_not_learnt_from(monkeypatch: pytest.MonkeyPatch, corpus: Corpus, tmp_path: Path) -> None:
    learnt: list[str] = []
    model = Checker.load().model

    def fit(given: Corpus, *rest: Any, **more: Any) -> Any:
        learnt.extend(one.voice for one in given.rows)
        return model

    monkeypatch.setattr(settings, "fit", fit)
    made = settings.Setting(held_out=("forum", "cohorts"), model=tmp_path / "model.npz").unlearnt.model
    assert learnt
    assert not {"forum", "cohorts"} & set(learnt)
    assert made.meta["held_out"] == ["forum", "cohorts"]
    assert (tmp_path / "model.npz").exists()


# Harmless edits that reading undoes before anything is scored: whatever the model, these flip nothing.


@pytest.mark.parametrize(
    "name",
    ["upper case", "lower case", "title case", "extra spaces", "straight quotes around", "curly quotes around",
     "curly or straight apostrophes", "end punctuation doubled", "emoji", "trailing URL", "trailing hashtags",
     "“I read that …”", "contracted", "written out"],
)  # fmt: skip
def test_reading_undoes_an_edit(name: str, checker: Checker, corpus: Corpus) -> None:
    read, edit = checker.model.reader.read, EDITS[name]
    parted = [
        (one.statement, edited)
        for one in corpus.rows[::23]
        if (edited := edit(one, Random(one.id))) and checker.check(edited).label != checker.check(one.statement).label
    ]
    assert [(read(before).words, read(after).words) for before, after in parted[:3]] == []


@pytest.mark.parametrize("name", ["greeting", "magnesium → Mg", "disease → MND"])
def test_an_edit_that_reading_undoes_but_for_rare_phrases_flips_one_in_a_hundred_at_most(
    name: str, checker: Checker, corpus: Corpus
) -> None:
    edited = [(one.statement, EDITS[name](one, Random(one.id))) for one in corpus.rows[::23]]
    flips = [checker.check(before).label != checker.check(after).label for before, after in edited if after]
    assert len(flips) > 100
    assert sum(flips) <= 0.01 * len(flips)


# Far-away text.


def test_far_away_texts_are_far_away() -> None:
    assert len(far.LANGUAGES) >= 15
    texts = [make(Random(seed)) for seed in range(300) for make in (far.foreign, far.elsewhere)]
    assert texts == [make(Random(seed)) for seed in range(300) for make in (far.foreign, far.elsewhere)]
    assert len(set(texts)) > 500
    assert not [text for text in texts if "magnes" in text.lower() or "als" in text.lower().split()]


def test_texts_in_other_languages_get_no_sure_verdict(checker: Checker) -> None:
    said = [checker.check(far.foreign(Random(seed))) for seed in range(200)]
    assert sum(one.label != "uncertain" and one.confidence >= 0.5 for one in said) <= 2


# Any text.


@pytest.mark.parametrize(
    ("kind", "count"), [("statement", 200), ("batch", 120), ("corpus", 200), ("model", 80), ("forged", 40)]
)
def test_no_broken_input_breaks_it(kind: str, count: int) -> None:
    assert [fault[2:] for fault in fuzz.feed(kind, 1, range(count))] == []


@pytest.mark.parametrize("piece", ["a", "magnesium", "not ", "ALS ", "1", "'", "\u0301", "?!", "ab'c", "https://"])
def test_the_longest_statement_is_checked_in_time(piece: str, checker: Checker) -> None:
    with targets.limited(targets.STATEMENT_SECONDS):
        targets.sound(checker.check((piece * 10_000)[:9_990] + "."))


def test_a_crash_and_a_hang_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(text: str, explain: bool = False) -> Verdict:
        raise ZeroDivisionError("one of 7")

    monkeypatch.setattr(fuzz.own_targets().checker, "check", crash)
    [(kind, number, what, _)] = fuzz.feed("statement", 0, range(3, 4))
    assert (kind, number) == ("statement", 3)
    assert what.startswith("ZeroDivisionError at test_trust.py")
    assert what.endswith("one of N")

    def hang(text: str, explain: bool = False) -> Verdict:
        while True:
            try:
                time.sleep(1)
            except Exception:  # noqa: BLE001 - as careless code would
                continue

    monkeypatch.setattr(fuzz.own_targets().checker, "check", hang)
    with pytest.raises(targets.HangError), targets.limited(0.05):
        fuzz.own_targets().statement("x")


def test_an_error_on_purpose_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str, explain: bool = False) -> Verdict:
        raise MagcheckError("no")

    monkeypatch.setattr(fuzz.own_targets().checker, "check", refuse)
    assert fuzz.feed("statement", 0, range(3)) == []


@pytest.mark.parametrize("chances", [(math.nan, 0.5, 0.5), (0.5, 0.4, 0.0), (1.5, -0.5, 0.0)])
def test_an_unsound_verdict_is_found(chances: tuple[float, ...], checker: Checker) -> None:
    said = checker.check("Magnesium prevents ALS")
    targets.sound(said)
    with pytest.raises(AssertionError):
        targets.sound(said._replace(probabilities=dict(zip(said.probabilities, chances, strict=True))))


@pytest.mark.parametrize(
    ("form", "text"),
    [("jsonl", '{"a": 1\n'), ("json", "[1,]"), ("csv", "a,b\n1\n"), ("csv", "a\n=1+1\n"), ("tsv", "a\n@x\n"),
     ("markdown", "| a |\n| --- |\n| b | c |\n"), ("text", "a\x1b[31m\n"), ("html", "<script id=rows>[</script>")],
)  # fmt: skip
def test_an_output_that_is_none_is_found(form: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text(text)
    with pytest.raises((AssertionError, ValueError)):
        targets.written(tmp_path / "out", form)


# The same answer, security, load.


def test_the_answer_is_the_same_everywhere() -> None:
    setting = settings.Setting()
    assert [check for check in same.run(setting) if not check.met] == [], setting.log.to_text()


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from urllib.request import urlopen", "eval(x)", "os.system(x)", "joblib.load(x)", "np.load(x)",
     "np.load(x, allow_pickle=True)", "__import__(x)", "def f():\n    import socket", "import subprocess",
     "import subprocess\nsubprocess.run([sys.executable, '-I', '-S', __file__])",
     "import subprocess\nsubprocess.Popen([sys.executable, '-c', x])",
     "import subprocess\nsubprocess.Popen([sys.executable, '-I', '-S', __file__])\nsubprocess.Popen(x)",
     "import subprocess\nsubprocess.Popen([sys.executable, '-I', '-S', __file__])\nstart = subprocess.run"],
)  # fmt: skip
def test_a_danger_in_a_source_is_found(source: str) -> None:
    assert len(list(security.dangers(source))) == 1


def test_what_is_safe_is_no_danger() -> None:
    source = "import re\nre.compile(x)\nnp.load(x, allow_pickle=False)\njson.loads(x)\nmodel.load(x)\nself.eval(x)\n"
    source += "import subprocess\nsubprocess.Popen([sys.executable, '-I', '-S', __file__, x], stdin=subprocess.PIPE)\n"
    assert list(security.dangers(source)) == []


def test_nothing_does_harm() -> None:
    setting = settings.Setting()
    assert [check for check in security.run(setting) if not check.met] == [], setting.log.to_text()


def test_a_stream_comes_through_whole_and_in_flat_memory(tmp_path: Path) -> None:
    load.prepare(tmp_path)
    setting = settings.Setting()
    assert [check for check in load.stream(setting, 3_000, tmp_path) if not check.met] == [], setting.log.to_text()


def test_a_row_out_of_its_place_is_found() -> None:
    asked = b'{"id": 1, "statement": "x"}\n'
    answer = b'{"id": %d, "statement": "x", "label": "uncertain", "probabilities": {"uncertain": 1.0}}\n'
    assert load.is_answer(answer % 1, asked)
    assert not load.is_answer(answer % 2, asked)
    assert not load.is_answer(b'{"id": 1, "statement": "x", "label": null, "probabilities": {}}', asked)
    assert not load.is_answer(answer % 1, b'{"id": 1, "statement": "broken\n')


def test_what_is_killed_can_be_gone_on_with(tmp_path: Path) -> None:
    load.prepare(tmp_path)
    setting = settings.Setting()
    assert load.killed(setting, 2, 400, tmp_path).met, setting.log.to_text()


# The table.


def test_the_table_of_one_part_is_rewritten() -> None:
    text = "# Page\n\n<!-- trust: far -->\nold\n<!-- /trust -->\n\n<!-- trust: load -->\nold\n<!-- /trust -->\n"
    page = tables.rewrite(text, "far", [tables.share("a|b", 1, 50, 0.01), tables.none_of("c", 0, 9, "rows")])
    assert "| a\\|b | 2.0% of 50 | ≤ 1% | NO |\n| c | 0 of 9 rows | 0 | yes |\n<!-- /trust -->" in page
    assert page.endswith("<!-- trust: load -->\nold\n<!-- /trust -->\n")
    with pytest.raises(ValueError, match="0 places"):
        tables.rewrite(page, "nothing", [])


def test_the_page_has_a_place_for_every_part() -> None:
    main = import_module("trust.__main__")
    page = main.PAGE.read_text(encoding="utf-8")
    for part in main.PARTS:
        tables.rewrite(page, part, [])


def test_the_command_prints_a_table_and_says_by_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main = import_module("trust.__main__")
    monkeypatch.setattr(sys, "argv", ["trust", "--only", "far", "--only", "same"])
    monkeypatch.setattr(far, "run", lambda setting: [tables.share("far", 9, 9, 0.01)])
    monkeypatch.setattr(same, "run", lambda setting: [tables.none_of("same", 0, 9, "rows")])
    # What a handful of statements say of the model is shown, and only counts at full size.
    assert main.main() == 0
    assert "far    100.0% of 9  ≤ 1%  NO" in capsys.readouterr().out
    monkeypatch.setattr(same, "run", lambda setting: [tables.none_of("same", 1, 9, "rows")])
    assert main.main() == 1


# Advisories.


def test_what_an_install_brings_is_what_is_needed_directly_or_not() -> None:
    found = advisories.brought("magcheck", ("xlsx",))
    assert found["numpy"] == np.__version__
    # The first is needed by scikit-learn and the second by openpyxl, and the last only by developers.
    assert {"scipy", "et-xmlfile"} <= found.keys()
    assert "ruff" not in found
    assert "openpyxl" not in advisories.brought("magcheck")


def test_a_package_with_an_advisory_is_told_and_one_that_cannot_be_asked_of_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {
        "dependencies": [
            {"name": "Bad", "version": "1", "vulns": [{"id": "PYSEC-1"}]},
            {"name": "good", "version": "1", "vulns": []},
            {"name": "new", "skip_reason": "not found"},
            {"name": "old", "skip_reason": "not found"},
        ]
    }
    done = subprocess.CompletedProcess([], 1, json.dumps(told).encode(), b"")
    monkeypatch.setattr(advisories, "find_spec", lambda name: name)
    monkeypatch.setattr(advisories, "brought", lambda name, extras: dict.fromkeys(("bad", "good", "new", "old"), "1"))
    monkeypatch.setattr(advisories.subprocess, "run", lambda *args, **options: done)
    pages = {"new": {"info": {"version": "1"}, "vulnerabilities": []}, "old": {"info": {"version": "2"}}}
    monkeypatch.setattr(
        advisories.urllib.request, "urlopen", lambda url, timeout: io.StringIO(json.dumps(pages[url.split("/")[-2]]))
    )
    known, unasked = advisories.run(settings.Setting())
    assert (known.figure, known.met) == ("1 of 3", False)
    assert (unasked.figure, unasked.met) == ("1 of 4  old 1", None)
    # No database is reached: nothing is known, and nothing is claimed.
    done.stdout = b""
    monkeypatch.setattr(advisories, "newest", lambda name, number: None)
    assert [check.met for check in advisories.run(settings.Setting())] == [None, None]


def test_the_page_of_a_report_is_taken_apart() -> None:
    page = targets.page('<p onclick=x><script id="rows">[1, "&lt;"]</script><a href="http://x">')
    assert page.scripts["rows"] == '[1, "&lt;"]'
    assert security._kinds('<p onclick=x><line x1=1><a href="#y"><a href="http://x">') == {
        ("p", "onclick"),
        ("a", "href"),
        ("a", "href", "http://x"),
    }


def test_a_log_shows_the_first_of_each() -> None:
    log = tables.Log()
    for number in range(9):
        log.note("check", number=number)
    assert log.to_text().splitlines() == [f"  check: number {number}" for number in range(3)]
