"""Which lines occur in which independent documents of which hosts: what is counted before anything is learned.

Every step is exact, and neither order nor grouping of the batches changes the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.boilerplate.learning.interface import Evidence, enclose, shows_interface, weigh
from corpusmill.transforms.kernels.boilerplate.learning.signatures import signatures_of
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, pair_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.packed import unpack_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import LineRule
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings
from corpusmill.transforms.kernels.columns import bools
from corpusmill.transforms.kernels.hashing import mix64

STATISTICS_SCHEMA = pa.schema(
    [
        pa.field("host", pa.string(), nullable=False),  # lower case, without www.; empty where there is no address
        pa.field("kind", pa.int8(), nullable=False),  # what is counted: LINE, TITLE, or a kind of a second look
        pa.field("line", pa.uint64(), nullable=False),  # line key, or the key of what is counted
        pa.field("of", pa.uint64(), nullable=False),  # key of what this is a case of; 0 where it stands for itself
        pa.field("signature", pa.uint64(), nullable=False),  # of the documents that hold it
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("enclosed", pa.int64(), nullable=False),  # documents in which it is behind an interface
        pa.field("from_start", pa.int64(), nullable=False),  # sum over documents of the place of the first, in 1/1000
        pa.field("digits_least", pa.uint64(), nullable=False),  # hash of its digits: of several the least ...
        pa.field("digits_most", pa.uint64(), nullable=False),  # ... and the greatest; equal if they never change
        pa.field("sample", pa.string(), nullable=False),  # as it is; of several the first in byte order
    ]
)
_MERGED = (
    ("documents", np.add), ("enclosed", np.add), ("from_start", np.add),
    ("digits_least", np.minimum), ("digits_most", np.maximum),
)  # fmt: skip
LINE: Final = 0
"""Kind of a row that counts a line; with key `ALL` it counts documents, as enclosed those that show an interface."""
TITLE: Final = 1
"""Kind of a row that counts a document's title."""
ALL: Final = np.uint64(0)
"""Line key of a row of statistics that counts documents instead of a line."""

_HOST = r"^(?i:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?(?i:www\d?\.)?(?P<host>[^/?#:]+)"
_HOST_BYTES = 253
_ZERO: Final = ord("0")
_TITLE_LETTERS: Final = 10  # of a title that is like no line of a form


def host_of(urls: pa.Array) -> pa.Array:
    """Return the host of each address, in lower case and without `www.`; empty where there is none.

    What is longer than the name of a host may be (RFC 1035) is none: it would be beside each of its lines.
    """
    found = pc.struct_field(pc.extract_regex(urls, _HOST), "host")
    found = pc.if_else(pc.less_equal(pc.binary_length(found), _HOST_BYTES), found, None)
    return pc.fill_null(pc.utf8_lower(found), "")


@dataclass(frozen=True)
class Pages:
    """A batch of documents as learning looks at them.

    Attributes:
        lines: All their lines.
        seq: Those that hold text.
        evidence: What these say of an interface.
        host: string column, the host of each document, empty where there is none.
        signature: uint64, one for each document, see `signatures_of`.
        there: int64, the rows that are documents.
    """

    lines: Lines
    seq: Sequence
    evidence: Evidence
    host: pa.Array
    signature: UInt64s
    there: Int64s


def look_at(
    text: pa.Array,
    urls: pa.Array | None,
    settings: BoilerplateSettings,
    extra_rules: tuple[LineRule, ...] = (),
    packed: pa.Array | None = None,
) -> Pages:
    """Split texts into lines and match these, see `line_statistics` for the arguments."""
    seq = unpack_lines(packed, text, rule_table(settings.disabled_rules, extra_rules))
    host = pa.array([""] * len(text)) if urls is None else host_of(urls)
    there = np.flatnonzero(bools(text.is_valid()))
    return Pages(seq.lines, seq, weigh(seq.bits), host, signatures_of(seq.lines), there)


def line_statistics(  # noqa: PLR0913 (the last three are for callers that have them)
    text: pa.Array,
    urls: pa.Array | None,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
    packed: pa.Array | None = None,
) -> pa.RecordBatch:
    """Count the short lines of a batch of documents: which independent documents of which hosts hold them, and where.

    Args:
        text: string column of n texts, as they were before rules took lines out; a null is no document.
        urls: string column of n addresses, or None.
        settings: Which lines can be learned.
        titles: string column of n titles, null where there is none.
        extra_rules: Lines of the user's own files.
        packed: The lines of the texts, if they were looked at before, see `pack_lines`.

    Returns:
        Rows of `STATISTICS_SCHEMA`, in order of host, line, signature. A row with line 0 counts documents.
    """
    pages = look_at(text, urls, settings, extra_rules, packed)
    seq, there = pages.seq, pages.there
    shown = shows_interface(seq)
    return merge_statistics(
        [
            count_lines(pages, seq.key != 0, enclose(seq, pages.evidence).enclosed, settings),
            count_rows(pages, there, LINE, np.full(len(there), ALL), pa.nulls(len(there)), enclosed=shown[there]),
            *([] if titles is None else [_titles(pages, titles)]),
        ]
    )


def count_lines(pages: Pages, chosen: Bools, enclosed: Bools, settings: BoilerplateSettings) -> pa.Table:
    """Count lines once for each document that holds them, at their first place in it.

    A line counts as enclosed where most of its occurrences in the document are.

    Args:
        pages: The documents.
        chosen: bool, which lines that hold text to count; long ones are left out.
        enclosed: bool, which of them are behind an interface.
        settings: Which lines can be learned.
    """
    seq = pages.seq
    wanted = np.flatnonzero(chosen & (seq.size <= settings.learned.max_letters))
    pair = pair_keys(seq.row[wanted], seq.key[wanted])
    _, once, of, count = np.unique(pair, return_index=True, return_inverse=True, return_counts=True)
    inside = np.bincount(of, enclosed[wanted], len(once)) * 2 >= count
    entry = wanted[once]
    row = seq.row[entry]
    place = seq.offset(entry) * 1000 // np.maximum(np.diff(seq.first)[row] - 1, 1)
    texts = pages.lines.texts(seq.line[entry])
    return count_rows(pages, row, LINE, seq.key[entry], texts, enclosed=inside, from_start=place)


def _titles(pages: Pages, titles: pa.Array) -> pa.Table:
    """Count the titles of documents."""
    filled = pc.fill_null(pc.cast(titles, pa.large_string()), "")
    single = pc.replace_substring(filled, "\n", " ")
    split = split_lines(single)
    row = pages.there[(split.size[pages.there] >= _TITLE_LETTERS)]
    return count_rows(pages, row, TITLE, title_keys(split.key[row]), single.take(pa.array(row)))


def title_keys(key: UInt64s) -> UInt64s:
    """Return for line keys the keys under which titles that spell the same are counted."""
    return pair_keys(np.full(len(key), TITLE), key)


def count_rows(  # noqa: PLR0913 (the columns of a table)
    pages: Pages,
    row: npt.NDArray[np.integer],
    kind: int,
    key: UInt64s,
    sample: pa.Array,
    *,
    of: UInt64s | None = None,
    enclosed: Bools | None = None,
    from_start: Int64s | None = None,
) -> pa.Table:
    """Return rows of `STATISTICS_SCHEMA` that count one thing in one document each."""
    count = len(row)
    zeros = np.zeros(count, np.int64)
    texts = pc.fill_null(pc.cast(sample, pa.large_string()), "")
    digits = _digits(texts)
    return pa.table(
        [
            pages.host.take(pa.array(row)),
            np.full(count, kind, np.int8),
            key,
            np.zeros(count, np.uint64) if of is None else of,
            pages.signature[row],
            np.ones(count, np.int64),
            zeros if enclosed is None else enclosed.astype(np.int64),
            zeros if from_start is None else from_start,
            digits,
            digits,
            pc.cast(texts, pa.string()),
        ],
        schema=STATISTICS_SCHEMA,
    )


def _digits(texts: pa.LargeStringArray) -> UInt64s:
    """Return a hash of the digits of each text in their order; 0 where there are none."""
    found = np.zeros(len(texts), np.uint64)
    _, offset_buffer, data_buffer = texts.buffers()
    if not len(texts) or data_buffer is None:
        return found
    offsets = np.frombuffer(offset_buffer, np.int64, len(texts) + 1, 8 * texts.offset)
    data = np.frombuffer(data_buffer, np.uint8)[: offsets[-1]]
    at = np.flatnonzero((data - np.uint8(_ZERO)) < 10)
    at = at[at >= offsets[0]]
    of = np.searchsorted(offsets, at, side="right") - 1
    if not len(of):
        return found
    first = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
    rank = np.arange(len(of)) - np.repeat(first, np.diff(np.append(first, len(of))))
    values = mix64(data[at].astype(np.uint64) + (rank.astype(np.uint64) << np.uint64(8)))
    found[of[first]] = np.add.reduceat(values, first)
    return found


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
        for name, add in _MERGED:
            sums = add.reduceat(table[name].to_numpy()[order], firsts)
            merged = merged.set_column(merged.schema.get_field_index(name), name, pa.array(sums))
        merged = merged.set_column(merged.schema.get_field_index("sample"), "sample", _least(table, order, firsts))
    return _one_batch(merged.cast(STATISTICS_SCHEMA))


def _least(table: pa.Table, order: Int64s, firsts: Int64s) -> pa.ChunkedArray:
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


def documents_of(statistics: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows of statistics that count documents."""
    return statistics.filter(pc.equal(statistics["line"], ALL))


def partition_statistics(statistics: pa.RecordBatch, partitions: int) -> list[pa.RecordBatch]:
    """Split statistics by line key, so that each part can be merged and learned from by itself.

    The rows that count documents are in every part. The tables learned from the parts hold together
    the rows of the table learned from the whole.
    """
    line, of = statistics["line"].to_numpy(), statistics["of"].to_numpy()
    part = np.where(of == 0, line, of) % np.uint64(partitions)
    return [statistics.filter(pa.array((line == ALL) | (part == np.uint64(number)))) for number in range(partitions)]


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)
