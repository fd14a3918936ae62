"""A small sample of the input, from which a run is estimated, and refused where hardly anything can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config
from corpusmill.transforms.kernels.reading.refusal import describe_missing_column, describe_refusal, is_refused
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REJECTED
from corpusmill.transforms.reading.read_split import read_marked
from corpusmill.transforms.reading.splits import JSONL, Split
from corpusmill.transforms.staging.kept_columns import columns_found, field_names
from corpusmill.transforms.staging.stage import Totals, add_totals, count_batch

_SAMPLES = 8
"""Places of the input that are looked at: similar documents are often side by side, so one place tells little."""
_SAMPLE_BYTES = 1 << 20
"""Bytes read at each place."""
_EXPANSION = 4
"""How much text a byte of a compressed file holds; a guess."""
_COMPRESSED = (".gz", ".zst", ".bz2", ".xz")


@dataclass(frozen=True)
class Sample:
    """Records from some places of the input.

    Attributes:
        texts: Their texts, of those that could be read.
        values: What these have in the column that was asked for; None where records have no such column.
        read_bytes: Bytes of input that they came from.
        places: What was found at each place.
        complete: Whether it is all of the input.
        fields: Names of the records' fields that are not columns.
    """

    texts: pa.Array
    read_bytes: int
    places: tuple[Totals, ...]
    complete: bool
    fields: frozenset[str] = frozenset()
    values: pa.Array | None = None

    @property
    def without_address(self) -> int:
        """How many of the texts have no URL."""
        return add_totals(self.places).without_address

    def columns(self) -> dict[str, dict[str, Any]]:
        """Return what was found of the kept columns."""
        return columns_found(add_totals(self.places).columns)

    def missing_column(self, name: str | None) -> str:
        """Say that no record has the column of `dedup.within`, or return "": with a part of an input nobody knows."""
        counts = self.columns().get(name or "")
        if name is None or counts is None or not self.complete or not len(self.texts):
            return ""
        return describe_missing_column(name, self.fields, counts, key="dedup.within")

    def refusal(self, max_share: float) -> str:
        """Say why a run would end before the long work, or return "".

        A part of an input is not a random sample of it: it speaks for the whole only if it is the same everywhere.
        """
        found = add_totals(self.places)
        if not _refused(found, max_share):
            return ""
        looked_at = [totals for totals in self.places if totals.rows]
        if not self.complete and not all(_share(totals) > max_share for totals in looked_at):
            return ""
        reasons = {reason: found.reasons[reason] for reason in found.rejections}
        of = "records" if self.complete else f"records from {len(looked_at)} places of the input"
        return describe_refusal(found.rows, reasons, found.rejections, max_share, of=of)


def _refused(found: Totals, max_share: float) -> bool:
    return is_refused(found.rows, found.decisions.get(REJECTED, 0), max_share)


def _share(totals: Totals) -> float:
    return totals.decisions.get(REJECTED, 0) / totals.rows


def reason_to_refuse(sample: Sample, config: Config) -> str:
    """Say why a run over the input would end before the long work, or return ""."""
    within = config.dedup.within if config.dedup.enabled else None
    return sample.refusal(config.input.max_rejected_share) or sample.missing_column(within)


def take_sample(splits: Sequence[Split], settings: InputSettings, column: str | None = None) -> Sample:
    """Read all of a small input, or some of it.

    Args:
        splits: The plan.
        settings: Columns and limits.
        column: A column whose values are wanted beside the texts.
    """
    if not splits:
        return Sample(pa.array([], pa.string()), 0, (), complete=True)
    settings = settings.model_copy(update={"batch_bytes": min(settings.batch_bytes, 1 << 20), "metadata": "json"})
    fields: set[str] = set()
    texts: list[pa.Array] = []
    values: list[pa.Array] = []
    places: list[Totals] = []
    read_bytes = 0
    chosen = _places(splits)
    complete = sum(split.size for split in chosen) >= sum(split.size for split in splits)
    for split in chosen:
        seen: list[pa.RecordBatch] = []
        size = 0
        found = []
        batches = read_marked(split, settings)
        for batch in batches:
            found.append(count_batch(batch))
            fields |= field_names(batch["metadata"])
            seen.append(batch.filter(pc.not_equal(batch["decision"], REJECTED)))
            size += batch.nbytes
            if size >= _SAMPLE_BYTES:
                break
        rest = next(batches, None)
        complete &= rest is None
        texts += [batch["text"] for batch in seen]
        values += [batch[column] for batch in seen if column in batch.schema.names]
        places.append(add_totals(found))
        read_bytes += split.size if rest is None else min(_bytes_read(split, [*seen, rest]), split.size)
    joined = pa.concat_arrays(texts) if texts else pa.array([], pa.string())
    found_values = pa.concat_arrays(values) if values else None
    return Sample(joined, read_bytes, tuple(places), complete, frozenset(fields), found_values)


def _places(splits: Sequence[Split]) -> list[Split]:
    """What to read: all of a small input; else evenly spaced ranges, or the splits there if they cannot be cut."""
    sizes = np.array([split.size for split in splits])
    ends = np.cumsum(sizes)
    if ends[-1] <= _SAMPLES * _SAMPLE_BYTES:
        return [
            _range(split, start) if _can_be_cut(split) else split
            for split in splits
            for start in range(0, split.size if _can_be_cut(split) else 1, _SAMPLE_BYTES)
        ]
    found: dict[tuple[int, int], Split] = {}
    for position in np.linspace(0, ends[-1] - _SAMPLE_BYTES, _SAMPLES).astype(int).tolist():
        number = int(np.searchsorted(ends, position, side="right"))
        split = splits[number]
        start = max(0, min(position - int(ends[number]) + split.size, split.size - _SAMPLE_BYTES))
        cut = _can_be_cut(split)
        found[number, start if cut else 0] = _range(split, start) if cut else split
    return list(found.values())


def _can_be_cut(split: Split) -> bool:
    part = split.parts[0]
    return len(split.parts) == 1 and part.format == JSONL and not part.path.endswith(_COMPRESSED)


def _range(split: Split, start: int) -> Split:
    """Some of the bytes of a split, from `start` on."""
    size = min(_SAMPLE_BYTES, split.size - start)
    begin = split.parts[0].start + start
    return Split(split.index, (replace(split.parts[0], start=begin, end=begin + size),), size)


def _bytes_read(split: Split, batches: list[pa.RecordBatch]) -> int:
    """Bytes of input that all batches but the last one came from, about."""
    path = split.parts[0].path
    if _can_be_cut(split):
        offsets = [batch["offset"] for batch in batches if len(batch)]
        return int(offsets[-1][0].as_py() - offsets[0][0].as_py())
    text: int = sum(batch["text"].nbytes for batch in batches[:-1])
    return max(1, text // _EXPANSION if path.endswith((*_COMPRESSED, ".parquet")) else text)
