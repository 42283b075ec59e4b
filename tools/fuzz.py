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

import atheris

with atheris.instrument_imports(include=["magcheck"], exclude=["magcheck.training"]):
    import magcheck.checker
    import magcheck.corpus
    import magcheck.files.batch
    import magcheck.files.prose
    import magcheck.files.report
    import magcheck.model

from trust.targets import FORMATS, KINDS, Targets

from magcheck import MagcheckError

_NAMES = ("in.txt", "in.csv", "in.tsv", "in.jsonl", "in.json", "in.xlsx", "in.md", "in")
_PARTS = ("statements", "document.md", "lexicon.tsv")


def main() -> None:
    """Feed one kind of input until libFuzzer has enough."""
    if len(sys.argv) < 2 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: fuzz.py {'|'.join(KINDS)} [libFuzzer options]")
    kind = sys.argv.pop(1)
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        targets = Targets(Path(folder))

        def one(data: bytes) -> None:
            given = atheris.FuzzedDataProvider(data)
            with contextlib.suppress(MagcheckError):
                if kind == "statement":
                    targets.statement(given.ConsumeUnicode(len(data)))
                elif kind == "batch":
                    name, form = given.PickValueInList(list(_NAMES)), given.PickValueInList(list(FORMATS))
                    header = given.ConsumeBool()
                    targets.batch(name, given.ConsumeBytes(len(data)), form, None, header)
                elif kind == "corpus":
                    targets.corpus(given.PickValueInList(list(_PARTS)), given.ConsumeBytes(len(data)))
                else:
                    targets.model(data)

        if kind == "model" and not any(Path(arg).exists() for arg in sys.argv[1:]):
            # Without one whole model to start from, no input would get past the first bytes.
            seeds = Path(folder) / "seeds"
            seeds.mkdir()
            (seeds / "small.npz").write_bytes(targets.small.read_bytes())
            sys.argv.append(str(seeds))
        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
