"""Sequences of lines, from the documents of a test."""

from collections.abc import Iterable

import pyarrow as pa

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence


def sequence_of(*documents: list[str]) -> Sequence:
    """Return the lines with text of documents, matched with the built-in rules."""
    return sequence(split_lines(pa.array(["\n".join(lines) for lines in documents], pa.string())), rule_table())


def texts_of(seq: Sequence, entries: Iterable[int]) -> list[str]:
    """Return the lines of some entries as they are, in order."""
    return [seq.lines.text(int(seq.line[entry])) for entry in sorted(entries)]
