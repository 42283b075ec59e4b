from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magcheck import Passage, Verdict
from magcheck.files.rows import OutputRow
from magcheck.terminal import (
    Style,
    card,
    display_width,
    line,
    lint_line,
    percent,
    print_cards,
    printable,
    wants_colour,
    wrap,
)

PASSAGE = Passage("7.1.1", "Conclusion", "Taking magnesium does not prevent it.", ("7.1.1", "1.2.3"), 0.91)


class Screen(io.StringIO):
    def __init__(self, terminal: bool = True) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def verdict(basis: str = "contradicted", relevance: float = 0.91, statement: str = "Magnesium prevents ALS") -> Verdict:
    label = {"asserted": "supported", "contradicted": "unsupported"}.get(basis, "uncertain")
    passage = Passage(PASSAGE.id, PASSAGE.section, PASSAGE.text, PASSAGE.source, relevance)
    return Verdict(statement, label, basis, 0.954, {label: 0.954}, (passage,))


@pytest.mark.parametrize(
    ("variables", "terminal", "coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], terminal: bool, coloured: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(Screen(terminal)) is coloured


@pytest.mark.parametrize(("columns", "width"), [("50", 50), ("5", 30), ("500", 96), ("0", 80), ("wide", 80)])
def test_width_follows_the_window_within_what_is_readable(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Style.of(Screen()).width == width


def test_signs_are_plain_where_the_encoding_has_no_others() -> None:
    assert not Style.of(io.TextIOWrapper(io.BytesIO(), "ascii")).signs
    assert Style.of(io.TextIOWrapper(io.BytesIO(), "utf-8")).signs
    assert card(verdict(), Style(signs=False)).isascii()


@pytest.mark.parametrize(
    ("basis", "label", "words"),
    [
        ("asserted", "✓ supported", "The document says so:"),
        ("contradicted", "✗ unsupported", "The document says otherwise:"),
        ("hedged", "? uncertain", "The document leaves it open:"),
        ("not-addressed", "? uncertain", "The document does not speak of it."),
    ],
)
def test_a_card_tells_label_confidence_statement_and_basis(basis: str, label: str, words: str) -> None:
    shown = card(verdict(basis), Style())
    assert shown.startswith(f"{label}  95 %  Magnesium prevents ALS\n  {words}")
    assert PASSAGE.text in shown
    assert "Conclusion, sentences 7.1.1, 1.2.3" in shown


def test_without_a_passage_that_is_near_none_is_shown() -> None:
    shown = card(verdict("not-addressed")._replace(passages=()), Style())
    assert shown.rstrip().endswith("The document does not speak of it.")


def test_a_card_keeps_to_its_width() -> None:
    shown = card(verdict(statement="Magnesium in the diet, taken daily, prevents ALS " * 5), Style(width=40))
    assert max(map(len, shown.splitlines())) <= 40
    assert " ".join(shown.split()).count("taken daily") == 5


def test_a_card_shows_the_reader_s_own_copy() -> None:
    assert "In your copy: It does not." in card(verdict(), Style(), {"7.1.1": "It does not."})
    assert "no sentence fits" in card(verdict(), Style(), {"7.1.1": None})


def test_colours_stand_around_words_and_change_none() -> None:
    import re

    plain, painted = (card(verdict(), Style(colour=colour)) for colour in (False, True))
    assert "\x1b[1;31m✗ unsupported\x1b[0m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


@pytest.mark.parametrize("make", [lambda v: card(v, Style()), lambda v: lint_line("a.md:1:1", v, Style())])
def test_a_statement_cannot_steer_the_terminal(make: object) -> None:
    assert callable(make)
    shown = make(verdict(statement="\x1b]0;owned\x07 magnesium \u202e prevents\r\nALS \x9b31m"))
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\r", "\u202e"}


def test_a_line_is_cut_on_a_terminal_and_whole_in_a_file() -> None:
    said = verdict(statement="Magnesium prevents ALS " * 20)
    assert len(line(said.statement, said, None, Style(width=60, cut=True))) <= 61
    assert said.statement.strip() in line(said.statement, said, None, Style(width=60))
    assert line(None, None, "line 2: has no statement", Style()) == (
        "! error            –    [line 2: has no statement]\n"
    )


def test_cards_are_parted_by_a_blank_line() -> None:
    screen = io.StringIO()
    rows = [OutputRow(1, verdict()), OutputRow(2, None, "line 2: the statement is empty", {}, "")]
    print_cards(rows, screen)
    assert len(screen.getvalue().split("\n\n")) == 2


@pytest.mark.parametrize(
    ("chance", "words"), [(0.0, "<1 %"), (0.005, "<1 %"), (0.5, "50 %"), (0.99, "99 %"), (1.0, ">99 %")]
)
def test_percent(chance: float, words: str) -> None:
    assert percent(chance) == words


@given(st.text(), st.integers(1, 60), st.integers(0, 20))
def test_wrap_loses_no_word_and_keeps_to_the_width(text: str, width: int, first: int) -> None:
    lines = wrap(text, width, first)
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert all(display_width(line) <= width or " " not in line for line in lines[1:])


@given(st.text())
def test_printable_is_one_line_that_is_printable(text: str) -> None:
    assert printable(text).isprintable()
