"""Measures magcheck beside references in the same run, and rewrites docs/performance.md.

    python benchmarks/run.py            the table (about three minutes)
    python benchmarks/run.py --full     also a million statements with one job and with two, and training

Every time is a ratio to a reference measured a moment before on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
MAGCHECK = [sys.executable, "-m", "magcheck"]
COMMAND = str(Path(sys.executable).with_name("magcheck"))
MARK = "<!-- figures: benchmarks/run.py -->"
Row = tuple[str, str, str, bool | None]


def seconds(command: Sequence[str], runs: int = 15) -> float:
    """Return the median wall-clock time of a command."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def ratio(command: Sequence[str], reference: Sequence[str], runs: int = 15) -> float:
    """Return the median, over runs in turn, of a command's time beside the reference's."""
    return statistics.median(seconds(command, 1) / seconds(reference, 1) for _ in range(runs))


def peak(command: Sequence[str]) -> float:
    """Return the peak memory of a command, in MiB."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
        "stderr=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def statements(count: int) -> list[str]:
    """Return statements of the corpus, over and over, each slightly another."""
    from magcheck.corpus import load

    rows = load().rows
    return [f"{rows[at % len(rows)].statement} {at // len(rows) or ''}".strip() for at in range(count)]


def cold() -> list[Row]:
    """Measure whole processes."""
    numpy = [sys.executable, "-c", "import numpy"]
    rows: list[Row] = []
    for what, command, goal in (
        ('one answer, cold (`magcheck "…"`)', [COMMAND, "Magnesium prevents ALS"], 1.5),
        ("`magcheck --help`", [COMMAND, "--help"], 1.0),
        ("`magcheck --version`", [COMMAND, "--version"], 1.0),
        ("a usage error", [COMMAND, "--nonsense"], 1.0),
    ):
        found = ratio(command, numpy)
        rows.append((what, f"{found:.2f} × `import numpy`", f"≤ {goal} ×", found <= goal))
    return rows


def warm() -> list[Row]:
    """Measure single answers in one process."""
    from magcheck import Checker

    checker = Checker.load()
    texts = statements(6000)
    for text in texts[:1000]:
        checker.check(text)
    times = []
    for text in texts[1000:]:
        start = time.perf_counter()
        checker.check(text)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    median, late = times[len(times) // 2], times[len(times) * 99 // 100]
    rows: list[Row] = [
        ("one answer, warm, median", f"{median:.2f} ms", "≤ 1 ms", median <= 1),
        ("one answer, warm, 99th percentile", f"{late:.2f} ms", "≤ 5 ms", late <= 5),
    ]
    start = time.perf_counter()
    try:
        checker.check("magnesium prevents als " * 4500)
    except Exception as error:  # noqa: BLE001 - a refusal is an answer here
        what = type(error).__name__
    took = (time.perf_counter() - start) * 1000
    rows.append(("a statement of 100,000 characters", f"{what} after {took:.1f} ms", "≤ 100 ms", took <= 100))
    return rows


def reference(texts: Sequence[str]) -> Callable[[], float]:
    """Return what measures how many statements a second the usual scikit-learn pipeline labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    from magcheck.corpus import load

    rows = load().rows[::4]
    pipeline = make_pipeline(
        make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))),
        LogisticRegression(max_iter=200),
    ).fit([row.statement for row in rows], [row.label for row in rows])

    def rate() -> float:
        start = time.perf_counter()
        pipeline.predict_proba(texts)
        return len(texts) / (time.perf_counter() - start)

    return rate


def batch_seconds(count: int, jobs: int, folder: Path) -> float:
    """Return how long `magcheck batch` takes over `count` statements."""
    source = folder / f"{count}.txt"
    if not source.exists():
        source.write_text("\n".join(statements(count)) + "\n", encoding="utf-8")
    start = time.perf_counter()
    subprocess.run(
        [*MAGCHECK, "batch", str(source), "-o", str(folder / "out.jsonl"), "--jobs", str(jobs)],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def batch(folder: Path, full: bool) -> tuple[list[Row], list[tuple[int, float]]]:
    """Measure batches, and how their time grows."""
    # A fifth of the statements, the same ones: all at once would not fit the reference's matrix.
    tfidf = reference(statements(100_000)[::5])
    curve = [(count, batch_seconds(count, 1, folder)) for count in (1_000, 10_000)]
    start_up = curve[0][1] - (curve[1][1] - curve[0][1]) / 9
    # In turn, since a machine that others share is not equally fast from one minute to the next.
    rounds = [(tfidf(), batch_seconds(100_000, 1, folder)) for _ in range(3)]
    curve.append((100_000, statistics.median(took for _, took in rounds)))
    rates = [(known, 100_000 / (took - start_up)) for known, took in rounds]
    times = statistics.median(own / known for known, own in rates)
    known, own = (statistics.median(column) for column in zip(*rates, strict=True))
    rows: list[Row] = [
        (
            "batch, one process, with passages and confidence",
            f"{own:,.0f}/s, {times:.2f} × TF-IDF's {known:,.0f}/s",
            "≥ 1.0 ×",
            times >= 1,
        )
    ]
    if full:
        one, two = batch_seconds(1_000_000, 1, folder), batch_seconds(1_000_000, 2, folder)
        curve.append((1_000_000, one))
        rows.append(("batch, two jobs, a million", f"{one / two:.2f} × one process", "≥ 1.7 ×", one >= 1.7 * two))
    one_answer = peak([COMMAND, "Magnesium prevents ALS"])
    long_batch = peak([*MAGCHECK, "batch", str(folder / "100000.txt"), "-o", str(folder / "out.jsonl"), "--jobs", "1"])
    short_batch = peak([*MAGCHECK, "batch", str(folder / "10000.txt"), "-o", str(folder / "out.jsonl"), "--jobs", "1"])
    rows += [
        ("peak memory, one answer", f"{one_answer:.0f} MiB", "≤ 60 MiB", one_answer <= 60),
        (
            "peak memory, a batch of 100,000 (of 10,000)",
            f"{long_batch:.0f} ({short_batch:.0f}) MiB",
            "≤ 150 MiB",
            long_batch <= 150,
        ),
    ]
    return rows, curve


def sizes(folder: Path) -> list[Row]:
    """Measure what is installed."""
    model = (REPOSITORY / "models" / "magcheck.npz").stat().st_size / 1e6
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder / "dist"), str(REPOSITORY)],
        check=True,
        capture_output=True,
    )
    wheel = next((folder / "dist").glob("*.whl")).stat().st_size / 1e6
    return [
        ("model file", f"{model:.2f} MB", "≤ 3 MB", model <= 3),
        ("wheel", f"{wheel:.2f} MB", "≤ 5 MB", wheel <= 5),
    ]


def training(folder: Path) -> list[Row]:
    """Measure training on the whole corpus."""
    start = time.perf_counter()
    subprocess.run([*MAGCHECK, "train", "--output", str(folder / "m.npz")], check=True, capture_output=True)
    took = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return [("training, whole corpus", f"{took / 60:.1f} minutes, {used:.1f} GiB", "≤ 5 minutes", took <= 300)]


def plot(curve: Sequence[tuple[int, float]]) -> str:
    """Draw seconds over statements, both logarithmic, as an SVG."""
    from math import log10

    def place(count: float, took: float) -> tuple[float, float]:
        return 60 + (log10(count) - 3) * 120, 220 - (log10(took) + 1) * 50

    points = [place(*one) for one in curve]
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    ticks = "".join(
        f'<text x="{60 + at * 120}" y="245" text-anchor="middle">10{"³⁴⁵⁶"[at]}</text>' for at in range(4)
    ) + "".join(f'<text x="52" y="{174 - at * 50}" text-anchor="end">{10**at} s</text>' for at in range(4))
    dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#2563a8"/>' for x, y in points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="460" height="260" font-family="sans-serif" font-size="12" '
        'fill="#777"><title>Seconds of magcheck batch over statements</title>'
        f'<polyline points="{path}" fill="none" stroke="#2563a8" stroke-width="2"/>{dots}{ticks}</svg>\n'
    )


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also a million statements, and training")
    full = parser.parse_args().full
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps: list[Callable[[], list[Row]]] = [cold, warm, lambda: sizes(folder)]
        for step in steps:
            rows += step()
        more, curve = batch(folder, full)
        rows += more
        if full:
            rows += training(folder)
    lines = ["| what | measured | goal | |", "|---|---|---|---|"]
    lines += [f"| {what} | {found} | {goal} | {'yes' if met else '**no**'} |" for what, found, goal, met in rows]
    table = "\n".join(lines)
    versions = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    page = REPOSITORY / "docs" / "performance.md"
    head, _, rest = page.read_text(encoding="utf-8").partition(MARK)
    _, _, tail = rest.partition(MARK)
    page.write_text(f"{head}{MARK}\n\n{versions}\n\n{table}\n\n{MARK}{tail}", encoding="utf-8")
    (REPOSITORY / "docs" / "linear.svg").write_text(plot(curve), encoding="utf-8")
    print(table)
    print(json.dumps({"curve": curve}))


if __name__ == "__main__":
    main()
