from __future__ import annotations

from pathlib import Path

import pytest

from magcheck.corpus import Corpus
from magcheck.errors import CorpusError
from magcheck.lexicon import Lexicon, load
from magcheck.paths import corpus_dir
from magcheck.reading import Reader


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_longest_form_wins(tmp_path: Path) -> None:
    table = write(tmp_path / "lexicon.tsv", "gas\tsubstance\tcarbon dioxide\nmetal\tsubstance\tcarbon; lead*\n")
    lexicon = load(table)
    assert lexicon.match("carbon dioxid and carbon and leaden".split()) == [
        (0, 2, ("gas",)),
        (3, 4, ("metal",)),
        (5, 6, ("metal",)),
    ]


def test_a_form_may_name_several_concepts(tmp_path: Path) -> None:
    table = write(tmp_path / "lexicon.tsv", "down\tdirection\tweaken\nfrail\tsymptom\tweaken\n")
    assert load(table).match(["weaken"]) == [(0, 1, ("down", "frail"))]


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        ("i.v.", "Given I.V. at home"),
        ("b/c", "Weak b/c it failed"),
        ("doesn't hold up", "That does not hold up now"),
        ("1.05 million", "Some 1.05 million people"),
        ("1,050,000", "All 1,050,000 of them"),
        ("↑ risk", "Mg: ↑ risk"),
        ("nmda-r", "NMDA-R blocked"),
        ("four mg", "4 mg or four mg"),
    ],
)
def test_a_form_is_read_as_a_statement_is(tmp_path: Path, form: str, typed: str) -> None:
    spelling = "does not\tspelling\tdoesn't\nare\tspelling\tr\nand\tspelling\tn\n"
    lexicon = load(write(tmp_path / "lexicon.tsv", f"it\trelation\t{form}\n{spelling}"))
    assert [names for _, _, names in Reader(lexicon).read(typed).mentions] == [("it",)]


def test_an_opening_is_not_cut_off_a_longer_form(tmp_path: Path) -> None:
    lexicon = load(write(tmp_path / "lexicon.tsv", "filler\tfiller\tso\nuntil-now\ttime\tso far\n"))
    assert Reader(lexicon).read("So far it is open").words[0] == "so"
    assert Reader(lexicon).read("So it is open").words[0] == "it"


def test_a_second_table_lends_only_cues(tmp_path: Path) -> None:
    own = write(tmp_path / "own.tsv", "bee\tname\tbee\n")
    other = write(tmp_path / "other.tsv", "not\tnegation\tnot\nals\tname\tals\nis not\tspelling\tain't\n")
    lexicon = load(own, other)
    assert lexicon.kinds == {"bee": "name", "not": "negation"}
    assert lexicon.spellings == {"ain't": ("is", "not")}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bee\tname", "has 2 tab-separated fields"),
        ("bee\tinsect\tbee", "kind 'insect' is not known"),
        ("bee\tname\t;", "has no forms"),
        ("bee\tname\tbee; bee", "'bee' stands twice among the forms"),
        ("bee\tname\t!!", "has no word in it"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    table = write(tmp_path / "lexicon.tsv", f"# head\n{line}\n")
    with pytest.raises(CorpusError, match=r"lexicon\.tsv:2: .*" + said.split("'")[-1][:12].replace("(", ".")) as caught:
        load(table)
    assert said in str(caught.value)


def test_a_concept_on_two_lines_is_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "lexicon.tsv", "bee\tname\tbee\nbee\tname\tdrone\n")
    with pytest.raises(CorpusError, match="'bee' stands twice"):
        load(table)


def test_json_round_trip(corpus: Corpus) -> None:
    lexicon = corpus.lexicon
    again = Lexicon.from_json(lexicon.to_json())
    words = Reader(lexicon).read("motor neurone disease isn't prevented by mag tablets").words
    assert again.match(words) == lexicon.match(words) != []


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("prefixes", [["magnes", "magnesium"], [{}, "magnesium"]]),
        ("prefixes", [["magnes", None]]),
        ("entries", {"no": ["not"]}),
        ("entries", ["no"]),
        ("kinds", {"magnesium": 1, "als": "name"}),
        ("kinds", {}),
        ("names", [["motor neurone disease", "als"], ["mg", 4]]),
        ("spellings", {"u": 7}),
    ],
)
def test_parts_that_do_not_go_together_are_refused(part: str, value: object) -> None:
    stored = load(corpus_dir() / "lexicon.tsv").to_json()
    with pytest.raises(ValueError, match="the lexicon"):
        Lexicon.from_json(stored | {part: value})
