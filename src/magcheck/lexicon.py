"""The lexicon: which concepts people name, by which words. A table that a person who cannot code can extend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from magcheck.errors import CorpusError
from magcheck.text import american, stem

# Kinds of concept. Cues are a matter of the language and serve any document; the others belong to one.
CUE_KINDS = frozenset(
    "negation affirmation hedge certainty openness quantifier attribution contrast conjunction comparison "
    "question imperative filler spelling".split()
)
TOPIC_KINDS = frozenset(
    "name disease mineral substance form food route quantity state outcome relation direction mechanism body "
    "symptom population gene exposure place time study number property process source other".split()
)

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)?|[%?&+]|\d+(?:[.,]\d+)*")
Match = tuple[int, int, tuple[str, ...]]


class Lexicon:
    """Concepts, their kinds, and the words that name them.

    Parameters
    ----------
    kinds
        The kind of each concept, in the table's order.
    forms
        Stems of each form, and the concepts it names, those that come first in the table first.
    prefixes
        Beginnings of words, and the concept each names.
    spellings
        Short or slangy words, and the words they stand for.
    words
        The words of all forms as they are spelt.
    """

    def __init__(
        self,
        kinds: dict[str, str],
        forms: dict[tuple[str, ...], tuple[str, ...]],
        prefixes: Sequence[tuple[str, str]] = (),
        spellings: dict[str, tuple[str, ...]] | None = None,
        words: Iterable[str] = (),
    ) -> None:
        self.kinds = kinds
        self.forms = forms
        self.prefixes = tuple(prefixes)
        self.spellings = spellings or {}
        self.words = frozenset(words)
        self._longer: dict[tuple[str, str], list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for form, concepts in forms.items():
            if len(form) > 1:
                self._longer.setdefault(form[:2], []).append((form, concepts))  # type: ignore[arg-type]
        for candidates in self._longer.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))
        self._single: dict[str, tuple[str, ...]] = {}

    def concepts_of(self, word: str) -> tuple[str, ...]:
        """Return the concepts that one stemmed `word` names."""
        found = self._single.get(word)
        if found is None:
            found = self.forms.get((word,), ())
            found += tuple(c for prefix, c in self.prefixes if word.startswith(prefix) and c not in found)
            if len(self._single) < 1 << 16:
                self._single[word] = found
        return found

    def match(self, words: Sequence[str]) -> list[Match]:
        """Find the concepts in stemmed `words`, longest form first, left to right, without overlap.

        Returns
        -------
        list of (start, end, concepts)
            Positions in `words`, and the concepts named there.
        """
        found: list[Match] = []
        at, end = 0, len(words)
        longer, single = self._longer, self.concepts_of
        followers = [*words[1:], ""]
        while at < end:
            for form, concepts in longer.get((words[at], followers[at]), ()):
                length = len(form)
                if length == 2 or tuple(words[at : at + length]) == form:
                    found.append((at, at + length, concepts))
                    at += length
                    break
            else:
                named = single(words[at])
                if named:
                    found.append((at, at + 1, named))
                at += 1
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the lexicon as JSON-ready values, in a form that loads fast."""
        return {
            "kinds": self.kinds,
            "forms": [[" ".join(form), *concepts] for form, concepts in self.forms.items()],
            "prefixes": [list(pair) for pair in self.prefixes],
            "spellings": {word: " ".join(spelt) for word, spelt in self.spellings.items()},
            "words": " ".join(sorted(self.words)),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Lexicon:
        """Return the lexicon that `to_json` stored."""
        return cls(
            stored["kinds"],
            {tuple(form.split(" ")): tuple(concepts) for form, *concepts in stored["forms"]},
            [(prefix, concept) for prefix, concept in stored["prefixes"]],
            {word: tuple(spelt.split()) for word, spelt in stored["spellings"].items()},
            stored["words"].split(),
        )


def spelt(form: str) -> tuple[str, ...]:
    """Return a form's words, spelt as they would be read in a statement."""
    return tuple(american(word.replace("'", "")) for word in _WORD.findall(form.lower().replace("'s", "")))


def stems(form: str) -> tuple[str, ...]:
    """Return the stems of a form's words, as they would be read in a statement."""
    return tuple(stem(word) for word in spelt(form))


def load(*paths: Path) -> Lexicon:
    """Read lexicon tables: tab-separated lines of concept, kind and forms parted by ``;``.

    Of every table but the first only the cues are taken.

    Raises
    ------
    CorpusError
        If a line is malformed, naming the file and the line.
    """
    kinds: dict[str, str] = {}
    forms: dict[tuple[str, ...], list[str]] = {}
    prefixes: list[tuple[str, str]] = []
    spellings: dict[str, tuple[str, ...]] = {}
    known: set[str] = set()
    for position, path in enumerate(paths):
        for concept, kind, words in _lines(path):
            if position and (kind not in CUE_KINDS or concept in kinds):
                continue
            if kind == "spelling":
                spellings.update({word: tuple(concept.split()) for word in words})
                continue
            kinds[concept] = kind
            for word in words:
                if word.endswith("*"):
                    prefixes.append((word[:-1], concept))
                else:
                    known.update(spelt(word))
                    named = forms.setdefault(stems(word), [])
                    if concept not in named:
                        named.append(concept)
    return Lexicon(kinds, {form: tuple(named) for form, named in forms.items()}, prefixes, spellings, known)


def _lines(path: Path) -> Iterable[tuple[str, str, list[str]]]:
    seen: set[tuple[str, bool]] = set()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); a corpus needs this file") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path}:{number}"
        fields = line.split("\t")
        if len(fields) != 3:
            raise CorpusError(f"{where}: has {len(fields)} tab-separated fields; write concept, kind and forms")
        concept, kind, listed = (field.strip() for field in fields)
        if kind not in CUE_KINDS | TOPIC_KINDS:
            known = ", ".join(sorted(CUE_KINDS | TOPIC_KINDS))
            raise CorpusError(f"{where}: kind {kind!r} is not known; the kinds are {known}")
        if (concept, kind == "spelling") in seen:
            raise CorpusError(f"{where}: concept {concept!r} stands twice; put its forms on one line")
        seen.add((concept, kind == "spelling"))
        words = [word.strip() for word in listed.split(";") if word.strip()]
        if not words:
            raise CorpusError(f"{where}: concept {concept!r} has no forms")
        repeated = sorted({word for word in words if words.count(word) > 1})
        if repeated:
            raise CorpusError(f"{where}: {repeated[0]!r} stands twice among the forms of {concept!r}")
        if not all(word.endswith("*") or stems(word) for word in words):
            raise CorpusError(f"{where}: a form of {concept!r} has no word in it")
        yield concept, kind, words
