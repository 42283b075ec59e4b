"""The result of a check. Text, JSON, CSV and HTML are functions of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from magcheck.explanation import Explanation

LABELS = ("supported", "unsupported", "uncertain")
BASES = ("asserted", "contradicted", "hedged", "not-addressed")
LABEL_OF: Mapping[str, str] = MappingProxyType(
    {
        "asserted": "supported",
        "contradicted": "unsupported",
        "hedged": "uncertain",
        "not-addressed": "uncertain",
    }
)


class Passage(NamedTuple):
    """One passage of the document, as an answer to a statement.

    Attributes
    ----------
    id, section, text
        The passage's name, the heading it stands under, and its wording in the corpus.
    source
        Ids of the document's sentences that it restates.
    relevance
        How likely the passage settles the statement, from 0 to 1.
    """

    id: str
    section: str
    text: str
    source: tuple[str, ...]
    relevance: float

    def to_dict(self) -> dict[str, Any]:
        """Return the passage as JSON-ready values."""
        return {
            "id": self.id,
            "section": self.section,
            "text": self.text,
            "source": list(self.source),
            "relevance": self.relevance,
        }


class Verdict(NamedTuple):
    """How one statement stands to the document.

    Attributes
    ----------
    statement
        The text as it was given.
    label
        ``"supported"``, ``"unsupported"`` or ``"uncertain"``.
    basis
        ``"asserted"``, ``"contradicted"``, ``"hedged"`` or ``"not-addressed"``.
    confidence
        The calibrated probability of `label`, from 0 to 1.
    probabilities
        The probability of each label; they sum to 1.
    passages
        The passages that decide, best first. Where none does, those nearest to the statement that speak of something
        that it names, if any.
    explanation
        Why, in the model's own terms; only where it was asked for.

    Examples
    --------
    >>> from magcheck import check
    >>> check("Magnesium prevents ALS").label
    'unsupported'
    """

    statement: str
    label: str
    basis: str
    confidence: float
    probabilities: Mapping[str, float]
    passages: tuple[Passage, ...] = ()
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-ready values, the same that ``--format json`` writes."""
        shown: dict[str, Any] = {
            "statement": self.statement,
            "label": self.label,
            "basis": self.basis,
            "confidence": self.confidence,
            "probabilities": dict(self.probabilities),
            "passages": [passage.to_dict() for passage in self.passages],
        }
        if self.explanation is not None:
            shown["explanation"] = self.explanation.to_dict()
        return shown
