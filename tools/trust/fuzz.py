"""Any text: broken inputs by the many, random and coverage-guided, and what they break."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from random import Random

from trust.setting import REPOSITORY, Setting, say
from trust.table import Check, none_of
from trust.targets import KINDS, SECONDS, Targets

# How many inputs of each kind. A file costs ten times what a statement does, and a model fifty times.
_SMALL = {"statement": 600, "batch": 150, "corpus": 300, "model": 100, "forged": 60}
_FULL = {"statement": 610_000, "batch": 120_000, "corpus": 180_000, "model": 40_000, "forged": 10_000}
_GUIDED = 10_000
_CHUNK = {"statement": 500, "batch": 50, "corpus": 300, "model": 50, "forged": 25}
_CALLED = {
    "statement": "statements",
    "batch": "batch files, every format",
    "corpus": "corpus files",
    "model": "model files, damaged",
    "forged": "model files, whole but wrong",
}

_targets: Targets | None = None
# One folder for all that a worker writes, which goes with it.
_folder: tempfile.TemporaryDirectory[str] | None = None

Fault = tuple[str, int, str, str]


def own_targets() -> Targets:
    """Return the targets of this process."""
    global _targets, _folder
    if _targets is None:
        _folder = tempfile.TemporaryDirectory(prefix="trust-")
        _targets = Targets(Path(_folder.name))
    return _targets


def feed(kind: str, seed: int, numbers: range) -> list[Fault]:
    """Feed inputs of a kind, each known by its number; return those that broke something, with what and where."""
    targets = own_targets()
    faults = []
    for number in numbers:
        try:
            targets.feed(kind, Random(f"{kind} {seed} {number}"))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            faults.append((kind, number, where(error), "; ".join(getattr(error, "__notes__", ()))))
    return faults


def again(kind: str, number: str, seed: int) -> None:
    """Feed one input once more, and let through what it raises."""
    print(own_targets().feed(kind, Random(f"{kind} {seed} {number}")))


def where(error: BaseException) -> str:
    """Return what was raised, and the last line of the product that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/magcheck/" in frame.filename] or frames[-1:]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"
    # Sizes differ from input to input, the defect is the same.
    return f"{type(error).__name__} at {place}: {re.sub(r'[0-9]+', 'N', str(error)):.80}"


def run(setting: Setting) -> list[Check]:
    """Feed every kind of input, at random and, where atheris is installed, guided by coverage."""
    sizes = {kind: setting.counted(_SMALL[kind], _FULL[kind]) for kind in KINDS}
    checks = []
    for kind in KINDS:
        say(f"{sizes[kind]:,} inputs of the kind {kind}")
        faults = random_faults(kind, setting.seed, sizes[kind], setting.jobs)
        for text, count in Counter(fault[2] for fault in faults).most_common():
            first = next(fault for fault in faults if fault[2] == text)
            setting.log.note(f"any text: {kind}", defect=text, times=count, number=first[1], input=first[3])
        checks.append(none_of(f"{_CALLED[kind]}: crash, hang, unsound output", len(faults), sizes[kind], "inputs"))
    checks.append(_guided(setting))
    return checks


def random_faults(kind: str, seed: int, count: int, jobs: int) -> list[Fault]:
    """Feed `count` random inputs of a kind, in so many processes."""
    size = _CHUNK[kind]
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    if jobs == 1:
        return [fault for numbers in parts for fault in feed(kind, seed, numbers)]
    faults: list[Fault] = []
    with ProcessPoolExecutor(jobs) as pool:
        for numbers, future in [(numbers, pool.submit(feed, kind, seed, numbers)) for numbers in parts]:
            try:
                faults += future.result()
            except BrokenProcessPool:
                faults.append((kind, numbers.start, "the process died", f"one of {numbers}"))
    return faults


def _guided(setting: Setting) -> Check:
    """Run the coverage-guided harness, each kind in a process of its own."""
    what = "coverage-guided (atheris): crash or hang"
    if importlib.util.find_spec("atheris") is None:
        return Check(what, "not run: atheris is not installed", "0")
    count = setting.counted(100, _GUIDED)
    bad = done = 0
    for kind in ("statement", "batch", "corpus", "model") if setting.full else ("batch", "model"):
        say(f"{count:,} inputs of the kind {kind}, guided by coverage")
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                str(REPOSITORY / "tools" / "fuzz.py"),
                kind,
                f"-runs={count}",
                f"-seed={setting.seed + 1}",
            ]
            command += [f"-timeout={SECONDS:.0f}", "-rss_limit_mb=4096", f"-artifact_prefix={folder}/"]
            ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        runs = re.findall(r"^(?:Done |#)(\d+)", ended.stderr, re.MULTILINE)
        done += int(runs[-1]) if runs else 0
        if ended.returncode:
            bad += 1
            setting.log.note(f"any text: {kind}, guided", code=ended.returncode, said=ended.stderr[-3000:])
    return none_of(what, bad, done, "inputs")
