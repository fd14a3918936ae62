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

from corpusmill.transforms.kernels.boilerplate.blocks import sequence
from corpusmill.transforms.kernels.boilerplate.line_statistics import ALL, host_of, pair_keys
from corpusmill.transforms.kernels.boilerplate.lines import KeySet, Lines, line_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.neighbors import find_learned
from corpusmill.transforms.kernels.boilerplate.page_titles import names_page
from corpusmill.transforms.kernels.boilerplate.rules import LineRule, rule_table
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings, LearnedSettings
from corpusmill.transforms.kernels.boilerplate.strip import Stripped, cut

LEARNED: Final = "boilerplate.learned-line"

_MANY_PAGES: Final = 5  # of a host, for a share of them to say something
_MOST: Final = 0.5

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
    documents = table.filter(pc.equal(table["line"], ALL))
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
    # Copies of one text on several sites are one document.
    everywhere = everywhere.filter(
        pc.greater_equal(
            pc.min_element_wise(everywhere["host_count_distinct"], everywhere["signature_count_distinct"]), hosts
        )
    )
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
        line != ALL
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


def apply_learned(  # noqa: PLR0913 (the last two are for callers that have them)
    text: pa.Array,
    urls: pa.Array | None,
    table: pa.Table,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
) -> Stripped:
    """Remove learned lines from each text of a column, where the lines around them are learned or known too.

    Args:
        text: string column of n texts; a null stays null.
        urls: string column of n addresses, or None; lines of a host go only from its texts, and a line that spells
            what the address calls the page stays.
        table: Learned lines, `TABLE_SCHEMA`; only `host` and `sample` are read, so that rows can be added by hand.
        settings: How much evidence is wanted.
        titles: string column of n titles, null where there is none; a title stays.
        extra_rules: Lines of the user's own files.

    Returns:
        The texts and all that was removed. Each row is treated by itself, so the result does not depend on the batch.
        The share of a text that may go is one of the text as it comes in here: what rules took before does not count,
        so that a share block does not change what else goes.
    """
    if LEARNED in settings.disabled_rules:
        return Stripped(text)
    lines = split_lines(text)
    seq = sequence(lines, rule_table(settings.disabled_rules, extra_rules))
    known, of_most_pages = _known(lines, len(text), urls, table)
    found = find_learned(lines, seq, known[seq.line], of_most_pages[seq.line], settings.learned)
    found = found[~names_page(seq, found, urls, titles)]
    return cut(text, seq, dict.fromkeys(found.tolist(), LEARNED), settings.max_removed_share)


def _known(
    lines: Lines, rows: int, urls: pa.Array | None, table: pa.Table
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which lines are in the table, for all or for the host of their text, and which most of its pages have."""
    keys = line_keys(table["sample"].to_pylist())
    of_host = table["host"].is_valid().to_numpy(zero_copy_only=False)
    known = KeySet(keys[~of_host]).holds(lines.key)
    most = np.zeros(len(known), bool)
    if not of_host.any():
        return known, most
    hosts = pa.array([""] * rows) if urls is None else host_of(urls)
    kinds = table["host"].combine_chunks().filter(pa.array(of_host)).dictionary_encode()
    number = pc.fill_null(pc.index_in(hosts, kinds.dictionary), -1).to_numpy(zero_copy_only=False)
    here = KeySet(keys[of_host]).find(lines.key)[0]
    here = here[number[lines.row[here]] >= 0]
    # Host and line as one key.
    pairs = pair_keys(kinds.indices.to_numpy(), keys[of_host])
    found = pair_keys(number[lines.row[here]], lines.key[here])
    known[here] |= np.isin(found, pairs)
    most[here] = np.isin(found, pairs[_of_most_pages(table)[of_host]])
    return known, most


def _of_most_pages(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Tell which rows are of lines that most pages of their host have; none where the table does not say."""
    if not {"independent_documents", "host_documents"} <= set(table.column_names):
        return np.zeros(len(table), bool)
    documents, of = (
        pc.fill_null(pc.cast(table[name], pa.float64()), 0).to_numpy()
        for name in ("independent_documents", "host_documents")
    )
    most: npt.NDArray[np.bool_] = (documents >= _MANY_PAGES) & (documents >= _MOST * of)
    return most
