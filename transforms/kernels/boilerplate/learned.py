"""Lines learned from a corpus: what many independent documents of a site, or of many sites, share.

How often a line occurs is not proof: headings, greetings and syndicated text repeat as well, and copies of one
document repeat all of theirs. So documents count once for each signature, a minimum hash of their long lines that
near-duplicates share, and a learned line goes only where the lines around it are learned or known too.

In a pipeline: `line_statistics` for each batch, `merge_statistics` to one table, `learn_table`, then `apply_learned`
to each batch with that table at hand. Every step is exact, and neither order nor grouping of the batches changes the
result.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from transforms.kernels.boilerplate.blocks import Sequence, sequence
from transforms.kernels.boilerplate.folding import fold_line
from transforms.kernels.boilerplate.lines import KeySet, Lines, line_keys, split_lines
from transforms.kernels.boilerplate.rules import STRONG, WEAK, LineRule, rule_table
from transforms.kernels.boilerplate.settings import BoilerplateSettings, LearnedSettings
from transforms.kernels.boilerplate.signatures import signatures_of
from transforms.kernels.boilerplate.strip import Stripped, cut
from transforms.kernels.hashing import GOLDEN, mix64

LEARNED: Final = "boilerplate.learned-line"

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
TABLE_SCHEMA = pa.schema(
    [
        pa.field("host", pa.string()),  # null: a line of the whole corpus
        pa.field("line", pa.uint64(), nullable=False),
        pa.field("sample", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("independent_documents", pa.int64(), nullable=False),  # distinct signatures
        pa.field("hosts", pa.int64(), nullable=False),
        pa.field("host_documents", pa.int64()),  # independent documents of the host; null for the whole corpus
        pa.field("position", pa.float64(), nullable=False),  # mean place in the documents, 0 first line .. 1 last
    ]
)
_HOST = r"^(?i:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?(?i:www\d?\.)?(?P<host>[^/?#:]+)"
_HOST_BYTES = 253
_TITLE_LETTERS = 12
_PAGE_NUMBER = regex.compile(r"^[^\p{L}\p{N}%‰°$€£¥+]*\p{Nd}{1,4}[^\p{L}\p{N}%‰°$€£¥+]*$")
_FEWEST = 4  # neighbours, to judge by
_ALL = np.uint64(0)  # line key of a row of statistics that counts documents instead of a line
_DIGITS = line_keys(["0"])[0]  # what all lines without letters share


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
    _, once = np.unique(_pair(row.astype(np.int64), lines.key[line]), return_index=True)
    once.sort()
    entry, line, row = entry[once], line[once], row[once]
    count = np.diff(first)[row]
    place = (entry - first[row]) * 1000 // np.maximum(count - 1, 1)
    counted = pa.table(
        [
            pc.take(host, pa.array(np.concatenate([row, there]))),
            pa.array(np.concatenate([lines.key[line], np.full(len(there), _ALL)])),
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
    return [statistics.filter(pa.array((line == _ALL) | (part == np.uint64(number)))) for number in range(partitions)]


def learn_table(statistics: pa.RecordBatch, settings: BoilerplateSettings) -> pa.Table:
    """Return the lines that count as boilerplate: of single hosts, and of the corpus as a whole.

    Args:
        statistics: Of the whole corpus, or of one part by line key.
        settings: How many documents and hosts a line needs.

    Documents without an address count as those of one host.

    Returns:
        Rows of `TABLE_SCHEMA`, the most frequent first. It can be reviewed, edited and given to `apply_learned`.
    """
    learned = settings.learned
    table = pa.Table.from_batches([statistics])
    documents = table.filter(pc.equal(table["line"], _ALL))
    per_host = documents.group_by("host").aggregate([("signature", "count_distinct")])
    lines = table.filter(pa.array(_frequent(statistics["line"].to_numpy(), learned)))
    aggregates = [
        ("documents", "sum"), ("signature", "count_distinct"), ("from_start", "sum"), ("sample", "min"),
    ]  # fmt: skip
    of_hosts = lines.group_by(["host", "line"]).aggregate(aggregates)
    of_hosts = of_hosts.filter(pc.greater_equal(of_hosts["signature_count_distinct"], learned.min_host_documents))
    sizes = dict(zip(*(per_host[name].to_pylist() for name in ("host", "signature_count_distinct")), strict=True))
    host_documents = pa.array([sizes[host] for host in of_hosts["host"].to_pylist()], pa.int64())
    share = pc.divide(
        pc.cast(of_hosts["signature_count_distinct"], pa.float64()), pc.cast(host_documents, pa.float64())
    )
    enough = pc.greater_equal(share, learned.min_host_share)
    of_hosts, host_documents = (
        of_hosts.filter(enough),
        host_documents.filter(pc.fill_null(enough, False).combine_chunks()),
    )
    hosts = max(learned.min_hosts, math.ceil(learned.min_hosts_share * len(per_host)))
    everywhere = lines.group_by("line").aggregate([*aggregates, ("host", "count_distinct")])
    everywhere = everywhere.filter(pc.greater_equal(everywhere["host_count_distinct"], hosts))
    parts = [
        _rows(everywhere, None, everywhere["host_count_distinct"], pa.nulls(len(everywhere), pa.int64())),
        _rows(of_hosts, of_hosts["host"], pa.array(np.ones(len(of_hosts), np.int64)), host_documents),
    ]
    return pa.concat_tables(parts).sort_by(
        [("independent_documents", "descending"), ("sample", "ascending"), ("line", "ascending"), ("host", "ascending")]
    )


def _frequent(line: npt.NDArray[np.uint64], settings: LearnedSettings) -> npt.NDArray[np.bool_]:
    """Tell which rows of statistics are of lines that may have enough documents; most lines stand in one."""
    _, which, count = np.unique(line, return_inverse=True, return_counts=True)
    frequent: npt.NDArray[np.bool_] = (count[which] >= min(settings.min_host_documents, settings.min_hosts)) & (
        line != _ALL
    )
    return frequent


def _rows(grouped: pa.Table, host: pa.ChunkedArray | None, hosts: pa.Array, host_documents: pa.Array) -> pa.Table:
    """Return groups of statistics as rows of `TABLE_SCHEMA`."""
    documents = grouped["documents_sum"]
    mean = pc.divide(pc.cast(grouped["from_start_sum"], pa.float64()), pc.cast(documents, pa.float64()))
    columns = [
        pa.nulls(len(grouped), pa.string()) if host is None else host,
        grouped["line"],
        grouped["sample_min"],
        documents,
        grouped["signature_count_distinct"],
        hosts,
        host_documents,
        pc.round(pc.divide(mean, 1000.0), 3),
    ]
    return pa.table(columns, names=TABLE_SCHEMA.names).cast(TABLE_SCHEMA)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def apply_learned(  # noqa: PLR0913 (the last two are for callers that have them)
    text: pa.Array,
    urls: pa.Array | None,
    table: pa.Table,
    settings: BoilerplateSettings,
    *,
    extra_rules: tuple[LineRule, ...] = (),
    removed_before: npt.NDArray[np.int64] | None = None,
) -> Stripped:
    """Remove learned lines from each text of a column, where the lines around them are learned or known too.

    Args:
        text: string column of n texts; a null stays null.
        urls: string column of n addresses, or None; lines of a host go only from its texts.
        table: Learned lines, `TABLE_SCHEMA`; only `host` and `sample` are read, so that rows can be added by hand.
        settings: How much evidence is wanted.
        extra_rules: Lines of the user's own files.
        removed_before: int64[n], characters that rules took from each text earlier; they count for the share that may
            go.

    Returns:
        The texts and all that was removed. Each row is treated by itself, so the result does not depend on the batch.
    """
    if LEARNED in settings.disabled_rules:
        return Stripped(text)
    lines = split_lines(text)
    known = _known(lines, len(text), urls, table)
    seq = sequence(lines, rule_table(settings.disabled_rules, extra_rules))
    gone = dict.fromkeys(find_learned(lines, seq, known[seq.line], settings.learned), LEARNED)
    return cut(text, seq, gone, settings.max_removed_share, removed_before)


def _known(lines: Lines, rows: int, urls: pa.Array | None, table: pa.Table) -> npt.NDArray[np.bool_]:
    """Tell which lines are in the table, for the corpus or for the host of their text."""
    keys = line_keys(table["sample"].to_pylist())
    of_host = table["host"].is_valid().to_numpy(zero_copy_only=False)
    known = KeySet(keys[~of_host]).holds(lines.key)
    if not of_host.any():
        return known
    hosts = pa.array([""] * rows) if urls is None else host_of(urls)
    names = table["host"].combine_chunks().filter(pa.array(of_host))
    kinds = names.dictionary_encode()
    number = pc.fill_null(pc.index_in(hosts, kinds.dictionary), -1).to_numpy(zero_copy_only=False)
    here = KeySet(keys[of_host]).find(lines.key)[0]
    here = here[number[lines.row[here]] >= 0]
    # Host and line as one key.
    pairs = _pair(kinds.indices.to_numpy(), keys[of_host])
    known[here] |= np.isin(_pair(number[lines.row[here]], lines.key[here]), pairs)
    return known


def _pair(number: npt.NDArray[np.int64], key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed: npt.NDArray[np.uint64] = mix64(key + mix64(number.astype(np.uint64) + GOLDEN))
    return mixed


def find_learned(lines: Lines, seq: Sequence, known: npt.NDArray[np.bool_], settings: LearnedSettings) -> list[int]:
    """Return the entries of `seq` that are learned or match a rule, and stand among such lines.

    Numbers alone prove nothing and are judged by the other lines around them, and so are lines that stand in the
    document so often that they look like cells of a table. A line stays if it begins the document's first line, as a
    title does.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        known: bool, which of these are in the table of learned lines.
        settings: How many of the neighbours must be learned or known.
    """
    number = seq.key == _DIGITS
    evidence = (known | ((seq.bits & (WEAK | STRONG)) != 0)) & ~number
    wanted = np.flatnonzero(evidence | (known & number))
    row = seq.row[wanted]
    low = np.maximum(wanted - settings.neighbours, seq.first[row])
    high = np.minimum(wanted + settings.neighbours + 1, seq.first[row + 1])
    around = _between(~number, low, high) - ~number[wanted]
    found = _between(evidence, low, high) - evidence[wanted]
    needed = np.where(number[wanted], settings.min_neighbour_share_numbers, settings.min_neighbour_share)
    often = number[wanted] | (_often(seq, wanted) > settings.max_repeats)
    needed[often] = np.maximum(needed[often], settings.min_neighbour_share_numbers)
    enough = (around >= _FEWEST) & (found >= needed * around)
    unsure = np.flatnonzero(enough & often)
    enough[unsure] = _variety(seq, evidence, wanted[unsure], settings.neighbours) >= _FEWEST
    return [
        entry
        for entry in wanted[enough].tolist()
        if not _is_title(lines, seq, entry)
        and not (number[entry] and not _PAGE_NUMBER.search(lines.text(int(seq.line[entry]))))
    ]


def _variety(
    seq: Sequence, evidence: npt.NDArray[np.bool_], entries: npt.NDArray[np.int64], reach: int
) -> npt.NDArray[np.int64]:
    """Return how many different lines of evidence, other than itself, stand around each of some entries."""
    around = entries[:, None] + np.arange(-reach, reach + 1)
    row = seq.row[entries][:, None]
    inside = (around >= seq.first[row]) & (around < seq.first[row + 1])
    around = np.clip(around, 0, len(seq.key) - 1)
    keys = np.where(inside & evidence[around] & (seq.key[around] != seq.key[entries][:, None]), seq.key[around], 0)
    keys.sort(axis=1)
    fresh: npt.NDArray[np.int64] = ((keys[:, 1:] != keys[:, :-1]) & (keys[:, 1:] != 0)).sum(axis=1) + (keys[:, 0] != 0)
    return fresh


def _between(
    mask: npt.NDArray[np.bool_], low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    sums = np.concatenate([[0], np.cumsum(mask)])
    count: npt.NDArray[np.int64] = sums[high] - sums[low]
    return count


def _often(seq: Sequence, entries: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how often each of these lines stands in its document."""
    pair = _pair(seq.row[entries].astype(np.int64), seq.key[entries])
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    often: npt.NDArray[np.int64] = count[which]
    return often


def _is_title(lines: Lines, seq: Sequence, entry: int) -> bool:
    """Tell whether a line begins the first line of its document, which may name the site after it."""
    first = int(seq.first[seq.row[entry]])
    if lines.head[seq.line[entry]] != lines.head[seq.line[first]] or seq.size[entry] < _TITLE_LETTERS:
        return entry == first
    title = fold_line(lines.text(int(seq.line[first])))
    return title.startswith(fold_line(lines.text(int(seq.line[entry]))))
