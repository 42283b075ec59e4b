from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from magcheck import Checker
from magcheck.chances import chances_of, logs_of, of_bases
from magcheck.corpus import Corpus, Row
from magcheck.distance import moved
from magcheck.errors import CorpusError, ModelError
from magcheck.model import SQUARE_UNIT, Model, sharp
from magcheck.paths import model_file
from magcheck.training.design import make_reader, squares
from magcheck.training.fit import counted, fit
from magcheck.training.settings import Settings
from magcheck.training.sharpness import fit_sharpness, sharpness_of
from magcheck.training.stance import fit_stance
from magcheck.training.trial import make_trial

SMALL = Settings(features=3000, scores=14, hidden=64, folds=2, passes=40)


@pytest.fixture(scope="module")
def small(corpus: Corpus) -> Corpus:
    # Traps and plain statements, such as people ask, and fresh ones.
    voices = ("animals", "market", "search", "natural1", "natural4", "fresh1", "fresh2")
    rows = tuple(row for row in corpus.rows if row.voice in voices)[::4]
    return replace(corpus, rows=rows)


@pytest.fixture(scope="module")
def fitted(small: Corpus) -> Model:
    return fit(small, SMALL, jobs=1)


def test_the_same_corpus_gives_the_same_bytes(small: Corpus, fitted: Model, tmp_path: Path) -> None:
    fitted.save(tmp_path / "a.npz")
    threads: set[int] = set()
    again = fit(small, SMALL, lambda _: threads.update(pool["num_threads"] for pool in threadpool_info()), jobs=2)
    again.save(tmp_path / "b.npz")
    # What more threads would add up may differ in its last bits, though not of a corpus as small as this.
    assert threads == {1}
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_confidence_is_to_be_right_on_fresh_rows_or_what_comes_nearest(corpus: Corpus) -> None:
    def voices(rows: Sequence[Row]) -> set[str]:
        return {row.voice for row, told in zip(rows, counted(rows), strict=True) if told}

    kinds = ("fresh1", "natural1", "market")
    rows = [row for row in corpus.rows if row.voice in kinds]
    assert [voices([row for row in rows if row.voice in kinds[at:]]) for at in range(3)] == [{one} for one in kinds]
    market = [row for row in rows if row.voice == "market"]
    assert counted(market).tolist() == [row.group is None for row in market]
    assert counted([row for row in market if row.group]).all()


def test_the_exported_model_agrees_with_the_fitted_one(small: Corpus, fitted: Model) -> None:
    reader, encoder = make_reader(small)
    readings = [reader.read(row.statement) for row in small.rows]
    trial = make_trial(small, reader, encoder, readings, SMALL, jobs=1)
    exact = fit_sharpness(trial, fit_stance(trial), counted([small.rows[at] for at in trial.tried]))[-1]
    scores = exact.fitted.scores
    bases = of_bases(chances_of(fitted.grounds(scores[:, :-1])))
    answered = chances_of(logs_of(bases) * sharp(scores[:, -1:]))
    np.testing.assert_allclose(answered, exact.chances(scores), atol=1e-3)
    grounds = exact.head.grounds(scores[:, :-1])
    np.testing.assert_allclose(fitted.grounds(scores[:, :-1]), grounds, atol=1e-2)
    # Weights are rounded to sixteen levels: probabilities differ a little, and verdicts only where this small model is
    # torn between two.
    readings = [fitted.reader.read(row.statement) for row in small.rows]
    chances = moved(exact.chances(exact.fitted.scores), fitted.distance.signs(readings), fitted.arrays.moving)
    answered = fitted.score(readings).bases
    assert np.abs(chances - answered).mean() < 0.01
    second, first = np.sort(chances, axis=1)[:, -2:].T
    sure = first - second > 0.1
    assert sure.mean() > 0.6
    assert np.array_equal(chances[sure].argmax(axis=1), answered[sure].argmax(axis=1))


def test_a_feature_weighs_no_more_than_a_model_can_store() -> None:
    few = squares(np.array([3, 1_000_000]), 1_000_000)
    assert few.tolist() == [127.5, 1.0]
    stored = (few * SQUARE_UNIT).astype(np.uint8)
    assert (stored / SQUARE_UNIT == few).all()


def half_noisy() -> tuple[Any, Any, Any]:
    """Return log-odds, and bases that are theirs in every other row and not always in the rest."""
    rng = np.random.default_rng(0)
    odds = rng.normal(size=(800, 4)) * 4
    noisy = np.arange(800) % 2 == 1
    bases = np.where(noisy & (rng.random(800) < 0.4), rng.integers(0, 4, 800), odds.argmax(axis=1))
    return odds, bases, noisy


def test_confidence_is_that_of_the_rows_that_are_counted() -> None:
    odds, bases, noisy = half_noisy()
    silent = np.zeros((800, 1))
    plain, torn = (sharpness_of(odds, silent, bases, counted / 400)[1] for counted in (~noisy, noisy))
    assert plain > 1.5 * torn


def test_a_sign_of_mistakes_makes_a_statement_less_sure() -> None:
    odds, bases, noisy = half_noisy()
    weights, start = sharpness_of(odds, noisy[:, None].astype(float), bases, np.full(800, 1 / 800))
    assert start + weights[0] < 0.5 * start


def test_sums_are_whole_numbers_and_the_same_alone_in_company_and_for_long_statements(
    checker: Checker, corpus: Corpus
) -> None:
    model = checker.model
    short = [row.statement for row in corpus.rows[::1500]]
    long = ". ".join(row.statement for row in corpus.rows[::800])[:10_000]

    def summed(statements: list[str]) -> Any:
        readings = [model.reader.read(statement) for statement in statements]
        return model.sums(*model.encoder.encode(readings), len(readings))

    # By products in single precision, by sums in double precision, and of weights unpacked one by one.
    found, with_long, alone = summed(short), summed([*short, long]), summed([long])
    assert len(model.known(model.encoder.encode([model.reader.read(long)])[0])[0]) > 512
    assert (found == np.rint(found)).all()
    assert (with_long[:-1] == found).all()
    assert (with_long[-1:] == alone).all()
    assert (found[:3] == np.concatenate([summed([one]) for one in short[:3]])).all()


def test_scores_are_the_same_alone_and_in_company(checker: Checker, corpus: Corpus) -> None:
    readings = [checker.model.reader.read(row.statement) for row in corpus.rows[::2000]]
    many = checker.model.score(readings)
    for at, reading in enumerate(readings):
        one = checker.model.score([reading])
        assert np.array_equal(one.bases[0], many.bases[at])
        assert np.array_equal(one.sentences[0], many.sentences[at])


def test_a_corpus_of_fewer_voices_than_folds_is_learnt_from(corpus: Corpus) -> None:
    rows = tuple(row for row in corpus.rows if row.voice in ("fresh1", "fresh2"))
    model = fit(replace(corpus, rows=rows), replace(SMALL, folds=5, passes=2), jobs=1)
    assert np.isfinite(model.arrays.relevance).all()


def test_round_trip(fitted: Model, tmp_path: Path) -> None:
    fitted.save(tmp_path / "m.npz")
    again = Model.load(tmp_path / "m.npz")
    reading = fitted.reader.read("Magnesium prevents ALS")
    assert np.array_equal(again.score([reading]).bases, fitted.score([reading]).bases)
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def rewritten(path: Path, name: str, content: bytes | None) -> None:
    with zipfile.ZipFile(model_file()) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
            elif content is not None:
                new.writestr(item, content)


def array(values: object) -> bytes:
    held = io.BytesIO()
    np.save(held, np.asarray(values))
    return held.getvalue()


def meta(text: bytes) -> bytes:
    return array(np.frombuffer(zlib.compress(text), np.uint8))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scale.npy", None, "is damaged"),
        ("scale.npy", array([1.0]), "is damaged"),
        ("meta.npy", meta(b'{"format": "magcheck-model", "protocol": 99}'), "protocol 99"),
        ("meta.npy", meta(b"[]"), "is no magcheck model"),
        ("meta.npy", b"junk", "is no magcheck model"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / "m.npz"
    rewritten(path, name, content)
    with pytest.raises(ModelError, match=r"m\.npz") as caught:
        Model.load(path)
    assert said in str(caught.value)
    assert "magcheck train" in str(caught.value)


@pytest.mark.parametrize("kept", [0, 10, 1000, -30])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(Path(model_file()).read_bytes()[:kept])
    with pytest.raises(ModelError, match="magcheck train"):
        Model.load(path)


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (exec, ("raise SystemExit('code ran')",))

    path = tmp_path / "m.npz"
    held = io.BytesIO()
    np.save(held, np.array([Bomb()], dtype=object), allow_pickle=True)
    rewritten(path, "meta.npy", held.getvalue())
    with pytest.raises(ModelError):
        Model.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz: cannot be read"):
        Checker.load(tmp_path / "none.npz")


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda meta: meta["passages"][0].pop(key)


@pytest.mark.parametrize(
    "change",
    [
        _without("stance"),
        _without("source"),
        lambda meta: meta["passages"].clear(),
        lambda meta: meta["sentences"].append("9.9.9"),
        lambda meta: meta["lexicon"].pop("kinds"),
        lambda meta: meta["lexicon"].update(entries="no|=not"),
        lambda meta: meta["lexicon"]["names"].append(["lou gehrig", "nobody"]),
        lambda meta: meta.update(vocabulary=7),
    ],
)
def test_facts_that_do_not_go_together_are_refused(
    fitted: Model, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    forged = copy(fitted)
    forged.meta = deepcopy(fitted.meta)
    change(forged.meta)
    forged.save(tmp_path / "m.npz")
    with pytest.raises(ModelError, match="lacks a part of the model"):
        Model.load(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("bias", lambda array: array * np.inf),
        ("hidden_bias", lambda array: array + 1e300),
        ("relevance", lambda array: array * 1e12),
        ("scale", lambda array: array[1:]),
        ("buckets", lambda array: array + np.uint8(1)),
        ("levels", lambda array: array.T.copy()),
        ("hidden", lambda array: array[:, 1:]),
        ("hidden_bias", lambda array: array[1:]),
        ("hidden", lambda array: array.astype(np.float64)),
        ("out", lambda array: array.T.copy()),
        ("out_bias", lambda array: array[1:]),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(
    fitted: Model, tmp_path: Path, name: str, values: Callable[[Any], Any]
) -> None:
    forged = copy(fitted)
    with np.errstate(all="ignore"):
        forged.arrays = fitted.arrays._replace(**{name: values(getattr(fitted.arrays, name))})
    forged.save(tmp_path / "m.npz")
    with pytest.raises(ModelError, match="magcheck train"):
        Model.load(tmp_path / "m.npz")


@pytest.mark.parametrize("kept", [1, 30])
def test_a_corpus_that_is_too_small_is_told_what_it_lacks(small: Corpus, kept: int) -> None:
    rows = tuple(row for row in small.rows if row.basis != "hedged")[:kept]
    with pytest.raises(CorpusError, match="too few to learn from"):
        fit(replace(small, rows=rows), SMALL, jobs=1)
