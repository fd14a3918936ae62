"""The similarity that may remove a document: the same however its texts are scanned."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.duplicates import verified
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.similarity import exact_similarity


def texts(rng: np.random.Generator, count: int) -> list[str]:
    words = [f"word{k}" if k % 3 else f"a-considerably-longer-word{k}" for k in range(400)]
    return [" ".join(rng.choice(words, int(rng.integers(0, 90)))) for _ in range(count)]


@pytest.mark.parametrize("one_array", [True, False])
def test_one_scan_says_what_two_say(monkeypatch: pytest.MonkeyPatch, one_array: bool) -> None:
    rng = np.random.default_rng(11)
    base = texts(rng, 40)
    column = pa.array([*base, *(text.replace("word7", "other") for text in base), None, "two words"], pa.string())
    other = column if one_array else pa.array(column.to_pylist(), pa.large_string())
    left, right = rng.integers(0, len(column), 500), rng.integers(0, len(column), 500)
    left[:40], right[:40] = np.arange(40), np.arange(40) + 40
    settings = DedupSettings(threshold=0.6)
    once = verified.verified_similarity(column, other, left, right, settings)
    monkeypatch.setattr(verified, "CHECKED_BYTES", 500)
    assert verified.verified_similarity(column, other, left, right, settings).tolist() == once.tolist()
    assert exact_similarity(column, other, left, right, settings).tolist() == once.tolist()
    assert (once[:40] > 0).any()
