"""Folders that are a column of the corpus, as Hive writes them: `language=eng/part-00000-of-00001.parquet`."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pyarrow as pa

from corpusmill.transforms.kernels.columns import Rows

NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
"""How Hive spells null."""
PARTITION = "partition"
"""Column of the audit: the folder of the corpus that holds the document."""
MAX_FOLDER_BYTES = 255
"""Bytes that the name of a folder may have on most filesystems."""

PARTITION_TYPES = ("string", "int64", "bool", "date")
"""Types of kept columns whose values name folders; as text they read back as they were."""


class PartitionError(ValueError):
    """A value cannot name a folder; the message says which, and what helps."""


def folders_of(column: pa.Array | pa.ChunkedArray, name: str) -> pa.Array:
    """Return the folder of each value.

    Args:
        column: string, int64, bool or date32 column of n values.
        name: Its name.

    Returns:
        string[n], such as `language=eng`.

    Raises:
        PartitionError: The name of a folder would be longer than filesystems take.

    Example:
        >>> folders_of(pa.array(["eng", "a/b", "..", None]), "language").to_pylist()
        ['language=eng', 'language=a%2Fb', 'language=..', 'language=__HIVE_DEFAULT_PARTITION__']
    """
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = whole.dictionary_encode("encode")
    folders = [_folder(value, name) for value in encoded.dictionary.to_pylist()]
    return pa.array(folders, pa.string()).take(encoded.indices)


def _folder(value: object, name: str) -> str:
    text = NULL_FOLDER if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    folder = f"{quote(name, safe='')}={quote(text, safe='')}"
    if len(folder) > MAX_FOLDER_BYTES:
        raise PartitionError(
            f"output.partition_by: the value {text[:40]!r}... of the column {name!r} makes a folder name of "
            f"{len(folder):,} bytes, and filesystems take {MAX_FOLDER_BYTES}; partition by a column of short values, "
            "such as language"
        )
    return folder


def column_of(folder: str) -> str:
    """Return the name of the column that a folder is a value of."""
    return unquote(folder.partition("=")[0])


def value_of(folder: str, kind: pa.DataType) -> pa.Scalar:
    """Return the value of a folder; null for no folder.

    Example:
        >>> value_of("year=2024", pa.int64()), value_of("lang=__HIVE_DEFAULT_PARTITION__", pa.string()).is_valid
        (<pyarrow.Int64Scalar: 2024>, False)
    """
    _, equals, text = folder.partition("=")
    return pa.scalar(unquote(text) if equals and text != NULL_FOLDER else None, pa.string()).cast(kind)


def with_value(rows: Rows, field: pa.Field, folder: str) -> Rows:
    """Return rows of a file of the corpus with the column that its folder holds, behind the others."""
    return rows.append_column(field, pa.repeat(value_of(folder, field.type), rows.num_rows))
