"""The reading of a statement: its words made plain, and the concepts that they name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, cached_property
from itertools import chain, count
from typing import NamedTuple

from magcheck.grammar import idle_denials
from magcheck.lexicon import Lexicon, Match
from magcheck.text import CLOSING, MAX_CHARACTERS, clean, plain_words, stem, tokens

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Letters that are written for each other by ear.
_ALIKE = ("aeiouy", "csz", "ckq", "fv", "gj", "mn")
_CACHED_WORDS = 1 << 16
# A statement of real words names fewer concepts than these: it bounds what thousands of digits or signs cost.
_MOST_MENTIONS = 2500
# Shorter words have too many neighbours, and longer ones are no words.
_SHORTEST, _LONGEST = 4, 32

# The words that a token stands for, and their stems.
Spelt = tuple[tuple[str, ...], tuple[str, ...]]


class Reading(NamedTuple):
    """What a statement says, as far as words and concepts go.

    Attributes
    ----------
    words
        Stemmed words, one for each plain word of the statement. What a thing is called leaves no trace: a name of
        the kind ``name`` in the lexicon is one word, its concept.
    surfaces
        The plain words before stemming.
    tokens
        For each word, the first and the last token in the text that it came from.
    mentions
        Where in `words` concepts are named: start, end, concepts.
    """

    words: list[str]
    surfaces: list[str]
    tokens: list[tuple[int, int]]
    mentions: list[Match]

    @property
    def is_one_word(self) -> bool:
        """Whether it is one word alone, the same again and again, or none: nothing is claimed of anything."""
        return len(set(self.words)) < 2


class _Plain(dict[str, Spelt]):
    """What tokens stand for, each worked out once."""

    def __init__(self, spelt: Callable[[str], Spelt]) -> None:
        super().__init__()
        self._spelt = spelt

    def __missing__(self, token: str) -> Spelt:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        found = self[token] = self._spelt(token)
        return found


class Reader:
    """Reads statements with a lexicon and a list of known words.

    Parameters
    ----------
    lexicon
        Names of concepts.
    vocabulary
        Words that are known, commonest first. A word of four letters or more that is no form of any of them, or of
        the lexicon's, is taken for a misspelling of the commonest one that is one slip away, if there is one.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Collection[str] = ()) -> None:
        self.lexicon = lexicon
        self.known = list(vocabulary)
        self.known += sorted(lexicon.words.difference(self.known))
        self.vocabulary = frozenset(self.known)
        self._plain = _Plain(self.spelt)

    @cached_property
    def _stems(self) -> frozenset[str]:
        # Only a word that is not known as it stands needs them, and most answers meet none.
        return frozenset(stem(word) for word in self.vocabulary)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return dict(zip(self.known, count()))

    @cached_property
    def _each(self) -> list[tuple[int, int]]:
        # A sign may stand for two words.
        return [(at, at) for at in range(2 * MAX_CHARACTERS)]

    def read(self, statement: str) -> Reading:
        """Read `statement`.

        Raises
        ------
        InputError
            If `statement` is not text or is too long.
        """
        typed = tokens(clean(statement))
        spelt, stems = zip(*map(self._plain.__getitem__, typed), strict=True) if typed else ((), ())
        words, surfaces = [*chain.from_iterable(stems)], [*chain.from_iterable(spelt)]
        if len(words) == len(typed):
            places = self._each[: len(words)]
        else:
            places = [(at, at) for at, one in enumerate(spelt) for _ in one]
        while words and words[-1] in CLOSING:
            del words[-1], surfaces[-1], places[-1]
        for start, end, name in reversed(self.lexicon.fold(words)):
            words[start:end] = surfaces[start:end] = [name]
            places[start:end] = [(places[start][0], places[end - 1][1])]
        if start := self._opening(words):
            words, surfaces, places = words[start:], surfaces[start:], places[start:]
        if "?" in surfaces:
            for at in idle_denials(surfaces):
                del words[at], surfaces[at], places[at]
        return Reading(words, surfaces, places, self.lexicon.match(words)[:_MOST_MENTIONS])

    def spelt(self, token: str) -> Spelt:
        """Return the words that a token stands for, and their stems; a name of one word is its concept."""
        surfaces, stems = [], []
        for word in plain_words(token, self.lexicon.spellings):
            known = self.respell(word)
            stemmed = stem(known)
            name = self.lexicon.name_of(stemmed)
            surfaces.append(known if name == stemmed else name)
            stems.append(name)
        return tuple(surfaces), tuple(stems)

    def _opening(self, words: list[str]) -> int:
        # "Hi all, I read that …": openings that claim nothing are passed over, as many as there are.
        at = 0
        while at < len(words) and (length := self.lexicon.filler_at(words, at)):
            at += length
            while at < len(words) and not words[at][0].isalnum():
                at += 1
        return at if at < len(words) else 0

    def respell(self, word: str) -> str:
        """Return `word`, or the known word that it is one slip of typing away from."""
        if (
            not _SHORTEST <= len(word) <= _LONGEST
            or not word.isascii()
            or not word.isalpha()
            or word in self.vocabulary
            or stem(word) in self._stems
        ):
            return word
        known = self._ranks
        return min(
            known.keys() & _slips(word),
            key=lambda near: (near[0] != word[0], sorted(near) != sorted(word), known[near]),
            default=word,
        )


@cache
def _near() -> dict[str, str]:
    """Return the letters that each letter is taken for: those beside it on the keyboard, and those that sound alike."""
    keys = {key: (column + row / 2, row) for row, one in enumerate(_KEYBOARD) for column, key in enumerate(one)}
    near = {
        letter: {key for key, (x, y) in keys.items() if abs(x - column) <= 1 and abs(y - row) <= 1}
        for letter, (column, row) in keys.items()
    }
    for alike in _ALIKE:
        for letter in alike:
            near[letter].update(alike)
    return {letter: "".join(sorted(letters - {letter})) for letter, letters in near.items()}


def _slips(word: str) -> list[str]:
    # Norvig's spelling corrector: every word one deletion, transposition, replacement or insertion away. But one
    # letter takes another's place only where it is near on the keyboard or sounds alike: "navy" is no slip of "nary".
    near = _near()
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return [
        *[head + tail[1:] for head, tail in cuts if tail],
        *[head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1],
        *[head + letter + tail[1:] for head, tail in cuts if tail for letter in near.get(tail[0], "")],
        *[head + letter + tail for head, tail in cuts for letter in _LETTERS],
    ]
