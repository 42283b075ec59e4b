"""An evaluation as one page of HTML: no script, nothing fetched, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from magcheck.training import figures

if TYPE_CHECKING:
    from magcheck.training.evaluate import Evaluation, Mistake

MISTAKES = 500

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6775; --paper: #fbfaf7; --line: #dcd8cf;
  --good: #1f7a5a; --bad: #b3432f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e3dc; --soft: #a3a9b0; --paper: #16191d;
  --line: #363b42; --good: #55c195; --bad: #ee8069; } }
body { margin: 2rem auto; padding: 0 1rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p.note, figcaption, .said { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid var(--line); text-align: left; }
td { text-align: right; }
.drawings { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
figure { margin: 0; } svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
.hit { fill: var(--good); } .miss { fill: var(--bad); } .bar { fill: var(--good); fill-opacity: .75; }
.track { fill: var(--line); fill-opacity: .5; } polyline { fill: none; }
.curve { stroke: var(--good); stroke-width: 2; } .grid { stroke: var(--line); }
.guide { stroke: var(--soft); stroke-dasharray: 4 4; }
ol li { margin: .7rem 0; overflow-wrap: anywhere; }
""".strip()


def page(evaluation: Evaluation, title: str) -> str:
    """Return the page of `evaluation`; of the mistakes, the `MISTAKES` most confident."""
    shown = evaluation.mistakes[:MISTAKES]
    parts = [
        f"<h1>{text(title)}</h1>",
        f"<p>{evaluation.n:,} labelled statements, {len(evaluation.mistakes):,} of them labelled wrong. "
        "Intervals are 95 % by bootstrap, contrast groups drawn as a whole.</p>",
        f'<h2>Figures</h2><div class="drawings">{_table(evaluation)}',
        _drawing(figures.confusion(evaluation.confusion), "Right label in rows, given label in columns"),
        '</div><h2>Confidence</h2><div class="drawings">',
        _drawing(figures.reliability(evaluation.reliability), "Reliability: accuracy by confidence"),
        _drawing(figures.risk_coverage(evaluation.risk_coverage), "Risk and coverage: mistakes among the surest"),
        "</div>",
    ]
    for kind, shares in (("tag", evaluation.tags), ("voice", evaluation.voices)):
        if shares:
            parts.append(f"<h2>By {kind}</h2>{figures.bars(shares)}")
    if shown:
        left_out = len(evaluation.mistakes) - len(shown)
        rest = f" The {left_out:,} least confident are left out." if left_out else ""
        parts.append(f'<h2>Mistakes to read</h2><p class="note">The most confident first.{rest}</p>')
        parts.append(f"<ol>{''.join(_mistake(one) for one in shown)}</ol>")
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{text(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def text(raw: str) -> str:
    """Return `raw` as text of a page; a lone surrogate, which no page can hold, becomes a question mark."""
    return escape(raw.encode("utf-8", "replace").decode("utf-8"))


def _drawing(drawing: str, caption: str) -> str:
    return f"<figure>{drawing}<figcaption>{text(caption)}</figcaption></figure>"


def _table(evaluation: Evaluation) -> str:
    rows = []
    for name, figure in evaluation.figures.items():
        interval = "" if figure.low is None else f"{figure.low:.3f} to {figure.high:.3f}"
        rows.append(f"<tr><th>{text(name)}</th><td>{figure.value:.3f}</td><td>{interval}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _mistake(mistake: Mistake) -> str:
    row, verdict = mistake.row, mistake.verdict
    evidence = f", by {', '.join(row.evidence)}" if row.evidence else ""
    passage = ""
    if verdict.passages:
        first = verdict.passages[0]
        passage = f"<br>It showed {text(', '.join(first.source))}: {text(first.text)}"
    tags = f" Tags: {text(', '.join(row.tags))}." if row.tags else ""
    return (
        f'<li>{text(row.statement)}<div class="said">{text(row.id)}: is <b>{row.label}</b> '
        f"({row.basis}{text(evidence)}), said <b>{text(verdict.label)}</b> ({text(verdict.basis)}) with "
        f"{verdict.confidence:.3f}.{tags}{passage}</div></li>"
    )
