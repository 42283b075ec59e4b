"""What a long run tells a person: how far it is while it goes on, and what came of it."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from magcheck.files.rows import OutputRow
from magcheck.terminal import Style, percent, printable, share
from magcheck.verdict import LABELS

_SHOWN = 3
_LONGEST = 200
_EVERY = 0.2  # Seconds between two sights of the progress.


class Progress:
    """Shows on a terminal how many rows are done, how fast, and how long the rest will take.

    Parameters
    ----------
    stream
        A terminal; on anything else, and on None, nothing is shown.
    fraction
        Tells which part of the input has been read, from 0 to 1, or None where that is not known.
    """

    def __init__(self, stream: TextIO | None, fraction: Callable[[], float | None] = lambda: None) -> None:
        self._stream = stream if stream is not None and stream.isatty() else None
        self._fraction = fraction
        self._begun = self._shown = time.monotonic()
        self._first = fraction() or 0.0
        self.rows = 0

    def step(self, rows: int) -> None:
        """Take note of rows that are done."""
        self.rows += rows
        if self._stream is not None and (now := time.monotonic()) - self._shown >= _EVERY:
            self._shown = now
            self._stream.write(f"\r\x1b[2K{self._line(now - self._begun)}")
            self._stream.flush()

    def _line(self, seconds: float) -> str:
        text = f"{self.rows:,} rows, {self.rows / seconds:,.0f} a second"
        done = self._fraction()
        if done is not None and done > self._first:
            left = seconds * (1 - done) / (done - self._first)
            text += f", {share(done)} of the file, {duration(left)} left"
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What was shown makes room for what comes next.
        if self._stream is not None:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(7), duration(95), duration(8000)
    ('7 s', '1 min 35 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Tally:
    """Counts what came of a run.

    Attributes
    ----------
    labels
        Rows of each label; None stands for those in error.
    earlier
        How many of them an earlier run left.
    """

    def __init__(self) -> None:
        self.labels: Counter[str | None] = Counter()
        self.earlier = 0
        self._errors: list[str] = []
        self._lowest: list[tuple[float, int, str]] = []

    def add(self, place: str, row: OutputRow) -> None:
        """Count a row, which stands at `place` in the input."""
        verdict = row.verdict
        self.labels[row.label] += 1
        if verdict is None:
            if len(self._errors) < _SHOWN:
                self._errors.append(row.error or "")
            return
        if len(self._lowest) < _SHOWN or -verdict.confidence > self._lowest[0][0]:
            what = f"{place}: {(row.statement or '')[:_LONGEST]}"
            self._keep((-verdict.confidence, -self.labels.total(), what))

    def _keep(self, entry: tuple[float, int, str]) -> None:
        # Of equals, those that came first are kept; the order of the numbers is turned, as a heap pops the least.
        if len(self._lowest) < _SHOWN:
            heapq.heappush(self._lowest, entry)
        else:
            heapq.heappushpop(self._lowest, entry)

    def take(self, later: Tally) -> None:
        """Count what another has counted of rows that come after."""
        before = self.labels.total()
        self.labels.update(later.labels)
        self._errors += later._errors[: _SHOWN - len(self._errors)]
        for chance, number, what in later._lowest:
            self._keep((chance, number - before, what))

    def to_text(self, style: Style, noun: str = "row") -> str:
        """Return the summary that stands at the end of a run; `noun` is what a row is called."""
        total = self.labels.total()
        lines = [f"{total:,} {noun}{'' if total == 1 else 's'}"]
        if self.earlier:
            lines[0] += f", {self.earlier:,} of them from before"
        lines += [
            f"  {style.sign(label)} {label:<11}  {count:>9,}  {share(count / total):>5}"
            for label in LABELS
            if (count := self.labels[label])
        ]
        if errors := self.labels[None]:
            lines.append(f"  {style.sign(None)} {'in error':<11}  {errors:>9,}  {share(errors / total):>5}")
            lines += [f"      {printable(error)}" for error in self._errors]
            if errors > len(self._errors):
                lines.append("      …" if style.signs else "      ...")
        if self._lowest:
            lines.append("  least sure of:")
            for chance, _, what in sorted(self._lowest, reverse=True):
                lines.append(f"    {percent(-chance):>5}  {style.cut_to(printable(what), 9)}")
        return "\n".join(lines) + "\n"
