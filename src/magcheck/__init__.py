"""magcheck checks a statement about magnesium and ALS against one document.

>>> from magcheck import check
>>> verdict = check("Magnesium prevents ALS")
>>> verdict.label, verdict.basis
('unsupported', 'contradicted')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Checker", "ClaimClassifier", "MagcheckError", "Passage", "Verdict", "__version__", "check"]

if TYPE_CHECKING:
    from magcheck.checker import Checker, check
    from magcheck.errors import MagcheckError
    from magcheck.training.estimator import ClaimClassifier
    from magcheck.verdict import Passage, Verdict

# Each public name and the room it lives in. A name is imported when it is first used, so that
# `import magcheck` costs next to nothing and only ClaimClassifier brings in scikit-learn (PEP 562).
_HOME = {
    "Checker": "magcheck.checker",
    "ClaimClassifier": "magcheck.training.estimator",
    "MagcheckError": "magcheck.errors",
    "Passage": "magcheck.verdict",
    "Verdict": "magcheck.verdict",
    "check": "magcheck.checker",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
