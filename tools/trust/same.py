"""The same answer: bit-identical verdicts whatever process, hash seed, number of jobs, chunk, order or company."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from magcheck import Checker
from magcheck.corpus import load
from magcheck.files.batch import run_batch
from magcheck.files.readers import Reader
from magcheck.files.sources import Source
from trust.runs import magcheck
from trust.setting import Setting
from trust.table import Check, none_of


def run(setting: Setting) -> list[Check]:
    """Compare every way of checking the same statements."""
    count = setting.size(150, 5_000)
    rows = load().rows
    texts = [row.statement for row in setting.rng("same").sample(rows, min(count, len(rows)))]
    # Beside ordinary statements, some whose features are few, many, or cannot be told.
    texts += ["?", "magnesium", "not " * 300, "ALS " * 500, "ø", "Magnesium prevents ALS " * 90]
    checker = setting.packaged
    once = {text: json.dumps(checker.check(text).to_dict()) for text in texts}
    checks = []

    def compare(what: str, said: Callable[[], dict[str, str]]) -> None:
        found = said()
        other = [text for text in texts if found.get(text) != once[text]]
        for text in other[:3]:
            setting.log.note(what, text=text, before=once[text][:300], after=(found.get(text) or "")[:300])
        checks.append(none_of(what, len(other), len(texts), "verdicts differ"))

    def in_order(order: list[str], fresh: bool) -> dict[str, str]:
        one = Checker(checker.model) if not fresh else Checker.load()
        return {verdict.statement: json.dumps(verdict.to_dict()) for verdict in one.check_many(order)}

    shuffled = setting.rng("order").sample(texts, len(texts))
    compare("order reversed", lambda: in_order(texts[::-1], fresh=True))
    compare("order shuffled, twice over", lambda: in_order(shuffled + texts, fresh=False))
    alone = texts[:: max(1, len(texts) // setting.size(4, 40))]

    def each_alone() -> dict[str, str]:
        found = dict(once)
        for text in alone:
            found[text] = json.dumps(Checker.load().check(text).to_dict())
        return found

    compare(f"{len(alone)} of them alone, the model read anew", each_alone)
    with tempfile.TemporaryDirectory(prefix="trust-") as name:
        folder = Path(name)
        (folder / "in.jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
        checks += _batches(setting, folder)
        checks += _processes(setting, folder)
    return checks


def _batches(setting: Setting, folder: Path) -> list[Check]:
    """Compare the bytes that batches of other shapes write."""
    wanted, bad = b"", 0
    shapes = [(1, 256), (1, 1), (1, 7), (1, 10_000), (2, 256), (2, 13)]
    for jobs, chunk in shapes:
        output = folder / f"out-{jobs}-{chunk}.jsonl"
        with Source(str(folder / "in.jsonl")) as source:
            run_batch(Reader(source), "jsonl", output, jobs=jobs, chunk=chunk, worth=1)
        data = output.read_bytes()
        wanted = wanted or data
        if data != wanted:
            bad += 1
            setting.log.note("batches of other shapes", jobs=jobs, chunk=chunk)
    what = "jobs 1 and 2, chunks of 1 to 10,000"
    return [none_of(what, bad, len(shapes), "batches differ")]


def _processes(setting: Setting, folder: Path) -> list[Check]:
    """Compare what processes with other hash seeds and threads print."""
    ways = ({"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "4294967295"},
            {"PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"})  # fmt: skip
    digests = set()
    for way in ways:
        done = magcheck(["batch", "in.jsonl", "-q", "-f", "jsonl"], folder, folder, more=way)
        digests.add((done.returncode, hashlib.sha256(done.stdout).hexdigest()))
    with (folder / "out-1-256.jsonl").open("rb") as file:
        digests.add((0, hashlib.file_digest(file, "sha256").hexdigest()))
    what = "other processes, hash seeds, threads"
    return [none_of(what, len(digests) - 1, len(ways), "processes differ")]
