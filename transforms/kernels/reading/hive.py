"""Folders that are columns, as Hive writes them: `year=2024/part-0.parquet`."""

from __future__ import annotations

from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.reading.columns import kept_column
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REJECTED

_NULL = "__HIVE_DEFAULT_PARTITION__"


def folder_values(source: str) -> dict[str, str]:
    """Return what the folders of a path say.

    Example:
        >>> folder_values("crawl/year=2024/lang=en/part-0.jsonl")
        {'year': '2024', 'lang': 'en'}
    """
    found: dict[str, str] = {}
    for name in source.split("/")[:-1]:
        key, equals, value = name.partition("=")
        if key and equals and value != _NULL:
            found[unquote(key)] = unquote(value)
    return found


def fill_from_folders(batch: pa.RecordBatch, settings: InputSettings) -> pa.RecordBatch:
    """Fill kept columns with what the folders of the sources say, where the records themselves say nothing.

    Args:
        batch: Documents.
        settings: Names the kept columns.
    """
    kept = settings.kept_types()
    if not kept or not batch.num_rows:
        return batch
    for source in pc.unique(batch["source"]).to_pylist():
        if "=" not in source:
            continue
        values = folder_values(source)
        for name in kept.keys() & values.keys():
            value = kept_column([{name: values[name]}], name, settings.keep_columns[name])[0]
            own = pc.and_(pc.equal(batch["source"], source), pc.not_equal(batch["decision"], REJECTED))
            filled = pc.if_else(pc.and_(own, batch[name].is_null()), value, batch[name])
            batch = batch.set_column(batch.schema.get_field_index(name), batch.schema.field(name), filled)
    return batch
