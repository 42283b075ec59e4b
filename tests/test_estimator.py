"""ClaimClassifier: scikit-learn's contract, and what it learns."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sklearn
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from magcheck import ClaimClassifier
from magcheck.corpus import load
from magcheck.errors import CorpusError, InputError
from magcheck.lexicon import Lexicon

STATEMENTS = [
    "Magnesium prevents ALS",
    "Magnesium keeps ALS away",
    "Magnesium stops ALS from coming on",
    "Taking magnesium prevents motor neurone disease",
    "Magnesium does not prevent ALS",
    "Magnesium never keeps ALS away",
    "Magnesium won't stop ALS from coming on",
    "Taking magnesium doesn't prevent motor neurone disease",
]
LABELS = ["wrong"] * 4 + ["right"] * 4


@pytest.fixture(scope="module")
def fitted() -> ClaimClassifier:
    return ClaimClassifier().fit(STATEMENTS, LABELS)


class Worded(ClaimClassifier):
    """The classifier behind a door of numbers, so that scikit-learn's checks, which know no text, can ask it.

    Each number becomes a word of its column, its sign and its size, for instance ``ccc2up4``; the checks then
    fit, predict, clone and pickle the classifier itself.
    """

    def fit(self, X: Any, y: ArrayLike) -> Worded:
        super().fit(worded(validate_data(self, X)), y)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        return super().predict_proba(worded(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags


def worded(numbers: NDArray[Any]) -> list[str]:
    def word(column: int, value: float) -> str:
        letter = chr(ord("a") + column % 26)
        return f"{letter * 3}{column}{'up' if value > 0 else 'down'}{min(int(abs(value) * 3), 30)}"

    return [" ".join(word(*pair) for pair in enumerate(row)) for row in numbers]


# Of the class itself, scikit-learn asks but for a clone: its tags say that it takes a list of texts, and
# every other check hands over a table of numbers. Behind the door of `Worded` none is expected to fail.
EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks([Worded()], expected_failed_checks=lambda _: EXPECTED_FAILURES)  # type: ignore
def test_common_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_tags_say_that_it_takes_texts() -> None:
    tags = sklearn.utils.get_tags(ClaimClassifier())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.estimator_type == "classifier"


def test_it_learns_what_turns_the_label(fitted: ClaimClassifier) -> None:
    asked = ["MND is prevented by magnesium", "Magnesium can't keep Lou Gehrig's disease away"]
    assert fitted.predict(asked).tolist() == ["wrong", "right"]
    assert fitted.score(STATEMENTS, LABELS) == 1.0


def test_probabilities_are_those_of_the_classes(fitted: ClaimClassifier) -> None:
    assert fitted.classes_.tolist() == ["right", "wrong"]
    chances = fitted.predict_proba([*STATEMENTS, "", "🙂", "完全に無関係"])
    assert chances.shape == (len(STATEMENTS) + 3, 2)
    assert np.isfinite(chances).all()
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert (fitted.classes_[chances.argmax(axis=1)][:-3] == LABELS).all()


@pytest.mark.parametrize(
    "labels",
    [[0, 0, 1, 1, 2, 2, 3, 3], [True] * 4 + [False] * 4, list("aabbccaa")],
    ids=["int", "bool", "str"],
)
def test_any_labels_do(labels: list[Any]) -> None:
    classifier = ClaimClassifier(C=1e4).fit(STATEMENTS, labels)
    assert classifier.classes_.tolist() == sorted(set(labels))
    assert classifier.predict(STATEMENTS).tolist() == labels


def test_parameters_are_stored_as_given_and_cloned() -> None:
    lexicon = load().lexicon
    classifier = ClaimClassifier(lexicon, rarest=2, C=3.0, random_state=7)
    assert classifier.get_params() == {"lexicon": lexicon, "rarest": 2, "C": 3.0, "random_state": 7}
    twin = clone(classifier.fit(STATEMENTS, LABELS))
    assert not hasattr(twin, "classes_")
    assert twin.get_params()["rarest"] == 2
    assert isinstance(twin.lexicon, Lexicon)
    assert (twin.fit(STATEMENTS, LABELS).predict_proba(STATEMENTS) == classifier.predict_proba(STATEMENTS)).all()


def test_it_searches_a_grid_and_ends_a_pipeline() -> None:
    def shorten(statements: list[str]) -> list[str]:
        return [statement.removesuffix(" Thanks all") for statement in statements]

    pipeline = make_pipeline(FunctionTransformer(shorten), ClaimClassifier())
    search = GridSearchCV(pipeline, {"claimclassifier__C": [0.1, 10.0], "claimclassifier__rarest": [1, 2]}, cv=2)
    search.fit([f"{statement} Thanks all" for statement in STATEMENTS], LABELS)
    assert search.best_score_ == 1.0
    assert search.predict(["Magnesium cannot prevent ALS Thanks all"]).tolist() == ["right"]
    assert cross_val_score(ClaimClassifier(), STATEMENTS, LABELS, cv=2).mean() == 1.0


def test_pickle_gives_it_back_the_same(fitted: ClaimClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    asked = [*STATEMENTS, "Mag may well help", "x" * 500]
    assert (again.predict_proba(asked) == fitted.predict_proba(asked)).all()


def test_answers_do_not_depend_on_company_or_container(fitted: ClaimClassifier) -> None:
    together = fitted.predict_proba(STATEMENTS)
    alone = np.concatenate([fitted.predict_proba([one]) for one in STATEMENTS])
    assert (together == alone).all()
    assert (together == fitted.predict_proba(np.array(STATEMENTS))).all()
    assert (together == fitted.predict_proba(np.array(STATEMENTS, dtype=object))).all()
    assert (together == fitted.predict_proba(iter(STATEMENTS))).all()
    assert (together[::-1] == fitted.predict_proba(STATEMENTS[::-1])).all()


def test_lexicon_of_ones_own_joins_words(tmp_path: Any) -> None:
    table = tmp_path / "lexicon.tsv"
    table.write_text("tree\tother\toak; birch; rowan; alder\nfish\tother\tpike; perch; bream; roach\n", "utf-8")
    statements = ["An oak", "A birch", "A pike", "A perch", "Oak or birch", "Pike or perch"]
    labels = ["plant", "plant", "animal", "animal", "plant", "animal"]
    classifier = ClaimClassifier(table).fit(statements, labels)
    assert classifier.predict(["Rowan and alder", "Bream and roach"]).tolist() == ["plant", "animal"]
    # The cues of the language come along; the packaged topic does not.
    kinds = classifier.vectorizer_.analyzer.reader.lexicon.kinds
    assert kinds["tree"] == "other"
    assert "negation" in kinds.values()
    assert "magnesium" in load().lexicon.kinds
    assert "magnesium" not in kinds
    with pytest.raises(CorpusError, match=r"missing.tsv: cannot be read"):
        ClaimClassifier(tmp_path / "missing.tsv").fit(statements, labels)


@pytest.mark.parametrize(
    ("statements", "labels", "error", "message"),
    [
        ("one text", ["a"], TypeError, "list of texts"),
        ([], [], ValueError, "no statements"),
        (["x"], ["a", "b"], ValueError, "inconsistent numbers of samples"),
        (["x", "y"], ["a", "a"], ValueError, "two classes or more, and there is 1 class"),
        (["x", "y"], [0.5, 0.7], ValueError, "Unknown label type"),
        (["x", 3], ["a", "b"], InputError, "must be text, not int"),
        (["x", None], ["a", "b"], InputError, "must be text, not NoneType"),
        (["x", "y" * 10_001], ["a", "b"], InputError, "10,001 characters"),
    ],
)
def test_wrong_use_is_named(statements: Any, labels: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ClaimClassifier().fit(statements, labels)


def test_unfitted_says_so() -> None:
    for method in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(ClaimClassifier(), method)(["x"])


def test_result_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from magcheck import ClaimClassifier;"
        f"c = ClaimClassifier().fit({STATEMENTS!r}, {LABELS!r});"
        "print(c.predict_proba(['Magnesium may hinder ALS']).tobytes().hex())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
