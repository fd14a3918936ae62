"""The transform that writes the shards: the same files again, and only what is missing."""

from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest

from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.keyed import KeyedBatch
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.writing.shard_files import OutputFiles
from corpusmill.transforms.writing.shards import WriteCorpusInput
from corpusmill.transforms.writing.write import WriteCorpus
from tests.support import digests, rows
from tests.transforms.staged import run
from tests.transforms.writing.decided_splits import DOCUMENTS, FAMILIES, KEPT, TEXTS, decided, duplicates_of

pytestmark = pytest.mark.beam


def write(folder: Path, state: Path, out: Path, shard_size: int = 4096) -> list[int]:
    """Write the corpus of the two splits, whose index and pairs are in the state folder."""
    files = OutputFiles(
        str(out), str(state), OutputSettings(shard_size=shard_size), bands=DedupSettings().banding.bands
    )
    indexed = [(rows.indexed.split, rows.indexed) for rows in decided(state)]

    def build(given: Any) -> dict[str, Any]:
        def source(name: str, elements: list[Any], kind: Any) -> Any:
            return given.pipeline | name >> beam.Create(elements, reshuffle=False).with_output_types(kind)

        duplicates = [(0, duplicates_of(2, 4)), (1, duplicates_of(1))]
        inputs = WriteCorpusInput(
            given,
            source("Duplicates", duplicates, KeyedBatch),
            source("Families", FAMILIES, Family),
            source("Pairs", [(1, 1)], tuple[int, int]),
        )
        return {"out": inputs | WriteCorpus(files)}

    return sorted(run(folder, indexed, build, tuple[int, IndexedSplit])["out"])


def test_each_document_is_in_the_folders_of_its_decision(tmp_path: Path) -> None:
    out, state = tmp_path / "out", tmp_path / "out" / "_state"
    shards = write(tmp_path / "run", state, out)
    ids = {folder: [row["id"] for row in rows(out, folder)] for folder in ("audit", "corpus", "index", "removed")}
    assert ids["audit"] == [document["id"] for documents in DOCUMENTS for document in documents]
    assert ids["corpus"] == ids["index"] == [f"{split}-{row}" for split, row in sorted(KEPT)]
    assert ids["removed"] == ["0-2", "0-4", "1-1"]
    assert [(row["left"], row["right"]) for row in rows(out, "pairs")] == [(0, 6)]
    assert [row["text"] for row in rows(out, "corpus")] == [TEXTS[split][row] for split, row in sorted(KEPT)]
    assert len(list((state / "shards").iterdir())) == len(shards)


def test_a_shard_that_stands_is_not_written_again_and_a_damaged_one_is(tmp_path: Path) -> None:
    out, state = tmp_path / "out", tmp_path / "out" / "_state"
    write(tmp_path / "run", state, out)
    before = digests(out, "corpus", "audit", "index", "removed", "pairs")
    (path,) = (out / "corpus").iterdir()
    stamp = path.stat().st_mtime_ns
    write(tmp_path / "again", state, out)
    assert path.stat().st_mtime_ns == stamp
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    write(tmp_path / "third", state, out)
    assert digests(out, "corpus", "audit", "index", "removed", "pairs") == before
