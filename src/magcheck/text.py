"""From typed text to tokens: what people type in many ways is made one, and each token keeps its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from magcheck.errors import InputError

MAX_CHARACTERS = 10_000
# Marks at the end of a statement say nothing; a question mark does.
CLOSING = frozenset(".,;:=")

# Every alternative starts with another class of character and none nests a repeat in a repeat, so the
# expression takes linear time on any input.
_TOKENS = r"{letter}+(?:['\u2019]{letter}+)?\d*|\d+(?:[.,]\d+)*|[?!]+|%|:+|;+|,+|=+|\.+|&+|\++|<+|>+|/+"
_TOKEN = re.compile(_TOKENS.format(letter=r"[^\W\d_]"))
# The same on ASCII, where letters are told faster.
_ASCII_TOKEN = re.compile(_TOKENS.format(letter="[A-Za-z]"))
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Behind them may stand what closes a quotation, or an emoji.
_TRAILING_TAGS = re.compile(r"(?<!\s)(?:\s+[#@]\w+)+[^\w#@?]*$")
_UNTAGGED_WORD = re.compile(r"(?<![#@\w])\w")

# Signs that stand for words: arrows, ticks and crosses, and what is not equal.
_SIGNS = str.maketrans(
    dict.fromkeys("\u2191\u2b06", " up ")
    | dict.fromkeys("\u2193\u2b07", " down ")
    | dict.fromkeys("\u2192\u21d2\u27f6", " leads to ")
    | dict.fromkeys("\u2194\u21d4", " linked with ")
    | dict.fromkeys("\u2713\u2714\u2705", " true ")
    | dict.fromkeys("\u2717\u2718\u274c", " false ")
    | {"\u2260": " not ", "\u2265": ">", "\u2264": "<"}
)
# "i.v.", "A.L.S.": letters with full stops between them are one word, unless that would be "I'm".
_INNER_STOP = re.compile(r"\.[A-Za-z]")
_DOTTED = re.compile(r"\b(?![iI]\.[mM]\b)[A-Za-z](?:\.[A-Za-z]\b)+\.?")
# A full stop behind these ends no sentence.
_SHORTENED = frozenset("approx assoc dr esp etc incl mr mrs ms prof vs".split())
_LONGEST_SHORTENED = max(map(len, _SHORTENED))
_SPACED_STOP = re.compile(r"\.(?=\s)")
_MILLIGRAMS = re.compile(r"(?<=\d)\s?mg\b")
_SAMPLE = re.compile(r"\b[nN](?=\s?[=<>])")
# Letters of other scripts that are drawn like Latin ones (Unicode TR39, the few that occur in practice).
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    "\u03bf\u03b1\u03bd\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "aeopcyxijsdwABEKMHOPCTXIJSoavpABEZHIKMNOPTYX",
)
_WORD_MIX = re.compile(r"\w+")

_ENDINGS: dict[str, tuple[str, ...]] = {
    "'s": (), "'re": ("are",), "'ve": ("have",), "'ll": ("will",), "'d": ("would",), "'m": ("am",)
}  # fmt: skip

_BRITISH = (
    (re.compile(r"is(e|ed|es|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"ys(e|ed|es|ing)$"), r"yz\1"),
    (re.compile(r"our(s|ed|ing|ite|able|hood)?$"), r"or\1"),
    (re.compile(r"tre(s|d)?$"), r"ter\1"),
    (re.compile(r"ogue(s)?$"), r"og\1"),
    (re.compile(r"([aeiou][^aeiou]+[aeiou])ll(ed|ing|er|ers)$"), r"\1l\2"),
    (re.compile(r"ae(?=mi|st|m)|oe(?=de|st)"), "e"),
    (re.compile(r"neurone(s)?$"), r"neuron\1"),
    (re.compile(r"ence$"), "ense"),
    (re.compile(r"programme(s)?$"), r"program\1"),
)
# What any of these has in it; most words have none of it.
_MAYBE_BRITISH = re.compile(r"[iy]s[eia]|our|tre|ogue|ll|ae|oe|neurone|ence|programme")


def clean(statement: str) -> str:
    """Return `statement` with look-alike, invisible and decorated characters made plain.

    Raises
    ------
    InputError
        If `statement` is not text, or is longer than `MAX_CHARACTERS`.
    """
    if not isinstance(statement, str):
        raise InputError(f"a statement must be text, not {type(statement).__name__}")
    if len(statement) > MAX_CHARACTERS:
        raise InputError(
            f"the statement has {len(statement):,} characters, more than {MAX_CHARACTERS:,}; "
            "check it sentence by sentence (magcheck batch --prose FILE)"
        )
    text = statement
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SIGNS))
        text = "".join(map(_unaccented, text))
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Cs"))
        text = _WORD_MIX.sub(_unmask, text)
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(" ", text)
    if "#" in text or "@" in text:
        untagged = _TRAILING_TAGS.sub("", text)
        # Where nothing but tags is said, they are what is said.
        text = untagged if _UNTAGGED_WORD.search(untagged) else text
    return _lengthened(text)


def _lengthened(text: str) -> str:
    """Return `text` with such shorthand as stands for words, or would part sentences, spelt out."""
    if "." in text[:-1]:
        text = _without_inner_stops(text)
    if "mg" in text:
        text = _MILLIGRAMS.sub(" milligrams", text)
    if "=" in text or "<" in text or ">" in text:
        text = _SAMPLE.sub("sample", text)
    return text


def _without_inner_stops(text: str) -> str:
    """Return `text` without the full stops that end no sentence."""
    if _INNER_STOP.search(text):
        text = _DOTTED.sub(lambda dotted: dotted.group().replace(".", ""), text)
    for stop in reversed([found.start() for found in _SPACED_STOP.finditer(text)]):
        if not _SHORTENED.isdisjoint(text[max(stop - _LONGEST_SHORTENED - 1, 0) : stop].lower().split()[-1:]):
            text = text[:stop] + text[stop + 1 :]
    return text


def _unaccented(character: str) -> str:
    # Only of Latin letters: in other scripts, a mark makes another letter.
    plain = unicodedata.normalize("NFD", character)[0]
    return plain if plain.isascii() and character.isalpha() else character


def _unmask(word: re.Match[str]) -> str:
    # A word of letters from one script is left alone: only a mixture is a disguise.
    text = word.group()
    plain = text.translate(_LOOKALIKES)
    return plain if plain != text and plain.isascii() and any(c.isascii() and c.isalpha() for c in text) else text


def tokens(text: str) -> list[str]:
    """Return the words, numbers and telling punctuation marks of cleaned `text`."""
    return (_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text)


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return where each of `tokens` stands in `text`."""
    return [found.span() for found in _TOKEN.finditer(text)]


def plain_words(token: str, spellings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the lower-case words that a token stands for: ``"Won't"`` is ``("will", "not")``.

    Spelling is folded to American forms, rightly or not: it has to be the same word however it is typed,
    not a word of the dictionary.
    """
    word = token.lower().replace("\u2019", "'")
    if not word[0].isalnum():
        # A mark is one mark however often it is typed, and a shout is a full stop.
        return ("?" if "?" in word else "." if word[0] == "!" else word[0],)
    if not word[0].isalpha():
        return (word,)
    spelt = spellings.get(word)
    if spelt is None:
        if "'" not in word:
            return (american(word),)
        cut = word.index("'")
        head, ending = word[:cut], word[cut:]
        spelt = (head, *_ENDINGS[ending]) if ending in _ENDINGS else (word.replace("'", ""),)
    return tuple(american(part) for part in spelt)


def american(word: str) -> str:
    """Fold British spellings of `word` into American ones."""
    if len(word) > 4 and _MAYBE_BRITISH.search(word):
        for pattern, plain in _BRITISH:
            word = pattern.sub(plain, word)
    return word


# Words that mean something else without their ending: what hardly works does not work hard.
_WHOLE = frozenset(
    "barely busted certainly close closely diddly dosed easily entitled evening family flatly frequently handed "
    "hardly hiking kindly largely lasting lately likely lining mainly odds pairing partly primarily provided quite "
    "rarely rating scarcely scraped singly soured spring steeped supply unlikely willing".split()
)
# What is left of *noted* and *curing*. Of a word that ends so itself, the last letter would have been doubled.
_WITHOUT_E = re.compile(r"[^aeiou][aeiouy][^aeiouwxy]|eas")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return `word` without its commonest English endings.

    Lighter than Porter's stemmer: it takes off -s, -ed, -ing and -ly and a final -e of more than four letters, so that
    forms of one word meet while *inflammation* and *inflammatory* stay apart (the lexicon joins those).
    """
    if word in _WHOLE:
        return word
    length = len(word)
    if length > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if length > 6 and word.endswith("ily"):
        return word[:-3] + "y"
    if length > 4 and word.endswith("sses"):
        return word[:-2]
    if length > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
        length -= 1
    if length > 5 and word.endswith("ing"):
        word = word[:-3]
    elif length > 4 and word.endswith("ed") and not word.endswith("eed"):
        word = word[:-2]
    elif length > 5 and word.endswith("ly"):
        word = word[:-2]
    elif length > 4 and word.endswith("e"):
        return word[:-1]
    else:
        return word
    if len(word) == 3 and _WITHOUT_E.fullmatch(word):
        return word + "e"
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
