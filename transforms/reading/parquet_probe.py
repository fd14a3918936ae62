"""Reading a Parquet file in a process of its own, to see whether that process survives it.

It imports nothing of corpusmill, so that it starts quickly: `python parquet_probe.py FILE`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

TIMEOUT_S = 300


def survives(path: str) -> bool:
    """Return whether a process can read a local file through, or end with an error that it can tell."""
    try:
        command = [sys.executable, __file__, os.path.abspath(path)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)  # noqa: S603  (no shell)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _read_through(path: str) -> None:
    """Touch all that reading touches: the schema, what the footer says of each column, every page."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        leaves = []
        for group in range(file.num_row_groups):
            metadata = file.metadata.row_group(group)
            for index in range(metadata.num_columns):
                column = metadata.column(index)
                if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page:
                    leaves.append(column.path_in_schema)
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(64, [group], use_threads=False):
                batch.validate()
    with pq.ParquetFile(path, read_dictionary=sorted(set(leaves)), buffer_size=1 << 20, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(64, [group], use_threads=False):
                batch.validate()


if __name__ == "__main__":
    with contextlib.suppress(Exception):  # the reader meets it as well, and says so in a rejected row
        _read_through(sys.argv[1])
