"""The index of a split: what later stages ask of a document but its text."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import (
    PUBLISHED_COLUMNS,
    IndexEarlier,
    IndexedSplit,
    column_of,
    document_priorities,
    key_columns,
)
from corpusmill.transforms.staging.split_files import EarlierShard, SplitFiles
from tests.transforms.staged import index, run

pytestmark = pytest.mark.beam

TEXTS = ["The tide came in at noon.", "the TIDE came in at noon!", None, "Nobody saw it.", "x"]


def indexed_of(tmp_path: Path, settings: DedupSettings, *splits: list[dict[str, Any]]) -> list[IndexedSplit]:
    return [split for _, split in index(tmp_path, settings, *splits)]


def test_an_indexed_split_tells_its_rows_and_sources(tmp_path: Path) -> None:
    documents = [{"id": str(k), "text": text} for k, text in enumerate(TEXTS)]
    first, empty, second = indexed_of(tmp_path, DedupSettings(), documents, [], documents[:2])
    assert (first.split, first.rows, first.first_source, first.continues) == (0, 5, "in.jsonl", False)
    assert (first.last_source, first.last_source_rows, first.totals.rows) == ("in.jsonl", 5, 5)
    assert (empty.rows, empty.first_source, empty.last_source_rows) == (0, "", 0)
    assert (second.split, second.rows) == (2, 2)


def test_the_index_has_a_row_for_each_document_and_keys_for_those_that_take_part(tmp_path: Path) -> None:
    documents = [{"id": f"d{k}", "text": text, "score": k} for k, text in enumerate(TEXTS)]
    indexed_of(tmp_path, DedupSettings(keep="highest score"), documents)
    table = SplitFiles(str(tmp_path)).index_of(0)
    assert table["id"].to_pylist() == [f"d{k}" for k in range(5)]
    assert table["active"].to_pylist() == [True, True, False, True, True]
    assert table["bytes"].to_pylist() == [len(text or "") for text in TEXTS]
    assert table["source_row"].to_pylist() == list(range(5))
    groups = table["group_key"].to_pylist()
    assert groups[0] == groups[1]  # the same words
    assert len({*groups[1:2], *groups[3:]}) == 3
    rank = [
        priority
        for priority, active in zip(table["priority"].to_pylist(), table["active"].to_pylist(), strict=True)
        if active
    ]
    assert rank == sorted(set(rank), reverse=True)


def test_an_index_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    documents = [{"id": str(k), "text": text} for k, text in enumerate(TEXTS)]
    first = index(tmp_path, DedupSettings(), documents)
    path = Path(State(str(tmp_path)).index(0))
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    assert index(tmp_path, DedupSettings(), documents) == first
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)


def test_keys_follow_from_the_text_alone() -> None:
    settings = DedupSettings()
    keys = key_columns(pa.array(TEXTS, pa.string()), settings)
    hashes = keys["text_hash"].to_pylist()
    for text, found in zip(TEXTS, hashes, strict=True):
        if text is not None:
            assert found == hashlib.blake2b(text.encode(), digest_size=16).digest()
    alone = key_columns(pa.array(TEXTS[3:4]), settings)
    assert {name: column[0] for name, column in alone.items()} == {name: column[3] for name, column in keys.items()}
    assert keys["band_keys"].type.byte_width == 8 * settings.banding.bands
    nothing = key_columns(pa.array([], pa.string()), settings)
    assert {name: len(column) for name, column in nothing.items()} == dict.fromkeys(keys, 0)


@pytest.mark.parametrize(
    ("keep", "order"),
    [
        ("first", [0, 1, 2, 3]),
        ("longest", [2, 0, 1, 3]),
        ("highest score", [3, 0, 2, 1]),
        ("sources [b*, a*]", [1, 3, 0, 2]),
    ],
)
def test_the_least_priority_stays(keep: str, order: list[int]) -> None:
    table = pa.table(
        {
            "id": ["p", "q", "r", "s"],
            "text": ["two w", "three", "seven letters", ""],
            "score": [5, None, 1, 9],
            "source": ["a.jsonl", "b.jsonl", "a.txt", "b.txt"],
        }
    )
    settings = DedupSettings(keep=keep)
    assert column_of(settings.keep_policy) in table.column_names
    priority = document_priorities(table, settings)
    assert np.lexsort((np.arange(4), priority)).tolist() == order
    exempt = DedupSettings(keep=keep, exempt=("a.txt",))
    assert document_priorities(table, exempt)[2] == STAYS
    assert (document_priorities(table, exempt)[[0, 1, 3]] == priority[[0, 1, 3]]).all()


def test_the_index_of_an_earlier_shard_is_computed_where_there_is_none(tmp_path: Path) -> None:
    settings, texts = DedupSettings(), [text for text in TEXTS if text]
    corpus, own = tmp_path / "corpus.parquet", tmp_path / "state" / "index.parquet"
    pq.write_table(pa.table({"id": ["a", "b", "c", "d"], "text": texts}), corpus, row_group_size=3)
    shard = EarlierShard(-1, 4, 0, "old", str(corpus), str(own), computed=True)
    found = run(
        tmp_path / "run",
        [shard],
        lambda shards: {"out": shards | IndexEarlier(str(tmp_path / "state"), settings)},
    )
    ((split, indexed),) = found["out"]
    assert (split, indexed.rows, indexed.files) == (-1, 4, ())
    table = sealed.read_parquet(str(own))
    assert table.column_names == list(PUBLISHED_COLUMNS)
    assert table["id"].to_pylist() == ["a", "b", "c", "d"]
    assert table["text_hash"].to_pylist() == key_columns(pa.array(texts), settings)["text_hash"].to_pylist()
