"""The lexicon: which concepts people name, by which words. A table that a person who cannot code can extend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

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
Form = tuple[str, ...]
T = TypeVar("T")


class Lexicon:
    """Concepts, their kinds, and the words that name them.

    Parameters
    ----------
    kinds
        The kind of each concept, in the table's order.
    forms
        Stems of each form, and the concepts it names, those that come first in the table first. A name within a
        form is one word, its concept, as `fold` makes it.
    names
        Stems of the forms of names, each with its concept.
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
        forms: dict[Form, tuple[str, ...]],
        names: dict[Form, str] | None = None,
        prefixes: Sequence[tuple[str, str]] = (),
        spellings: dict[str, tuple[str, ...]] | None = None,
        words: Iterable[str] = (),
    ) -> None:
        self.kinds = kinds
        self.forms = forms
        self.names = names or {}
        self.prefixes = tuple(prefixes)
        self.spellings = spellings or {}
        self.words = frozenset(words)
        self._longer = _by_start(forms, 2)
        self._long_names = {start[0]: named for start, named in _by_start(self.names, 1).items()}
        self._name_starts = frozenset(self._long_names)
        self._single: dict[str, tuple[str, ...]] = {}

    def name_of(self, word: str) -> str:
        """Return the concept of a name of one stemmed word, and any other word as it is."""
        return self.names.get((word,), word)

    def fold(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """Find the names of several words in `words`, of which those of one are folded already.

        Returns
        -------
        list of (start, end, concept)
            Positions in `words`, and the word that is to stand there.
        """
        if self._name_starts.isdisjoint(words):
            return []
        found: list[tuple[int, int, str]] = []
        at = 0
        while at < len(words):
            for form, name in self._long_names.get(words[at], ()):
                if tuple(words[at : at + len(form)]) == form:
                    found.append((at, at + len(form), name))
                    at += len(form) - 1
                    break
            at += 1
        return found

    def folded(self, words: Sequence[str]) -> list[str]:
        """Return stemmed `words` with each name as one word, its concept."""
        plain = [self.name_of(word) for word in words]
        for start, end, name in reversed(self.fold(plain)):
            plain[start:end] = [name]
        return plain

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
        """Find the concepts in folded `words`, longest form first, left to right, without overlap.

        Returns
        -------
        list of (start, end, concepts)
            Positions in `words`, and the concepts named there.
        """
        found: list[Match] = []
        longer, single = self._longer, self._single
        free = 0
        for at, pair in enumerate(pairwise([*words, ""])):
            if at < free:
                continue
            for form, concepts in longer.get(pair, ()):
                length = len(form)
                if length == 2 or tuple(words[at : at + length]) == form:
                    free = at + length
                    found.append((at, free, concepts))
                    break
            else:
                named = single.get(pair[0])
                if named is None:
                    named = self.concepts_of(pair[0])
                if named:
                    found.append((at, at + 1, named))
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the lexicon as JSON-ready values, in a form that loads fast."""
        return {
            "kinds": self.kinds,
            "forms": [[" ".join(form), *concepts] for form, concepts in self.forms.items()],
            "names": [[" ".join(form), name] for form, name in self.names.items()],
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
            {tuple(form.split(" ")): name for form, name in stored["names"]},
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
    concepts = {form: tuple(named) for form, named in forms.items()}
    return _folded(Lexicon(kinds, concepts, {}, prefixes, spellings, known))


def _folded(lexicon: Lexicon) -> Lexicon:
    """Take the names out of a lexicon's forms, and spell those that are left with the names' concepts."""
    kinds = lexicon.kinds
    short: dict[Form, str] = {
        form: named[0] for form, named in lexicon.forms.items() if kinds[named[0]] == "name" and len(form) == 1
    }
    short_names = Lexicon(kinds, {}, short)
    names = dict(short)
    for form, named in lexicon.forms.items():
        if kinds[named[0]] == "name" and len(form) > 1:
            names.setdefault(tuple(short_names.folded(form)), named[0])
    known = Lexicon(kinds, {}, names)
    forms: dict[Form, tuple[str, ...]] = {(name,): (name,) for name in dict.fromkeys(names.values())}
    for form, named in lexicon.forms.items():
        if kinds[named[0]] != "name":
            plain = tuple(known.folded(form))
            forms[plain] = tuple(dict.fromkeys((*forms.get(plain, ()), *named)))
    return Lexicon(kinds, forms, names, lexicon.prefixes, lexicon.spellings, lexicon.words)


def _by_start(forms: Mapping[Form, T], length: int) -> dict[Form, list[tuple[Form, T]]]:
    """Return forms of two words or more by their first so many words, the longest first."""
    found: dict[Form, list[tuple[Form, T]]] = {}
    for form, named in forms.items():
        if len(form) > 1:
            found.setdefault(form[:length], []).append((form, named))
    for candidates in found.values():
        candidates.sort(key=lambda candidate: -len(candidate[0]))
    return found


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
