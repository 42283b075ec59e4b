"""Files of statements: reading, writing, long runs, prose and reports."""

from __future__ import annotations

# The kinds of file that are read, and the formats that are written.
KINDS = ("txt", "csv", "tsv", "jsonl", "json", "md", "xlsx")
FORMATS = ("text", "json", "jsonl", "csv", "tsv", "markdown", "html")
