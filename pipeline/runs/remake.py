"""Another corpus from a finished run: one pass over its files, in which documents are decided on anew."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from corpusmill.config import VERSION, Config, ConfigError
from corpusmill.reports.corpus import CorpusError, check_files, read_manifest
from corpusmill.reports.views import write_views
from corpusmill.runs.accounts import Claim, check_folders, require, row_claims
from corpusmill.runs.finished_shards import FinishedShard
from corpusmill.runs.listed_files import require_whole, sizes_of
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
from corpusmill.runs.pair_decisions import Removals
from corpusmill.runs.statistics import digest_of_tokenizer, gather_statistics
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.columns import with_columns
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.errors import DataRefusedError
from corpusmill.transforms.kernels.schema import DECISIONS
from corpusmill.transforms.kernels.writing.copies import copies_columns
from corpusmill.transforms.kernels.writing.duplicate_rows import mark_duplicates
from corpusmill.transforms.kernels.writing.partitions import PartitionError
from corpusmill.transforms.layout import AUDIT, CORPUS, MADE_FROM, PAIRS, RESULTS, STATISTICS, Output
from corpusmill.transforms.writing.receipts import Receipt, add_receipts
from corpusmill.transforms.writing.shard_files import OutputFiles
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes:
        command: What makes it, such as `rethreshold`: the key of the manifest that tells where it comes from.
        output: The finished run.
        target: The new output folder.
        manifest: Of the finished run.
        config: Of the new output.
        origin: What the manifest says under `command`.
    """

    command: str
    output: str
    target: str
    manifest: dict[str, Any]
    config: Config
    origin: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, Any]:
        """Of the new output."""
        own = {name: self.manifest[name] for name in ("identity", "files")}
        return {
            self.command: hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest(),
            "config": self.config.digest(),
            "version": VERSION,
        }

    @property
    def metadata(self) -> dict[str, str]:
        """Metadata of the new files."""
        own = {"corpusmill.config": self.config.digest(), "corpusmill.version": VERSION}
        return {**self.manifest["metadata"], **own}

    @property
    def keyed_at(self) -> float:
        """The threshold with which the run has read the texts; the bands of the index follow from it."""
        own = self.manifest.get("rethreshold", self.manifest["config"]["dedup"])
        return float(own["threshold"])

    @property
    def keyed_by(self) -> DedupSettings:
        """The settings with which the index was made."""
        return self.config.dedup.model_copy(update={"threshold": self.keyed_at})

    @property
    def files(self) -> OutputFiles:
        """How the files of the finished run were written."""
        return output_files(self.output, config_of(self.manifest), {}, self.keyed_by)

    @property
    def keyed(self) -> tuple[str, ...]:
        """The decisions whose documents have keys in the new output."""
        return output_files(self.target, self.config, {}, self.keyed_by).keyed

    def shards(self, *, begun: bool = True) -> list[FinishedShard]:
        """Return the shards of the finished run.

        Args:
            begun: Whether there is a state folder of the new output, for working files.
        """
        names = self.manifest["files"]
        files = self.files
        scratch = Output(self.target).state.path if begun else None
        return [FinishedShard(files, names, name, scratch) for name in names[AUDIT]]

    def read_pairs(self) -> pa.Table:
        """Read the verified pairs of the finished run."""
        names = self.manifest["files"].get(PAIRS, ())
        pairs = [storage.read_parquet(Output(self.output).file(PAIRS, name)) for name in names]
        return pa.concat_tables(pairs).replace_schema_metadata(None) if pairs else PAIRS_SCHEMA.empty_table()


class Decisions(Protocol):
    """What is decided anew.

    Attributes:
        removals: The duplicates.
    """

    @property
    def removals(self) -> Removals: ...  # noqa: D102

    @property
    def keeps_nothing(self) -> bool:
        """Whether no document is kept."""

    def decide(self, rows: pa.Table, first: int) -> pa.Table:
        """Decide what is decided before duplicates: return the documents from number `first` on, none a duplicate."""

    def index(self, decided: pa.Table, index: pa.Table, first: int) -> pa.Table:
        """Return the index of the decided documents from number `first` on; those of `Order.keyed` have one."""

    def pairs(self, shard: FinishedShard, first: int, end: int) -> Iterator[pa.Table]:
        """Yield the verified pairs of a shard, which holds the documents from number `first` to before `end`."""

    def figures(self) -> dict[str, Any]:
        """Return what else differs in the manifest, once everything is decided."""


def check(order: Order) -> None:
    """Look whether the files of the finished run are as it wrote them.

    Raises:
        ConfigError: They are not, or the tokenizer is another one now.
    """
    if (tokenizer := digest_of_tokenizer(order.config)) != order.manifest.get("tokenizer"):
        raise ConfigError(
            f"output.tokenizer: {order.config.output.tokenizer!r} is not what {order.output!r} was counted with "
            f"({tokenizer or 'none'}); put the file back, or run it again"
        )
    try:
        check_files(order.output, order.manifest, *RESULTS)
    except CorpusError as error:
        raise ConfigError(str(error)) from None


def make(order: Order, decided: Callable[[], Decisions], *, overwrite: bool) -> dict[str, Any]:
    """Write an output, unless it is there already, and return its manifest.

    Args:
        order: What is to be made; the files of the run are checked.
        decided: Called when the folder is ready.
        overwrite: Replace what is there.

    Raises:
        OutputError: There is something else in the folder, or it is, contains or lies in the finished run.
        AccountingError: The files of the run do not agree with each other.
        DataRefusedError: The corpus would have more folders than `output.max_partitions`, or one that cannot be named.
    """
    started = time.monotonic()
    refuse_overlap(order.target, Sources({"the run that it is made from": [order.output]}))
    with hold(order.target):
        before = _open_target(order.target, order.identity, overwrite=overwrite)
        return before or _make(order, decided(), started)


def _make(order: Order, decisions: Decisions, started: float) -> dict[str, Any]:
    target, manifest = order.target, order.manifest
    files = output_files(target, order.config, order.metadata, order.keyed_by)
    try:
        written = add_receipts(_write_shards(order, files, decisions))
    except PartitionError as error:
        raise DataRefusedError(f"{error}; {order.command} cannot change that; make this corpus with a run") from None
    check_folders(order.config.output, written.files.get(CORPUS, ()))
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
        "statistics": gather_statistics(target, written.files.get(STATISTICS, ())),
        "families": list(decisions.removals.families(documents, manifest["families"])),
        "files": written.files,
        "sizes": sizes_of(target, written.files),
        "learned_lines": learned,
        "checksums": written.checksums,
        "config": order.config.model_dump(mode="json"),
        "metadata": files.metadata,
        order.command: order.origin,
        "run": {"runner": order.command, "seconds": round(time.monotonic() - started, 1)},
        **decisions.figures(),
    }
    storage.write_json(Output(target).manifest, result, files.state)
    write_views(target, result, files.state)
    remove_state(target)
    return result


def _write_shards(order: Order, files: OutputFiles, decisions: Decisions) -> Iterator[Receipt]:
    """Write the shards of the run anew, and yield their receipts."""
    shards = order.shards()
    copies = decisions.removals.count_copies() if order.config.output.copies else None
    first = 0
    for number, finished in enumerate(shards):
        begin = first
        with files.shard(number, len(shards), keep=number == 0 and decisions.keeps_nothing) as shard:
            for rows, index in finished.rows():
                decided = decisions.decide(rows, first)
                decided = mark_duplicates(decided, decisions.removals.of_rows(first, len(rows)))
                if copies is not None:
                    decided = with_columns(decided, copies_columns(copies, first, len(rows)))
                shard.write(decided, None if index is None else decisions.index(decided, index, first))
                first += len(rows)
            if files.holds_pairs:
                for pairs in decisions.pairs(finished, begin, first):
                    shard.write_pairs(pairs)
        yield shard.receipt()


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


def read_finished(output: str, what: str) -> dict[str, Any]:
    """Read the manifest of a finished run from which another corpus can be made.

    Args:
        output: Its output folder.
        what: What is to be changed, such as `the other threshold`.

    Raises:
        ConfigError: It is not finished, or holds too little, or something that depends on all that is kept.
    """
    try:
        manifest = read_manifest(output)
    except CorpusError as error:
        raise ConfigError(str(error)) from None
    settings = manifest["config"]
    if not settings["output"].get("corpus"):
        raise ConfigError(
            f"{output!r} holds decisions but no texts (it was made with --report-only); run it again without it"
        )
    if settings["dedup"]["enabled"] and not settings["output"].get("pairs"):
        raise ConfigError(
            f"{output!r} was made without output.pairs: its verified pairs and the texts of its duplicates are not "
            "there; run it again with --set output.pairs=true"
        )
    if settings["dedup"].get("paragraphs", {}).get("keep", "every") != "every":
        raise ConfigError(
            f"{output!r} was made with dedup.paragraphs, which depends on what is kept; run it again with {what}"
        )
    if settings["dedup"]["enabled"] and settings["dedup"].get("by_url"):
        raise ConfigError(
            f"{output!r} was made with dedup.by_url, and the addresses are not in it; run it again with {what}"
        )
    return manifest


def config_of(manifest: Mapping[str, Any]) -> Config:
    """Return the configuration of a finished run."""
    values = manifest["config"]
    # Runs of before there was this key have kept no texts of filtered documents.
    return Config.model_validate(values | {"output": {"filtered": False} | values["output"]})


def _open_target(target: str, identity: dict[str, Any], *, overwrite: bool) -> dict[str, Any] | None:
    """Make the folder ready; return its manifest if the work is done already."""
    remains, state = look_at(target), Output(target).state
    if remains.manifest is not None and not overwrite and not remains.clearing:
        if remains.manifest["identity"] == identity:
            require_whole(target, remains.manifest)
            if state.path not in remains.foreign:
                if remains.state:  # killed before the last steps
                    write_views(target, remains.manifest, state.path)
                remove_state(target)
            return remains.manifest
        raise OutputError(f"the output {target!r} holds another run; name another folder, or give --overwrite")
    if remains.begun not in (None, identity) and not overwrite:
        raise OutputError(
            f"the output {target!r} holds another unfinished run; name another folder, or give --overwrite"
        )
    refuse_foreign(target, remains)
    clear(target, remains)
    sealed.write_json(state.folder(MADE_FROM), identity, state.path)
    return None
