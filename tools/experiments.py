"""Measures what docs/experiments.md shows and draws of today's corpus, and writes the model's card.

    python tools/experiments.py            (about half an hour on two cores)
    python tools/experiments.py --dev FILE      also a column for labelled statements of one's own
    python tools/experiments.py --without-curve     the learning curve stays as it is: half the time

The model in models/ must be that of the corpus as it is.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import log2
from pathlib import Path
from textwrap import shorten

import numpy as np

from magcheck import Checker, Verdict
from magcheck.corpus import Corpus, Row, load
from magcheck.training.baselines import compare
from magcheck.training.card import model_card
from magcheck.training.crossval import cross_validate
from magcheck.training.design import group_folds
from magcheck.training.evaluate import Evaluation, Share, evaluate, evaluate_file
from magcheck.training.figures import bars
from magcheck.training.fit import fit

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "experiments.md"
BOOTSTRAP = 200
SHARES = [Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(1)]
WEAKEST_VOICES = 20
LONGEST = 26  # Characters beside a bar.
GOALS: dict[str, float | str] = {
    "macro_f1": 0.93,
    "f1_supported": 0.91,
    "f1_unsupported": 0.91,
    "f1_uncertain": 0.91,
    "pairs_right": 0.85,
    "evidence_hit@1": 0.95,
    "evidence_hit@3": 0.99,
    "accuracy@80%": 0.98,
    "ece": 0.02,
    "ece_by_chance": "",  # What chance alone makes of as many statements.
}
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#555}.bar{fill:#2563a8}.track{fill:#8884}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}.bar{fill:#6aa5e8}}</style>"
)


def judged(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> Evaluation:
    """Return the evaluation of verdicts, with intervals."""
    return evaluate(rows, verdicts, bootstrap=BOOTSTRAP)


def goals(columns: Mapping[str, Evaluation]) -> str:
    """Return the figures that have goals, as a table with a column for each evaluation."""
    lines = [f"| figure | goal | {' | '.join(columns)} |", "|---|---" + "|---" * len(columns) + "|"]
    lines += [
        f"| {name} | {goal} | {' | '.join(str(found.figures.get(name, '')) for found in columns.values())} |"
        for name, goal in GOALS.items()
    ]
    return "\n".join(lines)


def by_section(corpus: Corpus, rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, Share]:
    """Return how many statements each section of the document settles, and how many of them are labelled rightly."""
    section = {
        source: shorten(passage.section, LONGEST, placeholder=" …")
        for passage in corpus.passages
        for source in passage.source
    }
    marks: dict[str, list[bool]] = defaultdict(list)
    for row, verdict in zip(rows, verdicts, strict=True):
        for name in {section[one] for one in row.evidence} or {"not addressed"}:
            marks[name].append(row.label == verdict.label)
    return {name: Share(len(found), sum(found) / len(found)) for name, found in marks.items()}


def drawn(name: str, drawing: str) -> None:
    """Write a drawing that stands by itself."""
    whole = drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", f">{_STYLE}", 1)
    (REPOSITORY / "docs" / name).write_text(whole + "\n", encoding="utf-8")


def learnt(corpus: Corpus) -> list[tuple[int, Evaluation]]:
    """Return how well statements such as people ask are labelled after learning from ever more of the others."""
    asked = [row for row in corpus.rows if row.natural]
    others = tuple(row for row in corpus.rows if not row.natural)
    part = group_folds(others, SHARES[0].denominator, 0)
    found = []
    for share in SHARES:
        known = tuple(row for row, at in zip(others, part, strict=True) if at < share * SHARES[0].denominator)
        checker = Checker(fit(replace(corpus, rows=known)))
        found.append((len(known), judged(asked, list(checker.check_many(row.statement for row in asked)))))
        print(f"{len(known):,} statements learnt: {found[-1][1].figures['macro_f1']}", flush=True)
    return found


def curve(points: Sequence[tuple[int, Evaluation]]) -> str:
    """Draw macro-F1 and the share of pairs wholly right over the statements learnt from, which double each time."""
    first = points[0][0]

    def place(count: int, value: float) -> tuple[float, float]:
        return 60 + 130 * log2(count / first), 20 + (1 - value) * 500

    parts = []
    for value in np.arange(0.6, 1.01, 0.1):
        y = place(first, float(value))[1]
        parts.append(f'<text x="44" y="{y + 4:.0f}" text-anchor="end">{value:.1f}</text>')
        parts.append(f'<line x1="52" x2="470" y1="{y:.0f}" y2="{y:.0f}" stroke="#8884"/>')
    for name, colour, words in (("macro_f1", "#2563a8", "macro-F1"), ("pairs_right", "#b3432f", "both of a pair")):
        places = [place(count, found.figures[name].value) for count, found in points]
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>' for x, y in places]
        parts.append(f'<text x="{places[-1][0]:.0f}" y="{places[-1][1] - 10:.0f}" text-anchor="end">{words}</text>')
    for count, _ in points:
        parts.append(f'<text x="{place(count, 1)[0]:.0f}" y="238" text-anchor="middle">{count:,}</text>')
    label = "Macro-F1 and pairs wholly right over statements learnt from"
    return f'<svg width="490" height="250" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def marked(page: str, name: str, content: str) -> str:
    """Return a page with `content` between the marks of a name."""
    mark, end = f"<!-- measured: {name} -->", "<!-- /measured -->"
    head, found, rest = page.partition(mark)
    if not found:
        raise SystemExit(f"{PAGE}: has no place {mark}")
    return f"{head}{mark}\n\n{content}\n\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Measure, draw and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", type=Path, help="labelled statements, as `magcheck evaluate` takes them")
    parser.add_argument("--without-curve", action="store_true", help="leave the learning curve as it is")
    options = parser.parse_args()
    dev = options.dev
    corpus, checker = load(), Checker.load()
    if checker.model.meta["corpus"]["hash"] != corpus.hash:
        raise SystemExit("the model in models/ is not that of the corpus; make it anew with: magcheck train")
    columns: dict[str, Evaluation] = {}
    if dev:
        own = evaluate_file(dev, checker, bootstrap=BOOTSTRAP)
        columns[f"dev ({own.n:,})"] = own
    rows, verdicts = cross_validate(corpus, "voice", say=print)
    whole = judged(rows, verdicts)
    asked = [at for at, row in enumerate(rows) if row.natural]
    columns[f"such as people ask ({len(asked):,})"] = judged([rows[at] for at in asked], [verdicts[at] for at in asked])
    columns[f"whole corpus ({len(rows):,})"] = whole
    card = model_card(
        checker.model,
        evaluation=whole,
        evaluated_on="its corpus, by models that had not learnt from the voice of the statement",
        baselines=compare(corpus, folds=4),
    )
    (REPOSITORY / "models" / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    drawn("errors-by-tag.svg", bars(whole.tags))
    drawn("errors-by-section.svg", bars(by_section(corpus, rows, verdicts)))
    weakest = sorted(whole.voices.items(), key=lambda pair: pair[1].accuracy)[:WEAKEST_VOICES]
    drawn("errors-by-voice.svg", bars(dict(weakest)))
    page = marked(PAGE.read_text(encoding="utf-8"), "goals", goals(columns))
    if not options.without_curve:
        points = learnt(corpus)
        drawn("learning-curve.svg", curve(points))
        lines = ["| statements learnt from | macro-F1 | both of a pair | hit@1 |", "|---|---|---|---|"]
        lines += [
            f"| {count:,} | {found.figures['macro_f1']} | {found.figures['pairs_right']} | "
            f"{found.figures['evidence_hit@1']} |"
            for count, found in points
        ]
        page = marked(page, "curve", "\n".join(lines))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
