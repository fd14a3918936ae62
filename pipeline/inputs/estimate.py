"""What a run would do and need, estimated from the plan and a small sample: `corpusmill plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.io.filesystems import FileSystems
from rich.console import Group
from rich.table import Table
from rich.text import Text

from corpusmill.config import Config
from corpusmill.engines.runners import parse_beam_options
from corpusmill.inputs.against import load_earlier
from corpusmill.inputs.benchmarks import load_benchmarks
from corpusmill.inputs.fields import guess_fields
from corpusmill.inputs.plan import Plan, plan_splits
from corpusmill.inputs.sample import Sample, reason_to_refuse, take_sample
from corpusmill.inputs.screening import Screening
from corpusmill.reports.fields import correct_fields, name_fields
from corpusmill.reports.figures import counted, human_bytes, percent
from corpusmill.reports.summary import columns_table
from corpusmill.reports.visible import visible
from corpusmill.request import Request
from corpusmill.transforms import storage
from corpusmill.transforms.duplicates.candidates import BYTES_PER_ENTRY
from corpusmill.transforms.duplicates.ranges import plan_ranges
from corpusmill.transforms.kernels.duplicates.bands import Banding, expected_recall
from corpusmill.transforms.kernels.duplicates.candidates import candidate_pairs
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import band_keys_within, group_keys_within, value_keys
from corpusmill.transforms.kernels.language.scripts import scripts_of
from corpusmill.transforms.layout import Output
from corpusmill.transforms.scoring.detectors import identify, load_detector
from corpusmill.transforms.staging.stage import staged_splits

_BASE_BYTES = 350 << 20
"""Memory of a worker that has not read anything: Python, Beam, Arrow and tables. Measured."""
_BATCH_FACTOR = 12
"""Memory that cleaning and signing a batch takes, in times of its bytes. Measured on English and mixed scripts."""
_STEP = 0.05


@dataclass(frozen=True)
class Estimate:
    """What a run would do and need. All but the plan and the curve are estimates.

    Attributes:
        splits: Number of splits.
        files: Number of files.
        input_bytes: Bytes of the files as stored.
        sampled: Documents that were looked at.
        documents: Documents, about.
        text_bytes: UTF-8 bytes of their texts, about.
        near: Documents with band keys, about.
        banding: Bands and rows; None without the duplicate stage.
        curve: (similarity, probability that a pair of it is compared).
        candidates: Least and most pairs to compare: as if what the sample shows were all local, or were everywhere.
        key_bytes: Bytes of keys that are sorted, through files on this machine, through the shuffle elsewhere.
        state_bytes: Bytes of working files.
        ranges: Passes over the keys of each band on this machine.
        worker_bytes: Memory of a worker, about.
        shards: Shards of the corpus, if nothing is removed.
        earlier: Documents of earlier corpora.
        columns: Kept column -> what was found of it in the sample, see `corpusmill.inputs.sample`.
        refusal: Why a run would end before the long work; empty if it would not.
        learning: What lines of sites can be learned from, in words; None if they are not to be learned.
        benchmarks: What documents would be searched for, in words; None for nothing.
        guessed: Fields that the data told: key of `input` -> field.
    """

    splits: int
    files: int
    input_bytes: int
    sampled: int
    documents: int
    text_bytes: int
    near: int
    banding: Banding | None
    curve: tuple[tuple[float, float], ...]
    candidates: tuple[int, int]
    key_bytes: int
    state_bytes: int
    ranges: int
    worker_bytes: int
    shards: int
    earlier: int = 0
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusal: str = ""
    learning: str | None = None
    benchmarks: str | None = None
    guessed: Mapping[str, str] = field(default_factory=dict)


def estimate_request(request: Request) -> Estimate:
    """Say what a run would do and need.

    Args:
        request: The run; its output may be empty.

    Raises:
        UsageError: The run could not be begun: the message is the one that it would end with.
    """
    FileSystems.set_options(parse_beam_options(request.beam_options))  # addresses and credentials of object stores
    if request.output:
        storage.require_filesystem(request.output)
    plan = plan_splits(request.inputs, request.config.input, Screening(request.output))
    config, guessed = guess_fields(plan.splits, request.config)
    _, shards = load_earlier(request.against, config, request.output, "")
    found = estimate(plan, config, sum(shard.rows for shard in shards))
    return replace(found, benchmarks=_benchmarks(config), guessed=guessed)


def _benchmarks(config: Config) -> str | None:
    benchmarks = load_benchmarks(config)
    if benchmarks is None:
        return None
    items, short = (sum(getattr(report, name) for report in benchmarks.reports) for name in ("items", "short"))
    found = f"{counted(items, 'items')} of {counted(len(benchmarks.reports), 'benchmarks')}"
    return f"{found}, {short:,} too short" if short else found


def estimate(plan: Plan, config: Config, earlier: int = 0) -> Estimate:
    """Look at a sample of the input and work out what a run needs.

    Args:
        plan: The splits.
        config: The configuration.
        earlier: Documents of earlier corpora that the run is made against.
    """
    sample = take_sample(plan.splits, config.input, config.dedup.within)
    texts, read_bytes = sample.texts, sample.read_bytes
    sampled, sampled_bytes = len(texts), int(pc.sum(pc.binary_length(texts)).as_py() or 0)
    documents = round(sampled * plan.total_bytes / read_bytes) if read_bytes else 0
    text_bytes = round(sampled_bytes * plan.total_bytes / read_bytes) if read_bytes else 0
    dedup = config.dedup
    banding = dedup.banding if dedup.enabled else None
    near, candidates = 0, (0, 0)
    if banding is not None:
        near_share, found = _look_for_pairs(texts, dedup, _values_within(sample, config))
        near = round(documents * near_share)
        growth = documents / max(sampled, 1)
        most = banding.bands * dedup.leaders * near
        candidates = (min(round(found * growth), most), min(round(found * growth**2), most))
    keyed = near + earlier
    bands = banding.bands if banding is not None else 0
    index_bytes = documents * (8 * bands + 80) if bands else documents * 40
    ranges = plan_ranges(keyed, BYTES_PER_ENTRY, config.run.memory) if bands else 1
    return Estimate(
        splits=len(plan.splits),
        files=plan.files,
        input_bytes=plan.total_bytes,
        sampled=sampled,
        documents=documents,
        text_bytes=text_bytes,
        near=near,
        banding=banding,
        curve=_curve(dedup, banding) if banding is not None else (),
        candidates=candidates,
        key_bytes=16 * bands * keyed + 32 * (documents + earlier) if bands else 0,
        state_bytes=text_bytes + index_bytes + keyed * 8 * bands,
        ranges=ranges,
        worker_bytes=_BASE_BYTES
        + _BATCH_FACTOR * min(config.input.batch_bytes, text_bytes)
        + min(BYTES_PER_ENTRY * keyed, config.run.memory),
        shards=max(1, -(-text_bytes // config.output.shard_size)),
        earlier=earlier,
        columns=sample.columns(),
        refusal=reason_to_refuse(sample, config),
        learning=_learning(config, sampled, sampled - sample.without_address),
    )


def _learning(config: Config, sampled: int, with_address: int) -> str | None:
    """Say what lines of sites are learned from."""
    settings = config.boilerplate
    if not (settings.enabled and settings.learned.enabled):
        return None
    if settings.learned.table is not None:
        return f"from {settings.learned.table}"
    if settings.learned.one_host:
        return "from all documents; those without an address count as one site"
    if not with_address:
        return f"from none: no document has an address (input.url_column: {config.input.url_column})"
    share = "" if with_address == sampled else f" ({percent(with_address / sampled)} of all)"
    return f"from documents with an address{share}"


def _values_within(sample: Sample, config: Config) -> pa.Array | None:
    """Return the values within which duplicates are looked for; None if that is everywhere."""
    column = config.dedup.within
    if column not in (own.name for own in config.scoring.language_fields):
        return sample.values
    if column == "script":
        return scripts_of(sample.texts)
    return identify(sample.texts, load_detector(config.language)).code


def _look_for_pairs(texts: pa.Array, settings: DedupSettings, within: pa.Array | None) -> tuple[float, int]:
    """Share of documents with band keys, and distinct candidate pairs among the texts."""
    if not len(texts):
        return 0.0, 0
    keys = document_keys(texts, settings)
    groups, band_keys = keys.group_key, keys.band_keys
    if within is not None:
        values = value_keys(within)
        groups, band_keys = group_keys_within(groups, values), band_keys_within(band_keys, values)
    row = np.arange(len(texts), dtype=np.uint64)
    alone, _ = resolve_groups(groups, row, np.zeros(len(row), np.int64))  # copies are not compared
    alone &= keys.near
    bands = range(settings.banding.bands)
    found = [candidate_pairs(band_keys[alone, band], row[alone], settings) for band in bands]
    pairs = {pair for left, right in found for pair in zip(left.tolist(), right.tolist(), strict=True)}
    return float(keys.near.mean()), len(pairs)


def _curve(settings: DedupSettings, banding: Banding) -> tuple[tuple[float, float], ...]:
    """Recall at steps around the threshold, and at the threshold itself."""
    around = np.round(settings.threshold + _STEP * np.arange(-6, 5), 6)
    inside = sorted({float(value) for value in around if 0 < value < 1} | {settings.threshold, 1.0})
    # With containment, pairs at the threshold may have a Jaccard similarity far below it.
    of = [settings.model_copy(update={"threshold": value}).least_jaccard for value in inside]
    return tuple(zip(inside, (expected_recall(value, banding) for value in of), strict=True))


def describe_output(output: str, splits: int) -> str:
    """Say what is in the output folder."""
    shown = visible(output)
    if storage.exists(Output(output).manifest):
        return f"{shown} holds a finished run"
    done = len(staged_splits(Output(output).state.path))
    if done:
        return f"{shown} holds an unfinished run: {counted(done, 'splits')} read and cleaned (this plan has {splits})"
    return f"{shown} is free"


def render_estimate(found: Estimate, settings: DedupSettings) -> Group:
    """Render an estimate for the terminal."""
    rows = [
        (
            "input",
            f"{human_bytes(found.input_bytes)} in {counted(found.files, 'files')}, {counted(found.splits, 'splits')}",
            "counted",
        ),
        ("documents", f"about {found.documents:,}", f"from {found.sampled:,} sampled"),
        ("text", f"about {human_bytes(found.text_bytes)}", "from the sample, before cleaning"),
        ("shards", "1" if found.shards == 1 else f"up to {found.shards:,}", "if nothing is removed"),
    ]
    if found.guessed:
        rows.insert(1, ("fields", name_fields(found.guessed), correct_fields(found.guessed)))
    if found.earlier:
        rows.append(("earlier documents", f"{found.earlier:,}", "counted"))
    if found.learning is not None:
        rows.append(("lines of sites", found.learning, "see boilerplate.learned"))
    if found.benchmarks is not None:
        rows.append(("to look for", found.benchmarks, "see decontaminate"))
    if found.banding is not None:
        bands, per_band = found.banding
        least, most = found.candidates
        rows += [
            ("bands x rows", f"{bands} x {per_band}", f"for recall {settings.recall:g} at {settings.threshold:g}"),
            ("candidate pairs", f"{least:,} to {most:,}", "if similar documents are together, or everywhere"),
            ("keys to sort", f"about {human_bytes(found.key_bytes)}", "by files here, shuffled on a cluster"),
            ("passes", f"{found.ranges:,} over the keys of each band", "on this machine, see run.memory"),
        ]
    rows += [
        ("working files", f"about {human_bytes(found.state_bytes)}", "under _state, removed at the end"),
        ("memory", f"about {human_bytes(found.worker_bytes)} a worker", "rough; more for single documents of many MB"),
    ]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for style in ("bold", ""):
        table.add_column(style=style, no_wrap=True)
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*row)
    parts: list[Table | Text] = [table]
    if found.banding is not None:
        curve = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        curve.add_column(settings.similarity, justify="right", header_style="dim")
        curve.add_column("compared", justify="right", header_style="dim")
        curve.add_column("")
        for similarity, recall in found.curve:
            note = "<- threshold" if similarity == settings.threshold else ""
            curve.add_row(f"{similarity:.3g}", f"{100 * recall:.3f} %", f"{'█' * round(30 * recall)} {note}")
        title = "\nProbability that a pair is compared exactly, by its similarity"
        if settings.similarity == "containment":
            title += f" (sets that differ in size by a factor of {settings.max_length_ratio:g})"
        parts += [Text(f"{title}:"), curve]
    if found.columns:
        parts.append(columns_table(found.columns))
    return Group(*parts)
