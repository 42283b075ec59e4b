"""The command: options, the parts one after another, the table, and the docs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

if not __package__:  # Run as a folder, "python tools/trust": the package is found beside it.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from trust import __doc__ as about
from trust.setting import HELD_OUT, REPOSITORY, Setting, say
from trust.table import Check, Log, rewrite, to_text

PARTS = ("invariance", "direction", "calibration", "far", "fuzz", "same", "security", "advisories", "load")
# What a model made in seconds, or a handful of statements, says of these is no verdict on the product.
_OF_SIZE = frozenset(("invariance", "direction", "calibration", "far"))
PAGE = REPOSITORY / "docs" / "trust.md"


def main() -> int:
    """Run the parts; return 1 where a goal is not met."""
    given = _options()
    setting = Setting(
        full=given.full,
        share=given.share,
        model=given.model,
        held_out=tuple(given.held_out.split(",")),
        gold=given.gold,
        jobs=given.jobs,
        seed=given.seed,
        log=Log(given.log),
    )
    if given.again:
        from trust.fuzz import again

        kind, number = given.again
        again(kind, number, given.seed)
        return 0
    missed = False
    for part in given.only or PARTS:
        began = time.monotonic()
        run: Callable[[Setting], list[Check]] = import_module(f"trust.{part}").run
        checks = run(setting)
        print(f"\n== {part} ({time.monotonic() - began:.0f} s)\n{to_text(checks)}", flush=True)
        if given.full or given.write:
            PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), part, checks), encoding="utf-8")
        missed |= (given.full or part not in _OF_SIZE) and any(check.met is False for check in checks)
    if setting.log.first:
        print(f"\n== the first of what failed\n{setting.log.to_text()}")
    say("a goal is not met" if missed else "done")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="trust", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="full size; the tables of docs/trust.md are rewritten")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="fuzz and load at an Nth of the full size")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    parser.add_argument(
        "--gold", type=Path, metavar="FILE", help="labelled statements outside the corpus, to check as well"
    )
    parser.add_argument(
        "--held-out",
        default=",".join(HELD_OUT),
        metavar="VOICES",
        help="not to be learnt from, by commas (%(default)s)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="model without those; made and kept there if it is missing"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every random choice (%(default)s)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write everything that failed there, as JSON Lines")
    parser.add_argument(
        "--again", nargs=2, metavar=("KIND", "NUMBER"), help="feed one input of the part fuzz once more"
    )
    parser.add_argument("--write", action="store_true", help="rewrite the tables at the small size too")
    given = parser.parse_args()
    if given.gold and not given.gold.exists():
        parser.error(f"--gold: {given.gold} is missing")
    return given


if __name__ == "__main__":
    sys.exit(main())
