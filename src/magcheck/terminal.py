"""Verdicts for people: what a terminal shows, with the colour and width that it can take."""

from __future__ import annotations

import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TextIO

from magcheck.verdict import Passage, Verdict

if TYPE_CHECKING:
    from magcheck.files.rows import OutputRow

Article = Mapping[str, str | None]

BASIS_WORDS = {
    "asserted": "the document says so",
    "contradicted": "the document says otherwise",
    "hedged": "the document leaves it open",
    "not-addressed": "the document does not speak of it",
}

_SIGNS = {"supported": "✓", "unsupported": "✗", "uncertain": "?", None: "!"}
_PLAIN_SIGNS = {"supported": "+", "unsupported": "x", "uncertain": "?", None: "!"}
_COLOURS = {"supported": "32", "unsupported": "31", "uncertain": "33", None: "35"}
_BOLD, _DIM = "1", "2"

# Lines longer than this are hard to read, however wide the window is.
_WIDEST, _NARROWEST, _USUAL = 96, 30, 80
_LABEL_WIDTH = len("unsupported")


def wants_colour(stream: TextIO) -> bool:
    """Tell whether `stream` is to be coloured.

    The one place that decides: NO_COLOR (https://no-color.org) forbids, FORCE_COLOR (https://force-color.org)
    demands; else a terminal is coloured unless TERM says that it is dumb.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        columns = int(told)
    else:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns or _USUAL
        except (OSError, ValueError):
            columns = _USUAL
    return max(_NARROWEST, min(columns, _WIDEST))


class Style(NamedTuple):
    """How text is set.

    Attributes
    ----------
    colour
        Whether ANSI colours are used.
    width
        Columns of a line.
    signs
        Whether signs beyond ASCII can be shown.
    cut
        Whether a line that is too wide is cut, as on a terminal, or kept whole, as in a file.
    """

    colour: bool = False
    width: int = _USUAL
    signs: bool = True
    cut: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Return the style that suits `stream`."""
        try:
            "✓✗…–│".encode(stream.encoding or "ascii")
            signs = True
        except (UnicodeEncodeError, LookupError):
            signs = False
        return cls(wants_colour(stream), _width(stream), signs, stream.isatty())

    def paint(self, text: str, *codes: str) -> str:
        """Return `text` in the colours of the ANSI `codes`, or as it is where there are none to be."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and text else text

    def sign(self, label: str | None) -> str:
        """Return the sign of `label`; None stands for an error."""
        return (_SIGNS if self.signs else _PLAIN_SIGNS)[label]

    def cut_to(self, text: str, taken: int) -> str:
        """Return `text` cut to what is left of a line of which `taken` columns are taken, where lines are cut."""
        room = max(self.width - taken, 12)
        if not self.cut or display_width(text) <= room:
            return text
        ellipsis = "…" if self.signs else "..."
        room -= len(ellipsis)
        while (over := display_width(text) - room) > 0:
            text = text[: -max(over // 2, 1)]
        return text.rstrip() + ellipsis


def printable(text: str) -> str:
    r"""Return `text` on one line, with everything that could steer a terminal made visible.

    >>> printable("red \x1b[31m and\na new line")
    'red \\x1b[31m and a new line'
    """
    return _visible(" ".join(text.split()))


def tamed(text: str) -> str:
    r"""Return `text` on as many lines as it has, with everything else that could steer a terminal made visible.

    >>> tamed("red \x1b[31m\tand\nanother line\n")
    'red \\x1b[31m\tand\nanother line\n'
    """
    return re.sub(r"[^\t\n]+", lambda plain: _visible(plain[0]), text)


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def display_width(text: str) -> int:
    """Return how many columns `text` takes on a terminal.

    >>> display_width("ALS"), display_width("漢字")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me") for c in text)


def wrap(text: str, width: int, first: int = 0) -> list[str]:
    """Break `text` at blanks into lines of at most `width` columns, where words allow it.

    Parameters
    ----------
    first
        Columns of the first line that are taken already.

    >>> wrap("eating more of it does not shield anyone", 16)
    ['eating more of', 'it does not', 'shield anyone']
    """
    lines: list[str] = []
    line, used = "", first
    for word in text.split():
        wide = display_width(word)
        if line and used + 1 + wide > width:
            lines.append(line)
            line, used = "", 0
        line, used = (f"{line} {word}", used + 1 + wide) if line else (word, used + wide)
    return [*lines, line]


def percent(chance: float) -> str:
    """Return a probability in words that never claim certainty.

    >>> percent(0.954), percent(0.9991), percent(0.001)
    ('95 %', '>99 %', '<1 %')
    """
    if chance > 0.99:
        return ">99 %"
    return "<1 %" if chance < 0.01 else f"{chance:.0%}".replace("%", " %")


def share(part: float) -> str:
    """Return a share in words, all and nothing as such.

    >>> share(1.0), share(0.9991), share(0.0)
    ('100 %', '>99 %', '0 %')
    """
    return f"{part:.0%}".replace("%", " %") if part in (0, 1) else percent(part)


def card(verdict: Verdict, style: Style, article: Article | None = None) -> str:
    """Return a verdict as a person reads it: label, confidence, statement, and the passage that decides.

    Parameters
    ----------
    article
        The sentences of the reader's own copy of the article, by the ids of the passages that restate them.
    """
    return "\n".join(_card(verdict, style, article)) + "\n"


def _card(verdict: Verdict, style: Style, article: Article | None) -> Iterator[str]:
    sign, sure = style.sign(verdict.label), percent(verdict.confidence)
    head = f"{sign} {verdict.label}  {sure}  "
    colour = _COLOURS[verdict.label]
    first, *rest = wrap(printable(verdict.statement), style.width, len(head))
    yield f"{style.paint(f'{sign} {verdict.label}', _BOLD, colour)}  {sure}  {style.paint(first, _BOLD)}"
    yield from (f"  {style.paint(line, _BOLD)}" for line in rest)
    words = BASIS_WORDS[verdict.basis]
    passage = verdict.passages[0] if verdict.passages else None
    if verdict.basis != "not-addressed" and passage:
        yield f"  {words[0].upper()}{words[1:]}:"
        yield from _quote(passage, style, colour, article)
    elif passage:
        yield f"  {words[0].upper()}{words[1:]}. The nearest it comes to it:"
        yield from _quote(passage, style, _DIM, article)
    else:
        yield f"  {words[0].upper()}{words[1:]}."
    if verdict.explanation is not None:
        for point in verdict.explanation.to_text().splitlines():
            first, *rest = wrap(printable(point), style.width - 4)
            yield f"  {first}"
            yield from (f"    {line}" for line in rest)


def _quote(passage: Passage, style: Style, colour: str, article: Article | None) -> Iterator[str]:
    bar = style.paint("│" if style.signs else "|", colour)
    yield from (f"  {bar} {line}" for line in wrap(printable(passage.text), style.width - 4))
    kind = "sentence" if len(passage.source) == 1 else "sentences"
    where = f"{passage.section}, {kind} {', '.join(passage.source)}"
    dash = "–" if style.signs else "-"
    first, *rest = wrap(printable(where), style.width - 6)
    yield f"  {bar} {style.paint(f'{dash} {first}', _DIM)}"
    yield from (f"  {bar}   {style.paint(line, _DIM)}" for line in rest)
    if article is not None:
        found = article.get(passage.id)
        own = f"In your copy: {found}" if found else "In your copy of the article no sentence fits it."
        yield from (f"  {bar} {line}" for line in wrap(printable(own), style.width - 4))


def lint_line(place: str, verdict: Verdict, style: Style) -> str:
    """Return what was found in prose on one line, with its place in front, where editors look for it."""
    label = style.paint(verdict.label, _COLOURS[verdict.label])
    return f"{place}: {label} ({verdict.confidence:.2f}) {printable(verdict.statement)}\n"


def print_cards(rows: Iterable[OutputRow], stream: TextIO, article: Article | None = None) -> None:
    """Print rows as they come, each as a `card`, or as a line where it is in error."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    style, gap = Style.of(stream), ""
    for row in rows:
        text = card(row.verdict, style, article) if row.verdict else line(row.statement, None, row.error, style)
        stream.write(gap + text)
        stream.flush()
        gap = "\n"


def line(statement: str | None, verdict: Verdict | None, error: str | None, style: Style) -> str:
    """Return a verdict, or the error in its place, on one line."""
    label = verdict.label if verdict else None
    sign, word = style.sign(label), f"{label or 'error':<{_LABEL_WIDTH}}"
    if verdict:
        shown = [sentence for passage in verdict.passages[:1] for sentence in passage.source]
        tail = f"  [{', '.join(shown)}]" if shown and verdict.basis != "not-addressed" else ""
        middle = f"{percent(verdict.confidence):>5}"
    else:
        middle, tail = "    –" if style.signs else "    -", f"  [{printable(error or '')}]"
    text = style.cut_to(printable(statement or ""), len(sign) + len(word) + len(middle) + len(tail) + 5)
    colour = _COLOURS[label]
    return f"{style.paint(f'{sign} {word}', colour)}  {middle}  {text}{style.paint(tail, _DIM)}\n"
