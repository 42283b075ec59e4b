"""Prose: the claims about the topic in articles and notes, each with its place, as a linter gives them.

Which sentences are claims about the topic is decided by three rules:

1. A text is on the topic if one of its sentences names it, that is, names a concept of the lexicon's kind
   ``name``. In a text that is not, nothing is reported.
2. In a text on the topic, a sentence that names it is reported, whatever the verdict. A sentence that does not is
   reported if the document addresses it (the basis is not ``not-addressed``), and if it speaks of a disease ("It
   slows the disease down.") or its best passage all but surely settles it.
3. A heading or the cell of a table is reported if it names the topic, says something of it (names an outcome, a
   relation or a direction, as "Magnesium prevents ALS" does and "Magnesium and ALS" does not), and the document
   addresses it.
4. A question that asks claims nothing and is left alone: "Does magnesium prevent ALS?". One that tells is
   reported: "Did you know that magnesium prevents ALS?", "Magnesium prevents ALS, right?".
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magcheck.errors import InputError
from magcheck.files.markup import Block, Kind, Markup, blocks
from magcheck.files.sources import Source
from magcheck.text import MAX_CHARACTERS, clean, plain_words, stem, tokens
from magcheck.verdict import Verdict

if TYPE_CHECKING:
    from magcheck.checker import Checker
    from magcheck.files.rows import OutputRow

MARKUP_OF: dict[str, Markup] = {".md": "markdown", ".markdown": "markdown", ".rst": "rst", ".txt": "plain"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A full stop after one of these ends no sentence by itself. Punkt wants them in lower case, without the stop.
ABBREVIATIONS = _words(
    """e.g i.e eg ie cf vs viz approx ca esp incl excl etc et al fig figs eq eqs ref refs vol pp ed eds dr
    prof mr mrs ms st jr sr ph.d m.d b.sc m.sc dept univ assoc inc ltd co u.s u.k mg mcg µg kg ml mmol
    avg resp hr hrs wk wks yr yrs jan feb apr aug sept oct nov dec"""
)
# Words that begin a sentence if in capitals after an abbreviation or an initial: "vitamin C. It …".
STARTERS = _words(
    """the this that these those it its they them their there he she his her we our you your people
    patients some many most both each all none no not nor one only few several other another such in on
    at for from with without by to of as if when while where although though because since after before
    during until once however moreover furthermore therefore thus instead meanwhile overall still yet
    but and or so also even studies researchers scientists doctors research evidence trials does do did
    is are was were can could will would should may might must what which who how why"""
)
# Words that a question which asks opens with, alone or after a conjunction.
ASKING = _words(
    """do does did is are was were am can could will would shall should may might must has have had what
    which who whom whose when where why how if any anyone"""
)
_BEFORE_QUESTION = frozenset({"and", "but", "or", "so", "then", "also", "now"})
# Short forms of names that are units where a number stands before them.
_UNITS = frozenset({"mg"})
# Kinds of concept by which something is said of a thing.
_SAYING = frozenset({"outcome", "relation", "direction"})
# From this relevance on, a passage settles what names neither of the document's names. Of claims such as people ask
# that name neither, nine in ten are above it; "spasms are common", said in passing, is near 0.97.
_LIKELY = 0.98
# Punkt's flag of a word seen in lower case within a sentence: in capitals it begins one (Kiss & Strunk 2006).
_SEEN_IN_LOWER_CASE = 1 << 5

_LINE_END = re.compile(r"\r\n|\r|\n")
_LAST_MARK = re.compile(r"([?!.])[^\w?!.]*$")
_PASSED_OVER = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim about the topic, found in prose.

    Attributes
    ----------
    line, column
        Where the sentence begins in its file, both counted from 1, columns in characters.
    statement
        The sentence, its markup taken off.
    verdict
        How the sentence stands to the document.
    file
        The file as it was named, ``"-"`` for standard input, or ``None`` for a text that came from no file.
    """

    line: int
    column: int
    statement: str
    verdict: Verdict
    file: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """Where the finding is, as the fields of a batch's row."""
        return {"file": self.file, "line": self.line, "column": self.column}

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}" if self.file is None else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.verdict.label} ({self.verdict.confidence:.2f}) {self.statement}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready values: its place, then the verdict's."""
        return self.fields | self.verdict.to_dict()

    def to_row(self, number: int) -> OutputRow:
        """Return the finding as row `number` of a batch's output."""
        from magcheck.files.rows import OutputRow

        return OutputRow(number, self.verdict, None, self.fields, self.statement)


def find(text: str, checker: Checker, *, markup: Markup = "markdown", file: str | None = None) -> Iterator[Finding]:
    r"""Yield the claims about the topic in `text`, in order.

    Parameters
    ----------
    text
        A whole text: whether it is on the topic at all is judged from all of it.
    checker
        The checker, whose lexicon says what names the topic.
    markup
        How the text is marked up.
    file
        The name that the findings carry.

    Examples
    --------
    >>> from magcheck import Checker
    >>> for finding in find("# Diet\n\nI like nuts. **Magnesium** prevents ALS.\n", Checker.load()):
    ...     print(finding.line, finding.column, finding.verdict.label, finding.statement)
    3 16 unsupported Magnesium prevents ALS.
    """
    topic = _Topic(checker)
    sentences = [
        (statement, block.offsets[start], block.kind)
        for block in blocks(text, markup)
        for statement, start in _sentences(block, topic.names)
    ]
    if not any(topic.is_named(statement) for statement, _, _ in sentences):
        return
    ends = [found.end() for found in _LINE_END.finditer(text)]
    for statement, offset, kind in sentences:
        verdict = topic.claim(statement, kind)
        if verdict is not None:
            line = bisect_right(ends, offset)
            yield Finding(line + 1, offset - (ends[line - 1] if line else 0) + 1, statement, verdict, file)


def lint(
    paths: Iterable[str | Path],
    checker: Checker,
    *,
    encoding: str | None = None,
    on_error: Callable[[InputError], None] | None = None,
) -> Iterator[Finding]:
    """Yield the claims about the topic in files, and in folders with all that is below them.

    Parameters
    ----------
    paths
        Files of any name; folders, of which the ``.md``, ``.markdown``, ``.rst`` and ``.txt`` files are read
        in the order of their names (hidden ones and ``node_modules`` are passed over); ``"-"`` for standard
        input. Files of other names, and standard input, are read as Markdown. A file is read once.
    checker
        The checker.
    encoding
        Of the files; where it is not given, what their byte order mark says, or else UTF-8.
    on_error
        Called with the error where a file cannot be read, after which the next one is read. Where it is not
        given, the error is raised.

    Raises
    ------
    InputError
        If a file cannot be read or is not text, or if a folder has no file to read.
    """

    def failed(error: InputError) -> None:
        if on_error is None:
            raise error
        on_error(error)

    seen: set[Path] = set()
    for file in _files(paths, failed):
        if file.resolve() in seen:
            continue
        seen.add(file.resolve())
        try:
            text = _text_of(file, encoding)
        except InputError as error:
            failed(error)
            continue
        markup = MARKUP_OF.get(file.suffix.lower(), "markdown")
        yield from find(text, checker, markup=markup, file=str(file))


def reads(paths: Iterable[str | Path], output: Path) -> bool:
    """Tell whether the file at `output` is one of those that `lint` reads."""
    given = [path for path in paths if str(path) != "-"]
    return output.exists() and any(file.exists() and file.samefile(output) for file in _files(given, lambda _: None))


def _files(paths: Iterable[str | Path], failed: Callable[[InputError], None]) -> Iterator[Path]:
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        found = False
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if name[0] != "." and name not in _PASSED_OVER)
            for name in sorted(names):
                if name[0] != "." and Path(name).suffix.lower() in MARKUP_OF:
                    found = True
                    yield Path(folder, name)
        if not found:
            failed(InputError(f"{path}: holds no {', '.join(MARKUP_OF)} file; name the files to read"))


def _text_of(file: Path, encoding: str | None) -> str:
    with Source(str(file), "md", encoding) as source:
        lines = list(source.lines())
    for number, line in enumerate(lines, start=1):
        if line.fault:
            raise InputError(f"{file}:{number}: {line.fault}")
    return "".join(line.text for line in lines)


class _Topic:
    # Which sentences are about the topic, and what the document says to them.

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._lexicon = checker.model.lexicon
        self.names = frozenset(concept for concept, kind in self._lexicon.kinds.items() if kind == "name")

    def is_named(self, statement: str) -> bool:
        return "name" in self._kinds(statement)

    def _kinds(self, statement: str) -> set[str]:
        # As the words are typed: what the reader takes for a misspelt name is too weak a sign of the topic.
        typed = [word for token in tokens(clean(statement)) for word in plain_words(token, self._lexicon.spellings)]
        kept = [stem(word) for word, before in zip(typed, ["", *typed], strict=False) if not _is_unit(word, before)]
        words = self._lexicon.folded(kept)
        # Words are looked up one by one, too: a longer form such as "lack of magnesium" has a name in it.
        named = {concept for _, _, concepts in self._lexicon.match(words) for concept in concepts}
        named.update(*(self._lexicon.concepts_of(word) for word in words))
        return {self._lexicon.kinds[concept] for concept in named}

    def claim(self, statement: str, kind: Kind) -> Verdict | None:
        reading = self._checker.model.reader.read(statement)
        if not reading.words or asks(statement, reading.surfaces):
            return None
        verdict = self._checker.check(statement)
        addressed = verdict.basis != "not-addressed"
        kinds = self._kinds(statement)
        if kind != "text":
            is_claim = addressed and "name" in kinds and not kinds.isdisjoint(_SAYING)
        else:
            is_claim = "name" in kinds or (
                addressed and ("disease" in kinds or verdict.passages[0].relevance >= _LIKELY)
            )
        return verdict if is_claim else None


def _is_unit(word: str, before: str) -> bool:
    return word in _UNITS and before[:1].isdigit()


def asks(statement: str, words: Iterable[str]) -> bool:
    """Return whether a statement is a question that asks, and does not tell.

    Parameters
    ----------
    statement
        The sentence.
    words
        Its plain words as they are read, without openings such as "did you know that".
    """
    mark = _LAST_MARK.search(statement)
    if mark is None or mark[1] != "?":
        return False
    first = next((word for word in words if word[0].isalnum() and word not in _BEFORE_QUESTION), "")
    return first in ASKING


def _sentences(block: Block, names: frozenset[str]) -> Iterator[tuple[str, int]]:
    for start, end in _splitter(names).span_tokenize(block.text):
        # A text without full stops, such as a transcript, is cut at blanks to what the checker takes at once.
        while end - start > MAX_CHARACTERS:
            cut = block.text.rfind(" ", start, start + MAX_CHARACTERS)
            cut = cut if cut > start else start + MAX_CHARACTERS
            yield block.text[start:cut], start
            start = cut + (block.text[cut] == " ")
        yield block.text[start:end], start


@cache
def _splitter(names: frozenset[str]) -> Any:
    # NLTK's __init__ takes a second to import, so it is only imported where prose is read.
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types.update(ABBREVIATIONS)
    for word in STARTERS | names:
        parameters.add_ortho_context(word, _SEEN_IN_LOWER_CASE)
    return PunktSentenceTokenizer(parameters)
