"""Broken and odd inputs: texts that trip programs, and bytes with something flipped, lost, doubled or put in."""

from __future__ import annotations

from random import Random

# Each has broken some program: NUL, half a character, marks that turn the direction, joiners, tags, look-alikes, runs.
ODD = (
    "\x00", "\ud800", "\udfff", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u0301" * 40, "\U000e0041", "\uffff",
    "Mаgnеsium", "ＭＡＧＮＥＳＩＵＭ", "𝓜𝓪𝓰", "ﬃ", "ß", "İ", "ı", "ǅ", "½", "²", "٣", "Ⅷ", "\x1b[31m", "\x07",
    "\x7f", "\x85",
    "\u2028", "\u2029", "\r", "\r\n", "\n", "\t", "\x0b", "\x0c", "\x1c",
    "'", "’", "''''", '"', "“", "…", "—", "`", "|",
    "\\", "\\\\", "%s", "%n", "{}", "{0}", "${x}", "../../", "<script>", "</script>", "<!--", "]]>", "&amp;", "=1+1",
    "@SUM(A1)", "-1", "+1", "1e999", "NaN", "1,050,000", "0" * 400, "....", "????", "!!!!", ":::::", "not " * 60,
    "n't", "http://", "www.", "https://" + "a" * 300, "#", "#" * 60, "@", "\U0001f469\u200d\U0001f467",
    "\U0001f3f4\U000e0067\U000e007f", "ا", "ש", "ไทย", "漢字", "a" * 3000,
    "magnesium" * 200, " ", "\u00a0", "\u3000", "",
)  # fmt: skip
_JSON = (
    b"null", b"true", b"-0", b"1e999", b"NaN", b"{}", b"[]", b'""', b'"\\ud800"', b'{"statement": 1}', b"[" * 300,
    b'{"a":' * 300, b'{"statement": "x", "statement": "y"}', b"\\u0000", b'"\\x"', b",", b":", b'"', b"{", b"}", b"]",
)  # fmt: skip
_BYTES = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b", b"PK\x03\x04", b"\xed\xa0\x80", b"\xc3",
    b"\n", b"\r\n", b"\r", b"\t", b",", b";", b'"', b'""', b"'", b"=1+1",
    b"<!--", b"-->", b"```", b"| --- |", b"\x1b[2J",
)  # fmt: skip


def odd_text(rng: Random) -> str:
    """Return a text of odd pieces and characters from anywhere in Unicode."""
    pieces = []
    for _ in range(rng.randint(1, 6)):
        kind = rng.random()
        if kind < 0.4:
            pieces.append(rng.choice(ODD))
        elif kind < 0.7:
            top = rng.choice((0x7F, 0x2FF, 0xFFFF, 0x10FFFF))
            pieces.append("".join(chr(rng.randint(0, top)) for _ in range(rng.randint(1, 12))))
        else:
            words = ("magnesium", "ALS", "does", "not", "prevent", "may", "oil", "cramps", "five", "?", "is", "proven")
            pieces.append(" ".join(rng.choices(words, k=rng.randint(1, 5))))
    return rng.choice(("", " ")).join(pieces)


def changed_text(text: str, rng: Random) -> str:
    """Return `text` with a few things cut, moved, doubled or put in."""
    for _ in range(rng.randint(1, 4)):
        start, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:start] + rng.choice(ODD) + text[start:]
        elif kind == 1:
            text = text[:start] + text[end:]
        elif kind == 2:
            text = text[:end] + text[start:end] * rng.randint(1, 3) + text[end:]
        elif kind == 3:
            text = text[end:] + text[start:end] + text[:start]
        elif kind == 4:
            text = text[:start] + chr(rng.randint(0, 0x10FFFF)) + text[start + 1 :]
        else:
            text = text.swapcase() if rng.random() < 0.5 else text[::-1]
    return text


def changed_bytes(data: bytes, rng: Random) -> bytes:
    """Return `data` with a few bits flipped, or parts lost, doubled or put in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randint(0, len(changed))
        kind = rng.randrange(7)
        if kind <= 2 and changed:
            changed[at % len(changed)] ^= 1 << rng.randrange(8)
        elif kind == 3:
            changed[at:at] = rng.choice(_BYTES)
        elif kind == 4:
            changed[at:at] = rng.choice(_JSON)
        elif kind == 5:
            del changed[at : at + rng.choice((1, 2, 8, 64))]
        else:
            changed[at:at] = changed[at : at + rng.randint(1, 200)]
    if rng.random() < 0.15:
        del changed[rng.randint(0, len(changed)) :]
    return bytes(changed)


def changed_value(value: object, rng: Random, depth: int = 0) -> object:
    """Return a JSON value with one part of it replaced, dropped or of another type."""
    if isinstance(value, dict) and value and (depth == 0 or rng.random() < 0.8):
        name = rng.choice(sorted(value))
        kept = dict(value)
        if rng.random() < 0.2:
            del kept[name]
        else:
            kept[name] = changed_value(value[name], rng, depth + 1)
        return kept
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value[:at] + value[at + 1 :]
        return [*value[:at], changed_value(value[at], rng, depth + 1), *value[at + 1 :]]
    return rng.choice((None, True, -1, 1.5, 10**30, "", "x", "magnesium " * 3, [], {}, [[]], {"a": None}, "\ud800"))
