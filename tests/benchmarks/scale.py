"""Time and memory of the duplicate stage on synthetic signatures: no texts, keys made directly.

python -m tests.benchmarks.scale --documents 20000000 [--memory 256] [--shuffle]

Planted: 2 % of the documents share each band with one earlier document with a probability of 0.33 (a pair at the
threshold 0.8), 1 % belong to exact groups, and one template's 100,000 documents share every band. Proposed pairs count
as verified with a similarity made from their keys.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.duplicates.candidates import ProposePairs, ProposePairsInput
from corpusmill.transforms.duplicates.cover import CoverDuplicates
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.groups import ResolveGroups
from corpusmill.transforms.duplicates.packs import unpack_distinct
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import KeyedBatch, make_batch, to_binary
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.split_files import files_metadata
from corpusmill.transforms.staging.stage import Totals

_SPLIT_ROWS = 100_000
_TEMPLATE = 100_000


def write_index(state: str, documents: int, bands: int) -> list[tuple[int, IndexedSplit]]:
    """Write the index of so many documents and return its splits."""
    rng = np.random.default_rng(1)
    template = rng.integers(0, 2**64, bands, dtype=np.uint64)
    splits = []
    before = np.zeros((0, bands), np.uint64)
    for split, start in enumerate(range(0, documents, _SPLIT_ROWS)):
        n = min(_SPLIT_ROWS, documents - start)
        keys = rng.integers(0, 2**64, (n, bands), dtype=np.uint64)
        groups = rng.integers(0, 2**64, (n, 2), dtype=np.uint64)
        copied = rng.choice(n, n // 50, replace=False)
        source = before[rng.integers(0, len(before), len(copied))] if len(before) else keys[copied]
        shared = rng.random((len(copied), bands)) < 0.33
        keys[copied] = np.where(shared, source, keys[copied])
        if start < _TEMPLATE * 10:  # spread over the first splits
            keys[rng.choice(n, min(n, _TEMPLATE // 10), replace=False)] = template
        groups[rng.choice(n, n // 100, replace=False)] = groups[:1]
        before = keys[: 1 << 14]
        columns = {
            "active": pa.array(np.ones(n, bool)),
            "group_key": to_binary(groups),
            "near": pa.array(np.ones(n, bool)),
            "priority": pa.array(np.zeros(n, np.int64)),
            "band_keys": to_binary(keys),
        }
        path = Path(State(state).index(split))
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table(columns).replace_schema_metadata(files_metadata(()))
        pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)
        splits.append((split, IndexedSplit(split, n, (), Totals(), "", False, "", 0)))
    return splits


class _AsVerifiedFn(beam.DoFn):
    """Proposed pairs as edges, each once."""

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[KeyedBatch]:
        left, right = unpack_distinct(element[1])
        zeros = np.zeros(len(left), np.int64)
        similarity = 0.8 + ((left ^ right) % np.uint64(1000)).astype(float) / 5000
        yield (
            element[0],
            make_batch(left=left, right=right, similarity=similarity, left_priority=zeros, right_priority=zeros),
        )


class _CountFn(beam.DoFn):
    def process(self, element: KeyedBatch) -> Iterator[int]:
        yield len(element[1])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--memory", type=int, default=256, help="MiB for the keys of a task")
    parser.add_argument("--shuffle", action="store_true", help="shuffle the keys instead of going through files")
    parser.add_argument("--cover", type=int, default=1, help="partitions of the cover")
    arguments = parser.parse_args()
    settings = DedupSettings()
    state = tempfile.mkdtemp(prefix="corpusmill-scale-")
    try:
        began = time.monotonic()
        splits = write_index(state, arguments.documents, settings.banding.bands)
        made = time.monotonic() - began
        base = _peak()
        began, cpu = time.monotonic(), time.process_time()
        exchange = Exchange(not arguments.shuffle, memory_bytes=arguments.memory << 20)
        with beam.Pipeline() as pipeline:
            indexed = pipeline | beam.Create(splits, reshuffle=False)
            groups = indexed | ResolveGroups(state, exchange)
            pairs = ProposePairsInput(indexed, groups.demoted) | ProposePairs(state, settings, exchange)
            edges = pairs | beam.GroupByKey() | beam.ParDo(_AsVerifiedFn()).with_output_types(KeyedBatch)
            removed = edges | CoverDuplicates(arguments.cover)
            _ = (
                removed
                | "Count" >> beam.ParDo(_CountFn())
                | "Sum" >> beam.CombineGlobally(sum)
                | "Print" >> beam.Map(lambda n: print(f"removed {n:,}"))  # noqa: T201
            )
        print(  # noqa: T201
            f"{arguments.documents:,} documents, {len(splits)} splits: {time.monotonic() - began:.1f} s wall, "
            f"{time.process_time() - cpu:.1f} s CPU; peak {_peak() / 1e6:.0f} MB ({base / 1e6:.0f} MB before), "
            f"{(_peak() - base) / arguments.documents:.0f} bytes a document; keys made in {made:.1f} s"
        )
    finally:
        shutil.rmtree(state)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
