"""The parts of the report's page that stand there without its script: figures, pictures, document, first rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from magcheck import terminal
from magcheck.files.rows import OutputRow
from magcheck.verdict import LABELS, Passage, Verdict

GROUPS = (*LABELS, "error")
NAMES = {label: label for label in LABELS} | {"error": "not checked"}
SAYS = {
    "asserted": "the document says so",
    "contradicted": "the document says otherwise",
    "hedged": "the document leaves it open",
    "not-addressed": "the document does not say",
}
# The confidence in the likeliest of three labels is never under a third: the pictures begin there.
_BINS = 20
_FIRST_BIN = 6
# What HTML cannot hold, and lone surrogates, which no encoding can.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Tally:
    """What the page says about all rows together; it grows with the document, not with the rows.

    Parameters
    ----------
    document
        The passages of the document: mappings with ``id``, ``section`` and ``text``.

    Attributes
    ----------
    passages
        The passages that the page shows.
    total
        The number of rows.
    groups, bases
        The number of rows of each label (or ``"error"``) and basis.
    sureness
        For each label, the number of rows in each of twenty steps of confidence.
    cited
        For each passage that decides a row, by its place: how many rows of each label.
    """

    def __init__(self, document: Sequence[Mapping[str, Any]]) -> None:
        self.passages = [{name: str(one[name]) for name in ("id", "section", "text")} for one in document]
        self.total = 0
        self.groups: Counter[str] = Counter()
        self.bases: Counter[str] = Counter()
        self.sureness = {label: [0] * _BINS for label in LABELS}
        self.cited: dict[int, Counter[str]] = {}
        self._places = {passage["id"]: at for at, passage in enumerate(self.passages)}

    def add(self, row: OutputRow) -> list[int]:
        """Count a row, and return the places of its passages among `passages`."""
        self.total += 1
        verdict = row.verdict
        self.groups[row.label or "error"] += 1
        if verdict is None:
            return []
        self.bases[verdict.basis] += 1
        self.sureness[verdict.label][min(int(verdict.confidence * _BINS), _BINS - 1)] += 1
        places = [self._place(passage) for passage in verdict.passages]
        for at in places[: deciding(verdict)]:
            self.cited.setdefault(at, Counter())[verdict.label] += 1
        return places

    def _place(self, passage: Passage) -> int:
        # A passage that the document lacks (the rows are another model's) is shown after those it has.
        if passage.id not in self._places:
            self._places[passage.id] = len(self.passages)
            self.passages.append({"id": passage.id, "section": passage.section, "text": passage.text})
        return self._places[passage.id]


def deciding(verdict: Verdict) -> int:
    """Return how many of a verdict's passages are cited for it.

    The best passage is, and those besides it that more likely bear on the statement than not.
    """
    if verdict.basis == "not-addressed" or not verdict.passages:
        return 0
    return max(1, sum(passage.relevance >= 0.5 for passage in verdict.passages))


def fields(row: OutputRow) -> dict[str, str]:
    """Return what a row of the input says besides its statement, as text."""
    return {
        str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for name, value in row.fields.items()
        if value is not None and value != "" and value != row.statement
    }


def plain(text: str) -> str:
    """Return `text` as HTML that shows it."""
    return escape(_UNFIT.sub("\ufffd", text))


def counted(number: int, noun: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "statement"), counted(1200, "statement")
    ('1 statement', '1,200 statements')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def lede(tally: Tally) -> str:
    """Return the sentence that says what the pictures show."""
    bases, groups = tally.bases, tally.groups
    said = (
        f"Of <strong>{counted(tally.total, 'statement')}</strong>, the document supports "
        f"<strong>{groups['supported']:,}</strong> and contradicts <strong>{groups['unsupported']:,}</strong>. "
        f"It leaves <strong>{bases['hedged']:,}</strong> open, and does not say what would settle "
        f"<strong>{bases['not-addressed']:,}</strong>."
    )
    return said + (f" <strong>{groups['error']:,}</strong> could not be checked." if groups["error"] else "")


def share(tally: Tally) -> str:
    """Return the share of the labels as a picture."""
    parts: list[str] = []
    told: list[str] = []
    start = 0.0
    for group in GROUPS:
        number = tally.groups[group]
        if not number:
            continue
        width = 100 * number / tally.total
        told.append(f"{number:,} {NAMES[group]} ({plain(terminal.share(number / tally.total))})")
        parts.append(
            f'<rect x="{start:.3f}%" width="{width:.3f}%" height="100%" fill="url(#fill-{group})"/>'
            + (f'<line x1="{start:.3f}%" x2="{start:.3f}%" y2="100%"/>' if start else "")
        )
        if width >= 4:
            parts.append(
                f'<svg x="{start + width / 2:.3f}%" y="50%" overflow="visible" class="{group}"><circle r="14"/>'
                f'<use href="#sign-{group}" x="-11" y="-11" width="22" height="22"/></svg>'
            )
        start += width
    return f'<svg role="img" aria-label="{", ".join(told) or "No statements"}">{"".join(parts)}</svg>'


def cards(tally: Tally) -> str:
    """Return a card for each label, with its number and the spread of confidence; they are the filter, too."""
    return "\n".join(_cards(tally))


def _cards(tally: Tally) -> Iterator[str]:
    whole = max(tally.total, 1)
    yield _card("all", "all", f"{tally.total:,}", "statements", checked=" checked")
    for label in LABELS:
        number = tally.groups[label]
        figure = f"{number:,}<small>{plain(terminal.share(number / whole))}</small>"
        yield _card(label, label, figure, _spread(tally.sureness[label], label))
    if tally.groups["error"]:
        figure = f"{tally.groups['error']:,}<small>{plain(terminal.share(tally.groups['error'] / whole))}</small>"
        yield _card("error", NAMES["error"], figure, "rows without a statement that can be read")


def _card(group: str, name: str, figure: str, chart: str, checked: str = "") -> str:
    return (
        f'<label class="card {group}"><input type="radio" name="show" id="show-{group}" value="{group}"{checked}>'
        f'<svg class="sign" aria-hidden="true"><use href="#sign-{group}"/></svg><span class="name">{name}</span> '
        f'<span class="figure">{figure}</span> <span class="chart">{chart}</span></label>'
    )


def _spread(steps: Sequence[int], label: str) -> str:
    steps = steps[_FIRST_BIN:]
    most = max(*steps, 1)
    step = 100 / len(steps)
    bars = "".join(
        f'<rect x="{at * step + 0.6:.2f}%" y="{100 - height:.1f}%" width="{step - 1.2:.2f}%" height="{height:.1f}%" '
        f'fill="url(#fill-{label})"/>'
        for at, height in enumerate(max(100 * number / most, 4) if number else 0 for number in steps)
        if height
    )
    return (
        f'<svg aria-hidden="true">{bars}</svg><span class="axis" aria-hidden="true"><span>33 % sure</span>'
        "<span>100 %</span></span>"
    )


def document(tally: Tally) -> str:
    """Return the document, with what cites each passage at its side."""
    most = max((cited.total() for cited in tally.cited.values()), default=1)
    sections = []
    for section, passages in groupby(enumerate(tally.passages), key=lambda numbered: numbered[1]["section"]):
        shown = "\n".join(_passage(at, one, tally.cited.get(at, Counter()), most) for at, one in passages)
        sections.append(f"<section>\n<h3>{plain(section)}</h3>\n{shown}\n</section>")
    return "\n".join(sections)


def _passage(at: int, passage: Mapping[str, str], cited: Counter[str], most: int) -> str:
    number = cited.total()
    tally = picture = ""
    if number:
        bars: list[str] = []
        start = 0.0
        for label in LABELS:
            width = 100 * cited[label] / most
            if width:
                bars.append(f'<rect x="{start:.2f}%" width="{width:.2f}%" height="100%" fill="url(#fill-{label})"/>')
            start += width
        picture = f'<svg class="weight" aria-hidden="true">{"".join(bars)}</svg>'
        told = ", ".join(f"{cited[label]:,} {label}" for label in LABELS if cited[label])
        tally = (
            f'<span class="times" aria-hidden="true">{number:,}\u00d7</span>'
            f'<span class="unseen">cited for {counted(number, "statement")}: {told}</span>'
        )
    return (
        f'<div class="passage{"" if number else " uncited"}" id="p-{at}"><div class="tally" data-passage="{at}">'
        f"<span>{plain(passage['id'])}</span>{tally}</div><div><p>{plain(passage['text'])}</p>{picture}</div></div>"
    )


def row(row: OutputRow, places: Sequence[int]) -> str:
    """Return a row as it stands where no script runs."""
    group = row.label or "error"
    quote = sure = ""
    says = row.error or ""
    if row.verdict is not None:
        says = SAYS[row.verdict.basis]
        sure = f'<span class="sure">confidence {plain(terminal.percent(row.verdict.confidence))}</span>'
        if deciding(row.verdict):
            best = row.verdict.passages[0]
            quote = (
                f'<blockquote><p>{plain(best.text)}</p><footer><a href="#p-{places[0]}">{plain(best.section)} \u00b7 '
                f"{plain(best.id)}</a></footer></blockquote>"
            )
    told = "".join(f"<span>{plain(name)}: {plain(value)}</span> " for name, value in fields(row).items())
    return (
        f'<li class="row {group}"><div class="gutter"><svg class="sign" aria-hidden="true">'
        f'<use href="#sign-{group}"/></svg><span class="number">{row.number:,}</span></div><article>'
        f'<h3 class="statement">{plain(row.statement or "")}</h3><p class="says"><strong class="label">{NAMES[group]}'
        f'</strong> <span class="basis">{plain(says)}</span> {sure}</p>{quote}'
        + (f'<p class="fields">{told}</p>' if told else "")
        + "</article></li>"
    )


def first_rows(rows: Sequence[str], total: int) -> str:
    """Return the list of the first rows, and how many more there are."""
    shown = "\n".join(rows)
    more = ""
    if total > len(rows):
        more = f'<p class="empty">The page shows the other {total - len(rows):,} where scripts may run.</p>'
    return f'<ol class="plain">\n{shown}\n</ol>{more}'
