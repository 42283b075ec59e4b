"""Measures from what size of file more processes pay, and a Dask cluster, and rewrites the table in docs/files.md.

    python benchmarks/workers.py

The cluster is one of two workers with a thread each on this machine, ready and warm, as a cluster is. What others
work at meanwhile goes into the figures: run it at rest.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distributed import LocalCluster
from run import MAGCHECK, REPOSITORY, statements

SIZES = (5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
ROUNDS = 2
PAGE = REPOSITORY / "docs" / "files.md"
MARK = "<!-- figures: benchmarks/workers.py -->"


def seconds(source: Path, output: Path, *options: str) -> float:
    """Return how long `magcheck batch` takes with some options, the best of a few."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([*MAGCHECK, "batch", str(source), "-o", str(output), *options], check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return min(found)


def measured(folder: Path, address: str) -> list[str]:
    """Return a line for each size; raise RuntimeError where outputs differ."""
    ways = {"one": ["--jobs", "1"], "two": ["--jobs", "2"], "dask": ["--dask", address]}
    lines = []
    for size in SIZES:
        source = folder / f"{size}.txt"
        source.write_text("\n".join(statements(size)) + "\n", encoding="utf-8")
        took = {way: seconds(source, folder / f"{way}.jsonl", *options) for way, options in ways.items()}
        one, two, dask = ((folder / f"{way}.jsonl").read_bytes() for way in ways)
        if not one == two == dask:
            raise RuntimeError(f"{size:,} rows: outputs differ")
        shares = (f"{took[way]:.1f} s ({took['one'] / took[way]:.2f} ×)" for way in ("two", "dask"))
        lines.append(f"| {size:,} | {took['one']:.1f} s | {' | '.join(shares)} |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Measure and rewrite the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
    ):
        lines = measured(Path(name), str(cluster.scheduler_address))
    head = ["| rows | one process | `--jobs 2` | `--dask`, two workers |", "|---|---|---|---|"]
    versions = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; the same bytes."
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    content = "\n".join((*head, *lines))
    PAGE.write_text(f"{before}{MARK}\n\n{content}\n\n{versions}\n\n{MARK}{rest.partition(MARK)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
