"""What was found in a corpus, beside what it should reach: as text, as JSON, and as tables for its datasheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from magcheck.errors import CorpusError
from magcheck.training.census import Probe
from magcheck.verdict import BASES, LABEL_OF, LABELS

_LISTED = 50
_END = "<!-- {name}: end -->"
_BEGIN = "<!-- {name}: begin; written by magcheck corpus, not by hand -->"


@dataclass(frozen=True, slots=True)
class Goals:
    """What a corpus should reach.

    Attributes
    ----------
    statements, per_basis, per_sentence
        Statements in all, of each basis, and that each sentence of the document is evidence for, at least.
    contrast_groups
        Groups of 2 to 6 statements within which the basis changes, at least.
    near_misses, compounds
        Not-addressed statements tagged ``near-topic``, and statements tagged ``compound``, at least.
    near_duplicates
        Statements with a near-duplicate outside their contrast group, at most, in per cent.
    """

    statements: int = 20_000
    per_basis: int = 3_500
    per_sentence: int = 150
    contrast_groups: int = 3_000
    near_misses: int = 3_000
    compounds: int = 2_500
    near_duplicates: float = 2.0


# A checker of another document can be tried from here on.
SMALL = Goals(300, 20, 3, 0, 0, 0, 5.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure beside its goal: the least it should be or, if `most`, the largest; None stands for no goal."""

    name: str
    value: float
    goal: float | None = None
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal, if there is one, is met."""
        return self.goal is None or (self.value <= self.goal if self.most else self.value >= self.goal)

    def shown(self) -> tuple[str, str]:
        """Return the figure and its goal as text."""
        goal = "" if self.goal is None else f"at {'most' if self.most else 'least'} {self.goal:,}"
        return f"{self.value:,}", goal


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in a corpus.

    Attributes
    ----------
    title
        Of the document.
    measures
        Figures beside their goals.
    bases, tags, sentences
        Statements of each basis, with each tag, and that each sentence of the document is evidence for.
    voices
        Statements of each voice, by basis.
    near_duplicates
        Ids of statements that are nearly the same outside contrast groups, and how alike they are.
    probe
        How well the wording alone tells the label, by tag; empty where it was not asked for.
    faults
        What has to be mended, one line each: bad rows, repeated statements, missed goals.
    """

    title: str
    measures: Sequence[Measure]
    bases: Mapping[str, int]
    tags: Mapping[str, int]
    sentences: Mapping[str, int]
    voices: Mapping[str, Mapping[str, int]]
    near_duplicates: Sequence[tuple[str, str, float]]
    probe: Mapping[str, Probe] = field(default_factory=dict)
    faults: Sequence[str] = ()

    @property
    def labels(self) -> dict[str, int]:
        """Statements by label."""
        return {label: sum(n for basis, n in self.bases.items() if LABEL_OF[basis] == label) for label in LABELS}

    def to_text(self) -> str:
        """Return every figure beside its goal, and what is wrong."""
        lines = [self.title, "", f"{'figure':36} {'value':>9}  goal"]
        for one in self.measures:
            value, goal = one.shown()
            lines.append(f"{one.name:36} {value:>9}  {goal}{'' if one.met else ': missed'}".rstrip())
        totals = {voice: sum(counts.values()) for voice, counts in self.voices.items()}
        for kind, counts in {
            "label": self.labels,
            "basis": self.bases,
            "tag": self.tags,
            "voice": totals,
            "sentence": self.sentences,
        }.items():
            lines += ["", f"by {kind}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items())]
        if self.probe:
            lines += ["", f"{'told from the wording alone':28} {'n':>7} {'commonest':>10} {'right':>6}"]
            lines += [
                f"{tag:28} {one.n:7,} {one.commonest:10.2f} {one.accuracy:6.2f}" for tag, one in self.probe.items()
            ]
        pairs = [f"{first} and {second} ({likeness:.2f})" for first, second, likeness in self.near_duplicates]
        lines += _listed("nearly the same", pairs) + _listed("faults", self.faults)
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the examination as JSON-ready values."""
        return {
            "title": self.title,
            "measures": [{**asdict(one), "met": one.met} for one in self.measures],
            "labels": self.labels,
            "bases": dict(self.bases),
            "tags": dict(self.tags),
            "sentences": dict(self.sentences),
            "voices": {voice: dict(counts) for voice, counts in self.voices.items()},
            "near_duplicates": [list(pair) for pair in self.near_duplicates],
            "probe": {tag: asdict(one) for tag, one in self.probe.items()},
            "faults": list(self.faults),
        }


def _listed(name: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    rest = len(lines) - _LISTED
    return ["", f"{name} ({len(lines):,}):", *lines[:_LISTED], *([f"and {rest:,} more"] if rest > 0 else [])]


def datasheet(examination: Examination) -> str:
    """Return the tables of the corpus's datasheet, as Markdown between comments that mark them."""
    return "\n\n".join(_blocks(examination).values()) + "\n"


def refreshed(page: str, examination: Examination) -> str:
    """Return a page of Markdown with the datasheet's tables in it brought up to date.

    The table of the probe is left as it is where the examination has none.

    Raises
    ------
    CorpusError
        If the comments that mark a table's place are missing.
    """
    for name, block in _blocks(examination).items():
        begin, end = _BEGIN.format(name=name), _END.format(name=name)
        place = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", page, re.DOTALL)
        if place is None:
            raise CorpusError(f"the page has no place for the {name}; put these two lines in it:\n{begin}\n{end}")
        page = page[: place.start()] + block + page[place.end() :]
    return page


def _blocks(examination: Examination) -> dict[str, str]:
    one = examination
    tables = [
        _table(("figure", "value", "goal"), ((m.name, *m.shown()) for m in one.measures)),
        _table(("basis", "label", "statements"), ((b, LABEL_OF[b], f"{n:,}") for b, n in one.bases.items())),
        _table(
            ("voice", *BASES, "all"),
            ((v, *(f"{n[b]:,}" for b in BASES), f"{sum(n.values()):,}") for v, n in one.voices.items()),
        ),
        _table(("tag", "statements"), ((tag, f"{n:,}") for tag, n in one.tags.items())),
        _table(("sentence", "statements"), ((sentence, f"{n:,}") for sentence, n in one.sentences.items())),
    ]
    blocks = {"figures": "\n\n".join(tables)}
    if one.probe:
        rows = ((tag, f"{p.n:,}", f"{p.commonest:.2f}", f"{p.accuracy:.2f}") for tag, p in one.probe.items())
        blocks["probe"] = _table(("tag", "statements", "commonest label", "wording alone"), rows)
    return {
        name: f"{_BEGIN.format(name=name)}\n\n{block}\n\n{_END.format(name=name)}" for name, block in blocks.items()
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) + ("---:",) * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
