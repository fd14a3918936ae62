"""What is told of a family of duplicates: its size, some members, and the lines that their texts share."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from corpusmill.transforms.duplicates.find import NAMED_SAMPLES, Family
from corpusmill.transforms.kernels.duplicates.shared_lines import shared_lines
from corpusmill.transforms.keyed import Keys, by_group, row_of, split_of
from corpusmill.transforms.staging.split_files import SplitFiles

_LEAST_FRAMED = 4
"""Duplicates of a family from which on the lines that its texts share are looked for."""


def describe_family(family: Family, files: SplitFiles, *, giant: bool) -> dict[str, object]:
    """Return what the manifest says of a family.

    Args:
        family: The family.
        files: Where its documents are read: the texts of a few of them.
        giant: Whether it is so large that it is worth a look.
    """
    samples = np.array(family.samples, np.uint64)
    named = samples[:NAMED_SAMPLES]
    ids = [
        files.index(split, ["id"])["id"][row].as_py()
        for split, row in zip(split_of(named).tolist(), row_of(named).tolist(), strict=True)
    ]
    shared = shared_lines(_texts_of(files, samples)) if family.removed >= _LEAST_FRAMED else None
    return {
        **family._asdict(),
        "samples": ids,
        "giant": giant,
        "shared": None if shared is None else asdict(shared),
    }


def _texts_of(files: SplitFiles, keys: Keys) -> list[str]:
    """The texts of some documents, ascending by key."""
    return [
        text.as_py()
        for split, at in by_group(split_of(keys))
        for _, column in files.texts(split, row_of(keys[at]))
        for text in column
    ]
