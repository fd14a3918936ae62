"""What the report page shows, gathered from a finished output in one pass over its audit."""

from __future__ import annotations

import difflib
import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.explain import repair_text
from corpusmill.reports.originals import read_original
from corpusmill.reports.selecting import audit_tables
from corpusmill.reports.visible import visible
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.learning.learn import lines_of
from corpusmill.transforms.kernels.findings import Step
from corpusmill.transforms.kernels.schema import DECISIONS, DUPLICATE, KEPT
from corpusmill.transforms.layout import CORPUS, REJECTED, REMOVED, Output, result_names

SAMPLES = 3
"""Samples of each rule."""
LOSSES = 12
"""Kept documents with the largest losses that are shown."""
LINES = 40
"""Frequent removed lines, learned lines and rejected records that are shown."""
PAIRS = 6
"""Pairs next to the threshold that are shown."""
SIMILARITY_BINS = 20
MIN_LOSS_CHARS = 200
"""Shorter documents are not looked at for losses: one line is much of them."""

_EXCERPT_CHARS = 600
_SAMPLED_CHARS = 20_000
_LENGTH_BINS = 32
_DIFF_LINES = 12
_AUDIT_COLUMNS = (
    "id source source_row offset decision reason partner_id partner_corpus similarity chars_in chars_out encoding "
    "removed_lines repairs"
).split()


@dataclass
class RuleSample:
    """One document under a rule.

    Attributes:
        id: The document.
        where: Its source and record.
        diff: Lines of a diff, each with its mark: `-`, `+`, `@` or a space.
        note: What else is to be said.
    """

    id: str
    where: str
    diff: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""


@dataclass
class PageData:
    """All that the page shows.

    Attributes:
        manifest: The run's manifest.
        output: The folder, as it was given.
        lengths_in: int64[32], documents by bit length of their characters as read.
        lengths_out: The same, of the kept documents' characters.
        similarities: int64[20], duplicates by similarity, from 0 to 1.
        encodings: How texts were decoded -> documents.
        chars: Decision -> characters read.
        samples: Rule id -> documents under it.
        losses: Kept documents that lost the largest share.
        learned: Most frequent learned lines: host, line, documents.
        pairs: Pairs nearest to the threshold: similarity, ids and the beginnings of both texts.
        rejected: Reason -> examples.
        shards: Names, documents and bytes of the corpus files.
    """

    manifest: dict[str, Any]
    output: str
    lengths_in: Int64s = field(default_factory=lambda: np.zeros(_LENGTH_BINS, np.int64))
    lengths_out: Int64s = field(default_factory=lambda: np.zeros(_LENGTH_BINS, np.int64))
    similarities: Int64s = field(default_factory=lambda: np.zeros(SIMILARITY_BINS, np.int64))
    encodings: Counter[str] = field(default_factory=Counter)
    chars: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[RuleSample]] = field(default_factory=dict)
    losses: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    learned: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    rejected: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shards: list[dict[str, Any]] = field(default_factory=list)


def gather_page(output: str) -> PageData:
    """Read a finished output for its page.

    Args:
        output: Output folder of a finished run.

    Raises:
        corpusmill.reports.corpus.CorpusError: It is not one.
    """
    manifest = read_manifest(output)
    page = PageData(manifest, output)
    wanted: dict[str, list[dict[str, Any]]] = {}
    heap: list[tuple[float, int, dict[str, Any]]] = []
    nearest: list[tuple[float, int, dict[str, Any]]] = []
    number = 0
    for table in audit_tables(output, manifest, list(_AUDIT_COLUMNS)):
        _count(page, table)
        _choose_samples(table, wanted)
        _choose_losses(table, heap, number)
        _choose_pairs(table, nearest, number)
        number += len(table)
    page.losses = [(loss, row) for loss, _, row in sorted(heap, key=lambda item: (-item[0], item[1]))]
    show = _Sampler(Config.model_validate(manifest["config"]))
    page.samples = {rule: [show(rule, row) for row in rows] for rule, rows in sorted(wanted.items())}
    page.learned = _learned_lines(output)
    page.pairs = _pair_texts(output, [row for _, _, row in sorted(nearest, key=lambda item: (-item[0], item[1]))])
    page.rejected = _rejected(output, manifest)
    page.shards = _shards(output, manifest)
    return page


def _count(page: PageData, table: pa.Table) -> None:
    decision, chars_in, chars_out = table["decision"], table["chars_in"], table["chars_out"]
    page.lengths_in += _bit_lengths(chars_in.filter(pc.greater(chars_in, 0)).to_numpy())
    page.lengths_out += _bit_lengths(chars_out.filter(pc.equal(decision, KEPT)).to_numpy())
    similarity = table["similarity"].drop_null().to_numpy()
    bins = np.minimum((similarity * SIMILARITY_BINS).astype(np.int64), SIMILARITY_BINS - 1)
    page.similarities += np.bincount(bins, minlength=SIMILARITY_BINS)
    for item in pc.value_counts(table["encoding"].drop_null()).to_pylist():
        page.encodings[item["values"]] += item["counts"]
    for name in DECISIONS:
        page.chars[name] += pc.sum(chars_in.filter(pc.equal(decision, name))).as_py() or 0


def _bit_lengths(values: Int64s) -> Int64s:
    bits = np.frexp(values.astype(np.float64))[1] if len(values) else np.zeros(0, np.int64)
    return np.bincount(np.minimum(bits, _LENGTH_BINS - 1), minlength=_LENGTH_BINS)


def _choose_samples(table: pa.Table, wanted: dict[str, list[dict[str, Any]]]) -> None:
    """Take the first documents of moderate length under each rule."""
    repairs = table["repairs"].combine_chunks()
    parents = pc.list_parent_indices(repairs).to_numpy()
    fits = pc.less(table["chars_in"], _SAMPLED_CHARS).to_numpy()
    for rules, at in (
        (repairs.flatten().field("rule"), parents),
        (table["reason"].combine_chunks(), np.arange(len(table))),
    ):
        codes = rules.dictionary_encode()
        numbers = pc.fill_null(codes.indices, -1).to_numpy()
        for code, rule in enumerate(codes.dictionary.to_pylist()):
            chosen = wanted.setdefault(rule, [])
            if len(chosen) < SAMPLES:
                places = at[numbers == code]
                places = places[fits[places]][: SAMPLES - len(chosen)]
                chosen += table.take(pa.array(places)).to_pylist()


def _choose_losses(table: pa.Table, heap: list[tuple[float, int, dict[str, Any]]], first: int) -> None:
    """Keep the documents of whose text removed lines took the largest share; repairs lose nothing."""
    lines = table["removed_lines"].combine_chunks()
    parents = pc.list_parent_indices(lines).to_numpy()
    lengths = pc.utf8_length(lines.flatten().field("text")).to_numpy()
    taken = np.bincount(parents, weights=lengths, minlength=len(table))
    before = taken + table["chars_out"].to_numpy()
    lost = taken / np.maximum(before, 1)
    lost[~pc.equal(table["decision"], KEPT).to_numpy() | (before < MIN_LOSS_CHARS)] = 0
    for row in np.argsort(-lost, kind="stable")[:LOSSES].tolist():
        if lost[row] > 0:
            document = table.slice(row, 1).to_pylist()[0]
            document["removed_lines"] = document["removed_lines"][:LINES]
            item = (float(lost[row]), -(first + row), document)
            (heapq.heappush if len(heap) < LOSSES else heapq.heappushpop)(heap, item)


def _choose_pairs(table: pa.Table, nearest: list[tuple[float, int, dict[str, Any]]], first: int) -> None:
    """Keep the duplicates of the lowest similarity: a threshold a little higher would keep them."""
    duplicate = pc.equal(table["decision"], DUPLICATE).to_numpy()
    similarity = np.where(duplicate, pc.fill_null(table["similarity"], 2.0).to_numpy(), 2.0)
    for row in np.argsort(similarity, kind="stable")[:PAIRS].tolist():
        if similarity[row] < 1:
            item = (-float(similarity[row]), -(first + row), table.slice(row, 1).to_pylist()[0])
            (heapq.heappush if len(nearest) < PAIRS else heapq.heappushpop)(nearest, item)


def _where(row: dict[str, Any]) -> str:
    return f"{row['source']}, record {row['source_row']}"


class _Sampler:
    """Shows what a rule did to a document: a diff where it changed it, its beginning where it dropped it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._steps: dict[str, list[Step]] = {}

    def __call__(self, rule: str, row: dict[str, Any]) -> RuleSample:
        sample = RuleSample(row["id"], _where(row))
        original = read_original(row, self._config.input) if row["chars_in"] else None
        if row["reason"] == rule:
            alike = "" if row["similarity"] is None else f", similarity {row['similarity']:.3f}"
            sample.note = f"a copy of {row['partner_id']}{alike}" if row["partner_id"] else ""
            if original is not None:
                sample.diff = [(" ", visible(line)) for line in original[:_EXCERPT_CHARS].split("\n")[:_DIFF_LINES]]
        elif original is not None:
            steps = [step for step in self._repairs(original) if step.rule == rule]
            sample.diff = [line for step in steps for line in diff_lines(step.before, step.after)][:_DIFF_LINES]
        else:
            sample.note = "the source is not there any more, or cannot be read quickly"
        return sample

    def _repairs(self, original: str) -> list[Step]:
        """Return the steps of a text; several rules may have changed it."""
        if original not in self._steps:
            self._steps[original] = repair_text(original, self._config)[1]
        return self._steps[original]


def diff_lines(before: str, after: str) -> list[tuple[str, str]]:
    """Return the changed lines of two texts, each with its mark."""
    lines = list(difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0))[2:]
    return [(line[:1], visible(line[1:_EXCERPT_CHARS])) for line in lines if not line.startswith("@")]


def _learned_lines(output: str) -> list[dict[str, Any]]:
    path = Output(output).learned_lines
    if not storage.exists(path):
        return []
    found: list[dict[str, Any]] = lines_of(storage.read_parquet(path)).slice(0, LINES).to_pylist()
    return found


def _pair_texts(output: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the beginnings of both texts of each pair; what is in no file any more stays empty."""
    wanted = {row["id"] for row in rows} | {row["partner_id"] for row in rows if row["partner_corpus"] is None}
    texts: dict[str, str] = {}
    for folder in (CORPUS, REMOVED):
        for name in result_names(Output(output).folder(folder)) if wanted else ():
            with storage.open_parquet(Output(output).file(folder, name)) as parquet:
                for group in range(parquet.num_row_groups):
                    ids = parquet.read_row_group(group, columns=["id"], use_threads=False)["id"]
                    places = np.flatnonzero(pc.is_in(ids, pa.array(sorted(wanted))).to_numpy())
                    if len(places):
                        table = parquet.read_row_group(group, columns=["id", "text"], use_threads=False)
                        for row in table.take(pa.array(places)).to_pylist():
                            texts.setdefault(row["id"], row["text"])
    return [
        {
            "similarity": row["similarity"],
            "kept": row["partner_id"],
            "removed": row["id"],
            "kept_text": _beginning(texts.get(row["partner_id"], "")),
            "removed_text": _beginning(texts.get(row["id"], "")),
        }
        for row in rows
    ]


def _beginning(text: str) -> str:
    lines = [visible(line) for line in text[:_EXCERPT_CHARS].split("\n")]
    return "\n".join(lines) + ("…" if len(text) > _EXCERPT_CHARS else "")


def _rejected(output: str, manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name in manifest["files"].get(REJECTED, ()):
        with storage.open_parquet(Output(output).file(REJECTED, name)) as parquet:
            for batch in parquet.iter_batches(columns=["reason", "source", "offset", "error", "excerpt"]):
                for reason in pc.unique(batch["reason"]).to_pylist():
                    own = found.setdefault(reason, [])
                    if len(own) < SAMPLES:
                        rows = batch.filter(pc.equal(batch["reason"], reason)).slice(0, SAMPLES - len(own)).to_pylist()
                        own += [{key: visible(str(value)) for key, value in row.items()} for row in rows]
    return found


def _shards(output: str, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name in manifest["files"].get(CORPUS, ()):
        with storage.open_parquet(Output(output).file(CORPUS, name)) as parquet:
            groups = parquet.metadata.num_row_groups
            size = sum(parquet.metadata.row_group(group).total_byte_size for group in range(groups))
            found.append({"name": name, "documents": parquet.metadata.num_rows, "bytes": size})
    return found
