"""What the tests of Parquet files share."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import PARQUET, Part, Split

TEXTS = ["The tide came in at noon.", "Two boats were late."]


def read(path: Path | str, **settings: Any) -> list[dict[str, Any]]:
    split = Split(0, (Part(str(path), PARQUET),))
    return [row for batch in read_split(split, InputSettings(**settings)) for row in batch.to_pylist()]


def reasons(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["reason"] for row in rows]


def long_texts(path: Path, **options: Any) -> list[str]:
    """Write a row group whose pages are as large as the group: ids of some bytes, and forty texts of 100 kB."""
    texts = [f"{number} " + "the tide came in " * 6000 for number in range(40)]
    pq.write_table(pa.table({"id": [f"d{number}" for number in range(40)], "text": texts}), path, **options)
    return texts
