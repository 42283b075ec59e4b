"""The corpus: a document in passages, labelled statements, a lexicon, and frames. Read line by line, each checked."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from magcheck import lexicon as lexicons
from magcheck.errors import CorpusError
from magcheck.lexicon import Lexicon
from magcheck.paths import corpus_dir
from magcheck.verdict import BASES, LABEL_OF

STANCES = ("asserts", "denies", "possible", "reports")

_STATEMENTS = "statements"
# What a wheel carries in place of the folder of statements, in half the room.
_ARCHIVE = "statements.tar.xz"

FRAMES = "frames.tsv"
_KINDS_OF_FRAME = ("denied", "affirmed")
_GAP = "{}"

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
class Frame:
    """What may be said around a whole statement, with ``{}`` where that stands, and whether it denies it.

    Examples
    --------
    >>> Frame("It is a myth that {}.", denies=True).around("salt heals")
    'It is a myth that salt heals.'
    """

    text: str
    denies: bool

    def around(self, statement: str) -> str:
        """Return the frame with a statement in it."""
        return self.text.replace(_GAP, statement)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A document, statements about it, the words for what they speak of, and frames to put statements into."""

    title: str
    passages: tuple[DocumentPassage, ...]
    rows: tuple[Row, ...]
    lexicon: Lexicon
    frames: tuple[Frame, ...]
    hash: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """Ids of the document's sentences, in their order."""
        return tuple(dict.fromkeys(source for passage in self.passages for source in passage.source))


@dataclass(frozen=True, slots=True)
class Packed:
    """A file in an archive, which is read as a path is."""

    archive: Path
    name: str
    content: bytes

    def read_bytes(self) -> bytes:
        """Return what is in the file."""
        return self.content

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


def load(directory: Path | None = None) -> Corpus:
    """Read a corpus directory: ``document.md``, ``lexicon.tsv`` and ``statements/*.jsonl`` (or these in an archive).

    What belongs to the language and not to the document is lent by the corpus that comes with magcheck: cues (negation,
    hedges, …) that `directory`'s lexicon lacks, and ``frames.tsv``, if `directory` has none.

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
    frames = directory / FRAMES
    if not frames.exists():
        frames = own / FRAMES
    files = statement_files(directory)
    known = {source for passage in passages for source in passage.source}
    rows = tuple(row for file in files for row in read_statements(file, known))
    lexicon, around = lexicons.load(*tables), read_frames(frames)
    digest = hashlib.sha256()
    for file in (directory / "document.md", *tables, frames, *files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return Corpus(title, passages, rows, lexicon, around, digest.hexdigest())


def statement_files(directory: Path) -> Sequence[Path | Packed]:
    """Return the files of statements of a corpus, by name. A wheel carries them in an archive.

    Raises
    ------
    CorpusError
        If there is none, or the archive is broken.
    """
    folder, archive = directory / _STATEMENTS, directory / _ARCHIVE
    if files := sorted(folder.glob("*.jsonl"), key=lambda file: file.name):
        return files
    if archive.exists():
        return _unpacked(archive)
    raise CorpusError(f"{folder}: holds no .jsonl file; a corpus needs labelled statements")


def _unpacked(archive: Path) -> list[Packed]:
    try:
        with tarfile.open(archive, "r:xz") as opened:
            contents = {member.name: file.read() for member in opened if (file := opened.extractfile(member))}
    except (OSError, EOFError, lzma.LZMAError, tarfile.TarError) as error:
        raise CorpusError(f"{archive}: cannot be unpacked ({error}); get the whole file anew") from error
    if not contents:
        raise CorpusError(f"{archive}: holds no statements; get the whole file anew")
    return [Packed(archive, name, contents[name]) for name in sorted(contents)]


def read_frames(path: Path) -> tuple[Frame, ...]:
    """Read a table of frames: lines of a kind (``denied`` or ``affirmed``), a tab, and a frame with one ``{}`` in it.

    Raises
    ------
    CorpusError
        If a line is malformed, naming the file and the line.
    """
    found = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, tab, text = line.partition("\t")
        if not tab or kind not in _KINDS_OF_FRAME or text.count(_GAP) != 1 or text.strip() == _GAP:
            raise CorpusError(
                f"{path}:{number}: is no frame; write {' or '.join(_KINDS_OF_FRAME)}, a tab, and what stands around a "
                f"statement, with {_GAP} for the statement"
            )
        found.append(Frame(text.strip(), kind == _KINDS_OF_FRAME[0]))
    return tuple(found)


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


def read_statements(
    path: Path | Packed, sentences: set[str] | None = None, faults: list[str] | None = None
) -> Iterator[Row]:
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


def _checked(line: str, path: Path | Packed, number: int, seen: set[str], sentences: set[str] | None) -> Row:
    where = f"{path}:{number}"
    try:
        stored = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{where}: is not JSON ({error})") from error
    row = _row(stored, where, Path(path.name).stem, f"{path.name}:{number}")
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


def _text(path: Path | Packed) -> str:
    try:
        return io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=None).read()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error}); check its name") from error
