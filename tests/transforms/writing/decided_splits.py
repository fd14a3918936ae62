"""Two splits with decisions on them, as the writers of shards find them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpusmill.transforms import sealed
from corpusmill.transforms.coders import encode_batch
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA
from corpusmill.transforms.duplicates.pair_files import NEAR, STORED_SCHEMA
from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import keys_of
from corpusmill.transforms.layout import State
from corpusmill.transforms.writing.shards import DecideSplitFn, PlanShardsFn, ShardTask, SplitRows
from tests.transforms.staged import index

FRAME = "Notes of the harbour office"
WORDS = "tide boat rope quay fog gull net tar oar".split()
TEXTS = [
    [f"{FRAME}\nThe {WORDS[k]} came in and {WORDS[(k * 2 + 1) % 9]} went out again, {k} times." for k in range(5)],
    [f"{FRAME}\nNobody has seen a {WORDS[k + 5]} here since the {WORDS[k]} was sold, {k}." for k in range(3)],
]
DOCUMENTS = [
    [{"id": f"{split}-{row}", "text": text, "score": row} for row, text in enumerate(texts)]
    for split, texts in enumerate(TEXTS)
]
KEPT = {(0, 0), (0, 1), (0, 3), (1, 0), (1, 2)}
"""(split, row) of the others: 0-2 and 0-4 go for 0-0, and 1-1 does."""


def key(split: int, row: int) -> int:
    return int(keys_of(split, np.array([row]))[0])


def duplicates_of(*rows: int) -> pa.RecordBatch:
    """Return rows of some split as duplicates of the first document of all."""
    found = [
        {
            "row": row,
            "partner": key(0, 0),
            "partner_id": "0-0",
            "partner_source": "in.jsonl",
            "partner_offset": 0,
            "partner_text": bytes(16),
            "similarity": 0.9,
        }
        for row in rows
    ]
    return pa.RecordBatch.from_pylist(found, DUPLICATES_SCHEMA)


FAMILIES = [Family(3, "0-0", None, 0.9, 0.9, 0.9, (key(0, 2), key(0, 4), key(1, 1)))]


def write_pairs(state: str) -> None:
    """Write the verified pair of each duplicate of the second split."""
    pair = {
        "right_row": 1,
        "left": key(0, 0),
        "left_id": "0-0",
        "left_source": "in.jsonl",
        "left_offset": 0,
        "right_source": "in.jsonl",
        "right_offset": 1,
        "left_priority": 0,
        "right_priority": 0,
        "similarity": 0.9,
        "with_operators": 0.9,
        "kind": NEAR,
    }
    sealed.write_table(pa.Table.from_pylist([pair], STORED_SCHEMA), State(state).pairs(1), state)


def decided(state: Path, shard_size: int = 1 << 20) -> list[SplitRows]:
    """Index the splits and decide on them; return what the shard tasks need to know of each."""
    indexed = index(state, DedupSettings(), *DOCUMENTS, [])
    write_pairs(str(state))
    groups: dict[int, tuple[list[pa.RecordBatch], list[int]]] = {
        0: ([duplicates_of(4), duplicates_of(2)], []),
        1: ([duplicates_of(1)], [1]),
        2: ([], []),
    }
    decide = DecideSplitFn(str(state), shard_size=shard_size, keyed=True)
    found = []
    for split, own in indexed:
        batches, pairs = groups[split]
        encoded = [encode_batch((split, batch))[1] for batch in batches]
        element: dict[str, Any] = {"indexed": [own], "duplicates": encoded, "pairs": pairs}
        found += [rows for _, rows in decide.process((split, element))]
    return found


def planned(state: Path, shard_size: int = 1 << 20) -> list[ShardTask]:
    """Return the tasks that write the shards, in order."""
    element: dict[str, Any] = {"rows": decided(state, shard_size), "families": FAMILIES}
    return [task for _, task in sorted(PlanShardsFn(str(state), shard_size).process((0, element)))]
