"""Drawings of an evaluation, as SVG that takes its colours and fonts from the page around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil, sqrt
from typing import TYPE_CHECKING

from magcheck.verdict import LABELS

if TYPE_CHECKING:
    from magcheck.training.evaluate import Bin, Share

_LEFT, _TOP, _SIDE = 62.0, 12.0, 280.0


def confusion(counts: Sequence[Sequence[int]]) -> str:
    """Draw counts by right label (rows) and given label (columns), each row shaded by its shares."""
    left, top, wide, high = 110, 24, 96, 56
    parts = [_text(left + wide * (at + 0.5), 14, label, "middle") for at, label in enumerate(LABELS)]
    for row, label in enumerate(LABELS):
        y = top + high * row
        total = sum(counts[row])
        parts.append(_text(left - 8, y + high / 2 + 4, label, "end"))
        for column, count in enumerate(counts[row]):
            share = count / total if total else 0.0
            x = left + wide * column
            kind = "hit" if row == column else "miss"
            parts.append(
                f'<rect class="{kind}" x="{x}" y="{y}" width="{wide - 3}" height="{high - 3}" rx="4" '
                f'fill-opacity="{0.06 + 0.74 * share:.3f}"/>'
            )
            parts.append(_text(x + wide / 2 - 1.5, y + high / 2 + 3, f"{count:,} ({share:.0%})", "middle"))
    return _svg(left + wide * 3, top + high * 3, "Right label in rows, given label in columns", parts)


def reliability(bins: Iterable[Bin]) -> str:
    """Draw the accuracy of each bin over its mean confidence; the larger a dot, the more statements."""
    shown = list(bins)
    most = max(one.n for one in shown)
    parts = _axes("confidence", "accuracy", 1.0)
    parts.append(_line([(0.0, 0.0), (1.0, 1.0)], 1.0, "guide"))
    parts.append(_line([(one.confidence, one.accuracy) for one in shown], 1.0, "curve"))
    for one in shown:
        x, y = _at(one.confidence, one.accuracy, 1.0)
        told = f"{one.n:,} statements: confidence {one.confidence:.3f}, accuracy {one.accuracy:.3f}"
        radius = 2.5 + 6 * sqrt(one.n / most)
        dot = f'<circle class="hit" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
        parts.append(f"{dot}<title>{told}</title></circle>")
    return _square("Accuracy by confidence; on the dashed line the two are the same", parts)


def risk_coverage(points: Sequence[tuple[float, float]]) -> str:
    """Draw the share of mistakes over the share of statements answered, the most confident first."""
    top = max(0.05, ceil(max(risk for _, risk in points) * 20) / 20)
    parts = _axes("statements answered", "mistakes", top)
    parts.append(_line([(0.8, 0.0), (0.8, top)], top, "guide"))
    parts.append(_line(points, top, "curve"))
    return _square("Share of mistakes when only the most confident answers are kept", parts)


def bars(shares: Mapping[str, Share]) -> str:
    """Draw the accuracy of each kind of statement, the worst first."""
    left, wide, high = 160, 300, 20
    parts = []
    worst = sorted(shares.items(), key=lambda pair: (pair[1].accuracy, pair[0]))
    for at, (name, share) in enumerate(worst):
        y = at * high
        length = max(wide * share.accuracy, 1.0)
        parts.append(_text(left - 8, y + 14, name, "end"))
        parts.append(f'<rect class="track" x="{left}" y="{y + 3}" width="{wide}" height="14" rx="3"/>')
        parts.append(f'<rect class="bar" x="{left}" y="{y + 3}" width="{length:.1f}" height="14" rx="3"/>')
        parts.append(_text(left + wide + 8, y + 14, f"{share.accuracy:.3f} of {share.n:,}", "start"))
    return _svg(left + wide + 110, high * len(worst), "Accuracy by kind of statement", parts)


def _svg(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _square(label: str, parts: Iterable[str]) -> str:
    return _svg(_LEFT + _SIDE + 22, _TOP + _SIDE + 42, label, parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _at(x: float, y: float, top: float) -> tuple[float, float]:
    return _LEFT + _SIDE * x, _TOP + _SIDE * (1 - y / top)


def _line(points: Iterable[tuple[float, float]], top: float, kind: str) -> str:
    placed = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point, top) for point in points))
    return f'<polyline class="{kind}" points="{placed}"/>'


def _axes(across: str, up: str, top: float) -> list[str]:
    parts = []
    for step in range(6):
        x, y = _at(step / 5, top * step / 5, top)
        parts.append(_line([(0.0, top * step / 5), (1.0, top * step / 5)], top, "grid"))
        parts.append(_text(x, _TOP + _SIDE + 16, f"{step / 5:.0%}", "middle"))
        parts.append(_text(_LEFT - 6, y + 4, f"{top * step / 5:.0%}", "end"))
    parts.append(_text(_LEFT + _SIDE / 2, _TOP + _SIDE + 36, across, "middle"))
    middle = _TOP + _SIDE / 2
    turned = f'transform="rotate(-90 10 {middle})"'
    parts.append(f'<text x="10" y="{middle}" text-anchor="middle" {turned}>{escape(up)}</text>')
    return parts
