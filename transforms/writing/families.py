"""What the texts of a family of duplicates share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow.compute as pc

from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.duplicates.shared_lines import MAX_TEXT_CHARS, SharedLines, shared_lines
from corpusmill.transforms.keyed import Keys, by_group, row_of, split_of
from corpusmill.transforms.staging.split_files import SplitFiles

_MIN_FRAMED = 4
"""Duplicates of a family from which on the lines that its texts share are looked for."""
_FAMILIES_AT_ONCE = 16
"""Families whose texts are in memory at a time."""


def lines_shared(families: Sequence[Family], files: SplitFiles) -> list[dict[str, Any] | None]:
    """Return for each family the lines that its texts share, as the manifest names them; None where there are none.

    Args:
        families: The families.
        files: Where the texts of a few of their documents are read, each part of a split once.
    """
    samples = [sorted(family.samples) if family.removed >= _MIN_FRAMED else [] for family in families]
    found: list[SharedLines | None] = []
    for start in range(0, len(samples), _FAMILIES_AT_ONCE):
        some = samples[start : start + _FAMILIES_AT_ONCE]
        texts = _texts_of(files, np.unique(np.array([key for keys in some for key in keys], np.uint64)))
        found += [shared_lines([texts[key] for key in keys]) if keys else None for keys in some]
    return [None if shared is None else asdict(shared) for shared in found]


def _texts_of(files: SplitFiles, keys: Keys) -> dict[int, str]:
    """The beginnings of the texts of some documents, ascending and distinct, by key."""
    found: dict[int, str] = {}
    for split, at in by_group(split_of(keys)):
        for places, column in files.texts(split, row_of(keys[at])):
            beginnings = pc.utf8_slice_codeunits(column, 0, MAX_TEXT_CHARS + 1)
            found |= zip(keys[at][places].tolist(), beginnings.to_pylist(), strict=True)
    return found
