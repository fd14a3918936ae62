"""What the texts of a family of duplicates share."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.duplicates.shared_lines import shared_lines
from corpusmill.transforms.keyed import Keys, by_group, row_of, split_of
from corpusmill.transforms.staging.split_files import SplitFiles

_LEAST_FRAMED = 4
"""Duplicates of a family from which on the lines that its texts share are looked for."""


def lines_shared(family: Family, files: SplitFiles) -> dict[str, Any] | None:
    """Return the lines that the texts of a family share, as the manifest names them; None where there are none.

    Args:
        family: The family.
        files: Where the texts of a few of its documents are read.
    """
    if family.removed < _LEAST_FRAMED:
        return None
    shared = shared_lines(_texts_of(files, np.array(family.samples, np.uint64)))
    return None if shared is None else asdict(shared)


def _texts_of(files: SplitFiles, keys: Keys) -> list[str]:
    """The texts of some documents, ascending by key."""
    return [
        text.as_py()
        for split, at in by_group(split_of(keys))
        for _, column in files.texts(split, row_of(keys[at]))
        for text in column
    ]
