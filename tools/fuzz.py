"""Coverage-guided fuzzing of magcheck, with atheris (pip install atheris).

    python tools/fuzz.py statement -runs=100000         libFuzzer's options follow the kind
    python tools/fuzz.py model crash-1234…              one input again

The kinds are those of `trust.targets`: statement, batch, corpus, model. An input that raises anything but a
`MagcheckError`, or gives an output that is none, ends the run and is kept by libFuzzer in a file.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["magcheck"], exclude=["magcheck.training"]):
    import magcheck.checker
    import magcheck.corpus
    import magcheck.files.batch
    import magcheck.files.prose
    import magcheck.files.report
    import magcheck.model  # noqa: F401

from trust.targets import FORMATS, Targets

from magcheck import MagcheckError

KINDS = ("statement", "batch", "corpus", "model")
_NAMES = ("in.txt", "in.csv", "in.tsv", "in.jsonl", "in.json", "in.xlsx", "in.md", "in")
_PARTS = ("statements", "document.md", "lexicon.tsv", "frames.tsv")
_SEEDS = 40


def feed(targets: Targets, kind: str, data: bytes) -> None:
    """Feed bytes as an input of a kind; the first few say what they are, where there is a choice."""
    if kind == "statement":
        targets.statement(data.decode("utf-8", "surrogateescape"))
    elif kind == "model":
        targets.model(data)
    elif kind == "corpus":
        targets.corpus(_PARTS[data[0] % len(_PARTS)] if data else _PARTS[0], data[1:])
    elif len(data) > 2:
        name, form = _NAMES[data[0] % len(_NAMES)], FORMATS[data[1] % len(FORMATS)]
        targets.batch(name, data[3:], form, None, header=data[2] % 2 == 0)


def seeds(targets: Targets, kind: str) -> list[bytes]:
    """Return inputs to start from: without them, none would get past the first bytes."""
    made = [getattr(targets, f"make_{kind}")(Random(number)) for number in range(_SEEDS)]
    if kind == "statement":
        return [one[0].encode("utf-8", "surrogatepass") for one in made]
    if kind == "model":
        return [targets.small.read_bytes()]
    if kind == "corpus":
        return [bytes((_PARTS.index(one[0]),)) + one[1] for one in made]
    return [bytes((_NAMES.index(one[0]), FORMATS.index(one[2]), 0)) + one[1] for one in made]


def main() -> None:
    """Feed one kind of input until libFuzzer has enough."""
    if len(sys.argv) < 2 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: fuzz.py {'|'.join(KINDS)} [libFuzzer options]")
    kind = sys.argv.pop(1)
    with tempfile.TemporaryDirectory(prefix="trust-") as name:
        targets, start = Targets(Path(name)), Path(name) / "seeds"

        def one(data: bytes) -> None:
            with contextlib.suppress(MagcheckError):
                feed(targets, kind, data)

        if not any(Path(arg).exists() for arg in sys.argv[1:]):
            start.mkdir()
            for number, data in enumerate(seeds(targets, kind)):
                (start / str(number)).write_bytes(data)
            sys.argv.append(str(start))
        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
