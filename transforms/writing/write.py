"""Writing the corpus, the audit and what was rejected: one task writes one shard of each, in input order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import apache_beam as beam

from corpusmill.transforms import sealed
from corpusmill.transforms.coders import encode_batch
from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.writing.partitions import PartitionError
from corpusmill.transforms.layout import INDEX, State
from corpusmill.transforms.staging.refuse import refuse
from corpusmill.transforms.writing.receipts import Receipt, standing_receipt
from corpusmill.transforms.writing.shard_files import OutputFiles
from corpusmill.transforms.writing.shard_rows import ShardRows
from corpusmill.transforms.writing.shards import DecideSplitFn, PlanShardsFn, ShardTask, WriteCorpusInput


@dataclass
class WriteCorpus(beam.PTransform):
    """Write `corpus/`, `index/`, `audit/`, `rejected/`, `pairs/`, `removed/` and `scores/` under the output folder.

    Input: `WriteCorpusInput`.
    Output: the number of each shard that is written.
    Guarantees: documents in input order; a shard appears whole or not at all and its bytes follow from the staged
        files, the decisions and the settings alone; no shard without a document, unless nothing at all is kept.
        Memory: a few row groups, whatever the size of the shards.

    Attributes:
        files: How the files are written.
        index_folder: Folder under the state folder of the index files that go with the texts.
    """

    files: OutputFiles
    index_folder: str = INDEX

    def expand(self, inputs: WriteCorpusInput) -> beam.PCollection[int]:
        """Wire the transform."""
        state, shard_size = self.files.state, self.files.settings.shard_size
        decide = DecideSplitFn(state, self.index_folder, shard_size=shard_size, keyed=self.files.bands > 0)
        duplicates = inputs.duplicates | "EncodeDuplicates" >> beam.Map(encode_batch).with_output_types(
            tuple[int, bytes]
        )
        joined = {"duplicates": duplicates, "indexed": inputs.indexed, "pairs": inputs.pairs}
        for copies in inputs.copies:
            joined["copies"] = copies
        rows = joined | "JoinDuplicates" >> beam.CoGroupByKey() | "Decide" >> beam.ParDo(decide)
        families = inputs.families | "KeyFamilies" >> beam.Map(_key_family)
        return (
            {"rows": rows, "families": families}
            | "GatherRows" >> beam.CoGroupByKey()
            | "PlanShards" >> beam.ParDo(PlanShardsFn(state, shard_size))
            | "ByShard" >> beam.GroupByKey()
            | "WriteShard" >> beam.ParDo(_WriteShardFn(self.files, self.index_folder))
        )


def _key_family(family: Family) -> tuple[int, Family]:
    return 0, family


class _WriteShardFn(beam.DoFn):
    def __init__(self, files: OutputFiles, index_folder: str) -> None:
        self._files = files
        self._rows = ShardRows(
            files.state,
            index_folder,
            keyed=files.bands > 0,
            copies=files.settings.copies,
            scored=files.scoring.active,
        )

    def process(self, element: tuple[int, Iterable[ShardTask]]) -> Iterator[int]:
        index, tasks = element
        task = next(iter(tasks))
        path = State(self._files.state).receipt(index, task.shard.count)
        if standing_receipt(path, self._files.output) is None:
            sealed.write_json(path, asdict(self._write(task)), self._files.state)
        yield index

    def _write(self, task: ShardTask) -> Receipt:
        try:
            with self._files.shard(task.shard.index, task.shard.count) as shard:
                for rows, index in self._rows.decided(task):
                    shard.write(rows, index)
                if self._files.holds_pairs:
                    for pairs in self._rows.pairs(task):
                        shard.write_pairs(pairs)
        except PartitionError as error:
            refuse(self._files.state, str(error))
        return shard.receipt()
