"""magcheck's reading of statements as a classifier that scikit-learn can put to any use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from magcheck.features import Encoder, word_features
from magcheck.lexicon import Lexicon
from magcheck.lexicon import load as load_lexicon
from magcheck.paths import corpus_dir
from magcheck.reading import Reader


class Features:
    """Turns a statement into features: what `magcheck.features` makes of its reading.

    Parameters
    ----------
    lexicon
        Names of concepts.
    vocabulary
        Stems of known words, beside those of the lexicon.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str]) -> None:
        self.reader = Reader(lexicon, vocabulary)
        self.encoder = Encoder(lexicon, self.reader.known)

    def __call__(self, statement: str) -> list[int]:
        """Return the features of `statement`, with repeats."""
        reading = self.reader.read(statement)
        words = list(zip(reading.words, reading.surfaces, strict=True))
        features = np.concatenate((self.encoder.encode([reading])[0], word_features(words)[0]))
        return [int(feature) for feature in features]


class ClaimClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify statements by words, letters and concepts as magcheck reads them.

    It learns from statements and labels alone, any labels, and needs neither a document nor evidence.

    Parameters
    ----------
    lexicon : Lexicon, path or None, default=None
        Names of concepts. A path is one of a table like ``corpus/lexicon.tsv``, whose missing cues (negation,
        hedges, …) are taken from the table that comes with magcheck; None is that table itself.
    rarest : int, default=1
        Features of fewer statements are left out.
    C : float, default=10.0
        Inverse strength of regularisation.
    random_state : int, RandomState instance or None, default=0
        Orders the solver's steps.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    vectorizer_ : TfidfVectorizer
        Reads statements into weighted features. Known words are the lexicon's and those of two statements.
    regression_ : OneVsRestClassifier
        The fitted logistic regressions.

    Notes
    -----
    It says what a statement resembles among those it was fitted on, not whether it is true, and shows no
    passage: for that, `magcheck.Checker` is the one. Features are hashes: what one stands for cannot be told
    from it. Fitting takes about 20 seconds for 13,000 statements, whose features are all held in memory.

    Examples
    --------
    >>> from magcheck import ClaimClassifier
    >>> statements = ["Oil helps", "It helped me", "Salt can help", "It never helps", "It did not help"]
    >>> classifier = ClaimClassifier().fit(statements, ["yes", "yes", "yes", "no", "no"])
    >>> classifier.predict(["That does not help", "Water helps"]).tolist()
    ['no', 'yes']
    """

    def __init__(
        self,
        lexicon: Lexicon | str | Path | None = None,
        *,
        rarest: int = 1,
        C: float = 10.0,
        random_state: Any = 0,
    ) -> None:
        self.lexicon = lexicon
        self.rarest = rarest
        self.C = C
        self.random_state = random_state

    def fit(self, X: Iterable[str], y: ArrayLike) -> ClaimClassifier:
        """Fit the classifier.

        Parameters
        ----------
        X : iterable of str, length n_samples
            Statements.
        y : array-like of shape (n_samples,)
            Their labels.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a statement is not text or is too long.
        TypeError
            If one text is given in place of many.
        ValueError
            If there are no statements, not one label for each, or no two different labels.
        """
        statements = _listed(X)
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_consistent_length(statements, labels)
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs two classes or more, and there is {len(self.classes_)} class")
        lexicon = _lexicon(self.lexicon)
        features = Features(lexicon, _common_words(lexicon, statements))
        self.vectorizer_ = TfidfVectorizer(analyzer=features, min_df=self.rarest)
        matrix = self.vectorizer_.fit_transform(statements)
        regression = LogisticRegression(
            C=self.C, solver="liblinear", dual=True, max_iter=1000, random_state=self.random_state
        )
        self.regression_ = OneVsRestClassifier(regression).fit(matrix, labels)
        return self

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        X : iterable of str, length n_samples
            Statements.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; each row sums to 1.
        """
        check_is_fitted(self)
        return np.asarray(self.regression_.predict_proba(self.vectorizer_.transform(_listed(X))))

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """Return the likeliest class of each statement.

        Parameters
        ----------
        X : iterable of str, length n_samples
            Statements.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _listed(statements: Iterable[str]) -> list[str]:
    if isinstance(statements, str):
        raise TypeError("statements must be a list of texts, not one text")
    listed = list(statements)
    if not listed:
        raise ValueError("there are no statements: 0 samples, and at least 1 is needed")
    return listed


def _lexicon(given: Lexicon | str | Path | None) -> Lexicon:
    if isinstance(given, Lexicon):
        return given
    own = corpus_dir() / "lexicon.tsv"
    return load_lexicon(own) if given is None else load_lexicon(Path(given), own)


def _common_words(lexicon: Lexicon, statements: Sequence[str]) -> list[str]:
    plain = Reader(lexicon)
    counts = Counter(word for statement in statements for word in set(plain.read(statement).words))
    return sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))
