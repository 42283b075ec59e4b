"""A corpus looked over: how much it holds of what, how varied it is, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from magcheck import corpus as corpora
from magcheck import lexicon as lexicons
from magcheck.corpus import Row
from magcheck.errors import CorpusError
from magcheck.paths import corpus_dir
from magcheck.training import census
from magcheck.training.examination import SMALL, Examination, Goals, Measure, datasheet, refreshed
from magcheck.verdict import BASES

__all__ = ["SMALL", "Examination", "Goals", "Measure", "datasheet", "examine", "refreshed"]


def examine(
    directory: Path | None = None,
    goals: Goals | None = None,
    *,
    probe: bool = False,
    seed: int = 0,
    jobs: int = 2,
) -> Examination:
    """Look a corpus over.

    Parameters
    ----------
    directory
        The corpus; None is the one that comes with the package.
    goals
        What it should reach: by default `Goals()` for the packaged corpus, and `SMALL` for any other.
    probe
        Whether to measure what the wording alone gives away; it takes a minute or two.
    seed
        Of the probe's folds.
    jobs
        Processes that the probe's folds are fitted in.

    Returns
    -------
    Examination
        With all that is wrong among its faults: a corpus is examined however broken it is.

    Raises
    ------
    CorpusError
        If `directory` is none.

    Examples
    --------
    >>> list(examine().bases)
    ['asserted', 'contradicted', 'hedged', 'not-addressed']
    """
    own = corpus_dir()
    directory = own if directory is None else Path(directory)
    if not directory.is_dir():
        raise CorpusError(f"{directory}: no such directory; name that of a corpus")
    if goals is None:
        goals = Goals() if directory.resolve() == own.resolve() else SMALL
    title, sentences, rows, faults = _read(directory)
    texts, groups = census.by_text(rows), census.by_group(rows)
    counts = Counter(sentence for row in rows for sentence in row.evidence)
    evidence = {sentence: counts[sentence] for sentence in sentences or counts}
    near = census.near_pairs(texts)
    measures = _measures(rows, texts, groups, near, evidence, goals)
    bases = Counter(row.basis for row in rows)
    return Examination(
        title=title,
        measures=measures,
        bases={basis: bases[basis] for basis in BASES},
        tags=dict(sorted(Counter(tag for row in rows for tag in row.tags).items())),
        sentences=evidence,
        voices=census.by_voice(rows),
        near_duplicates=[(first.id, second.id, round(likeness, 4)) for first, second, likeness in near],
        probe=census.probe(rows, seed, jobs) if probe and rows else {},
        faults=[*faults, *_faults(texts, groups, evidence, measures, goals)],
    )


def _read(directory: Path) -> tuple[str, list[str], list[Row], list[str]]:
    """Read what can be read: the document's title and sentences, the rows, and what was wrong."""
    faults: list[str] = []
    title, sentences, rows = directory.name, dict[str, None](), list[Row]()
    files: Sequence[Path | corpora.Packed] = ()
    try:
        title, passages = corpora.read_document(directory / "document.md")
        sentences = {source: None for passage in passages for source in passage.source}
    except CorpusError as error:
        faults.append(str(error))
    try:
        lexicons.load(directory / "lexicon.tsv")
    except CorpusError as error:
        faults.append(str(error))
    try:
        if (frames := directory / corpora.FRAMES).exists():
            corpora.read_frames(frames)
    except CorpusError as error:
        faults.append(str(error))
    try:
        files = corpora.statement_files(directory)
    except CorpusError as error:
        faults.append(str(error))
    for file in files:
        # The rows before a bad one are kept: `extend` takes them one by one.
        try:
            rows.extend(corpora.read_statements(file, set(sentences) or None))
        except CorpusError as error:
            faults.append(f"{error}; the rest of the file was passed over")
    return title, list(sentences), rows, faults


def _measures(
    rows: Sequence[Row],
    texts: census.ByText,
    groups: Mapping[str, Sequence[Row]],
    near: Sequence[tuple[Row, Row, float]],
    evidence: Mapping[str, int],
    goals: Goals,
) -> list[Measure]:
    bases, tags = Counter(row.basis for row in rows), Counter(tag for row in rows for tag in row.tags)
    misses = sum(row.basis == "not-addressed" and "near-topic" in row.tags for row in rows)
    contrasts = sum(2 <= len(group) <= 6 and census.has_contrast(group) for group in groups.values())
    doubled = len({id(row) for first, second, _ in near for row in (first, second)})
    return [
        Measure("statements", len(rows), goals.statements or None),
        *(Measure(f"{basis} statements", bases[basis], goals.per_basis or None) for basis in BASES),
        Measure("fewest statements for a sentence", min(evidence.values(), default=0), goals.per_sentence or None),
        Measure("contrast groups", contrasts, goals.contrast_groups or None),
        Measure("near misses", misses, goals.near_misses or None),
        Measure("compounds", tags["compound"], goals.compounds or None),
        Measure("statements that repeat another", len(rows) - len(texts), 0, most=True),
        Measure(
            "statements nearly the same, %",
            round(100 * doubled / max(len(rows), 1), 2),
            goals.near_duplicates,
            most=True,
        ),
        Measure("voices", len({row.voice for row in rows})),
        Measure("distinct words", len(census.vocabulary(texts))),
        Measure("distinct pairs of words, %", round(100 * census.distinct_bigrams(texts), 2)),
    ]


def _faults(
    texts: census.ByText,
    groups: Mapping[str, Sequence[Row]],
    evidence: Mapping[str, int],
    measures: Sequence[Measure],
    goals: Goals,
) -> list[str]:
    found = []
    for first, second in census.repeated(texts):
        same = "" if first.basis == second.basis else f", but labelled {first.basis} and {second.basis}"
        found.append(f"{first.id} and {second.id}: the same statement{same}: {first.statement!r}")
    found += [
        f"{group[0].id}: contrast group {name!r} has no contrast, all of it is {group[0].basis}"
        for name, group in groups.items()
        if not census.has_contrast(group)
    ]
    found += [
        f"sentence {sentence}: evidence for {count:,} statements, at least {goals.per_sentence:,} wanted"
        for sentence, count in evidence.items()
        if count < goals.per_sentence
    ]
    found += ["{}: {}, {} wanted".format(one.name, *one.shown()) for one in measures if not one.met]
    return found
