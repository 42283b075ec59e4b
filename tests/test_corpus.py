from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from magcheck.corpus import Corpus, Row, load, read_document, read_frames, read_statements
from magcheck.errors import CorpusError

GOOD = {"id": "a", "statement": "Bees fly.", "basis": "asserted", "evidence": ["1"]}


def written(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


def test_every_sentence_of_the_article_has_a_passage(corpus: Corpus) -> None:
    assert len(corpus.sentences) == 52
    assert {passage.stance for passage in corpus.passages} == {"asserts", "denies", "possible", "reports"}
    assert all(len(passage.source) == 1 and passage.section for passage in corpus.passages)


def test_statements_in_an_archive_are_read_as_those_that_are_not(tmp_path: Path) -> None:
    for name in ("plain", "packed"):
        statements = tmp_path / name / "statements"
        statements.mkdir(parents=True)
        (tmp_path / name / "document.md").write_text("Bees fly. <!-- id: 1; source: 1; stance: asserts -->\n")
        (tmp_path / name / "lexicon.tsv").write_text("bee\tname\tbee; bees\n")
        for voice in ("a-b", "a"):
            written(statements / f"{voice}.jsonl", {key: GOOD[key] for key in GOOD if key != "id"})
    archive = tmp_path / "packed" / "statements.tar.xz"
    with tarfile.open(archive, "w:xz") as packed:
        for voice in ("a-b", "a"):
            packed.add(statements / f"{voice}.jsonl", f"{voice}.jsonl")
    shutil.rmtree(statements)
    plain, unpacked = load(tmp_path / "plain"), load(tmp_path / "packed")
    assert unpacked.rows == plain.rows
    assert unpacked.hash == plain.hash
    whole = archive.read_bytes()
    for content in (b"not compressed", whole[: len(whole) // 2], whole[:20]):
        archive.write_bytes(content)
        with pytest.raises(CorpusError, match=r"statements\.tar\.xz: cannot be unpacked"):
            load(tmp_path / "packed")


def test_a_bad_row_in_an_archive_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "document.md").write_text("Bees fly. <!-- id: 1; source: 1; stance: asserts -->\n")
    (tmp_path / "lexicon.tsv").write_text("bee\tname\tbee; bees\n")
    with tarfile.open(tmp_path / "statements.tar.xz", "w:xz") as packed:
        packed.add(written(tmp_path / "a.jsonl", GOOD, "{"), "a.jsonl")
    with pytest.raises(CorpusError, match=r"statements\.tar\.xz/a\.jsonl:2: is not JSON"):
        load(tmp_path)


def test_frames_stand_around_a_statement_and_are_lent_to_a_corpus_that_has_none(tmp_path: Path, corpus: Corpus) -> None:
    path = tmp_path / "frames.tsv"
    path.write_text("# head\n\ndenied\t{}? No.\naffirmed\tIt is so that {}.\n", "utf-8")
    denied, affirmed = read_frames(path)
    assert (denied.denies, affirmed.denies) == (True, False)
    assert denied.around("bees fly") == "bees fly? No."
    assert affirmed.around("bees {} fly") == "It is so that bees {} fly."
    (tmp_path / "document.md").write_text("Bees fly. <!-- id: 1; source: 1; stance: asserts -->\n")
    (tmp_path / "lexicon.tsv").write_text("bee\tname\tbee; bees\n")
    (tmp_path / "statements").mkdir()
    written(tmp_path / "statements" / "a.jsonl", GOOD)
    assert load(tmp_path).frames == (denied, affirmed)
    own = load(tmp_path).hash
    path.unlink()
    assert load(tmp_path).frames == corpus.frames
    assert load(tmp_path).hash != own


@pytest.mark.parametrize(
    "line", ["denied {}", "perhaps\tIt may be that {}.", "denied\tNo.", "denied\t{} or {}", "denied\t", "denied\t{}"]
)
def test_a_frame_that_is_none_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "frames.tsv"
    path.write_text(f"denied\tIt is a lie that {{}}.\n{line}\n", "utf-8")
    with pytest.raises(CorpusError, match=r"frames\.tsv:2: is no frame; write denied or affirmed, a tab"):
        read_frames(path)


def test_groups_and_voices_are_kept_apart(corpus: Corpus) -> None:
    voices = {row.voice for row in corpus.rows}
    assert len(voices) >= 25
    for row in corpus.rows:
        assert row.group is None or row.group.startswith(f"{row.voice}:")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "is not JSON"),
        (["x"], "is not an object"),
        ({**GOOD, "statement": " "}, "has no statement"),
        ({**GOOD, "basis": "true"}, "basis 'true' is not one of"),
        ({**GOOD, "label": "uncertain"}, "label 'uncertain' does not go with basis 'asserted'"),
        ({**GOOD, "evidence": []}, "needs evidence"),
        ({**GOOD, "basis": "not-addressed"}, "has no evidence"),
        ({**GOOD, "id": "b", "evidence": ["9"]}, "evidence '9' is no sentence of the document"),
        ({**GOOD, "tags": "short"}, "tags is not a list"),
        (GOOD, "id 'a' stands twice"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: Any, said: str) -> None:
    path = written(tmp_path / "voice.jsonl", GOOD, row)
    with pytest.raises(CorpusError) as caught:
        list(read_statements(path, {"1"}))
    assert str(caught.value).startswith(f"{path}:2: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Bees fly. <!-- id: 1; source: 1 -->", "stance missing"),
        ("Bees fly. <!-- id: 1; source: 1; stance: maybe -->", "stance 'maybe' is not one of"),
        ("<!-- id: 1; source: 1; stance: asserts -->", "passage 1 has no text"),
        ("Bees fly. <!-- hello -->", "is not of the form name: value"),
        ("Bees fly.", "holds no passage"),
    ],
)
def test_a_bad_passage_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path / "document.md", "# Bees", line)
    with pytest.raises(CorpusError, match=r"document\.md") as caught:
        read_document(path)
    assert said in str(caught.value)


def test_a_missing_directory_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such directory"):
        load(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"document\.md: cannot be read"):
        load(tmp_path)


def test_the_hash_changes_with_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "statements").mkdir()
    written(tmp_path / "document.md", "# Bees", "Bees fly. <!-- id: 1; source: 1; stance: asserts -->")
    written(tmp_path / "lexicon.tsv", "bee\tname\tbee")
    written(tmp_path / "statements" / "a.jsonl", GOOD)
    first = load(tmp_path)
    written(tmp_path / "statements" / "a.jsonl", {**GOOD, "statement": "Bees walk."})
    assert load(tmp_path).hash != first.hash
    assert "not" in first.lexicon.kinds


@pytest.mark.parametrize(
    ("voice", "natural", "fresh"), [("natural3", True, False), ("fresh1", True, True), ("afresh", False, False)]
)
def test_the_name_of_a_voice_tells_whether_it_is_natural_and_fresh(voice: str, natural: bool, fresh: bool) -> None:
    row = Row("a", "Magnesium prevents ALS", "contradicted", ("7.1.1",), voice=voice)
    assert (row.natural, row.fresh) == (natural, fresh)
