"""Values from JSON and JSON Lines; one bad row never spoils the next."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from magcheck.errors import InputError
from magcheck.files.sources import LONGEST_LINE, Line, Source

_SPACE = re.compile(r"[ \t\r\n]*")
_SEPARATOR = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
# Beyond what a value may be long, a value that does not end is broken.
_LONGEST_VALUE = 4 * LONGEST_LINE


class Value(NamedTuple):
    """One JSON value, where it stands, and what is wrong with it, if anything is."""

    number: int
    value: Any
    fault: str | None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python guards itself against numbers that take long to read.
        raise ValueError(f"a number of {len(text):,} digits is too long") from None


def _float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


# NaN and infinities, which Python would take, could not be written as JSON again.
_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_float, parse_int=_int)


def json_lines(lines: Iterator[Line]) -> Iterator[Value]:
    """Yield the value of each line."""
    for number, (text, fault) in enumerate(lines, 1):
        value = None
        if fault is None:
            try:
                value = _DECODER.decode(text)
            except (ValueError, RecursionError) as error:
                fault = f"broken JSON ({_reason(error)})" if text.strip() else "the line is empty"
        yield Value(number, value, fault)


def _reason(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def json_values(source: Source) -> Iterator[Value]:
    """Yield the elements of a JSON array, or values that stand one after another, as they are read.

    Raises
    ------
    InputError
        Where the text cannot be understood any further, after all that could.
    """
    text = _Text(source)
    text.skip(_SPACE)
    is_array = text.take("[")
    number = 0
    while True:
        text.skip(_SEPARATOR if number else _SPACE)
        if is_array and text.take("]"):
            is_array = False
            text.skip(_SPACE)
        if text.at_end():
            if is_array:
                raise InputError(f"{source.name}: breaks off within its array; what stood before was read")
            return
        number += 1
        try:
            value, fault = text.value()
        except ValueError as error:
            yield Value(number, None, f"broken JSON ({_reason(error)})")
            raise InputError(
                f"{source.name}: element {number} is broken JSON, and what follows it cannot be read; "
                "in JSON Lines (.jsonl) only the row would be lost"
            ) from error
        yield Value(number, value, fault)


class _Text:
    """Text that is taken in as far as it is needed."""

    def __init__(self, source: Source) -> None:
        self._chunks = source.chunks()
        self._checked = source.checked
        self._text = ""
        self._at = 0

    def _more(self, least: int = 1) -> bool:
        """Take in at least so many characters more, or what there is; False where there is nothing."""
        parts = [self._text[self._at :]]
        while least > 0 and (chunk := next(self._chunks, "")):
            parts.append(chunk)
            least -= len(chunk)
        self._text, self._at = "".join(parts), 0
        return len(parts) > 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass over what `pattern` matches."""
        while True:
            found = pattern.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return

    def at_end(self) -> bool:
        """Whether nothing is left; right after `skip`."""
        return self._at == len(self._text)

    def take(self, character: str) -> bool:
        """Pass over `character` if it comes next."""
        taken = self._text.startswith(character, self._at)
        self._at += taken
        return taken

    def value(self) -> tuple[Any, str | None]:
        """Return the value that comes next, and what is wrong with its bytes."""
        while True:
            known = len(self._text) - self._at
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise ValueError("nested too deeply") from error
            except ValueError:
                # It may only be cut off here. Each time twice as much is looked at, so the time stays linear.
                if known > _LONGEST_VALUE or not self._more(known):
                    raise
                continue
            if end == len(self._text) and isinstance(value, int | float) and self._more():
                continue  # A number's end shows only by what follows it.
            text, fault = self._checked(self._text[self._at : end])
            self._at = end
            return (_DECODER.decode(text), fault) if fault else (value, None)
