"""Load: a stream without end in flat memory, no row lost; and a batch killed at any moment and gone on with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO

from magcheck.corpus import load
from magcheck.paths import model_file
from trust.runs import COMMAND, environment
from trust.setting import Setting, say
from trust.table import Check, none_of

_MODEL = "model.npz"
_FORMATS = ("jsonl", "csv", "json", "tsv", "markdown")
# Memory may still grow by this share, or so many MiB, after the first fifth: caches of words fill up to their bounds.
_GROWTH, _ROOM = 1.1, 24.0


def run(setting: Setting) -> list[Check]:
    """Send a stream through, and kill and resume batches."""
    with tempfile.TemporaryDirectory(prefix="trust-") as name:
        folder = Path(name)
        prepare(folder)
        checks = stream(setting, setting.counted(20_000, 10_000_000), folder)
        checks.append(killed(setting, setting.size(3, 20), setting.size(1_500, 20_000), folder))
    return checks


def prepare(folder: Path) -> None:
    """Put a copy of the packaged model into `folder`: were that replaced meanwhile, no batch could be gone on with."""
    shutil.copy(model_file(), folder / _MODEL)


def lines(count: int, texts: list[str]) -> Iterator[bytes]:
    """Yield rows without end of variety: numbered statements of the corpus, slightly other each round, and bad rows."""
    for number in range(count):
        text = texts[number % len(texts)]
        if number % 1_009 == 1_008:
            yield b'{"id": %d, "statement": "broken\n' % number
        elif number % 1_013 == 1_012:
            yield b'{"id": %d, "statement": " "}\n' % number
        else:
            turn = number // len(texts)
            yield json.dumps({"id": number, "statement": f"{text} {turn}" if turn else text}).encode() + b"\n"


def stream(setting: Setting, count: int, folder: Path) -> list[Check]:
    """Send `count` rows through ``magcheck batch -``; every answer must be the row's, and memory level."""
    texts = [row.statement for row in load().rows]
    say(f"a stream of {count:,} statements")
    args = ["batch", "-", "--from", "jsonl", "-f", "jsonl", "-q", "--jobs", str(setting.jobs), "--model", _MODEL]
    lost = came = 0
    memory: list[tuple[int, float]] = []
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *args],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        sink, source = process.stdin, process.stdout
        assert sink is not None
        assert source is not None
        feeder = threading.Thread(target=_feed, args=(sink, lines(count, texts)), daemon=True)
        feeder.start()
        for line, asked in zip(source, lines(count, texts), strict=False):
            if not is_answer(line, asked):
                lost += 1
                setting.log.note("stream", asked=asked.decode(), came=line[:300].decode(errors="replace"))
            came += 1
            if came % max(count // 200, 1) == 0:
                memory.append((came, _memory(process.pid)))
        surplus = sum(1 for _ in source)
        feeder.join()
    took = time.monotonic() - began
    lost += abs(count - came) + surplus + (process.returncode != 0)
    if not memory:
        return [Check("stream: rows lost, out of place or unanswered", f"all {count:,} rows", "0", False)]
    early = max(used for at, used in memory if at <= count / 5)
    late = max(used for at, used in memory if at > count / 5)
    flat = late <= max(early * _GROWTH, early + _ROOM)
    return [
        Check(
            "stream: rows lost, out of place or unanswered",
            f"{lost:,} of {count:,} rows ({took / 60:.1f} min)",
            "0",
            lost == 0,
        ),
        Check("stream: memory after the first fifth", f"{early:.0f} → {late:.0f} MiB", "level", flat),
    ]


def _feed(sink: IO[bytes], given: Iterator[bytes]) -> None:
    try:
        for line in given:
            sink.write(line)
        sink.close()
    except BrokenPipeError:
        pass  # The process ended early, which its rows and its code tell.


def is_answer(line: bytes, asked: bytes) -> bool:
    """Return whether an output row is the answer to an input row."""
    row = json.loads(line)
    try:
        wanted = json.loads(asked)
    except ValueError:
        return row["label"] is None and "broken JSON" in row["error"]
    if not wanted["statement"].strip():
        return (row["id"], row["label"]) == (wanted["id"], None) and "empty" in row["error"]
    right: bool = row["id"] == wanted["id"] and row["statement"] == wanted["statement"]
    return right and abs(sum(row["probabilities"].values()) - 1) < 1e-9


def _memory(pid: int) -> float:
    """Return what a process and those it started hold in memory, in MiB."""
    return sum(_resident(one) for one in _family(pid)) / 1024


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def killed(setting: Setting, times: int, count: int, folder: Path) -> Check:
    """Kill batches at random moments with SIGKILL, go on with them, and compare with what was never broken off."""
    texts = [row.statement for row in load().rows]
    given = folder / "in.jsonl"
    # Few rows have a line end within, which is where a table can be cut in two.
    given.write_bytes(
        b"".join(lines(count, [f"{text}\nand more" if at % 50 == 7 else text for at, text in enumerate(texts)]))
    )
    wanted: dict[str, bytes] = {}
    bad = 0
    for number in range(times):
        form, rng = _FORMATS[number % len(_FORMATS)], setting.rng("kill", number)
        jobs = 1 + number // len(_FORMATS) % 2 if setting.full else 1
        if form not in wanted:
            _batch(folder, f"whole.{form}", form, jobs, None, 0, rng)
            wanted[form] = (folder / f"whole.{form}").read_bytes()
        say(f"kill {number + 1} of {times}, {form}")
        output = folder / f"out-{number}.{form}"
        kills = rng.randint(1, 2)
        for _ in range(kills):
            _batch(folder, output.name, form, jobs, rng.random(), len(wanted[form]), rng)
        code = _batch(folder, output.name, form, jobs, None, 0, rng)
        if code != 0 or not output.exists() or output.read_bytes() != wanted[form]:
            bad += 1
            said = (folder / "errors").read_text(errors="replace")[-300:]
            setting.log.note(
                "killed and resumed", number=number, form=form, jobs=jobs, kills=kills, code=code, said=said
            )
        output.unlink(missing_ok=True)
    return none_of(f"{count:,} rows killed at random moments and resumed: other bytes", bad, times, "runs")


def _batch(folder: Path, output: str, form: str, jobs: int, part: float | None, size: int, rng: Random) -> int:
    """Run or go on with a batch; with a `part`, kill it when its output has grown by that part of what is missing."""
    path = folder / output
    args = ["batch", "in.jsonl", "-o", output, "-f", form, "-q", "--jobs", str(jobs), "--model", _MODEL]
    if path.exists():
        args.append("--resume")
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *args],
            cwd=folder,
            env=environment(folder),
            stderr=errors,
            start_new_session=True,
        )
    if part is None:
        return process.wait()
    have = path.stat().st_size if path.exists() else 0
    goal = have + part * (size - have)
    while process.poll() is None:
        if path.exists() and path.stat().st_size >= goal:
            # Once in a while it strikes before the first row, or long within one.
            time.sleep(rng.random() * 0.003)
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.001)
    return process.wait()
