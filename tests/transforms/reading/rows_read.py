"""What the tests of reading share: reading a split to rows, with what always holds of them."""

import bz2
import gzip
import json
import lzma
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard
from hypothesis import HealthCheck, settings

from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.schema import document_schema
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import JSONL, Part, Split

DEFAULT = InputSettings()


ANY_DIRECTORY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(parts: Iterable[Part], given: InputSettings = DEFAULT, index: int = 0) -> list[dict[str, Any]]:
    """Read parts as one split; return the rows as dicts."""
    batches = list(read_split(Split(index, tuple(parts)), given))
    rows = []
    for batch in batches:
        batch.validate(full=True)
        assert batch.schema.equals(document_schema(given.kept_types()))
        assert 0 < batch.num_rows <= MAX_BATCH_ROWS
        rows += batch.to_pylist()
    assert [(row["split"], row["row"]) for row in rows] == [(index, number) for number in range(len(rows))]
    for row in rows:
        assert (row["text"] is None) == (row["decision"] == "rejected") == bool(row["reason"]) == bool(row["error"])
        assert "\n" not in row["source"]
    return rows


def read_file(path: Path | str, kind: str = JSONL, given: InputSettings = DEFAULT) -> list[dict[str, Any]]:
    return read([Part(str(path), kind)], given)


def brief(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["id"], row["reason"]) for row in rows]


def jsonl(names: Iterable[object], text: str = "t") -> bytes:
    return "".join(json.dumps({"id": name, "text": text}) + "\n" for name in names).encode()


def zstd(data: bytes) -> bytes:
    found: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return found


COMPRESSIONS = [gzip.compress, bz2.compress, lzma.compress, zstd]


def long_window(data: bytes, log: int) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=log, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(data) + packer.flush()
