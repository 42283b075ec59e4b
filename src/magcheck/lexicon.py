"""The lexicon: which concepts people name, by which words. A table that a person who cannot code can extend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from magcheck.errors import CorpusError
from magcheck.text import CLOSING, clean, plain_words, stem, tokens

if TYPE_CHECKING:
    from pathlib import Path

# Kinds of concept. Cues are a matter of the language and serve any document; the others belong to one.
CUE_KINDS = frozenset(
    "negation affirmation hedge certainty openness quantifier attribution contrast conjunction comparison "
    "question imperative filler spelling".split()
)
TOPIC_KINDS = frozenset(
    "name disease mineral substance form food route quantity state outcome relation direction mechanism body "
    "symptom population gene exposure place time study number property process source other".split()
)

# What parts forms and concepts in a packed entry, and entries in a file. None of them is in a word, and JSON
# spells each as it is, so that a table of thousands is read in one go.
_FORMS, _NAMED, _ENTRIES = "^", "~", "|"
_LETTERS = 2

Match = tuple[int, int, tuple[str, ...]]
Form = tuple[str, ...]
FILLER = "filler"
_CACHED_WORDS = 1 << 16


class Lexicon:
    """Concepts, their kinds, and the words that name them.

    Parameters
    ----------
    kinds
        The kind of each concept, in the table's order.
    entries
        Forms by the first two letters of their first word, as `packed` makes them. They are taken apart when such
        a word is first met: a statement meets few of them.
    names
        Stems of the forms of names, each with its concept.
    prefixes
        Beginnings of words, and the concept each names where the word names none by itself.
    spellings
        Short or slangy words, and the words they stand for.
    words
        The words of all forms as they are spelt; not kept in a model, whose vocabulary has them.
    """

    def __init__(
        self,
        kinds: dict[str, str],
        entries: dict[str, str],
        names: dict[Form, str] | None = None,
        prefixes: Sequence[tuple[str, str]] = (),
        spellings: dict[str, tuple[str, ...]] | None = None,
        words: Iterable[str] = (),
    ) -> None:
        self.kinds = kinds
        self.entries = entries
        self.names = names or {}
        self.prefixes = tuple(prefixes)
        self.spellings = spellings or {}
        self.words = frozenset(words)
        self._known = _Known(self.entries, self.prefixes)
        # Names of several words, by the second of these and by the first; the longest first.
        self._long_names: dict[str, dict[str, list[tuple[Form, str]]]] = {}
        for form, name in sorted(self.names.items(), key=lambda one: -len(one[0])):
            if len(form) > 1:
                self._long_names.setdefault(form[1], {}).setdefault(form[0], []).append((form, name))
        self._in_names = frozenset(self._long_names)

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
        inner = self._in_names
        if inner.isdisjoint(words):
            return []
        found: list[tuple[int, int, str]] = []
        free = 0
        for at in [at for at, word in enumerate(words, -1) if word in inner]:
            for form, name in self._long_names[words[at + 1]].get(words[at], ()) if at >= free else ():
                if tuple(words[at : at + len(form)]) == form:
                    free = at + len(form)
                    found.append((at, free, name))
                    break
        return found

    def folded(self, words: Sequence[str]) -> list[str]:
        """Return stemmed `words` with each name as one word, its concept."""
        plain = [self.name_of(word) for word in words]
        for start, end, name in reversed(self.fold(plain)):
            plain[start:end] = [name]
        return plain

    def concepts_of(self, word: str) -> tuple[str, ...]:
        """Return the concepts that one stemmed `word` names."""
        return self._known[word].concepts

    def match(self, words: list[str]) -> list[Match]:
        """Find the concepts in folded `words`, longest form first, left to right, without overlap.

        Returns
        -------
        list of (start, end, concepts)
            Positions in `words`, and the concepts named there.
        """
        found: list[Match] = []
        free, last = 0, len(words) - 1
        for at, (longer, named) in enumerate(map(self._known.__getitem__, words)):
            if at < free:
                continue
            if longer and at < last and (candidates := longer.get(words[at + 1])):
                for length, rest, concepts in candidates:
                    if words[at + 2 : at + length] == rest:
                        free = at + length
                        found.append((at, free, concepts))
                        break
                else:
                    if named:
                        found.append((at, at + 1, named))
            elif named:
                found.append((at, at + 1, named))
        return found

    def filler_at(self, words: list[str], at: int) -> int:
        """Return how many of `words` from `at` on are a filler, the longest that there is."""
        longer, named = self._known[words[at]]
        for length, rest, concepts in longer.get(words[at + 1] if at + 1 < len(words) else "", ()):
            if words[at + 2 : at + length] == rest:
                # "So" is one, "so far" is none.
                return length * (FILLER in concepts)
        return int(FILLER in named)

    def to_json(self) -> dict[str, Any]:
        """Return the lexicon as JSON-ready values, in a form that loads fast."""
        return {
            "kinds": self.kinds,
            "entries": self.entries,
            "names": [[" ".join(form), name] for form, name in self.names.items()],
            "prefixes": [list(pair) for pair in self.prefixes],
            "spellings": {word: " ".join(spelt) for word, spelt in self.spellings.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Lexicon:
        """Return the lexicon that `to_json` stored.

        Raises
        ------
        ValueError
            If its parts do not go together.
        """
        try:
            kinds, entries = stored["kinds"], stored["entries"]
            names = {tuple(form.split(" ")): name for form, name in stored["names"]}
            prefixes = [(prefix, concept) for prefix, concept in stored["prefixes"]]
            spellings = {word: tuple(spelt.split()) for word, spelt in stored["spellings"].items()}
            texts = chain(kinds.values(), entries.values(), names.values(), *prefixes)
            whole = all(isinstance(text, str) for text in texts) and kinds.keys() >= set(names.values())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the lexicon is not as it is stored ({error!r})") from error
        if not whole:
            raise ValueError("the parts of the lexicon do not go together")
        return cls(kinds, entries, names, prefixes, spellings)


class _Entry(NamedTuple):
    """What begins with a word: longer forms by their second word, the longest first, and the concepts of itself.

    Of a longer form, its length, the words from the third on and its concepts.
    """

    longer: dict[str, list[tuple[int, list[str], tuple[str, ...]]]]
    concepts: tuple[str, ...]


class _Known(dict[str, _Entry]):
    """The entries of words, each taken apart once."""

    def __init__(self, entries: Mapping[str, str], prefixes: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._entries, self._prefixes = entries, prefixes
        self._opened: dict[str, dict[str, str]] = {}

    def _lines(self, word: str) -> list[str]:
        letters = word[:_LETTERS]
        opened = self._opened.get(letters)
        if opened is None:
            parts = self._entries.get(letters, "").split(_ENTRIES)
            opened = self._opened[letters] = dict(zip(parts[::2], parts[1::2], strict=False))
        return opened[word].split(_FORMS) if word in opened else []

    def __missing__(self, word: str) -> _Entry:
        longer: dict[str, list[tuple[int, list[str], tuple[str, ...]]]] = {}
        named: tuple[str, ...] = ()
        for line in self._lines(word):
            rest, _, concepts = line.partition(_NAMED)
            if rest:
                second, *others = rest.split(" ")
                longer.setdefault(second, []).append((len(others) + 2, others, tuple(concepts.split(" "))))
            else:
                named = tuple(concepts.split(" "))
        for candidates in longer.values():
            candidates.sort(key=lambda candidate: -candidate[0])
        named = named or tuple(concept for prefix, concept in self._prefixes if word.startswith(prefix))
        if len(self) >= _CACHED_WORDS:
            self.clear()
        found = self[word] = _Entry(longer, named)
        return found


def packed(forms: Mapping[Form, tuple[str, ...]]) -> dict[str, str]:
    """Return forms by the first letters of their first word: for each word, the other words and the concepts.

    >>> packed({("no", "link"): ("unrelated",), ("no",): ("not",), ("none",): ("not",)})
    {'no': 'no|link~unrelated^~not|none|~not'}
    """
    lines: dict[str, list[str]] = {}
    for (first, *rest), concepts in forms.items():
        lines.setdefault(first, []).append(" ".join(rest) + _NAMED + " ".join(concepts))
    drawers: dict[str, list[str]] = {}
    for first, one in lines.items():
        drawers.setdefault(first[:_LETTERS], []).extend((first, _FORMS.join(one)))
    return {letters: _ENTRIES.join(drawer) for letters, drawer in drawers.items()}


def spelt(form: str, spellings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a form's words, spelt as they are read in a statement."""
    words = [word for token in tokens(clean(form)) for word in plain_words(token, spellings)]
    while words and words[-1] in CLOSING:
        del words[-1]
    return tuple(words)


def load(*paths: Path) -> Lexicon:
    """Read lexicon tables: tab-separated lines of concept, kind and forms parted by ``;``.

    Of every table but the first only the cues are taken.

    Raises
    ------
    CorpusError
        If a line is malformed, naming the file and the line.
    """
    kinds: dict[str, str] = {}
    listed: list[tuple[str, str]] = []
    spellings: dict[str, tuple[str, ...]] = {}
    for position, path in enumerate(paths):
        for concept, kind, words in _lines(path):
            if position and (kind not in CUE_KINDS or concept in kinds):
                continue
            if kind == "spelling":
                spellings.update({word: tuple(concept.split()) for word in words})
            else:
                kinds[concept] = kind
                listed += [(concept, word) for word in words]
    forms: dict[Form, list[str]] = {}
    prefixes: list[tuple[str, str]] = []
    known: set[str] = set()
    for concept, form in listed:
        if form.endswith("*"):
            prefixes.append((form[:-1], concept))
        else:
            plain = spelt(form, spellings)
            known.update(plain)
            named = forms.setdefault(tuple(map(stem, plain)), [])
            if concept not in named:
                named.append(concept)
    concepts = {form: tuple(named) for form, named in forms.items()}
    names = _names(kinds, concepts)
    return Lexicon(kinds, packed(_without(names, kinds, concepts)), names, prefixes, spellings, known)


def _names(kinds: dict[str, str], forms: Mapping[Form, tuple[str, ...]]) -> dict[Form, str]:
    """Return the forms of names; in those of several words, names of one word are folded."""
    named = {form: concepts[0] for form, concepts in forms.items() if kinds[concepts[0]] == "name"}
    names: dict[Form, str] = {form: name for form, name in named.items() if len(form) == 1}
    short = Lexicon(kinds, {}, dict(names))
    for form, name in named.items():
        if len(form) > 1:
            names.setdefault(tuple(short.folded(form)), name)
    return names


def _without(
    names: dict[Form, str], kinds: dict[str, str], forms: Mapping[Form, tuple[str, ...]]
) -> dict[Form, tuple[str, ...]]:
    """Return the forms that are no names, with the names in them folded, and each name's concept as its own form."""
    known = Lexicon(kinds, {}, names)
    plain: dict[Form, tuple[str, ...]] = {(name,): (name,) for name in dict.fromkeys(names.values())}
    for form, concepts in forms.items():
        if kinds[concepts[0]] != "name":
            folded = tuple(known.folded(form))
            plain[folded] = tuple(dict.fromkeys((*plain.get(folded, ()), *concepts)))
    return plain


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
        if not all(word.endswith("*") or spelt(word, {}) for word in words):
            raise CorpusError(f"{where}: a form of {concept!r} has no word in it")
        yield concept, kind, words
