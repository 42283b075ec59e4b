"""The prose in a marked-up text: what a reader would read, and where each character of it stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Markup = Literal["markdown", "rst", "plain"]
Kind = Literal["text", "heading", "cell"]

# What no reader reads is blanked out, never cut out, so that every offset stays what it is in the source.
# Whatever opens first wins. Each alternative either runs on to the end of the text or is bounded, so that a
# text full of openers still takes linear time.
_FRONT_MATTER = r"\A(?P<matter>---|\+\+\+)[ \t]*\n(?=[^\n]*\S)(?s:.*?)^(?:(?P=matter)|\.\.\.)[ \t]*$"
_FENCE = (
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r"(?s:.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
)
_COMMENT = r"^ {0,3}<!--(?s:.*?)(?:-->|\Z)|<!--(?s:.{0,2000}?)-->"
_RAW_ELEMENT = r"(?i:<(?P<raw>script|style|pre|textarea|svg)\b(?s:.*?)(?:</(?P=raw)\s*>|\Z))"
_CODE = r"(?<!`)(?P<tick>`+)(?!`)(?P<code>(?s:.{1,500}?))(?<!`)(?P=tick)(?!`)"
_OPAQUE = re.compile(rf"{_FRONT_MATTER}|{_FENCE}|\\(?=[\\`<])(?s:.)|{_COMMENT}|{_RAW_ELEMENT}|{_CODE}", re.MULTILINE)

_QUOTE = re.compile(r"[ \t]{0,3}>[ \t]?")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]+|$)")
_CLOSING_HASHES = re.compile(r"[ \t]+#+$")
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-+)$")
_RULE = re.compile(r"[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)$")
_ITEM = re.compile(
    r"[ \t]*(?:(?:[-*+\u2022]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?(?:[ \t]+|$)|\[\^[^\]\n]+\]:[ \t]*|:[ \t]+)"
)
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\]\n]+\]:\s*\S+(?:\s+[\"'(].*)?$")
_TABLE_RULE = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?\s*$")
_CELL = re.compile(r"(?:[^|\\\n]|\\[^\n])+")

_TAG = r"</?[A-Za-z][^<>]*>|<[A-Za-z][A-Za-z+.-]*:[^<>\s]*>"
_ENTITY = r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});)"
_STRESS = r"(?<!\w)(?:\*+|_+)(?=\S)|(?<=\S)(?:\*+|_+)(?!\w)|~~"
_LINK = r"!?\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\])*+)\](?:\((?:[^()]|\([^()]*\))*+\)|\[[^\[\]]*\])"
_INLINE = {
    "markdown": re.compile(
        rf"\\(?P<escaped>[!-/:-@\[-`{{-~])|{_CODE}|\[\^[^\]\s]+\]|{_LINK}|{_TAG}|{_ENTITY}|{_STRESS}"
    ),
    "rst": re.compile(rf"\\(?P<escaped>\S)|(?::[\w:+.-]+:)?{_CODE}_{{0,2}}|\[[#*\w]+\]_|{_STRESS}"),
}
_EMBEDDED_TARGET = re.compile(r"\s*<[^<>]*>$")

_RST_EXPLICIT = re.compile(r"[ \t]*\.\.(?:[ \t]+(?:(?P<directive>[\w-]+)::)?|$)")
# Directives whose content is prose.
_RST_READ = {
    "admonition",
    "attention",
    "caution",
    "danger",
    "epigraph",
    "error",
    "hint",
    "highlights",
    "important",
}
_RST_READ |= {"note", "pull-quote", "seealso", "sidebar", "tip", "topic", "warning"}
_RST_ADORNMENT = re.compile(r"[ \t]*(?:([!-/:-@\[-`{-~])\1+|\+[-=+]+\+|=+(?: +=+)+)$")
_RST_ITEM = re.compile(r"[ \t]*(?:(?:[-*+\u2022|]|\(?(?:\d{1,9}|#|[a-zA-Z])[.)])(?:[ \t]+|$)|:[^:\n]+:(?:[ \t]+|$))")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of prose that no sentence crosses the ends of: a paragraph, a list item, a heading, a cell.

    Attributes
    ----------
    text
        The prose, its markup taken off and its white space made single blanks.
    offsets
        For each character of `text`, where it stands in the source.
    kind
        ``"text"``, ``"heading"`` or ``"cell"`` (of a table).
    """

    text: str
    offsets: tuple[int, ...]
    kind: Kind = "text"


def blocks(source: str, markup: Markup = "markdown") -> Iterator[Block]:
    r"""Yield the blocks of prose in `source`, in order.

    Front matter, code, comments, raw HTML, link targets and the strokes of tables are passed over. A code
    span of one word is kept as that word: it names a thing in a sentence.

    Examples
    --------
    >>> [block.text for block in blocks("# A *title*\n\n    code\n\nSee [the\npage](http://a.b).\n")]
    ['A title', 'See the page.']
    """
    source = source.replace("\r\n", " \n").replace("\r", "\n")
    if markup == "markdown":
        source = _OPAQUE.sub(_blanked, source)
        collected = _markdown(source)
    elif markup == "rst":
        source = _without_rst_code(source)
        collected = _rst(source)
    else:
        collected = _plain(source)
    for kind, spans in collected.blocks:
        block = _block(source, spans, kind, _INLINE.get(markup))
        if block.text:
            yield block


class _Collector:
    # The lines of the block that is open, and the blocks that are closed.

    def __init__(self) -> None:
        self.open: list[Span] = []
        self.blocks: list[tuple[Kind, list[Span]]] = []

    def add(self, start: int, end: int) -> None:
        self.open.append((start, end))

    def close(self, kind: Kind = "text") -> None:
        if self.open:
            self.blocks.append((kind, self.open))
            self.open = []

    def whole(self, kind: Kind, start: int, end: int) -> None:
        self.close()
        self.blocks.append((kind, [(start, end)]))


def _lines(source: str) -> Iterator[Span]:
    return (found.span() for found in _LINE.finditer(source))


def _plain(source: str) -> _Collector:
    collected = _Collector()
    for start, end in _lines(source):
        line = source[start:end].strip()
        if not any(character.isalnum() for character in line):
            # A blank line, or a line of strokes, which underlines a heading or parts sections.
            collected.close("heading" if line and len(collected.open) == 1 else "text")
            continue
        if item := _ITEM.match(line):
            collected.close()
            start = source.index(line, start) + item.end()
        collected.add(start, end)
    collected.close()
    return collected


def _blanks(text: str) -> str:
    # With a blank that indents nothing: what follows a comment on its line is not indented code.
    return re.sub(r"[^\n]", "\x1f", text)


def _blanked(found: re.Match[str]) -> str:
    text, code = found.group(), found["code"]
    kept = text.startswith("\\") or (code is not None and not _SPACE.search(code.strip()))
    return text if kept else _blanks(text)


def _markdown(masked: str) -> _Collector:
    collected = _Collector()
    indents = [0]
    in_table = False
    for start, end in _lines(masked):
        while quote := _QUOTE.match(masked, start, end):
            start = quote.end()
        line = masked[start:end].rstrip()
        if not line:
            collected.close()
            in_table = False
            continue
        width = len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))
        if not collected.open:
            while len(indents) > 1 and width < indents[-1]:
                indents.pop()
            if width >= indents[-1] + 4:
                continue  # indented code
        following = _LINE.match(masked, end)
        in_table = "|" in line and (in_table or _is_table_rule(following and following.group()))
        if in_table:
            collected.close()
            if not _is_table_rule(line):
                for cell in _CELL.finditer(masked, start, start + len(line)):
                    collected.whole("cell", *cell.span())
        elif collected.open and _UNDERLINE.match(line):
            collected.close("heading")
        elif _RULE.match(line):
            collected.close()
        elif heading := _HEADING.match(line):
            closing = _CLOSING_HASHES.search(line, heading.end())
            collected.whole("heading", start + heading.end(), start + (closing.start() if closing else len(line)))
        elif item := _ITEM.match(line):
            collected.close()
            while len(indents) > 1 and width < indents[-1]:
                indents.pop()
            indents.append(len(line[: item.end()].expandtabs(4)))
            collected.add(start + item.end(), end)
        elif not _DEFINITION.match(line):
            collected.add(start, end)
    collected.close()
    return collected


def _is_table_rule(line: str | None) -> bool:
    return line is not None and "|" in line and _TABLE_RULE.match(line) is not None


def _without_rst_code(source: str) -> str:
    masked: list[str] = []
    deeper_than: int | None = None
    in_doctest = False
    for start, end in _lines(source):
        line = source[start:end]
        body = line.strip()
        indent = len(line) - len(line.lstrip())
        in_doctest = bool(body) and (in_doctest or body.startswith(">>>"))
        if body and deeper_than is not None and indent <= deeper_than:
            deeper_than = None
        if in_doctest or deeper_than is not None:
            masked.append(_blanks(line))
        elif explicit := _RST_EXPLICIT.match(line):
            if explicit["directive"] in _RST_READ:
                masked.append(" " * explicit.end() + line[explicit.end() :])
            else:
                deeper_than = indent
                masked.append(_blanks(line))
        else:
            if body.endswith("::"):
                deeper_than = indent
            masked.append(line)
    return "".join(masked)


def _rst(masked: str) -> _Collector:
    collected = _Collector()
    for start, end in _lines(masked):
        line = masked[start:end].rstrip()
        if not line:
            collected.close()
        elif _RST_ADORNMENT.match(line):
            collected.close("heading" if len(collected.open) == 1 else "text")
        elif line.endswith("|") and line.lstrip().startswith("|"):
            for cell in _CELL.finditer(masked, start, start + len(line)):
                collected.whole("cell", *cell.span())
        else:
            item = _RST_ITEM.match(line)
            if item:
                collected.close()
                start += item.end()
            collected.add(start, end)
    collected.close()
    return collected


def _block(source: str, spans: list[Span], kind: Kind, inline: re.Pattern[str] | None) -> Block:
    joined = "".join(source[start:end] for start, end in spans)
    places = [at for start, end in spans for at in range(start, end)]
    text: list[str] = []
    offsets: list[int] = []
    for character, at in _read(joined, 0, len(joined), inline):
        if not _SPACE.match(character):
            text.append(character)
            offsets.append(places[at])
        elif text and text[-1] != " ":
            text.append(" ")
            offsets.append(places[at])
    if text and text[-1] == " ":
        del text[-1], offsets[-1]
    return Block("".join(text), tuple(offsets), kind)


def _read(text: str, start: int, end: int, inline: re.Pattern[str] | None) -> Iterator[tuple[str, int]]:
    # Every character that is read, and its place in `text`.
    at = start
    for found in inline.finditer(text, start, end) if inline else ():
        yield from zip(text[at : found.start()], range(at, found.start()), strict=True)
        parts = found.groupdict()
        if parts.get("label") is not None:
            yield from _read(text, *found.span("label"), inline)
        elif parts.get("entity"):
            yield from ((character, found.start()) for character in html.unescape(found["entity"]))
        elif parts["escaped"]:
            yield found["escaped"], found.start("escaped")
        elif parts["code"]:
            code = _EMBEDDED_TARGET.sub("", found["code"])
            if len(found["tick"]) == 1 or not _SPACE.search(code.strip()):
                yield from zip(code, range(found.start("code"), found.start("code") + len(code)), strict=True)
        elif found.group().lower().startswith("<br"):
            yield " ", found.start()
        at = found.end()
    yield from zip(text[at:end], range(at, end), strict=True)
