"""How well readers agree on the corpus's labels, each having read without seeing any.

    python -m magcheck.training.agreement

prints it for ``corpus/readings.tsv``: the voice and id of a row, and the basis that each of two readers gave it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from magcheck.corpus import Corpus, load
from magcheck.errors import CorpusError
from magcheck.paths import corpus_dir
from magcheck.verdict import BASES, LABEL_OF


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two readers and the corpus agree.

    Attributes
    ----------
    rows
        How many rows both readers read.
    between
        Share of rows to which the readers gave the same label, and the same basis.
    kappa
        Cohen's kappa of the readers, over labels and over bases (Cohen 1960).
    with_corpus
        For each reader, the share of rows whose label, and whose basis, is the corpus's.
    settled
        Share of rows on whose label the corpus and at least one reader agree.
    """

    rows: int
    between: tuple[float, float]
    kappa: tuple[float, float]
    with_corpus: tuple[tuple[float, float], tuple[float, float]]
    settled: float

    def to_text(self) -> str:
        """Return a line for each figure."""
        (a, b), (c, d) = self.with_corpus
        return "\n".join(
            (
                f"rows read blind by two readers: {self.rows}",
                f"readers agree on label {self.between[0]:.1%}, basis {self.between[1]:.1%}",
                f"Cohen's kappa: label {self.kappa[0]:.3f}, basis {self.kappa[1]:.3f}",
                f"first reader agrees with the corpus on label {a:.1%}, basis {b:.1%}",
                f"second reader agrees with the corpus on label {c:.1%}, basis {d:.1%}",
                f"label confirmed by at least one reader: {self.settled:.1%}",
            )
        )


def measure(corpus: Corpus, path: Path) -> Agreement:
    """Measure the agreement of the readings at `path` with each other and with the corpus.

    Raises
    ------
    CorpusError
        If a line is malformed or names no row of the corpus.
    """
    from nltk.metrics.agreement import AnnotationTask

    gold = {(row.voice, row.id): row.basis for row in corpus.rows}
    read: list[tuple[str, str, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 4 or tuple(fields[:2]) not in gold or not set(fields[2:]) <= set(BASES):
            raise CorpusError(f"{path}:{number}: needs voice, id and two bases of a row of the corpus, parted by tabs")
        read.append((gold[fields[0], fields[1]], fields[2], fields[3]))

    def kappa(pairs: list[tuple[str, str]]) -> float:
        told = [(coder, str(at), one) for at, pair in enumerate(pairs) for coder, one in zip("ab", pair, strict=True)]
        return float(AnnotationTask(told).kappa())

    def share(pairs: list[tuple[str, str]]) -> float:
        return sum(a == b for a, b in pairs) / len(pairs)

    labels = [(LABEL_OF[one], LABEL_OF[first], LABEL_OF[second]) for one, first, second in read]
    return Agreement(
        rows=len(read),
        between=(share([(a, b) for _, a, b in labels]), share([(a, b) for _, a, b in read])),
        kappa=(kappa([(a, b) for _, a, b in labels]), kappa([(a, b) for _, a, b in read])),
        with_corpus=(
            (share([(one, a) for one, a, _ in labels]), share([(one, a) for one, a, _ in read])),
            (share([(one, b) for one, _, b in labels]), share([(one, b) for one, _, b in read])),
        ),
        settled=sum(one in (a, b) for one, a, b in labels) / len(labels),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readings", type=Path, nargs="?", default=corpus_dir() / "readings.tsv")
    print(measure(load(), parser.parse_args().readings).to_text())


if __name__ == "__main__":
    main()
