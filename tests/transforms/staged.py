"""Staged and indexed documents for the tests of later stages, and what a pipeline gives."""

import pickle
import shutil
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apache_beam as beam

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import batch_position
from corpusmill.transforms.staging.index import IndexDocuments, IndexedSplit
from corpusmill.transforms.staging.stage import (
    StagedFile,
    StagedSplit,
    add_totals,
    count_batch,
    write_staged,
)

READ = InputSettings(keep_columns={"score": "int64"}, batch_bytes=2000)


def stage(
    state: Path, *splits: list[dict[str, Any]], source: str = "in.jsonl", given: InputSettings = READ
) -> list[tuple[int, StagedSplit]]:
    """Stage documents, each list as a split."""
    found = []
    for split, documents in enumerate(splits):
        files, totals = [], []
        for batch in rows_to_batches(documents, given, split=split, source=source):
            position = batch_position(batch)
            files.append(StagedFile(split, position.index, position.last, len(batch)))
            totals.append(count_batch(batch))
            write_staged(batch, files[-1], totals[-1], str(state))
        found.append((split, StagedSplit(split, tuple(files), add_totals(totals))))
    return found


class _Save(beam.DoFn):
    """Write elements to a folder of the test."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, element: Any) -> None:
        Path(self._folder, uuid.uuid4().hex).write_bytes(pickle.dumps(element))


def run(
    folder: Path, elements: Iterable[Any], build: Callable[[Any], dict[str, Any]], kind: Any = None
) -> dict[str, list[Any]]:
    """Run a pipeline over elements; return what each of its named collections holds, in no order.

    Args:
        folder: Where the elements are kept meanwhile.
        elements: The input.
        build: The collections of the input.
        kind: Type of the elements, for Beam.
    """
    names = []
    with beam.Pipeline() as pipeline:
        given = beam.Create(list(elements), reshuffle=False)
        source = pipeline | given if kind is None else pipeline | given.with_output_types(kind)
        for name, collection in build(source).items():
            shutil.rmtree(folder / f"found-{name}", ignore_errors=True)
            (folder / f"found-{name}").mkdir(parents=True)
            _ = collection | f"Save {name}" >> beam.ParDo(_Save(str(folder / f"found-{name}")))
            names.append(name)
    return {name: [pickle.loads(path.read_bytes()) for path in (folder / f"found-{name}").iterdir()] for name in names}


def index(state: Path, settings: DedupSettings, *splits: list[dict[str, Any]]) -> list[tuple[int, IndexedSplit]]:
    """Stage and index documents, each list as a split."""
    made = run(
        state / "indexed", stage(state, *splits), lambda staged: {"out": staged | IndexDocuments(str(state), settings)}
    )
    return sorted(made["out"], key=lambda element: int(element[0]))


def rows_of(batches: Iterable[tuple[int, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return (number, row) of keyed batches, ascending."""
    found = [(number, row) for number, batch in batches for row in batch.to_pylist()]
    return sorted(found, key=lambda item: (item[0], sorted(map(str, item[1].items()))))
