"""What was found: checks with their goals, as a table for the screen and for the docs, and a log of what failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WORD = {True: "yes", False: "NO", None: ""}
_HEADS = ("check", "figure", "goal", "met")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table: what was measured, what came out, and what should have.

    Attributes
    ----------
    what, figure, goal
        In words.
    met
        Whether the goal is reached; None where there is none.
    """

    what: str
    figure: str
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, str, str, str]:
        """Return the line's cells."""
        return self.what, self.figure, self.goal, _WORD[self.met]


@dataclass(slots=True)
class Log:
    """Notes everything that failed, with the input that shows it.

    Attributes
    ----------
    path
        A JSON Lines file; None keeps only the first of each kind in memory.
    first
        The first few of each kind.
    """

    path: Path | None = None
    first: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def note(self, check: str, **facts: Any) -> None:
        """Note a failure of `check`."""
        kept = self.first.setdefault(check, [])
        if len(kept) < 3:
            kept.append(facts)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"check": check, **facts}, ensure_ascii=True) + "\n")

    def to_text(self) -> str:
        """Return the first failures of each kind, a line each."""
        lines = []
        for check, kept in self.first.items():
            for facts in kept:
                told = ", ".join(f"{name} {value!a:.300}" for name, value in facts.items())
                lines.append(f"  {check}: {told}")
        return "\n".join(lines)


def share(check: str, count: int, total: int, goal: float, least: bool = False) -> Check:
    """Return the check that `count` of `total` is at most `goal`, or at least, a share."""
    sign = "≥" if least else "≤"
    if not total:
        return Check(check, "no statement that it applies to", f"{sign} {goal:.0%}", None)
    found = count / total
    return Check(check, f"{found:.1%} of {total:,}", f"{sign} {goal:.0%}", found >= goal if least else found <= goal)


def none_of(check: str, bad: int, total: int, noun: str) -> Check:
    """Return the check that none of `total` things is bad."""
    return Check(check, f"{bad:,} of {total:,} {noun}", "0", bad == 0)


def to_text(checks: Iterable[Check]) -> str:
    """Return checks as a table in plain text."""
    rows = [_HEADS, *(check.cells() for check in checks)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def to_markdown(checks: Sequence[Check]) -> str:
    """Return checks as a table in Markdown."""
    rows = [_HEADS, ("---",) * len(_HEADS), *(check.cells() for check in checks)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def rewrite(page: str, part: str, checks: Sequence[Check]) -> str:
    """Return `page` with the table between ``<!-- trust: part -->`` and ``<!-- /trust -->`` made anew.

    Raises
    ------
    ValueError
        If the page has no such marks.
    """
    marks = re.compile(rf"(<!-- trust: {re.escape(part)} -->\n).*?(<!-- /trust -->)", re.DOTALL)
    table = to_markdown(checks)
    page, count = marks.subn(lambda found: f"{found[1]}{table}\n{found[2]}", page)
    if count != 1:
        raise ValueError(f"the page has {count} places for the table of {part!r}")
    return page
