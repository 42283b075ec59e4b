"""The corpus: a document in passages, labelled statements, and a lexicon. Read row by row, each row checked."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from magcheck import lexicon as lexicons
from magcheck.errors import CorpusError
from magcheck.lexicon import Lexicon
from magcheck.paths import corpus_dir
from magcheck.verdict import BASES, LABEL_OF

STANCES = ("asserts", "denies", "possible", "reports")

# In a wheel, files of statements take a fifth less room when compressed like this.
_COMPRESSED = ".bz2"

_PASSAGE = re.compile(r"^(?P<text>.*?)\s*<!--(?P<fields>.*?)-->\s*$")
_BULLET = re.compile(r"^\s*(?:[-*]|\d+\.)?\s*")


@dataclass(frozen=True, slots=True)
class DocumentPassage:
    """One passage of the document: what it says, in the corpus's own words, and how firmly."""

    id: str
    section: str
    text: str
    source: tuple[str, ...]
    stance: str


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled statement.

    Attributes
    ----------
    basis, label
        As labels.md has them; `label` follows from `basis`.
    evidence
        Ids of the document's sentences that settle it; empty for ``not-addressed``.
    tags
        What makes it hard.
    group
        Name of the contrast group, unique in the corpus, or None.
    voice
        The writer or batch it came from. Those of a voice whose name begins with ``natural`` were written as people
        ask, in the mix in which they ask; so were those of ``fresh``, whose mistakes nobody has learnt from.
    """

    id: str
    statement: str
    basis: str
    evidence: tuple[str, ...]
    tags: tuple[str, ...] = ()
    group: str | None = None
    voice: str = ""

    @property
    def label(self) -> str:
        """The label that follows from the basis."""
        return LABEL_OF[self.basis]

    @property
    def natural(self) -> bool:
        """Whether its voice asks as people do, and not what is hard on purpose."""
        return self.voice.startswith(("natural", "fresh"))

    @property
    def fresh(self) -> bool:
        """Whether it is natural, and neither lexicon nor reading was mended by what a model made of it."""
        return self.voice.startswith("fresh")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A document, statements about it, and the words for what they speak of."""

    title: str
    passages: tuple[DocumentPassage, ...]
    rows: tuple[Row, ...]
    lexicon: Lexicon
    hash: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """Ids of the document's sentences, in their order."""
        return tuple(dict.fromkeys(source for passage in self.passages for source in passage.source))


def load(directory: Path | None = None) -> Corpus:
    """Read a corpus directory: ``document.md``, ``lexicon.tsv`` and ``statements/*.jsonl``.

    The language's cues (negation, hedges, …) that `directory`'s lexicon lacks are taken from the corpus that comes
    with magcheck.

    Raises
    ------
    CorpusError
        If a file is missing or a line is wrong, naming file, line and what to do.
    """
    own = corpus_dir()
    directory = own if directory is None else Path(directory)
    if not directory.is_dir():
        raise CorpusError(
            f"{directory}: no such directory; a corpus is a directory with document.md, "
            "lexicon.tsv and statements/*.jsonl"
        )
    title, passages = read_document(directory / "document.md")
    tables = [directory / "lexicon.tsv"]
    if directory.resolve() != own.resolve():
        tables.append(own / "lexicon.tsv")
    files = statement_files(directory)
    known = {source for passage in passages for source in passage.source}
    rows = tuple(row for file in files for row in read_statements(file, known))
    digest = hashlib.sha256()
    for file in (directory / "document.md", *tables, *files):
        digest.update(_name(file).encode() + b"\0" + _content(file) + b"\0")
    return Corpus(title, passages, rows, lexicons.load(*tables), digest.hexdigest())


def statement_files(directory: Path) -> list[Path]:
    """Return the files of statements of a corpus, by name. Those that a wheel carries are compressed."""
    folder = directory / "statements"
    files = [*folder.glob("*.jsonl"), *folder.glob(f"*.jsonl{_COMPRESSED}")]
    if not files:
        raise CorpusError(f"{folder}: holds no .jsonl file; a corpus needs labelled statements")
    return sorted(files, key=_name)


def read_document(path: Path) -> tuple[str, tuple[DocumentPassage, ...]]:
    """Read a document: Markdown in which a comment behind each passage names it.

    A passage is a line that ends in ``<!-- id: 1.2; source: 1.2, 1.3; stance: denies -->``.

    Returns
    -------
    title, passages
        The first heading, and the passages in their order.
    """
    title, section, passages = "", "", []
    seen: set[str] = set()
    for number, line in enumerate(_text(path).splitlines(), 1):
        where = f"{path}:{number}"
        if line.startswith("# "):
            title = line[2:].strip()
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
            section = heading if line.startswith("## ") else section
        elif "<!--" in line:
            found = _PASSAGE.match(line)
            fields = dict(_field(part, where) for part in (found["fields"].split(";") if found else []))
            missing = [name for name in ("id", "source", "stance") if not fields.get(name)]
            if not found or missing:
                raise CorpusError(
                    f"{where}: a passage needs <!-- id: …; source: …; stance: … --> at its end"
                    + (f"; {', '.join(missing)} missing" if missing else "")
                )
            if fields["stance"] not in STANCES:
                raise CorpusError(f"{where}: stance {fields['stance']!r} is not one of {', '.join(STANCES)}")
            if fields["id"] in seen:
                raise CorpusError(f"{where}: passage id {fields['id']!r} stands twice")
            seen.add(fields["id"])
            source = tuple(fields["source"].replace(",", " ").split())
            text = _BULLET.sub("", found["text"]).strip()
            if not text:
                raise CorpusError(f"{where}: passage {fields['id']} has no text")
            passages.append(DocumentPassage(fields["id"], section, text, source, fields["stance"]))
    if not passages:
        raise CorpusError(f"{path}: holds no passage; mark each with <!-- id: …; source: …; stance: … -->")
    return title or path.stem, tuple(passages)


def _field(part: str, where: str) -> tuple[str, str]:
    name, colon, value = part.partition(":")
    if not colon:
        raise CorpusError(f"{where}: {part.strip()!r} in the comment is not of the form name: value")
    return name.strip(), value.strip()


def read_statements(path: Path, sentences: set[str] | None = None, faults: list[str] | None = None) -> Iterator[Row]:
    """Read labelled statements from a JSON Lines file, each checked.

    Parameters
    ----------
    path
        The file.
    sentences
        Ids that evidence may name; any, where it is None.
    faults
        Where given, what is wrong with a bad row is added to it, and reading goes on.

    Raises
    ------
    CorpusError
        At the first bad row, naming file and line, where `faults` is None.
    """
    seen: set[str] = set()
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = _checked(line, path, number, seen, sentences)
        except CorpusError as error:
            if faults is None:
                raise
            faults.append(str(error))
        else:
            yield row


def _checked(line: str, path: Path, number: int, seen: set[str], sentences: set[str] | None) -> Row:
    where = f"{path}:{number}"
    try:
        stored = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{where}: is not JSON ({error})") from error
    name = _name(path)
    row = _row(stored, where, Path(name).stem, f"{name}:{number}")
    if row.id in seen:
        raise CorpusError(f"{where}: id {row.id!r} stands twice in the file")
    seen.add(row.id)
    unknown = [one for one in row.evidence if sentences is not None and one not in sentences]
    if unknown:
        raise CorpusError(f"{where}: evidence {unknown[0]!r} is no sentence of the document")
    return row


def _row(stored: Any, where: str, voice: str, place: str) -> Row:
    if not isinstance(stored, dict):
        raise CorpusError(f"{where}: is not an object with a statement, a basis and evidence")
    statement, basis = stored.get("statement"), stored.get("basis")
    if not isinstance(statement, str) or not statement.strip():
        raise CorpusError(f"{where}: has no statement")
    if basis is None:
        raise CorpusError(f"{where}: has no field 'basis'; it has {', '.join(map(repr, stored))}")
    if basis not in BASES:
        raise CorpusError(f"{where}: basis {basis!r} is not one of {', '.join(BASES)}")
    label = stored.get("label", LABEL_OF[basis])
    if label != LABEL_OF[basis]:
        raise CorpusError(f"{where}: label {label!r} does not go with basis {basis!r}, which is {LABEL_OF[basis]!r}")
    lists = {}
    for name in ("evidence", "tags"):
        value = stored.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise CorpusError(f"{where}: {name} is not a list of texts")
        lists[name] = tuple(value)
    if (basis == "not-addressed") == bool(lists["evidence"]):
        raise CorpusError(f"{where}: a statement that is {basis} {'has no' if lists['evidence'] else 'needs'} evidence")
    group, voice = stored.get("group", stored.get("pair")), str(stored.get("voice") or voice)
    return Row(
        id=str(stored.get("id") or place),
        statement=statement,
        basis=basis,
        evidence=lists["evidence"],
        tags=lists["tags"],
        group=None if group is None else f"{voice}:{group}",
        voice=voice,
    )


def _name(path: Path) -> str:
    return path.name.removesuffix(_COMPRESSED)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return bz2.decompress(content) if path.suffix == _COMPRESSED else content


def _text(path: Path) -> str:
    try:
        return io.StringIO(_content(path).decode("utf-8-sig"), newline=None).read()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error}); check its name") from error
    except ValueError as error:
        raise CorpusError(f"{path}: cannot be unpacked ({error}); get the whole file anew") from error
