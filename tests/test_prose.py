"""Prose: what is read, how it is cut into sentences, which of them are claims about the topic, and where."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magcheck import Checker
from magcheck.errors import InputError
from magcheck.files.markup import Markup, blocks
from magcheck.files.prose import Finding, find, lint
from magcheck.verdict import LABEL_OF, Passage, Verdict

CLAIM = "Magnesium prevents ALS"


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load()


def prose(source: str, markup: Markup = "markdown") -> list[str]:
    return [block.text for block in blocks(source, markup)]


def statements(text: str, checker: Checker, markup: Markup = "markdown") -> list[str]:
    return [finding.statement for finding in find(text, checker, markup=markup)]


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("---\ntitle: No\n---\nYes\n", ["Yes"]),
        ("+++\ntitle = 'No'\n+++\nYes\n", ["Yes"]),
        ("---\n\nYes\n\n---\n\nYes too\n", ["Yes", "Yes too"]),
        ("Yes\n\n```sh\nno\n\nno\n```\nYes too", ["Yes", "Yes too"]),
        ("~~~~\nno\n~~~\nno\n~~~~\nYes", ["Yes"]),
        ("- Yes\n\n  ```\n  no\n  ```\n", ["Yes"]),
        ("Yes\n\n```\nno, to the very end", ["Yes"]),
        ("Yes\n\n    no\n\n\tno\n\nYes too", ["Yes", "Yes too"]),
        ("Yes\n    and on", ["Yes and on"]),
        ("- Yes\n\n    Within the item\n\n        no\n\nYes too", ["Yes", "Within the item", "Yes too"]),
        ("Yes <!-- no\n\nno --> and on", ["Yes", "and on"]),
        ("<!-- no", []),
        ("Of `<!--` and `-->` in code", ["Of <!-- and --> in code"]),
        ("<script>\nno\n</script>\n<pre>no</pre> Yes", ["Yes"]),
        ("A <b>bold</b> word<br>on", ["A bold word on"]),
        ('See [this\npage](http://no.org "no") and ![one](no.png).', ["See this page and one."]),
        ("[![Build](no.svg)](http://no.org)", ["Build"]),
        ("See [this][no].\n\n[no]: http://no.org\n[1]: <no> 'no'\n", ["See this."]),
        ("A note[^1].\n\n[^1]: Its text.\n", ["A note.", "Its text."]),
        ("<https://no.org> Yes", ["Yes"]),
        (
            "**Bold**, _leaning_, ~~gone~~, snake_case, 2 * 3 * 4",
            ["Bold, leaning, gone, snake_case, 2 * 3 * 4"],
        ),
        ("Not \\*starred\\* &amp; so on", ["Not *starred* & so on"]),
        ("The `TRPM7` gene; run `magcheck no no`.", ["The TRPM7 gene; run ."]),
        ("# One #\nTwo\n===\nThree\n---\n***\nFour", ["One", "Two", "Three", "Four"]),
        ("1. One\n2) Two\n* [x] Three\n  more", ["One", "Two", "Three more"]),
        ("> One\n> two\n>\n> > Three", ["One two", "Three"]),
        ("One\n\n| A | B\\|C |\n|---|:-:|\n| D | *E* |\nTwo", ["One", "A", "B|C", "D", "E", "Two"]),
        ("One | two\nthree", ["One | two three"]),
        ("One\r\ntwo\r\n\r\nThree\r\rFour", ["One two", "Three", "Four"]),
        ("\ufeff", ["\ufeff"]),
    ],
)
def test_what_is_read_of_markdown(source: str, read: list[str]) -> None:
    assert prose(source) == read


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("Title\n=====\n\nText.\n", ["Title", "Text."]),
        ("Text::\n\n  no\n\n  no\n\nMore", ["Text::", "More"]),
        (".. code-block:: python\n   :linenos:\n\n   no\n\nYes", ["Yes"]),
        (".. note:: Yes\n   and on\n\n.. a comment\n   no\n", ["Yes and on"]),
        (".. _target:\n\n*Yes* `link <http://no.org>`_ ``code`` :ref:`here`", ["Yes link code here"]),
        (">>> no\nno\n\nYes", ["Yes"]),
        ("- One\n- Two\n\n:Field: three", ["One", "Two", "three"]),
        ("+---+---+\n| A | B |\n+===+===+\n| C | D |\n+---+---+", ["A", "B", "C", "D"]),
    ],
)
def test_what_is_read_of_restructured_text(source: str, read: list[str]) -> None:
    assert prose(source, "rst") == read


def test_plain_text_is_cut_at_blank_lines_items_and_strokes_and_keeps_its_signs() -> None:
    assert prose("TITLE\n-----\nOne *two*\nthree.\n\n- Four\n- `five`\n", "plain") == [
        "TITLE",
        "One *two* three.",
        "Four",
        "`five`",
    ]


@pytest.mark.parametrize("markup", ["markdown", "rst", "plain"])
@given(source=st.text(alphabet=st.one_of(st.sampled_from(list("#*-_=`<>!|[]():\\&;~.+ \t\n\rab")), st.characters())))
@settings(max_examples=150, deadline=None)
def test_every_character_read_stands_in_the_source(source: str, markup: Markup) -> None:
    last = -1
    for block in blocks(source, markup):
        assert len(block.text) == len(block.offsets)
        assert block.text == " ".join(block.text.split(" ")).strip(" ")
        for character, at in zip(block.text, block.offsets, strict=True):
            assert source[at] in (character, "&") or character == " "
        assert list(block.offsets) == sorted(block.offsets)
        assert block.offsets[0] > last
        last = block.offsets[-1]


def test_much_markup_takes_little_time() -> None:
    for piece in (
        "<!-- ",
        "[a",
        "`",
        "![",
        "<pre",
        "*a",
        "a|",
        "```\n",
        "- ",
        "> ",
        "&amp",
        "((",
        "[x](",
        "\\`",
    ):
        prose(piece * 20_000)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "Dr. Gehrig had ALS, e.g. in 1939. Magnesium is old.",
            ["Dr. Gehrig had ALS, e.g. in 1939.", "Magnesium is old."],
        ),
        ("It took approx. 400 mg. The ALS went on.", ["It took approx. 400 mg.", "The ALS went on."]),
        ("Take vitamin C. Magnesium cures ALS.", ["Take vitamin C.", "Magnesium cures ALS."]),
        (
            "J. Smith et al. studied ALS (Fig. 3 vs. Fig. 4).",
            ["J. Smith et al. studied ALS (Fig. 3 vs. Fig. 4)."],
        ),
        ('"It cures ALS." So he said, i.e. he lied.', ['"It cures ALS."', "So he said, i.e. he lied."]),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(text: str, cut: list[str], checker: Checker) -> None:
    found = statements(text, checker)
    assert found == [sentence for sentence in cut if sentence in found]
    assert [sentence for sentence in cut if "ALS" in sentence] == [s for s in found if "ALS" in s]


def test_a_finding_has_the_line_and_column_of_its_first_character(checker: Checker) -> None:
    source = (
        "---\r\ntitle: x\r\n---\r\n\r\n# Über magnesium\r\n\r\nNuts. The **magnesium** [prevents\r\nALS](u). "
        f"*{CLAIM}* always.\r\n\r\n| a | b |\r\n|---|---|\r\n| x | {CLAIM} |\r\n"
    )
    places = [(finding.line, finding.column, finding.statement) for finding in find(source, checker)]
    assert places == [
        (7, 7, "The magnesium prevents ALS."),
        (8, 11, f"{CLAIM} always."),
        (12, 7, CLAIM),
    ]


def test_what_is_no_claim_about_the_topic_is_left_alone(checker: Checker) -> None:
    text = (
        "# Magnesium and the weather\n\nDoes magnesium prevent ALS? And will it cure ALS? What is ALS?\n"
        f"The weather is fine. My cat is called Tom.\n\n{CLAIM}.\n"
    )
    assert statements(text, checker) == [f"{CLAIM}."]


@pytest.mark.parametrize(
    "question",
    [
        "Did you know that magnesium prevents ALS?",
        "Magnesium prevents ALS, right?",
        "So magnesium prevents ALS?",
    ],
)
def test_a_question_that_tells_is_a_claim(question: str, checker: Checker) -> None:
    (finding,) = find(question, checker)
    assert finding.verdict.label == "unsupported"


def test_a_claim_that_the_document_does_not_address_is_reported_where_it_names_the_topic(
    checker: Checker,
) -> None:
    (finding,) = find("Turmeric slows ALS. Turmeric slows Alzheimer's.", checker)
    assert (finding.statement, finding.verdict.basis) == ("Turmeric slows ALS.", "not-addressed")


@pytest.mark.parametrize(
    ("piece", "basis", "relevance", "counts"),
    [
        ("It eases cramps.", "hedged", 0.98, True),
        ("It eases cramps.", "hedged", 0.97, False),
        ("It eases cramps.", "not-addressed", 0.9, False),
        ("It slows the disease.", "contradicted", 0.1, True),
        ("It slows the disease.", "not-addressed", 0.1, False),
        ("It slows MND.", "not-addressed", 0.1, True),
        ("Lack of magnesium weakens.", "not-addressed", 0.1, True),
        ("# Magnesium slows ALS", "contradicted", 0.1, True),
        ("# Magnesium slows ALS", "not-addressed", 0.9, False),
        ("# Magnesium and ALS", "contradicted", 0.9, False),
        ("# It slows the disease", "contradicted", 0.9, False),
        ("| Magnesium slows ALS |\n|---|", "contradicted", 0.1, True),
        ("| Magnesium |\n|---|", "contradicted", 0.9, False),
    ],
)
def test_which_pieces_of_a_text_on_the_topic_are_claims(
    piece: str, basis: str, relevance: float, counts: bool, checker: Checker
) -> None:
    passage = Passage("1", "Section", "Text.", ("1",), relevance)
    verdict = Verdict("", LABEL_OF[basis], basis, 0.9, {}, (passage,))
    answers = cast(Checker, SimpleNamespace(model=checker.model, check=lambda _: verdict))
    assert len(statements(f"{piece}\n\nOf magnesium.", answers)) == 1 + counts


def test_small_talk_beside_a_claim_is_none(checker: Checker) -> None:
    assert statements("Magnesium slows ALS. Spasms are common. They live longer.", checker) == ["Magnesium slows ALS."]


def test_a_text_that_nowhere_names_the_topic_has_no_claims(checker: Checker) -> None:
    assert statements("Putting the oil on your skin may ease cramps. It slows the disease.", checker) == []


def test_a_unit_names_nothing(checker: Checker) -> None:
    assert statements("He took 400 mg of vitamin C, then 500mg more.", checker) == []


def test_a_text_without_full_stops_is_checked_piece_by_piece(checker: Checker) -> None:
    source = "magnesium prevents als and " * 1000
    findings = list(find(source, checker))
    assert " ".join(finding.statement for finding in findings) == source.strip()
    assert all(len(finding.statement) <= 10_000 for finding in findings)
    assert [source[finding.column - 1 :][:9] for finding in findings] == [f.statement[:9] for f in findings]


def test_a_finding_is_shown_as_a_linter_shows_it(checker: Checker) -> None:
    (finding,) = find(CLAIM, checker, file="a.md")
    assert str(finding) == f"a.md:1:1: unsupported ({finding.verdict.confidence:.2f}) {CLAIM}"
    assert str(dataclasses.replace(finding, file=None)).startswith("1:1: unsupported (")
    assert json.loads(json.dumps(finding.to_dict())) == {
        "file": "a.md",
        "line": 1,
        "column": 1,
        **json.loads(json.dumps(finding.verdict.to_dict())),
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.line = 2  # type: ignore[misc]


def test_a_finding_is_a_row_of_a_batch(checker: Checker) -> None:
    (finding,) = find(CLAIM, checker, file="a.md")
    row = finding.to_row(7)
    assert (row.number, row.verdict, row.error, row.statement) == (7, finding.verdict, None, CLAIM)
    assert row.to_dict() == finding.to_dict()


def test_nothing_printed_moves_the_cursor(checker: Checker) -> None:
    (finding,) = find("Magnesium \x1b[2Jprevents\x07 ALS", checker)
    assert str(finding).isprintable()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.md", "a.markdown", "sub/c.rst", "sub/d.txt", "no.py", ".git/no.md", "node_modules/no.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{CLAIM}.\n", encoding="utf-8")
    return tmp_path


def test_folders_are_read_in_the_order_of_their_names_and_each_file_once(folder: Path, checker: Checker) -> None:
    found = [finding.file for finding in lint([folder, folder / "b.md", str(folder / "no.py")], checker)]
    assert found == [str(folder / name) for name in ("a.markdown", "b.md", "sub/c.rst", "sub/d.txt", "no.py")]


def test_a_file_that_cannot_be_read_costs_no_other(folder: Path, checker: Checker) -> None:
    (folder / "b.md").write_bytes(b"Magnesium\nis na\xefve")
    (folder / "empty").mkdir()
    (folder / "sub" / "d.txt").write_bytes(b"\xff\xfe" + "Magnésium: magnesium prevents ALS.".encode("utf-16-le"))
    errors: list[InputError] = []
    found = list(lint([folder / "absent.md", folder, folder / "empty"], checker, on_error=errors.append))
    assert [Path(str(finding.file)).name for finding in found] == ["a.markdown", "c.rst", "d.txt"]
    assert [str(error).split(": ")[0] for error in errors] == [
        str(folder / "absent.md"),
        f"{folder / 'b.md'}:2",
        str(folder / "empty"),
    ]
    for bad in ("absent.md", "b.md", "empty"):
        with pytest.raises(InputError):
            list(lint([folder / bad], checker))
    assert list(lint([folder / "b.md"], checker, encoding="latin-1"))


def test_only_reading_prose_imports_nltk() -> None:
    code = "import sys, magcheck.files.prose; print('nltk' in sys.modules, 'sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"


def test_findings_are_typed(checker: Checker) -> None:
    assert all(isinstance(finding, Finding) for finding in find(CLAIM, checker))
