"""The errors that magcheck raises on purpose; each message says what was wrong, where, and what to do."""

from __future__ import annotations


class MagcheckError(Exception):
    """Base of every error that magcheck raises on purpose."""


class CorpusError(MagcheckError):
    """A corpus file holds something that it must not hold."""


class ModelError(MagcheckError):
    """A model file is missing, damaged, or of a kind that this version does not read."""


class InputError(MagcheckError, ValueError):
    """A statement or a file of statements cannot be read."""
