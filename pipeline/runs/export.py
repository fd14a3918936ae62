"""The corpus of a finished run as JSON Lines, for programs that read no Parquet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO, Literal

import orjson
import pyarrow as pa

from corpusmill.reports.corpus import CorpusError, check_files, partition_field, read_manifest
from corpusmill.reports.figures import counted
from corpusmill.runs.nesting import refuse_inside_output
from corpusmill.runs.output_folder import OutputError
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.schema import KEPT
from corpusmill.transforms.kernels.writing.partitions import with_value
from corpusmill.transforms.layout import CORPUS, Output, split_name

FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst")
_ROWS_AT_ONCE = 1 << 12


def export(output: str, target: str, form: str = "jsonl.zst", *, overwrite: bool = False) -> int:
    """Write the corpus of a finished run as JSON Lines, a file for each of its own, and return the number of documents.

    Each line is one document: the columns of the corpus, with `metadata` as an object, not as a text that holds one.

    Args:
        output: Output folder of the run.
        target: Folder for the files, on this machine.
        form: `jsonl`, `jsonl.gz` or `jsonl.zst`.
        overwrite: Replace files of the same names.

    Raises:
        CorpusError: There is no such corpus, or a file of it is damaged.
        OutputError: The format is not known, a file is there already, or the folder lies among the files of a run.
    """
    if form not in FORMATS:
        raise OutputError(f"there is no format {form!r}; there are {', '.join(FORMATS)}")
    manifest = read_manifest(output, (CORPUS,))
    names = manifest["files"].get("corpus")
    if not names:
        raise CorpusError(f"{output!r} is a report only, without a corpus; run again without --report-only")
    if not storage.is_local(target):
        raise OutputError(f"{target!r} is not a local folder; export to one, and copy the files from there")
    refuse_inside_output(target)
    check_files(output, manifest, "corpus")
    paths = [os.path.join(target, f"{name.removesuffix('.parquet')}.{form}") for name in names]
    there = [path for path in paths if os.path.exists(path)]
    if there and not overwrite:
        raise OutputError(f"{there[0]!r} already exists; give --overwrite to replace it, or name another folder")
    field = partition_field(manifest)
    count = 0
    for name, path in zip(names, paths, strict=True):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        half = f"{path}.part"
        with _opened(half, form) as stream:
            for batch in _batches(Output(output).file(CORPUS, name)):
                whole = batch if field is None else with_value(batch, field, split_name(name)[0])
                stream.write(b"".join(map(_line, whole.to_pylist())))
                count += len(batch)
        os.replace(half, path)
    expected = manifest["documents"][KEPT]
    if count != expected:
        raise CorpusError(
            f"{output!r} holds {counted(count, 'documents')}, the manifest says {expected:,}; make the output again"
        )
    return count


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    with storage.open_parquet(path) as parquet:
        yield from parquet.iter_batches(_ROWS_AT_ONCE, use_threads=False)


def _line(row: dict[str, object]) -> bytes:
    metadata = row.get("metadata")
    if isinstance(metadata, str):
        row["metadata"] = orjson.Fragment(metadata)
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


@contextlib.contextmanager
def _opened(path: str, form: str) -> Iterator[IO[bytes]]:
    """Open a file for writing, compressed; the bytes depend on what is written alone."""
    codecs: dict[str, Literal["gzip", "zstd"]] = {"jsonl.gz": "gzip", "jsonl.zst": "zstd"}
    try:
        with pa.OSFile(path, "wb") as plain:
            if form not in codecs:
                yield plain
                return
            with pa.CompressedOutputStream(plain, codecs[form]) as stream:
                yield stream
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(path)
        if isinstance(error, OSError) and error.errno and error.filename is None:  # Arrow names no file
            raise OSError(error.errno, os.strerror(error.errno), path) from error
        raise
