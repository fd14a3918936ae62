"""Another corpus from a finished run with a higher threshold, from its verified pairs and one pass over its texts."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import VERSION, Config, ConfigError
from corpusmill.reports.corpus import CorpusError, check_files, read_manifest
from corpusmill.reports.views import write_views
from corpusmill.runs.accounts import Claim, require, row_claims
from corpusmill.runs.finished_shards import FinishedShard, complete_index
from corpusmill.runs.lock import hold
from corpusmill.runs.output_files import output_files
from corpusmill.runs.output_folder import (
    OutputError,
    Sources,
    clear,
    digest_of,
    look_at,
    refuse_foreign,
    refuse_overlap,
    remove_state,
)
from corpusmill.runs.pair_decisions import Removals, decide
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.duplicates.pair_files import NEAR as NEAR_PAIR
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.schema import DECISIONS
from corpusmill.transforms.kernels.writing.duplicate_rows import mark_duplicates
from corpusmill.transforms.layout import AUDIT, PAIRS, RESULTS, RETHRESHOLD, Output
from corpusmill.transforms.writing.receipts import Receipt, add_receipts
from corpusmill.transforms.writing.shard_files import OutputFiles
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA


def rethreshold(output: str, threshold: float, target: str, *, overwrite: bool = False) -> dict[str, Any]:
    """Write the corpus that a run would have given with a higher threshold, and return its manifest.

    Args:
        output: Output folder of a finished run that kept its pairs (`output.pairs`).
        threshold: The new threshold, not below the run's own.
        target: The new output folder; it gets all that a run writes, so that it can be used in the same ways.
        overwrite: Replace what is there.

    Raises:
        ConfigError: The run did not keep its pairs, or the threshold is too low.
        OutputError: There is something else in `target`, or it is, contains or lies in `output`.
        AccountingError: The files of the run do not agree with each other.
    """
    started = time.monotonic()
    manifest = _read_manifest(output)
    config = _config_of(manifest, threshold)
    own = {name: manifest[name] for name in ("identity", "files")}
    identity = {
        "rethreshold": hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest(),
        "threshold": threshold,
        "config": config.digest(),
        "version": VERSION,
    }
    try:
        check_files(output, manifest, *RESULTS)
    except CorpusError as error:
        raise ConfigError(str(error)) from None
    refuse_overlap(target, Sources({"the run that it is made from": [output]}))
    with hold(target):
        before = _open_target(target, identity, overwrite=overwrite)
        return before or _make(_Order(output, target, threshold, identity, manifest, config), started)


@dataclass(frozen=True)
class _Order:
    """What is to be made.

    Attributes:
        output: The finished run.
        target: The new output folder.
        threshold: The new threshold.
        identity: Of the new output.
        manifest: Of the finished run.
        config: Of the new output.
    """

    output: str
    target: str
    threshold: float
    identity: dict[str, Any]
    manifest: dict[str, Any]
    config: Config

    @property
    def metadata(self) -> dict[str, str]:
        """What differs in the metadata of the new files."""
        return {"corpusmill.config": self.config.digest(), "corpusmill.version": VERSION}

    @property
    def keyed_at(self) -> float:
        """The threshold with which the run has read the texts; the bands of the index follow from it."""
        own = self.manifest.get("rethreshold", self.manifest["config"]["dedup"])
        return float(own["threshold"])

    @property
    def keyed_by(self) -> DedupSettings:
        """The settings with which the index was made."""
        return self.config.dedup.model_copy(update={"threshold": self.keyed_at})


def _make(order: _Order, started: float) -> dict[str, Any]:
    target, manifest = order.target, order.manifest
    removals = decide(_read_pairs(order), order.threshold)
    files = output_files(target, order.config, manifest["metadata"] | order.metadata, order.keyed_by)
    written = add_receipts(_write_shards(order, files, removals))
    documents = sum(written.decisions.values())
    require(
        target,
        [
            Claim("documents of the run", manifest["documents"]["in"], "decisions made", documents),
            *row_claims(files, written),
        ],
        f"run {order.output!r} again",
    )
    learned = _copy_learned_lines(order.output, target, files.state)
    result = manifest | {
        "identity": order.identity,
        "documents": {"in": documents, **{name: written.decisions[name] for name in DECISIONS}},
        "reasons": dict(sorted(written.reasons.items())),
        "chars": {"in": manifest["chars"]["in"], "out": written.chars_out},
        "text_bytes": written.text_bytes,
        "families": list(removals.families(documents, manifest["families"])),
        "files": written.files,
        "learned_lines": learned,
        "checksums": written.checksums,
        "config": order.config.model_dump(mode="json"),
        "metadata": files.metadata,
        "rethreshold": {"of": order.output, "threshold": order.keyed_at},
        "run": {"runner": "rethreshold", "seconds": round(time.monotonic() - started, 1)},
    }
    storage.write_json(Output(target).manifest, result, files.state)
    write_views(target, result, files.state)
    remove_state(target)
    return result


def _read_pairs(order: _Order) -> pa.Table:
    names = order.manifest["files"].get(PAIRS, ())
    pairs = [storage.read_parquet(Output(order.output).file(PAIRS, name)) for name in names]
    return pa.concat_tables(pairs).replace_schema_metadata(None) if pairs else PAIRS_SCHEMA.empty_table()


def _write_shards(order: _Order, files: OutputFiles, removals: Removals) -> Iterator[Receipt]:
    """Write the shards of the run anew, and yield their receipts."""
    names = order.manifest["files"]
    found = output_files(order.output, order.config, {}, order.keyed_by)
    first = 0
    for number, name in enumerate(names[AUDIT]):
        finished = FinishedShard(found, names, name)
        with files.shard(number, len(names[AUDIT])) as shard:
            for rows, index in finished.rows():
                decided = mark_duplicates(rows, removals.of_rows(first, len(rows)))
                first += len(rows)
                shard.write(decided, None if index is None else complete_index(decided, index, order.keyed_by))
            for pairs in finished.pairs():
                shard.write_pairs(_verified_at(pairs, order.threshold))
        yield shard.receipt()


def _verified_at(pairs: pa.Table, threshold: float) -> pa.Table:
    """The pairs that are verified at a threshold."""
    similar = pc.greater_equal(pairs["with_operators"], threshold)
    return pairs.filter(pc.or_(pc.not_equal(pairs["kind"], NEAR_PAIR), similar))


def _copy_learned_lines(output: str, target: str, state: str) -> str | None:
    """Copy the learned lines of the run, if it has any, and return their digest."""
    learned = Output(output).learned_lines
    if not storage.exists(learned):
        return None
    with (
        storage.open_read(learned) as source,
        storage.open_atomic(Output(target).learned_lines, state) as sink,
    ):
        shutil.copyfileobj(source, sink)
    return digest_of(learned)


def _read_manifest(output: str) -> dict[str, Any]:
    try:
        manifest = read_manifest(output)
    except CorpusError as error:
        raise ConfigError(str(error)) from None
    settings = manifest["config"]
    if not settings["dedup"]["enabled"]:
        raise ConfigError(
            f"{output!r} was made without the duplicate stage; run it again with --set dedup.enabled=true and the "
            "threshold that you want"
        )
    if not settings["output"].get("corpus"):
        raise ConfigError(
            f"{output!r} holds decisions but no texts (it was made with --report-only); run it again without it"
        )
    if not settings["output"].get("pairs"):
        raise ConfigError(
            f"{output!r} was made without output.pairs: its verified pairs and the texts of its duplicates are not "
            "there; run it again with --set output.pairs=true"
        )
    if settings["dedup"].get("paragraphs", {}).get("keep", "every") != "every":
        raise ConfigError(
            f"{output!r} was made with dedup.paragraphs, which depends on what is kept; run it again with "
            "the other threshold"
        )
    return manifest


def _config_of(manifest: dict[str, Any], threshold: float) -> Config:
    own = manifest["config"]["dedup"]["threshold"]
    if not own <= threshold <= 1:
        again = f"for a lower one run it again with --set dedup.threshold={threshold:g}"
        remedy = again if 0 < threshold < own else "give one in between"
        raise ConfigError(
            f"the threshold {threshold:g} is not between {own:g}, for which the run has verified its pairs, and 1; "
            f"{remedy}"
        )
    config = Config.model_validate(manifest["config"])
    return config.model_copy(update={"dedup": config.dedup.model_copy(update={"threshold": threshold})})


def _open_target(target: str, identity: dict[str, Any], *, overwrite: bool) -> dict[str, Any] | None:
    """Make the folder ready; return its manifest if the work is done already."""
    remains = look_at(target)
    if remains.manifest is not None and not overwrite and not remains.clearing:
        if remains.manifest["identity"] == identity:
            if Output(target).state.path not in remains.foreign:
                remove_state(target)
            return remains.manifest
        raise OutputError(f"the output {target!r} holds another run; name another folder, or give --overwrite")
    if remains.begun not in (None, identity) and not overwrite:
        raise OutputError(
            f"the output {target!r} holds another unfinished run; name another folder, or give --overwrite"
        )
    refuse_foreign(target, remains)
    clear(target, remains)
    state = Output(target).state
    sealed.write_json(state.folder(RETHRESHOLD), identity, state.path)
    return None
