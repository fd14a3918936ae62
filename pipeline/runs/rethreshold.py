"""Another corpus from a finished run with a higher threshold, from its verified pairs and one pass over its texts."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpusmill.config import VERSION, Config, ConfigError
from corpusmill.reports.corpus import CorpusError, check_files, read_manifest
from corpusmill.runs.lock import hold
from corpusmill.runs.manifest import AccountingError
from corpusmill.runs.output_folder import (
    LEARNED_LINES,
    MANIFEST,
    RESULTS,
    RETHRESHOLD,
    STATE,
    OutputError,
    Sources,
    clear,
    digest_of,
    look_at,
    refuse_foreign,
    refuse_overlap,
    remove_state,
)
from corpusmill.runs.pair_decisions import Fates, decide, largest_families
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.duplicates.pair_files import NEAR as NEAR_PAIR
from corpusmill.transforms.kernels.duplicates.settings import EXACT, NEAR, DedupSettings
from corpusmill.transforms.kernels.schema import DECISIONS, DUPLICATE, KEPT
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS, key_columns
from corpusmill.transforms.writing.shard_writer import (
    AUDIT_SCHEMA,
    PAIRS_SCHEMA,
    REJECTED_SCHEMA,
    ShardWriter,
    index_schema,
)

_ROWS_AT_ONCE = 4096


@dataclass
class _Counts:
    """What the new files hold."""

    decisions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    files: dict[str, list[str]] = field(default_factory=dict)
    checksums: dict[str, dict[str, str]] = field(default_factory=dict)
    chars_out: int = 0
    text_bytes: int = 0


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


def _make(order: _Order, started: float) -> dict[str, Any]:
    output, target, threshold, manifest, config = (
        order.output,
        order.target,
        order.threshold,
        order.manifest,
        order.config,
    )
    files = manifest["files"]
    state = storage.join(target, STATE)
    pairs = [storage.read_parquet(storage.join(output, "pairs", name)) for name in files.get("pairs", ())]
    table = pa.concat_tables(pairs).replace_schema_metadata(None) if pairs else PAIRS_SCHEMA.empty_table()
    fates = decide(table, threshold)
    metadata = manifest["metadata"] | {"corpusmill.config": config.digest(), "corpusmill.version": VERSION}
    counts = _Counts()
    first = 0
    for name in files["audit"]:
        first += _Shard(output, target, name, manifest, config, metadata).write(fates, first, threshold, counts)
    claims = [("corpus", KEPT), ("index", KEPT), ("removed", DUPLICATE)]
    wrong = [
        folder
        for folder, decision in claims
        if folder in counts.files and counts.rows[folder] != counts.decisions[decision]
    ]
    if wrong or first != manifest["documents"]["in"]:
        raise AccountingError(f"the files of {output!r} do not agree ({', '.join(wrong) or 'audit'}); run it again")
    learned = storage.join(output, LEARNED_LINES)
    if storage.exists(learned):
        with (
            storage.open_read(learned) as source,
            storage.open_atomic(storage.join(target, LEARNED_LINES), state) as sink,
        ):
            shutil.copyfileobj(source, sink)
    result = manifest | {
        "identity": order.identity,
        "documents": {"in": first, **{name: counts.decisions[name] for name in DECISIONS}},
        "reasons": dict(sorted(counts.reasons.items())),
        "chars": {"in": manifest["chars"]["in"], "out": counts.chars_out},
        "text_bytes": counts.text_bytes,
        "families": list(largest_families(fates, first)),
        "files": counts.files,
        "learned_lines": digest_of(learned) if storage.exists(learned) else None,
        "checksums": counts.checksums,
        "config": config.model_dump(mode="json"),
        "metadata": metadata,
        "rethreshold": {
            "of": output,
            "threshold": manifest.get("rethreshold", manifest["config"]["dedup"])["threshold"],
        },
        "run": {"runner": "rethreshold", "seconds": round(time.monotonic() - started, 1)},
    }
    storage.write_json(storage.join(target, MANIFEST), result, state)
    remove_state(target)
    return result


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
            if storage.join(target, STATE) not in remains.foreign:
                remove_state(target)
            return remains.manifest
        raise OutputError(f"the output {target!r} holds another run; name another folder, or give --overwrite")
    if remains.begun not in (None, identity) and not overwrite:
        raise OutputError(
            f"the output {target!r} holds another unfinished run; name another folder, or give --overwrite"
        )
    refuse_foreign(target, remains)
    clear(target, remains)
    sealed.write_json(storage.join(target, STATE, RETHRESHOLD), identity, storage.join(target, STATE))
    return None


class _Rows:
    """Reads the rows of a Parquet file one after the other, some at a time."""

    def __init__(self, parquet: pq.ParquetFile | None) -> None:
        self._batches = iter(()) if parquet is None else parquet.iter_batches(_ROWS_AT_ONCE, use_threads=False)
        self._rest: pa.Table | None = None

    def take(self, n: int) -> pa.Table | None:
        """Return the next n rows; None for n = 0."""
        parts = []
        while n > 0:
            if self._rest is None or not len(self._rest):
                self._rest = pa.Table.from_batches([next(self._batches)]).replace_schema_metadata(None)
            parts.append(self._rest.slice(0, n))
            self._rest = self._rest.slice(len(parts[-1]))
            n -= len(parts[-1])
        return pa.concat_tables(parts) if parts else None


class _Shard:
    """One shard of the run, to be written anew."""

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        output: str,
        target: str,
        name: str,
        manifest: dict[str, Any],
        config: Config,
        metadata: dict[str, str],
    ) -> None:
        self._output = output
        self._target = target
        self._name = name
        self._files = manifest["files"]
        # The bands of the index follow from the threshold with which the run has read the texts.
        keyed_at = manifest.get("rethreshold", manifest["config"]["dedup"])["threshold"]
        self._keyed_by: DedupSettings = config.dedup.model_copy(update={"threshold": keyed_at})
        self._config = config
        self._metadata = metadata

    def write(self, fates: Fates, first: int, threshold: float, counts: _Counts) -> int:
        """Write the shard's files, add what they hold to `counts`, and return its number of documents."""
        with contextlib.ExitStack() as stack:
            found = {folder: self._open(stack, folder) for folder in RESULTS}
            schemas = self._schemas(found)
            state = storage.join(self._target, STATE)
            writers = {
                folder: stack.enter_context(
                    ShardWriter(
                        storage.join(self._target, folder, self._name),
                        state,
                        schema,
                        self._config.output,
                        self._metadata,
                    )
                )
                for folder, schema in schemas.items()
            }
            rows = {folder: _Rows(parquet) for folder, parquet in found.items()}
            audit = found["audit"]
            done = 0
            while audit is not None and done < audit.metadata.num_rows:
                n = min(_ROWS_AT_ONCE, audit.metadata.num_rows - done)
                counts.chars_out += self._write_rows(n, rows, writers, fates, first + done, counts)
                done += n
            for folder in ("rejected", "pairs", "scores"):
                parquet = found[folder]
                for batch in parquet.iter_batches(_ROWS_AT_ONCE, use_threads=False) if parquet is not None else ():
                    table = pa.Table.from_batches([batch])
                    if folder == "pairs":
                        stays = pc.or_(
                            pc.not_equal(table["kind"], NEAR_PAIR), pc.greater_equal(table["with_operators"], threshold)
                        )
                        table = table.filter(stays)
                    writers[folder].write(table)
            writers["audit"].keep = True
            for folder in ("corpus", "index"):
                if folder in writers:
                    writers[folder].keep = len(self._files["audit"]) == 1
        for folder, writer in writers.items():
            counts.rows[folder] += writer.rows
            if writer.written:
                counts.files.setdefault(folder, []).append(self._name)
                counts.checksums.setdefault(folder, {})[self._name] = writer.checksum
        counts.text_bytes += writers["corpus"].text_bytes
        return done

    def _open(self, stack: contextlib.ExitStack, folder: str) -> pq.ParquetFile | None:
        if self._name not in self._files.get(folder, ()):
            return None
        return stack.enter_context(storage.open_parquet(storage.join(self._output, folder, self._name)))

    def _schemas(self, found: dict[str, pq.ParquetFile | None]) -> dict[str, pa.Schema]:
        texts = found["corpus"] or found["removed"]
        if texts is None:
            raise AccountingError(f"the shard {self._name} of {self._output!r} has neither corpus nor removed texts")
        corpus = texts.schema_arrow.remove_metadata()
        schemas = {"corpus": corpus, "removed": corpus, "audit": AUDIT_SCHEMA}
        for folder in ("audit", "scores"):  # with the columns of the scores that the run was asked for
            parquet = found[folder]
            if parquet is not None:
                schemas[folder] = parquet.schema_arrow.remove_metadata()
        schemas |= {"rejected": REJECTED_SCHEMA, "pairs": PAIRS_SCHEMA}
        if self._files.get("index"):
            schemas["index"] = index_schema(self._keyed_by.banding.bands)
        return schemas

    def _write_rows(  # noqa: PLR0913, PLR0917
        self,
        n: int,
        rows: dict[str, _Rows],
        writers: dict[str, ShardWriter],
        fates: Fates,
        first: int,
        counts: _Counts,
    ) -> int:
        audit = rows["audit"].take(n)
        if audit is None:
            return 0
        was_kept = pc.equal(audit["decision"], KEPT).to_numpy()
        was_removed = pc.equal(audit["decision"], DUPLICATE).to_numpy()
        goes, places = fates.of_rows(first, n)
        is_removed = np.zeros(n, bool)
        is_removed[goes] = True
        is_kept = (was_kept | was_removed) & ~is_removed
        kept, removed = (
            rows[folder].take(int(mask.sum())) for folder, mask in (("corpus", was_kept), ("removed", was_removed))
        )
        texts = _merged(kept, removed, was_kept, was_removed)
        chars = np.zeros(n, np.int64)
        if texts is not None:
            at = np.flatnonzero(was_kept | was_removed)
            chars[at] = pc.fill_null(pc.utf8_length(texts["text"]), 0).to_numpy()
            writers["corpus"].write(texts.filter(pa.array(is_kept[at])))
            writers["removed"].write(texts.filter(pa.array(is_removed[at])))
            if "index" in writers:
                keys = _merged(rows["index"].take(int(was_kept.sum())), self._keys_of(removed), was_kept, was_removed)
                if keys is not None:
                    writers["index"].write(keys.filter(pa.array(is_kept[at])))
        audit = _decided(audit, fates, goes, places, np.where(is_kept, chars, 0))
        writers["audit"].write(audit)
        for name, counter in (("decision", counts.decisions), ("reason", counts.reasons)):
            for item in pc.value_counts(audit[name].drop_null()).to_pylist():
                counter[item["values"]] += item["counts"]
        return int(chars[is_kept].sum())

    def _keys_of(self, removed: pa.Table | None) -> pa.Table | None:
        if removed is None:
            return None
        columns = key_columns(removed["text"].combine_chunks(), self._keyed_by)
        return pa.table({"id": removed["id"], **columns}).select(list(PUBLISHED_COLUMNS))


def _merged(
    kept: pa.Table | None, removed: pa.Table | None, was_kept: npt.NDArray[np.bool_], was_removed: npt.NDArray[np.bool_]
) -> pa.Table | None:
    """Both tables' rows in the order of the audit."""
    if kept is None or removed is None:
        return removed if kept is None else kept
    place = np.concatenate([np.flatnonzero(was_kept), np.flatnonzero(was_removed)])
    schema = kept.schema
    return pa.concat_tables([kept, removed.select(schema.names).cast(schema)]).take(pa.array(np.argsort(place)))


def _decided(
    audit: pa.Table,
    fates: Fates,
    goes: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    chars_out: npt.NDArray[np.int64],
) -> pa.Table:
    """The audit with the new decisions."""
    n = len(audit)
    at = np.full(n, -1, np.int64)
    at[goes] = np.arange(len(goes))
    take = pa.array(at, mask=at < 0)
    partner = pa.array(np.searchsorted(fates.named, fates.partner[places]))
    was_removed = pc.equal(audit["decision"], DUPLICATE)
    removed = pa.array(at >= 0)
    reason = pc.if_else(pa.array(fates.same_text[places]), EXACT, NEAR)
    columns = {
        "decision": pc.if_else(removed, DUPLICATE, pc.if_else(was_removed, KEPT, audit["decision"])),
        "reason": pc.if_else(removed, reason.take(take), pc.if_else(was_removed, None, audit["reason"])),
        "partner_id": fates.ids.take(partner).take(take),
        "partner_source": fates.sources.take(partner).take(take),
        "partner_offset": fates.offsets.take(partner).take(take),
        "partner_corpus": fates.corpora.take(partner).take(take),
        "similarity": pa.array(fates.similarity[places]).take(take),
        "chars_out": pa.array(chars_out),
    }
    for name, values in columns.items():
        audit = audit.set_column(audit.schema.get_field_index(name), name, values)
    return audit
