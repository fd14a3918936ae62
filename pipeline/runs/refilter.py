"""Another corpus from a finished run with other limits of scores, from its scores, texts and pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config, ConfigError
from corpusmill.reports.figures import counted
from corpusmill.runs.finished_shards import FinishedShard, complete_index
from corpusmill.runs.pair_decisions import Removals, decide
from corpusmill.runs.remake import Order, check, config_of, make, read_finished
from corpusmill.runs.reselection import Reselected, reselect_pairs
from corpusmill.runs.selected_keys import Selection, missing_index, no_keys
from corpusmill.runs.setting_changes import changed_config
from corpusmill.transforms import layout
from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.columns import one_array, with_columns
from corpusmill.transforms.kernels.duplicates.settings import CAPPED
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.quality.histograms import Counts, add_counts, count_languages, count_scores, describe
from corpusmill.transforms.kernels.schema import KEPT, REPAIRS_TYPE
from corpusmill.transforms.scoring.decisions import DETAIL, FAILED, OWN_COLUMN, is_score_rule, judge_again
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA


def refilter(output: str, overrides: Sequence[str], target: str, *, overwrite: bool = False) -> dict[str, Any]:
    """Write the corpus that a run would have given with other limits of scores, and return its manifest.

    Args:
        output: Output folder of a finished run that has scored its documents.
        overrides: Settings of limits, such as `filter.gopher.min_words=80`.
        target: The new output folder; it gets all that a run writes, so that it can be used in the same ways.
        overwrite: Replace what is there.

    Raises:
        ConfigError: The run has not kept what is needed, or a setting decides more than which documents stay.
        OutputError: There is something else in `target`, or it is, contains or lies in `output`.
        AccountingError: The files of the run do not agree with each other.
    """
    manifest = _read_manifest(output)
    old = config_of(manifest)
    config, keys = changed_config(old, overrides)
    order = Order("refilter", output, target, manifest, config, {"of": output, "changed": keys})
    check(order)
    selection = _select(order, old, keys)
    return make(order, lambda: _Refiltered(order, old, selection), overwrite=overwrite)


def _read_manifest(output: str) -> dict[str, Any]:
    manifest = read_finished(output, "the other limits")
    settings = manifest["config"]
    if not config_of(manifest).scoring.active:
        raise ConfigError(
            f"{output!r} has no scores: no rule, condition or language was asked for; run it again with them, such as "
            "--set 'filter.presets=[gopher]'"
        )
    if manifest["against"] and settings["dedup"]["enabled"]:
        raise ConfigError(
            f"{output!r} was made --against earlier corpora, whose documents are compared with those that come back; "
            "run it again with the other limits"
        )
    if failed := manifest["reasons"].get(FAILED):
        raise ConfigError(
            f"a function of filter.functions raised on {counted(failed, 'documents')} of {output!r}, which it "
            "rejected: no text of that is kept; correct the function and run it again"
        )
    return manifest


def _judged(rows: pa.Table, config: Config, old: Config) -> tuple[pa.Table, Bools]:
    """Decide on documents of the run by their scores, and return which of them were scored."""
    scored = pc.or_(pc.equal(rows["decision"], KEPT), is_score_rule(rows["reason"]))
    scored = one_array(scored)
    judged = judge_again(rows, scored, config.scoring)
    if not old.output.filtered and config.filter.columns == old.filter.columns:
        # The values are not kept; but what failed a condition before fails it now.
        fails = pc.and_(
            pc.equal(judged["decision"], KEPT), pc.starts_with(pc.fill_null(rows["reason"], ""), OWN_COLUMN)
        )
        names = ("decision", "reason", DETAIL)
        judged = with_columns(judged, {name: pc.if_else(fails, rows[name], judged[name]) for name in names})
    return judged, np.asarray(scored)


def _select(order: Order, old: Config, keys: Sequence[str]) -> Selection:
    """Find out which documents stay by their scores.

    Raises:
        ConfigError: Some come back of which too little is known.
    """
    columns = tuple(order.config.filter.columns)
    wanted: dict[str, tuple[str, ...]] = {layout.AUDIT: ("decision", "reason", DETAIL)}
    if old.scoring.fields:
        wanted[layout.SCORES] = tuple(own.name for own in old.scoring.fields)
    if columns:
        wanted |= dict.fromkeys((layout.CORPUS, layout.REMOVED, layout.FILTERED), columns)
    was, now = [np.zeros(0, bool)], [np.zeros(0, bool)]
    unknown = 0
    for finished in order.shards(begun=False):
        for rows, _ in finished.rows(wanted):
            judged, _ = _judged(rows, order.config, old)
            was.append(pc.equal(rows["decision"], KEPT).to_numpy())
            now.append(pc.equal(judged["decision"], KEPT).to_numpy())
            back = rows.filter(pa.array(now[-1] & ~was[-1]))
            unknown += int((~_is_known(back["reason"], order.config, old)).sum())
    selection = Selection(np.concatenate(was), np.concatenate(now))
    back = int((selection.now & ~selection.was).sum())
    if back and not old.output.filtered:
        raise ConfigError(
            f"with {', '.join(keys)} {counted(back, 'documents')} would come back that scores had dropped, "
            f"and {order.output!r} was made with output.filtered=false: no text of that is there. Give limits that "
            "only drop more, or run it again with --set output.filtered=true"
        )
    if unknown:
        raise ConfigError(
            f"with {', '.join(keys)} {counted(unknown, 'documents')} would come back that rules had dropped before "
            "filter.functions were called; give limits that only drop more, or run it again with the other limits"
        )
    return selection


def _is_known(reasons: pa.ChunkedArray, config: Config, old: Config) -> Bools:
    """Return bool[n], whether all functions that are asked were called on documents that were dropped by rules."""
    asked = {(own.module, own.name) for own in config.filter.own_functions}
    own = old.filter.own_functions
    last = {
        function.rule
        for place, function in enumerate(own)
        if not any((later.module, later.name) in asked for later in own[place + 1 :])
    }
    if not asked:
        return np.ones(len(reasons), bool)
    return np.asarray(pc.is_in(reasons, pa.array(sorted(last), pa.string())).to_numpy())


@dataclass
class _Refiltered:
    """The decisions with other limits.

    Attributes:
        order: What is to be made.
        old: Configuration of the run.
        selection: Which documents take part.
    """

    order: Order
    old: Config
    selection: Selection
    _scores: Counts = field(default_factory=dict)
    _languages: Counts = field(default_factory=dict)
    _capped: int = 0

    @cached_property
    def _reselected(self) -> Reselected:
        order, dedup = self.order, self.order.keyed_by
        if dedup.enabled and (self.selection.was != self.selection.now).any():
            return reselect_pairs(order, self.selection)
        pairs = order.read_pairs() if dedup.enabled else PAIRS_SCHEMA.empty_table()
        return Reselected(pairs, no_keys(dedup.banding.bands), order.manifest["unranked"])

    @cached_property
    def removals(self) -> Removals:
        """The duplicates."""
        return decide(self._reselected.pairs, self.order.config.dedup.threshold)

    @property
    def keeps_nothing(self) -> bool:
        """Whether no document is kept."""
        return not self.selection.now.any()

    def decide(self, rows: pa.Table, first: int) -> pa.Table:
        """Decide by the scores, and count them."""
        judged, scored = _judged(rows, self.order.config, self.old)
        self._count(judged, scored)
        return self._with_capped(judged, first)

    def _count(self, rows: pa.Table, scored: Bools) -> None:
        own = rows.filter(pa.array(scored)).combine_chunks()
        fields = self.order.config.scoring.fields
        if not len(own) or not fields:
            return
        stays = pc.equal(own["decision"], KEPT).to_numpy()
        names = [name.name for name in fields]
        self._scores = add_counts(self._scores, count_scores(own.select(names), stays))
        if "language" in names:
            self._languages = add_counts(self._languages, count_languages(one_array(own["language"]), stays))

    def _with_capped(self, rows: pa.Table, first: int) -> pa.Table:
        """Say of documents that come back whether not all shingles entered their signature, and of no others."""
        span = slice(first, first + len(rows))
        was, now = self.selection.was[span], self.selection.now[span]
        computed = self._reselected.computed
        numbers = computed["number"].to_numpy()
        low, high = np.searchsorted(numbers, [first, first + len(rows)])
        capped = numbers[low:high][computed["capped"].to_numpy()[low:high]] - first
        findings = Findings()
        for row in capped.tolist():
            if now[row] and not was[row]:
                findings.add(row, CAPPED)
        repairs = one_array(rows["repairs"])
        gone = np.flatnonzero(was & ~now)
        if len(gone):
            repairs = _without(repairs, gone)
        if len(findings):
            repairs = merge_repairs(repairs, findings)
        rules = repairs.flatten().field("rule")
        self._capped += int(pc.sum(pc.equal(rules, CAPPED)).as_py() or 0)
        return with_columns(rows, {"repairs": repairs})

    def index(self, decided: pa.Table, index: pa.Table, first: int) -> pa.Table:
        """Add the keys of the documents that come back."""
        known = missing_index(self._reselected.computed, first, len(decided), index.schema)
        return complete_index(decided, index, self.order.keyed_by, self.order.keyed, known)

    def pairs(self, shard: FinishedShard, first: int, end: int) -> Iterator[pa.Table]:
        """Yield the verified pairs of a shard."""
        del shard
        pairs = self._reselected.pairs
        low, high = np.searchsorted(pairs["right"].to_numpy(), [first, end])
        yield pairs.slice(low, high - low)

    def figures(self) -> dict[str, Any]:
        """Return the histograms and what else was counted."""
        names = ("documents", "stay")
        return {
            "scores": describe(self._scores),
            "languages": {name: dict(zip(names, counts, strict=True)) for name, counts in self._languages.items()},
            "capped": self._capped,
            "unranked": self._reselected.unranked,
        }


def _without(repairs: pa.ListArray, rows: np.ndarray) -> pa.ListArray:
    """Take the remark on capped signatures from rows."""
    if not pc.any(pc.equal(repairs.flatten().field("rule"), CAPPED)).as_py():
        return repairs
    values = repairs.to_pylist()
    for row in rows.tolist():
        values[row] = [item for item in values[row] or () if item["rule"] != CAPPED] or None
    return pa.array(values, REPAIRS_TYPE)
