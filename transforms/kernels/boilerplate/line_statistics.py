"""Which lines stand in which independent documents of which hosts: what is counted before anything is learned.

Every step is exact, and neither order nor grouping of the batches changes the result.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.boilerplate.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings
from corpusmill.transforms.kernels.boilerplate.signatures import signatures_of
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

STATISTICS_SCHEMA = pa.schema(
    [
        pa.field("host", pa.string(), nullable=False),  # lower case, without www.; empty where there is no address
        pa.field("line", pa.uint64(), nullable=False),  # line key
        pa.field("signature", pa.uint64(), nullable=False),  # of the documents that hold the line
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("from_start", pa.int64(), nullable=False),  # sum over documents of the place of the first, in 1/1000
        pa.field("sample", pa.string(), nullable=False),  # the line as it stands; of several the first in byte order
    ]
)
ALL: Final = np.uint64(0)
"""Line key of a row of statistics that counts documents instead of a line."""

_HOST = r"^(?i:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?(?i:www\d?\.)?(?P<host>[^/?#:]+)"
_HOST_BYTES = 253


def pair_keys(number: npt.NDArray[np.int64], key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a key for each pair of a number and a line key."""
    mixed: npt.NDArray[np.uint64] = mix64(key + mix64(number.astype(np.uint64) + GOLDEN))
    return mixed


def host_of(urls: pa.Array) -> pa.Array:
    """Return the host of each address, in lower case and without `www.`; empty where there is none.

    What is longer than the name of a host may be (RFC 1035) is none: it would stand beside each of its lines.
    """
    found = pc.struct_field(pc.extract_regex(urls, _HOST), "host")
    found = pc.if_else(pc.less_equal(pc.binary_length(found), _HOST_BYTES), found, None)
    return pc.fill_null(pc.utf8_lower(found), "")


def line_statistics(
    text: pa.Array,
    urls: pa.Array | None,
    settings: BoilerplateSettings,
    document_signature_min: npt.NDArray[np.uint64] | None = None,
) -> pa.RecordBatch:
    """Count the short lines of a batch of documents: which independent documents of which hosts hold them.

    Args:
        text: string column of n texts; a null is no document.
        urls: string column of n addresses, or None.
        settings: Which lines can be learned.
        document_signature_min: uint64[n], one minimum hash of each document, if one has been computed already.

    Returns:
        Rows of `STATISTICS_SCHEMA`, in order of host, line, signature. A row with line 0 counts documents.
    """
    lines = split_lines(text)
    signature = signatures_of(lines) if document_signature_min is None else document_signature_min
    host = pa.array([""] * len(text)) if urls is None else host_of(urls)
    there = np.flatnonzero(text.is_valid().to_numpy(zero_copy_only=False))
    text_lines = np.flatnonzero(lines.size != 0)
    first = np.searchsorted(lines.row[text_lines], np.arange(len(lines.first)))
    wanted = (lines.key[text_lines] != 0) & (lines.size[text_lines] <= settings.learned.max_letters)
    entry = np.flatnonzero(wanted)
    line = text_lines[entry]
    row = lines.row[line]
    # Each line of a document once, where it stands first.
    _, once = np.unique(pair_keys(row.astype(np.int64), lines.key[line]), return_index=True)
    once.sort()
    entry, line, row = entry[once], line[once], row[once]
    count = np.diff(first)[row]
    place = (entry - first[row]) * 1000 // np.maximum(count - 1, 1)
    counted = pa.table(
        [
            pc.take(host, pa.array(np.concatenate([row, there]))),
            pa.array(np.concatenate([lines.key[line], np.full(len(there), ALL)])),
            pa.array(np.concatenate([signature[row], signature[there]])),
            pa.array(np.ones(len(row) + len(there), np.int64)),
            pa.array(np.concatenate([place, np.zeros(len(there), np.int64)])),
            pa.concat_arrays([pc.cast(lines.texts(line), pa.string()), pa.array([""] * len(there), pa.string())]),
        ],
        schema=STATISTICS_SCHEMA,
    )
    return merge_statistics([counted])


def merge_statistics(batches: list[pa.RecordBatch | pa.Table]) -> pa.RecordBatch:
    """Add up statistics; in any order and any grouping the result is the same.

    Args:
        batches: Statistics of parts of the corpus.

    Returns:
        Rows of `STATISTICS_SCHEMA`, in order of host, line, signature.
    """
    if not batches:
        return pa.RecordBatch.from_pylist([], STATISTICS_SCHEMA)
    table = pa.concat_tables([b if isinstance(b, pa.Table) else pa.Table.from_batches([b]) for b in batches])
    table = table.combine_chunks()
    names = table["host"].combine_chunks().dictionary_encode()
    rank = np.empty(len(names.dictionary), np.int64)
    rank[pc.sort_indices(names.dictionary).to_numpy()] = np.arange(len(rank))
    host = rank[names.indices.to_numpy()]
    line, signature = table["line"].to_numpy(), table["signature"].to_numpy()
    order = np.lexsort((signature, line, host))
    fresh = np.ones(len(order), bool)
    fresh[1:] = False
    for values in (host, line, signature):
        fresh[1:] |= values[order[1:]] != values[order[:-1]]
    firsts = np.flatnonzero(fresh)
    merged = table.take(pa.array(order[firsts]))
    if len(firsts) < len(order):
        for name in ("documents", "from_start"):
            sums = np.add.reduceat(table[name].to_numpy()[order], firsts)
            merged = merged.set_column(merged.schema.get_field_index(name), name, pa.array(sums))
        merged = merged.set_column(merged.schema.get_field_index("sample"), "sample", _least(table, order, firsts))
    return _one_batch(merged.cast(STATISTICS_SCHEMA))


def _least(table: pa.Table, order: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]) -> pa.ChunkedArray:
    """Return the first sample, in byte order, of each run of rows of `table` that begins at `firsts` in `order`."""
    counts = np.diff(np.append(firsts, len(order)))
    several = np.flatnonzero(counts > 1)
    members = np.flatnonzero(np.repeat(counts > 1, counts))
    group = pa.array(np.repeat(several, counts[several]))
    samples = table["sample"].take(pa.array(order[members]))
    least = pa.table([group, samples], names=["group", "sample"]).group_by("group").aggregate([("sample", "min")])
    least = least.sort_by("group")["sample_min"].combine_chunks()
    mask = np.zeros(len(firsts), bool)
    mask[several] = True
    return pc.replace_with_mask(table["sample"].take(pa.array(order[firsts])), pa.array(mask), least)


def partition_statistics(statistics: pa.RecordBatch, partitions: int) -> list[pa.RecordBatch]:
    """Split statistics by line key, so that each part can be merged and learned from by itself.

    The rows that count documents are in every part. The tables learned from the parts hold together
    the rows of the table learned from the whole.
    """
    line = statistics["line"].to_numpy()
    part = line % np.uint64(partitions)
    return [statistics.filter(pa.array((line == ALL) | (part == np.uint64(number)))) for number in range(partitions)]


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)
