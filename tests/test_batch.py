from __future__ import annotations

import errno
import gc
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magcheck import Checker, MagcheckError
from magcheck.errors import InputError, ModelError
from magcheck.files import work
from magcheck.files.batch import run_batch, run_prose
from magcheck.files.output import COMPARED, read_written
from magcheck.files.progress import Progress, Tally, duration
from magcheck.files.readers import Reader
from magcheck.files.rows import InputRow, OutputRow
from magcheck.files.sources import Source
from magcheck.files.work import Work, check_rows, spread
from magcheck.files.writers import open_writer
from magcheck.paths import model_file
from magcheck.terminal import Style
from magcheck.verdict import Verdict

STATEMENTS = ["Magnesium prevents ALS", "Turmeric slows ALS", "", "Magnesium oil may ease cramps in MND", "x" * 10_001]
STREAMED = ("text", "json", "jsonl", "csv", "tsv", "markdown")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": n, "statement": STATEMENTS[n % 5]}) + "\n" for n in range(60)))
    return path


def run(path: Path, name: str, output: Path | None, **options: Any) -> Tally:
    with Source(str(path)) as source:
        return run_batch(Reader(source), name, output, **options)


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "magcheck", "batch", *args]


def test_rows_that_cannot_be_checked_have_their_error(checker: Checker) -> None:
    rows = [InputRow(n, text, {"id": n}) for n, text in enumerate(STATEMENTS, 1)]
    rows[2] = InputRow(3, "", {"id": 3}, "line 3: the statement is empty")
    answered = check_rows(checker, rows)
    assert [row.label for row in answered] == ["unsupported", "uncertain", None, "supported", None]
    assert [row.number for row in answered] == [1, 2, 3, 4, 5]
    assert answered[2].error == "line 3: the statement is empty"
    assert (answered[4].error or "").startswith("line 5: the statement has 10,001 characters")
    assert [row.verdict for row in answered if row.verdict] == [checker.check(STATEMENTS[at]) for at in (0, 1, 3)]


@pytest.mark.parametrize("name", STREAMED)
def test_the_same_bytes_whatever_the_jobs_and_chunks(tmp_path: Path, many: Path, name: str) -> None:
    whole = tmp_path / "whole"
    tally = run(many, name, whole)
    assert tally.labels == {"unsupported": 12, "uncertain": 12, "supported": 12, None: 24}
    for chunk in (1, 7):
        run(many, name, tmp_path / "part", chunk=chunk)
        assert (tmp_path / "part").read_bytes() == whole.read_bytes()


def test_the_same_bytes_from_two_processes(tmp_path: Path, many: Path) -> None:
    run(many, "jsonl", tmp_path / "one")
    tally = run(many, "jsonl", tmp_path / "two", jobs=2, chunk=5, worth=10)
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
    assert tally.labels.total() == 60


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 100])
def test_spread_keeps_the_order_and_loses_nothing(rows: int) -> None:
    given = [InputRow(number, str(number)) for number in range(rows)]
    assert list(spread(given, list, chunk=3)) == given


def test_workers_look_for_cycles_as_seldom_as_the_command() -> None:
    def seldom(rows: list[InputRow]) -> list[int]:
        return [gc.get_threshold()[0] for _ in rows]

    given = [InputRow(1, "a")] * 20
    assert set(spread(given, seldom, jobs=2, chunk=5, worth=10)) == {work._SELDOM}
    told = "import atexit, gc; atexit.register(lambda: print(gc.get_threshold()[0])); "
    told += "from magcheck.__main__ import main; main()"
    run = subprocess.run([sys.executable, "-c", told, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.split()[-1] == str(work._SELDOM)


def test_few_rows_start_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    given = [InputRow(number, str(number)) for number in range(9)]
    assert list(spread(given, list, jobs=2, worth=10)) == given
    with pytest.raises(ImportError):
        list(spread(given, list, jobs=2, worth=9))


def noted(count: int, taken: list[int]) -> Iterator[InputRow]:
    """Yield numbered rows, and note which were taken."""
    for number in range(count):
        taken.append(number)
        yield InputRow(number, str(number))


def test_no_more_rows_are_taken_in_than_needed() -> None:
    taken: list[int] = []
    answers = spread(noted(1000, taken), list, chunk=10)
    for _ in range(25):
        next(answers)
    assert len(taken) <= 30


def test_workers_get_no_further_ahead_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_AHEAD", 3)
    taken: list[int] = []
    got = []
    for row in spread(noted(600, taken), list, jobs=2, chunk=10, worth=10):
        got.append(row.number)
        if not row.number % 50:
            time.sleep(0.05)
        assert len(taken) <= len(got) + 10 * (2 * 3 + 1)
    assert got == list(range(600))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_breaks_off_the_reading_comes_after_the_rows_before_it(jobs: int) -> None:
    def rows() -> Iterator[InputRow]:
        yield from noted(95, [])
        raise OSError(errno.EIO, "the disk is broken")

    got: list[int] = []
    with pytest.raises(OSError, match="broken"):
        got.extend(row.number for row in spread(rows(), list, jobs=jobs, chunk=10, worth=10))
    assert got == list(range(95))


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_resumed_it_ends_with_the_same_bytes(tmp_path: Path, many: Path, name: str, share: float) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    tally = run(many, name, whole)
    content = whole.read_bytes()
    part.write_bytes(content[: int(len(content) * share)])
    again = run(many, name, part, resume=True)
    assert part.read_bytes() == content
    assert again.labels == tally.labels
    assert again.earlier < 60 or share == 1.0


def test_resume_refuses_what_was_made_of_something_else(tmp_path: Path, many: Path) -> None:
    output = tmp_path / "out.jsonl"
    run(many, "jsonl", output)
    before = output.read_bytes()
    other = tmp_path / "other.txt"
    for content in ("Turmeric slows ALS\n" * 60, "Magnesium prevents ALS\n"):
        other.write_text(content)
        with pytest.raises(InputError, match="was not written from this input"):
            run(other, "jsonl", output, resume=True)
    with pytest.raises(InputError, match="was not written"):
        run(many, "csv", output, resume=True)
    assert output.read_bytes() == before
    with pytest.raises(InputError, match="-o OUTPUT"):
        run(many, "jsonl", None, resume=True)
    with pytest.raises(InputError, match="as a whole"):
        run(many, "html", output, resume=True)


@pytest.mark.parametrize("changed", [0, 30, 59])
def test_resume_refuses_an_input_that_was_changed(tmp_path: Path, changed: int) -> None:
    rows = [f"Magnesium prevents ALS, says number {number}" for number in range(60)]
    given, output = tmp_path / "in.txt", tmp_path / "out.jsonl"
    given.write_text("\n".join(rows))
    run(given, "jsonl", output)
    given.write_text("\n".join([*rows[:changed], "Zinc cures ALS", *rows[changed + 1 :]]))
    with pytest.raises(InputError, match="was not written from this input"):
        run(given, "jsonl", output, resume=True)


def test_of_a_long_output_some_rows_are_compared(tmp_path: Path) -> None:
    rows, output = [f"Magnesium prevents ALS {number}" for number in range(300)], tmp_path / "out.jsonl"
    (tmp_path / "in.txt").write_text("\n".join(rows))
    run(tmp_path / "in.txt", "jsonl", output)
    found = read_written(output, open_writer("jsonl"))
    assert found.count == 300
    assert COMPARED / 2 <= len(found.some) <= COMPARED
    assert list(found.some) == sorted(found.some)
    assert max(found.some) == 300
    assert all(json.loads(text)["statement"] == rows[number - 1] for number, text in found.some.items())


def test_an_output_is_not_begun_for_an_input_that_cannot_be_read(tmp_path: Path) -> None:
    bad, output = tmp_path / "bad.csv", tmp_path / "out.jsonl"
    bad.write_text("id,body\n1,x\n")
    output.write_text("precious\n")
    with pytest.raises(InputError, match="'id', 'body'"):
        run(bad, "jsonl", output)
    with pytest.raises(ModelError):
        run(bad, "jsonl", output, model=tmp_path / "none.npz")
    with pytest.raises(InputError, match="is the input too"):
        run(bad, "jsonl", bad)
    assert output.read_text() == "precious\n"
    assert bad.read_text().startswith("id,body")


def test_a_file_broken_off_leaves_the_rows_before(tmp_path: Path) -> None:
    bad, output = tmp_path / "bad.json", tmp_path / "out.json"
    bad.write_text('["Magnesium prevents ALS", "Turmeric slows ALS", {"statement": ')
    with pytest.raises(InputError, match="element 3 is broken JSON"):
        run(bad, "json", output)
    assert [row["label"] for row in json.loads(output.read_bytes())] == ["unsupported", "uncertain", None]


def test_a_report_is_written_as_a_whole(tmp_path: Path, many: Path) -> None:
    output = tmp_path / "out.html"
    assert run(many, "html", output).labels.total() == 60
    page = output.read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "Turmeric slows ALS" in page
    assert list(tmp_path.glob("*.part")) == []


def test_prose_is_written_in_every_format(tmp_path: Path) -> None:
    text = tmp_path / "a.md"
    text.write_text("# Notes\n\nI like tea. Magnesium prevents ALS, they say.\n")
    for name in ("text", "jsonl", "csv", "html"):
        assert run_prose([str(text)], name, tmp_path / f"out.{name}").labels == {"unsupported": 1}
    assert (tmp_path / "out.text").read_text().startswith(f"{text}:3:13: unsupported (")
    found = json.loads((tmp_path / "out.jsonl").read_text())
    assert (found["line"], found["column"], found["label"]) == (3, 13, "unsupported")


def test_another_model_elsewhere_is_refused() -> None:
    work = Work(model_file(), "0" * 64, None)
    with pytest.raises(ModelError, match="another model here"):
        work([InputRow(1, "Magnesium prevents ALS")])


def started(path: Path, output: Path, *args: str) -> subprocess.Popen[bytes]:
    """Start a batch and wait until it has written something."""
    run = subprocess.Popen(
        command(str(path), "-o", str(output), *args),
        # Whoever runs the tests in the background may have them ignore interrupts, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while not (output.exists() and output.stat().st_size > 4000):
        assert time.monotonic() < until
        assert run.poll() is None
        time.sleep(0.01)
    return run


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.jsonl"
    path.write_text(
        "".join(json.dumps({"id": n, "statement": f"Magnesium prevents ALS {n}"}) + "\n" for n in range(24_000))
    )
    return path  # fmt: skip


@pytest.mark.parametrize("name", ["jsonl", "json", "csv"])
def test_killed_and_resumed_nothing_is_lost(tmp_path: Path, long: Path, name: str) -> None:
    short = tmp_path / "short.jsonl"
    output = tmp_path / f"out.{name}"
    run = started(long, output)
    run.kill()
    run.communicate()
    text = output.read_text()
    left = len(json.loads(text)) if name == "json" else text.count("\n") - (name == "csv")
    assert 0 < left < 6000
    short.write_text("".join(long.read_text().splitlines(keepends=True)[: left + 40]))
    subprocess.run(command(str(short), "-o", str(output), "--resume", "-q"), check=True)
    whole = tmp_path / f"whole.{name}"
    subprocess.run(command(str(short), "-o", str(whole), "-q"), check=True)
    assert output.read_bytes() == whole.read_bytes()


def test_an_interrupt_ends_with_whole_rows_and_a_hint(tmp_path: Path, long: Path) -> None:
    output = tmp_path / "out.jsonl"
    run = started(long, output)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate()
    assert run.returncode == 130
    assert b"--resume" in told
    assert b"Traceback" not in told
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == list(
        range(output.read_text().count("\n"))
    )


@pytest.mark.parametrize("name", ["jsonl", "json", "csv"])
def test_a_full_disk_leaves_whole_rows(tmp_path: Path, long: Path, name: str) -> None:
    output = tmp_path / f"out.{name}"
    ended = subprocess.run(
        command(str(long), "-o", str(output)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert f"cannot be written any further ({os.strerror(errno.EFBIG)}); its " in ended.stderr
    assert "Traceback" not in ended.stderr
    content = output.read_text()
    assert 5000 < len(content) <= 9000
    assert content.endswith("\n]\n" if name == "json" else "\n")
    if name != "csv":
        rows = json.loads(content) if name == "json" else [json.loads(line) for line in content.splitlines()]
        assert [row["id"] for row in rows] == list(range(len(rows)))


@pytest.mark.parametrize("form", ["txt", "jsonl"])
def test_rows_from_a_pipe_are_answered_as_they_come(form: str) -> None:
    run = subprocess.Popen(command("-", "-q"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdin
    assert run.stdout
    text = "Magnesium prevents ALS"
    line = f"{text}\n" if form == "txt" else json.dumps({"statement": text}) + "\n"
    for count in (1, 3, 200, 1):
        # What has come is answered, though the next line has begun and does not end.
        run.stdin.write((line * count + line[:10]).encode())
        run.stdin.flush()
        for _ in range(count):
            assert json.loads(run.stdout.readline())["label"] == "unsupported"
        run.stdin.write(line[10:].encode())
        run.stdin.flush()
        assert json.loads(run.stdout.readline())["label"] == "unsupported"
    run.stdin.close()
    run.stdout.close()
    assert run.wait() == 0


def test_rows_from_a_pipe_are_taken_together_where_they_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"Magnesium prevents ALS\n" * 500
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(lines))))
    with Source("-", "txt") as source:
        assert source.live
        chunks: list[int] = []

        def counted(rows: list[InputRow]) -> list[InputRow]:
            chunks.append(len(rows))
            return rows

        assert len(list(spread(Reader(source), counted, chunk=200, at_hand=source.at_hand))) == 500
    assert max(chunks) == 200
    assert len(chunks) < 10


def test_rows_of_a_table_from_a_pipe_too() -> None:
    run = subprocess.Popen(
        command("-", "--from", "csv", "-f", "csv", "-q"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert run.stdin
    assert run.stdout
    run.stdin.write(b"id,claim\n1,Magnesium prevents ALS\n")
    run.stdin.flush()
    assert run.stdout.readline().startswith(b"id,claim,statement,label")
    assert run.stdout.readline().startswith(b"1,Magnesium prevents ALS,Magnesium prevents ALS,unsupported")
    run.stdin.close()
    run.stdout.close()
    assert run.wait() == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_rate_and_time_left_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, share = [100.0], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for stream in (io.StringIO(), Terminal()):
        share[0] = 0.0
        with Progress(stream, lambda: share[0]) as progress:
            progress.step(1)
            clock[0], share[0] = clock[0] + 10, 0.25
            progress.step(1)
        shown = stream.getvalue()
        assert ("2 rows, 0 a second, 25 % of the file, 30 s left" in shown) == stream.isatty()


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min")])
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_tally_tells_labels_errors_and_the_least_sure() -> None:
    first, later = Tally(), Tally()
    for number in range(1, 101):
        error = f"line {number}: broken" if number % 10 == 0 else None
        statement = f"claim {number}"
        verdict = None if error else Verdict(statement, "supported", "asserted", number / 101, {})
        (first if number <= 40 else later).add(f"line {number}", OutputRow(number, verdict, error, statement=statement))
    tally = Tally()
    tally.take(first)
    tally.take(later)
    told = tally.to_text(Style())
    assert told.startswith("100 rows\n")
    assert "✓ supported           90   90 %" in told
    assert "! in error            10   10 %" in told
    assert [n for n in range(1, 101) if f"line {n}: broken" in told] == [10, 20, 30]
    assert [n for n in range(1, 101) if f"line {n}: claim" in told] == [1, 2, 3]


def test_dask_is_missed_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from magcheck.files.cluster import dask_cluster

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MagcheckError, match=r"magcheck\[dask\]"), dask_cluster("tcp://127.0.0.1:1"):
        pass


@pytest.mark.filterwarnings("ignore")
def test_on_a_dask_cluster_a_killed_worker_costs_nothing(tmp_path: Path, long: Path) -> None:
    distributed = pytest.importorskip("distributed")
    alone, output = tmp_path / "alone.jsonl", tmp_path / "out.jsonl"
    long.write_text("".join(long.read_text().splitlines(keepends=True)[:3000]))
    subprocess.run(command(str(long), "-o", str(alone), "-q"), check=True)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    with cluster:
        run = started(long, output, "--dask", cluster.scheduler_address)
        assert cluster.scheduler.tasks
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        assert output.read_bytes().count(b"\n") < 3000
        _, told = run.communicate(timeout=120)
    assert run.returncode == 0, told.decode()
    assert b"3,000 rows" in told
    assert output.read_bytes() == alone.read_bytes()


def test_a_dask_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from magcheck.files import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with pytest.raises(MagcheckError, match="no scheduler answers"), cluster.dask_cluster("tcp://127.0.0.1:1"):
        pass


def test_an_output_that_is_an_input_is_refused_for_prose_too(tmp_path: Path) -> None:
    text = tmp_path / "a.md"
    text.write_text("Magnesium prevents ALS, they say.\n")
    for paths in ([str(text)], [str(tmp_path)]):
        for name in ("text", "csv", "html"):
            with pytest.raises(InputError, match="is an input too"):
                run_prose(paths, name, text)
    assert text.read_text().startswith("Magnesium")


@pytest.mark.parametrize("name", ["jsonl", "html"])
def test_an_output_that_cannot_be_is_told_with_a_way_out(tmp_path: Path, many: Path, name: str) -> None:
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        run(many, name, tmp_path)
    with pytest.raises(InputError, match="there is no folder"):
        run(many, name, tmp_path / "none" / "out")
