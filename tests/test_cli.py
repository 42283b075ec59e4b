from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import magcheck
from conftest import REPOSITORY
from magcheck.cli import cli
from magcheck.corpus import Corpus
from magcheck.paths import corpus_dir, model_file

DENIED = "Magnesium prevents ALS"
POSSIBLE = "Magnesium oil may ease cramps in MND"
FOREIGN = "Turmeric slows ALS"


class Done(NamedTuple):
    code: int
    out: str
    told: str


Run = Callable[..., Done]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, as if its streams were pipes."""

    def go(*args: str, given: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as ended:
            cli.main(list(args), prog_name="magcheck")
        sys.stdout.flush()
        shown = capfd.readouterr()
        return Done(int(ended.value.code or 0), shown.out, shown.err)

    return go


def process(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "magcheck", *args], capture_output=True, text=True, encoding="utf-8", **options
    )


@pytest.mark.parametrize("args", [[DENIED], ["check", DENIED], ["--", DENIED], ["-f", "text", DENIED]])
def test_a_statement_is_answered(run: Run, args: list[str]) -> None:
    done = run(*args)
    assert (done.code, done.told) == (0, "")
    assert done.out.startswith("✗ unsupported  ")
    assert f"%  {DENIED}\n  The document says otherwise:\n" in done.out
    assert ", sentence" in done.out


def test_uncertain_is_told_in_two_ways(run: Run) -> None:
    assert "The document does not speak of it." in run(FOREIGN).out
    assert "The document leaves it open:" in run("Magnesium oil eases cramps in MND").out


def test_several_statements_and_standard_input_keep_their_order(run: Run) -> None:
    done = run(DENIED, "-", FOREIGN, "-f", "jsonl", given=f"{POSSIBLE}\n\nhello\n".encode())
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["statement"] for row in rows] == [DENIED, POSSIBLE, "", "hello", FOREIGN]
    assert [row["label"] for row in rows][:3] == ["unsupported", "supported", None]
    assert done.code == 0


def test_json_is_an_object_or_an_array(run: Run) -> None:
    expected = magcheck.check(DENIED).to_dict()
    assert json.loads(run(DENIED, "-f", "json").out) == expected
    assert json.loads(run(DENIED, FOREIGN, "--format=json").out)[0] == expected
    assert json.loads(run("-", "-f", "json", given=DENIED.encode()).out) == [expected]
    assert json.loads(run("-", "-f", "json").out) == []


@pytest.mark.parametrize("name", ["csv", "tsv", "markdown", "html"])
def test_other_formats(run: Run, name: str) -> None:
    done = run(DENIED, FOREIGN, "-f", name)
    assert done.code == 0
    assert DENIED in done.out
    assert FOREIGN in done.out


@pytest.mark.parametrize(
    ("labels", "code"), [(["supported"], 0), (["unsupported"], 1), (["supported", "uncertain"], 1), ([], 0)]
)
def test_fail_on(run: Run, tmp_path: Path, labels: list[str], code: int) -> None:
    options = [part for label in labels for part in ("--fail-on", label)]
    assert run(DENIED, FOREIGN, *options).code == code
    path = tmp_path / "a.txt"
    path.write_text(f"{DENIED}\n\n{FOREIGN}\n")
    assert run("batch", str(path), *options).code == code


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Say what to check"),
        (["check"], "statement is missing"),
        ([""], "Statement 1 is empty"),
        ([DENIED, " \t"], "Statement 2 is empty"),
        (["-magnesium cures ALS"], "magcheck -- '-magnesium cures ALS'"),
        (["- magnesium cures ALS"], "magcheck -- '- magnesium cures ALS'"),
        (["--magnesium cures ALS"], "magcheck -- '--magnesium cures ALS'"),
        (["-magnesium"], "two dashes before it"),
        ([DENIED, "-no way"], "magcheck -- '-no way'"),
        (["bacth", "a.csv"], "Did you mean: magcheck batch"),
        (["evalute", "x"], "Did you mean: magcheck evaluate"),
        (["Info"], "Did you mean: magcheck info"),
        (["help"], "Did you mean: magcheck --help"),
        (["-f", "json", "batch", "a b"], "Did you mean: magcheck batch"),
        (["claims.csv"], "magcheck batch claims.csv"),
        (["my claims.txt"], "magcheck batch 'my claims.txt'"),
        (["check", "claims.jsonl.gz"], "magcheck batch claims.jsonl.gz"),
        ([DENIED, "notes.md"], "magcheck batch notes.md"),
        ([os.fspath(Path(__file__).parent)], "names a file"),
        ([DENIED, "--format", "yaml"], "yaml"),
        ([DENIED, "--fail-on", "true"], "true"),
        (["x" * 10_001], "10,001 characters"),
        ([DENIED, "--model", "none.npz"], "none.npz"),
        ([DENIED, "-f", "json", "--article", "a.txt"], "--article"),
        ([DENIED, "--article", "none.txt"], "none.txt"),
        (["batch"], "INPUT"),
        (["batch", "none.csv"], "none.csv: cannot be read"),
        (["batch", "-", "--column", "x", "--from", "csv"], "has no column 'x'"),
        (["batch", "-", "-o", "out"], "--format"),
        (["batch", "-", "-j", "0"], "0 processes"),
        (["batch", "a.csv", "b.csv"], "--prose"),
        (["batch", "-", "-f", "text", "--explain"], "no room"),
        (["batch", "-", "--prose", "--resume"], "--resume goes with rows"),
        (["batch", "-", "--resume"], "-o OUTPUT"),
        (["evaluate", "none.jsonl"], "none.jsonl"),
        (["corpus", "none"], "none"),
        (["train", "--corpus", "none"], "none"),
    ],
)
def test_wrong_use_gets_a_word_that_helps_and_no_verdict(run: Run, args: list[str], words: str) -> None:
    done = run(*args, given=b"a,b\n1,2\n")
    assert done.code == 2
    assert done.out == ""
    assert words in done.told
    assert "Traceback" not in done.told


@pytest.mark.parametrize(
    "statement",
    ["-magnesium cures ALS", "batch", "train", "claims.csv", "--help", "magnesium", "I read it in the file notes.md"],
)
def test_two_dashes_make_a_statement_of_anything(run: Run, statement: str) -> None:
    done = run("--", statement)
    assert done.code == 0
    assert statement in done.out


@pytest.mark.parametrize("word", ["magnesium", "training", "ALS", "information"])
def test_a_word_that_is_no_command_is_a_statement(run: Run, word: str) -> None:
    assert run(word).code == 0


def test_help_lists_commands_and_version_is_told(run: Run) -> None:
    shown = run("--help").out
    for name in ("batch", "check", "corpus", "evaluate", "info", "train"):
        assert f"\n  {name} " in shown
        assert "Usage: magcheck" in run(name, "--help").out
    assert run("--version").out == f"magcheck {magcheck.__version__}\n"


def test_an_article_is_laid_beside(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text("Nothing here.\nIn large cohorts, taking magnesium with food did not prevent ALS.\n")
    assert "In your copy" in run(DENIED, "--article", str(path)).out


def test_explain(run: Run) -> None:
    plain, explained = run(DENIED).out, run(DENIED, "--explain").out
    assert explained.startswith(plain)
    assert len(explained) > len(plain) + 40
    assert "explanation" in json.loads(run(DENIED, "--explain", "-f", "json").out)
    header, cells = csv.reader(io.StringIO(run(DENIED, "--explain", "-f", "csv").out))
    cell = dict(zip(header, cells, strict=True))["explanation"]
    assert all(line in " ".join(explained.split()) for line in map(" ".join, map(str.split, cell.splitlines())))


@pytest.mark.parametrize("end", [".csv", ".jsonl", ".json", ".tsv", ".md", ".html", ".txt"])
def test_batch_writes_what_the_name_of_the_output_says(run: Run, tmp_path: Path, end: str) -> None:
    path, output = tmp_path / "in.csv", tmp_path / f"out{end}"
    path.write_text(f"id,claim\n7,{DENIED}\n8,\n")
    done = run("batch", str(path), "-o", str(output))
    assert (done.code, done.out) == (0, "")
    assert "2 rows\n" in done.told
    assert "line 3: the statement is empty" in done.told
    assert DENIED in output.read_text(encoding="utf-8")
    if end in (".csv", ".jsonl", ".json", ".tsv"):
        again = run("batch", str(output), "-f", "jsonl", "-q")
        rows = [json.loads(line) for line in again.out.splitlines()]
        assert [(row["id"], row["label"], row["input_label"] or None) for row in rows] == [
            ("7", "unsupported", "unsupported"),
            ("8", None, None),
        ]


def test_batch_through_pipes_keeps_results_apart_from_notes(run: Run) -> None:
    given = f'{{"id": 1, "statement": "{DENIED}", "label": "gold"}}\n{{broken\n"{FOREIGN}"\n'.encode()
    done = run("batch", "-", given=given)
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["label"] for row in rows] == ["unsupported", None, "uncertain"]
    assert rows[0]["id"] == 1
    assert rows[0]["input_label"] == "gold"
    assert "broken JSON" in rows[1]["error"]
    assert "1 " in done.told
    table = run("batch", "-", "-f", "csv", "-q", given=given)
    assert table.told == ""
    assert table.out.startswith("id,statement,input_label,label,")
    assert table.out.count("\n") == 4


def test_prose_is_linted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"# Note\n\nWell, {DENIED.lower()}.\n")
    done = run("batch", str(path), "--fail-on", "unsupported")
    assert done.code == 1
    assert done.out.startswith(f"{path}:3:1: unsupported (")
    assert "1 claim\n" in done.told
    broken = run("batch", str(path), str(tmp_path / "none.md"))
    assert broken.code == 2
    assert broken.out == done.out
    assert "none.md" in broken.told


def test_info_tells_the_model(run: Run) -> None:
    facts = json.loads(run("info", "-f", "json").out)
    assert facts["file"] == model_file()
    assert facts["corpus"]["statements"] > 1000
    text = run("info").out
    for words in (model_file(), facts["corpus"]["hash"][:16], "settings", "the file's date"):
        assert words in text


def test_evaluate_measures(run: Run, tmp_path: Path, corpus: Corpus) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"id": str(number), "statement": row.statement, "basis": row.basis, "evidence": row.evidence}
        for number, row in enumerate(corpus.rows[:40])
    ]
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert json.loads(run("evaluate", str(gold), "--json", "--bootstrap", "10").out)["n"] == 40
    assert run("evaluate", str(gold), "--bootstrap", "0").out.startswith("n ")
    page = tmp_path / "page.html"
    assert run("evaluate", str(gold), "--html", "--bootstrap", "0", "-o", str(page)).out == ""
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    by_name = tmp_path / "figures.json"
    run("evaluate", str(gold), "--bootstrap", "0", "-o", str(by_name))
    assert json.loads(by_name.read_text(encoding="utf-8"))["n"] == 40


def test_corpus_names_faults(run: Run, tmp_path: Path) -> None:
    (tmp_path / "document.md").write_text("# A\n\nIt is.\n")
    done = run("corpus", str(tmp_path))
    assert done.code == 2
    assert "document.md" in done.out
    assert json.loads(run("corpus", str(tmp_path), "-f", "json").out)["faults"]


def test_train_makes_a_model_that_answers(run: Run, tmp_path: Path, corpus: Corpus) -> None:
    own = tmp_path / "own"
    (own / "statements").mkdir(parents=True)
    for name in ("document.md", "lexicon.tsv"):
        shutil.copy(corpus_dir() / name, own)
    with (own / "statements" / "some.jsonl").open("w", encoding="utf-8") as file:
        for number, row in enumerate(corpus.rows[::100]):
            stored = {"id": str(number), "statement": row.statement, "basis": row.basis, "evidence": row.evidence}
            file.write(json.dumps(stored) + "\n")
    model = tmp_path / "models" / "own.npz"
    done = run("train", "--corpus", str(own), "-o", str(model), "-j", "1")
    assert (done.code, done.out) == (0, "")
    assert f"{model} is written" in done.told
    statements = len(corpus.rows[::100])
    assert json.loads(run("info", "--model", str(model), "-f", "json").out)["corpus"]["statements"] == statements
    assert json.loads(run("--model", str(model), DENIED, "-f", "json").out)["statement"] == DENIED


def test_train_names_the_file_that_is_missing(run: Run, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "examples" / "honey-bees", tmp_path / "bees")
    (tmp_path / "bees" / "lexicon.tsv").unlink()
    done = run("train", "--corpus", str(tmp_path / "bees"), "-o", str(tmp_path / "m.npz"))
    assert done.code == 2
    assert f"{tmp_path / 'bees' / 'lexicon.tsv'}: " in done.told
    assert not (tmp_path / "m.npz").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals and devices")
class TestStreams:
    def test_a_broken_pipe_ends_quietly(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text(f"{DENIED}\n" * 400)
        command = f'"{sys.executable}" -m magcheck batch "{path}" -q | head -n 1'
        ended = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True)
        assert json.loads(ended.stdout)["label"] == "unsupported"
        assert ended.stderr == ""
        assert ended.returncode == 141

    def test_a_full_device_is_told(self) -> None:
        with open("/dev/full", "w") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "magcheck", DENIED], stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert ended.returncode == 2
        assert "No space left" in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_colour_is_for_terminals_or_where_it_is_forced(self) -> None:
        assert "\x1b" not in process(DENIED).stdout
        forced = {**os.environ, "FORCE_COLOR": "1"}
        forced.pop("NO_COLOR", None)
        assert "\x1b[1;31m✗ unsupported\x1b[0m" in process(DENIED, env=forced).stdout
        assert "\x1b" not in process(DENIED, env=forced | {"NO_COLOR": "1"}).stdout

    def test_an_output_of_another_encoding_is_plain(self) -> None:
        ended = subprocess.run(
            [sys.executable, "-m", "magcheck", "Magnesium prevents ALS, naïvely"],
            capture_output=True,
            env=os.environ | {"PYTHONIOENCODING": "ascii"},
        )
        assert ended.returncode == 0
        assert ended.stdout.startswith(b"x unsupported")
        assert b"na\\xefvely" in ended.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["batch", ""], "An INPUT or OUTPUT is empty"),
        (["batch", "x.txt", "-o", ""], "An INPUT or OUTPUT is empty"),
        (["batch", ".", "--from", "csv"], "--from csv goes with one file of rows"),
    ],
)
def test_what_was_hardly_meant_is_refused(run: Run, args: list[str], said: str) -> None:
    result = run(*args)
    assert result.code == 2
    assert said in result.told
