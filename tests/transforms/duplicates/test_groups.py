"""Groups of documents with equal words."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.groups import ResolveGroups
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import keys_of, split_of
from corpusmill.transforms.staging.index import IndexedSplit
from tests.families import corpus
from tests.transforms.staged import index, rows_of, run

pytestmark = pytest.mark.beam


def resolved(folder: Path, splits: list[list[dict[str, Any]]], settings: DedupSettings, exchange: Exchange) -> Any:
    """Return (split, row) of the represented documents, and member -> representative."""
    indexed = index(folder, settings, *splits)
    found = run(
        folder / "groups",
        indexed,
        lambda given: ResolveGroups(str(folder), exchange, within=settings.within is not None).expand(given)._asdict(),
        tuple[int, IndexedSplit],
    )
    demoted = {(split, row["row"]) for split, row in rows_of(found["demoted"])}
    members = {row["member"]: (split, row["representative"]) for split, row in rows_of(found["members"])}
    return demoted, members


@pytest.mark.parametrize("way", [{}, {"through_files": True}, {"through_files": True, "memory_bytes": 1000}], ids=str)
@pytest.mark.parametrize("keep", ["first", "highest score"])
def test_one_document_of_equal_words_represents_all(tmp_path: Path, way: dict[str, Any], keep: str) -> None:
    documents = corpus(11, 60)
    splits = [documents[:25], [], documents[25:]]
    demoted, members = resolved(tmp_path, splits, DedupSettings(keep=keep), Exchange(**way))
    keys = [int(keys_of(split, np.array([row]))[0]) for split, own in enumerate(splits) for row in range(len(own))]
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, document in enumerate(documents):
        words = tuple(re.findall(r"\w+", document["text"].lower()))
        groups.setdefault(words or (document["text"],), []).append(number)
    expected: dict[int, int] = {}
    for group in groups.values():
        first = min(group, key=lambda k: (-documents[k]["score"] if keep != "first" else 0, k))
        expected |= {keys[k]: keys[first] for k in group if k != first}
    assert {member: representative for member, (_, representative) in members.items()} == expected
    assert all(split == split_of(np.array([of], np.uint64))[0] for split, of in members.values())
    assert demoted == {(int(key >> 32) - (1 << 31), key & 0xFFFFFFFF) for key in expected}
    assert expected


def test_documents_that_differ_in_the_column_of_within_are_no_group(tmp_path: Path) -> None:
    same = [{"id": str(k), "text": "The tide came in.", "score": k % 2} for k in range(4)]
    demoted, members = resolved(tmp_path, [same], DedupSettings(within="score"), Exchange())
    assert demoted == {(0, 2), (0, 3)}
    first = int(keys_of(0, np.array([0]))[0])
    assert {member - first: of - first for member, (_, of) in members.items()} == {2: 0, 3: 1}
