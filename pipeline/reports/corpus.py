"""Loading a finished corpus into pandas, with checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from corpusmill.runs.listed_files import describe_gaps
from corpusmill.runs.output_folder import OutputError, load_manifest
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.reading.settings import COLUMN_TYPES
from corpusmill.transforms.kernels.schema import KEPT
from corpusmill.transforms.kernels.writing.partitions import with_value
from corpusmill.transforms.layout import CORPUS, MANIFEST, RESULTS, Output, split_name

if TYPE_CHECKING:
    import pandas as pd


_AGAIN = "make the output again with its command and --overwrite"


class CorpusError(UsageError, ValueError):
    """The folder does not hold a complete corpus."""


def read_manifest(path: str, folders: Sequence[str] = RESULTS) -> dict[str, Any]:
    """Read the manifest of a finished run.

    Args:
        path: The output folder.
        folders: The folders of results that are needed.

    Raises:
        CorpusError: The folder is not the output of a finished run, or of what is needed a file is missing or cut.
    """
    try:
        storage.require_filesystem(path)
    except storage.FilesystemError as error:
        raise CorpusError(str(error)) from None
    try:
        manifest = load_manifest(path)
    except OutputError as error:
        raise CorpusError(str(error)) from None
    if manifest is None:
        raise CorpusError(
            f"{path!r} has no {MANIFEST}: it is not the output of a finished run. If the run was stopped, give its "
            "command again to finish it"
        )
    if gaps := describe_gaps(path, manifest, folders):
        raise CorpusError(f"{path!r} is the output of a finished run, but {gaps}; restore it, or {_AGAIN}")
    return manifest


def check_files(path: str, manifest: dict[str, Any], *folders: str) -> None:
    """Compare files of a finished run with the checksums that its manifest holds, if it holds any.

    Object stores check what they hold by themselves: files there are not read.

    Args:
        path: The output folder.
        manifest: Its manifest.
        folders: Which files.

    Raises:
        CorpusError: A file does not hold what was written to it.
    """
    if not storage.is_local(path):
        return
    for folder in folders:
        for name, checksum in manifest.get("checksums", {}).get(folder, {}).items():
            file = Output(path).file(folder, name)
            if sealed.checksum_of(file) != checksum:
                raise CorpusError(f"{file!r} is damaged: it does not hold what was written to it; {_AGAIN}")


def read_corpus_table(path: str, columns: list[str] | None = None) -> pa.Table:
    """Load the corpus of a finished run as an Arrow table.

    Args:
        path: The output folder of `corpusmill run`.
        columns: Names of the columns to load; None for all.

    Returns:
        The documents in input order, or with `output.partition_by` in that order within each folder of a shard.

    Raises:
        CorpusError: The run is not complete, a file is missing or belongs to another run, or a column does not exist.
    """
    manifest = read_manifest(path, (CORPUS,))
    files = manifest["files"].get(CORPUS)
    if not files:
        raise CorpusError(f"{path!r} is a report only, without a corpus; run again without --report-only")
    metadata = {key.encode(): value.encode() for key, value in manifest["metadata"].items()}
    tables = []
    field = partition_field(manifest)
    by = None if field is None else field.name
    for name in files:
        file = Output(path).file(CORPUS, name)
        with storage.open_parquet(file) as parquet:
            own = {key: value for key, value in (parquet.schema_arrow.metadata or {}).items() if key in metadata}
            if own != metadata:
                raise CorpusError(
                    f"{file!r} belongs to a different run from the manifest's: their metadata differ; {_AGAIN}"
                )
            known = [*parquet.schema_arrow.names, *([] if field is None else [field.name])]
            unknown = [column for column in columns or () if column not in known]
            if unknown:
                raise CorpusError(f"the corpus has no column {unknown[0]!r}; it has {', '.join(known)}")
            table = parquet.read(columns=None if columns is None else [c for c in columns if c != by])
            if field is not None:
                table = with_value(table, field, split_name(name)[0])
            tables.append(table if columns is None else table.select(columns))
    table = pa.concat_tables(tables)
    expected = manifest["documents"][KEPT]
    if len(table) != expected:
        raise CorpusError(f"{path!r} holds {len(table)} documents, the manifest says {expected}; {_AGAIN}")
    return table


def partition_field(manifest: dict[str, Any]) -> pa.Field | None:
    """Return the column that the folders of a corpus are; None if it has no folders.

    Args:
        manifest: The manifest of the output.
    """
    config = manifest["config"]
    name = config["output"].get("partition_by")
    if name is None or not config["output"].get("corpus"):
        return None
    return pa.field(name, COLUMN_TYPES[config["input"]["keep_columns"].get(name, "string")])


def read_corpus(path: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Load the corpus of a finished run into pandas; see `read_corpus_table`."""
    frame: pd.DataFrame = read_corpus_table(path, columns).to_pandas()
    return frame
