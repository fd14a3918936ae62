"""Lines learned from a corpus: what many independent documents of a site, or of many sites, share.

How often a line occurs is not proof: headings, greetings and syndicated text repeat as well, and copies of one
document repeat all of theirs. So documents count once for each signature, a minimum hash of their long lines that
near-duplicates share; a line must be behind an interface line, seen from the text, on most of the pages that have
it; and it is removed only where the lines around it are learned or known too.

In a pipeline: `line_statistics` for each batch, `merge_statistics` to one table, `learn_table`; then `look_again` at
the same batches with that table at hand, merged and learned likewise; then `apply_learned` to each batch. Every step is
exact, and neither order nor grouping of the batches changes the result.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Float64s
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import PLAIN
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import ALL, LINE, TITLE, documents_of
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import (
    BOND,
    ENDING,
    GAP,
    LABEL,
    OPENING,
    TITLE_LABEL,
)
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings, LearnedSettings

TABLE_SCHEMA = pa.schema(
    [
        pa.field("host", pa.string()),  # null: a line of the whole corpus
        pa.field(
            "kind", pa.string()
        ),  # null or line; opening, ending, label, teaser: lines that begin or end so; plain: a host; ...
        pa.field("line", pa.uint64()),  # key; null for a line that was added by hand
        pa.field("sample", pa.string(), nullable=False),
        pa.field("documents", pa.int64()),
        pa.field("independent_documents", pa.int64()),  # distinct signatures
        pa.field("hosts", pa.int64()),
        pa.field("host_documents", pa.int64()),  # independent documents of the host; null for the whole corpus
        pa.field("position", pa.float64()),  # mean place in the documents, 0 first line .. 1 last
        pa.field("enclosed", pa.float64()),  # share of its documents in which an interface is before it
        pa.field("varies", pa.bool_()),  # its digits change from document to document
    ]
)
KIND_NAMES: Final = {
    LINE: "line", TITLE: "title", OPENING: "opening", ENDING: "ending", LABEL: "label", TITLE_LABEL: "teaser",
    GAP: "gap", BOND: "bond",
}  # fmt: skip
_PLAIN_PAGES: Final = 3
_SHOWN: Final = 0.2  # of a host's pages must hold an interface line, for anything of the host to be learned
_MILLE: Final = 1000
_NEEDED: Final = {  # documents, and share of the host's, or of the cases that it is one of
    OPENING: (3, 0.5), ENDING: (3, 0.5), LABEL: (3, 0.3), TITLE_LABEL: (2, 0.0), GAP: (3, 0.8), BOND: (3, 0.9),
}  # fmt: skip
_SORTED: Final = (
    ("independent_documents", "descending"), ("sample", "ascending"), ("line", "ascending"), ("host", "ascending"),
)  # fmt: skip


def learn_table(statistics: pa.RecordBatch, settings: BoilerplateSettings, *, part: int = 0) -> pa.Table:
    """Return the lines that count as boilerplate: of single hosts, and of the corpus as a whole.

    Args:
        statistics: Of the whole corpus, or of one part by line key.
        settings: How many documents and hosts a line needs.
        part: Number of the part; the first one also tells of hosts without lines.

    Hosts whose pages show no interface teach nothing: what they repeat is the form of their texts. Documents without an
    address count as those of one host.

    Returns:
        Rows of `TABLE_SCHEMA`, the most frequent first. It can be reviewed, edited and given to `apply_learned`.
    """
    table = _with_majority(pa.Table.from_batches([statistics]))
    of_all = pc.equal(table["line"], ALL)
    sizes = table.filter(of_all).group_by("host").aggregate([("signature", "count"), ("behind", "sum")])
    sizes = sizes.rename_columns(["host", "host_documents", "shown"])
    shown = pc.greater_equal(pc.cast(sizes["shown"], pa.float64()), pc.multiply(_SHOWN, sizes["host_documents"]))
    cases = _cases(table.filter(pc.invert(of_all)), sizes.filter(shown))
    everywhere = _of_all_hosts(table, len(sizes), settings.learned)
    lines = _of_hosts(cases, settings.learned)
    others = [_slots(cases, kind) for kind in _NEEDED]
    plain = [_plain(sizes.filter(pc.invert(shown)))] if part == 0 else []
    return sort_table(pa.concat_tables([everywhere, lines, *others, *plain]))


def _plain(sizes: pa.Table) -> pa.Table:
    """Return a row for each host that shows no interface: what other hosts teach is not for its pages."""
    sizes = sizes.filter(pc.and_(sizes["host"].is_valid(), pc.greater_equal(sizes["host_documents"], _PLAIN_PAGES)))
    columns = {
        "host": sizes["host"],
        "kind": pa.repeat(PLAIN, len(sizes)),
        "sample": pa.repeat("", len(sizes)),
        "documents": pa.repeat(0, len(sizes)),
        "independent_documents": pa.repeat(0, len(sizes)),
        "hosts": pa.repeat(1, len(sizes)),
        "host_documents": sizes["host_documents"],
        "enclosed": pa.repeat(0.0, len(sizes)),
        "varies": pa.repeat(False, len(sizes)),
    }
    names = TABLE_SCHEMA.names
    columns |= {name: pa.nulls(len(sizes)) for name in names if name not in columns}
    return pa.table([columns[name] for name in names], names=names).cast(TABLE_SCHEMA)


def titles_of(statistics: pa.RecordBatch) -> pa.Table:
    """Return the titles of documents in statistics, as rows of `TABLE_SCHEMA` for `look_again`."""
    table = _with_majority(pa.Table.from_batches([statistics]))
    hosts = pc.value_counts(documents_of(statistics)["host"])
    several = hosts.field("values").filter(pc.greater(hosts.field("counts"), 1))  # one page has no teasers of others
    titles = _grouped(table.filter(pc.and_(pc.equal(table["kind"], TITLE), pc.is_in(table["host"], several))))
    return _rows(titles, TITLE, hosts=None, host_documents=None, behind=None)


def lines_of(table: pa.Table) -> pa.Table:
    """Return the rows of a table that stand for lines, without those that tell of a host."""
    return table.filter(pc.not_equal(pc.fill_null(table["kind"], "line"), PLAIN))


def sort_table(table: pa.Table) -> pa.Table:
    """Return learned lines in their order, the most frequent first."""
    return table.sort_by(list(_SORTED)).combine_chunks()


def _with_majority(table: pa.Table) -> pa.Table:
    """Add whether each row's line is enclosed in most of the documents that share its signature."""
    behind = table["enclosed"].to_numpy() * 2 >= table["documents"].to_numpy()
    return table.append_column("behind", pa.array((behind & (table["enclosed"].to_numpy() > 0)).astype(np.int64)))


def _grouped(rows: pa.Table) -> pa.Table:
    """Add up statistics by host and line."""
    grouped = rows.group_by(["host", "line"]).aggregate(
        [
            ("kind", "min"), ("of", "min"), ("documents", "sum"), ("signature", "count"), ("behind", "sum"),
            ("from_start", "sum"), ("digits_least", "min"), ("digits_most", "max"), ("sample", "min"),
        ]
    )  # fmt: skip
    return grouped.rename_columns(
        [name.removesuffix("_sum").removesuffix("_min").removesuffix("_max") for name in grouped.column_names]
    )


def _cases(rows: pa.Table, sizes: pa.Table) -> pa.Table:
    """Return what is counted for hosts that show an interface, with the independent documents of each host."""
    which = pc.index_in(rows["host"], sizes["host"].combine_chunks())
    rows = rows.filter(pc.and_(which.is_valid(), pc.not_equal(rows["kind"], TITLE)))
    grouped = _grouped(_frequent(rows, 2))
    at = pc.index_in(grouped["host"], sizes["host"].combine_chunks())
    return grouped.append_column("host_documents", sizes["host_documents"].take(at.combine_chunks()))


def _frequent(rows: pa.Table, least: int) -> pa.Table:
    """Leave out rows of statistics of lines that cannot have enough documents; most lines occur in one."""
    _, which, count = np.unique(rows["line"].to_numpy(), return_inverse=True, return_counts=True)
    return rows.filter(pa.array(count[which] >= least))


def _of_hosts(cases: pa.Table, settings: LearnedSettings) -> pa.Table:
    documents, of = cases["signature_count"].to_numpy(), cases["host_documents"].to_numpy()
    kept = (cases["kind"].to_numpy() == LINE) & (documents >= settings.min_host_documents)
    cases = cases.filter(pa.array(kept & (documents >= settings.min_host_share * of)))
    behind = cases["behind"].to_numpy() / np.maximum(cases["signature_count"].to_numpy(), 1)
    return _rows(cases, LINE, hosts=1, host_documents=cases["host_documents"], behind=behind)


def _slots(cases: pa.Table, kind: int) -> pa.Table:
    """Return what counts of one of the kinds that a second look finds."""
    least, share = _NEEDED[kind]
    cases = cases.filter(pc.equal(cases["kind"], kind))
    whole = "host_documents"
    if kind in {GAP, BOND}:
        is_whole = pc.equal(cases["of"], ALL)
        totals = cases.filter(is_whole).select(["host", "line", "signature_count"])
        totals = totals.rename_columns(["host", "of", "cases"])
        cases, whole = cases.filter(pc.invert(is_whole)).join(totals, ["host", "of"], join_type="inner"), "cases"
    documents = cases["signature_count"].to_numpy()
    cases = cases.filter(pa.array((documents >= least) & (documents >= share * cases[whole].to_numpy())))
    return _rows(cases, kind, hosts=1, host_documents=cases["host_documents"], behind=np.ones(len(cases)))


def _of_all_hosts(table: pa.Table, hosts: int, settings: LearnedSettings) -> pa.Table:
    """Return the lines that count for all hosts."""
    needed = max(settings.min_hosts, math.ceil(settings.min_hosts_share * hosts))
    lines = table.filter(pc.and_(pc.equal(table["kind"], LINE), pc.not_equal(table["line"], ALL)))
    lines = _frequent(lines, needed)
    of_hosts = _grouped(lines)
    # In thousandths: sums of whole numbers do not depend on their order.
    mille = of_hosts["behind"].to_numpy() * _MILLE // np.maximum(of_hosts["signature_count"].to_numpy(), 1)
    of_hosts = of_hosts.append_column("mille", pa.array(mille))
    everywhere = of_hosts.group_by("line").aggregate(
        [
            ("kind", "min"), ("of", "min"), ("documents", "sum"), ("mille", "sum"), ("from_start", "sum"),
            ("digits_least", "min"), ("digits_most", "max"), ("sample", "min"), ("host", "count"),
        ]
    ).sort_by("line")  # fmt: skip
    signatures = lines.group_by("line").aggregate([("signature", "count_distinct")]).sort_by("line")
    everywhere = everywhere.rename_columns(
        [name.removesuffix("_sum").removesuffix("_min").removesuffix("_max") for name in everywhere.column_names]
    ).append_column("signature_count", signatures["signature_count_distinct"])
    # Copies of one text on several sites are one document.
    enough = pc.greater_equal(pc.min_element_wise(everywhere["host_count"], everywhere["signature_count"]), needed)
    everywhere = everywhere.filter(enough)
    behind = everywhere["mille"].to_numpy() / _MILLE / np.maximum(everywhere["host_count"].to_numpy(), 1)
    return _rows(everywhere, LINE, hosts=everywhere["host_count"], host_documents=None, behind=behind)


def _rows(
    grouped: pa.Table,
    kind: int,
    *,
    hosts: int | pa.ChunkedArray | None,
    host_documents: pa.ChunkedArray | None,
    behind: Float64s | None,
) -> pa.Table:
    """Return groups of statistics as rows of `TABLE_SCHEMA`."""
    count = len(grouped)
    documents = grouped["documents"]
    mean = pc.divide(pc.cast(grouped["from_start"], pa.float64()), pc.cast(documents, pa.float64()))
    columns = [
        pa.nulls(count, pa.string()) if "host" not in grouped.column_names else grouped["host"],
        pa.repeat(KIND_NAMES[kind], count),
        grouped["line"],
        grouped["sample"],
        documents,
        grouped["signature_count"],
        pa.repeat(hosts or 0, count) if not isinstance(hosts, pa.ChunkedArray) else hosts,
        pa.nulls(count, pa.int64()) if host_documents is None else host_documents,
        pc.round(pc.divide(mean, 1000.0), 3),
        pa.nulls(count, pa.float64()) if behind is None else np.round(behind, 3),
        pc.not_equal(grouped["digits_least"], grouped["digits_most"]),
    ]
    return pa.table(columns, names=TABLE_SCHEMA.names).cast(TABLE_SCHEMA)
