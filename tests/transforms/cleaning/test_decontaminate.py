from pathlib import Path

import pyarrow as pa

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.decontaminate import decontaminate_batch, load_benchmarks, write_benchmarks
from corpusmill.transforms.kernels.decontamination.benchmark_index import ITEM_SCHEMA, BenchmarkIndex, build_index
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings

QUESTION = "At what time does the ferry reach the other bank if it leaves at nine and waits for the post?"
PAGE = "The pilots keep a book of every ship that they bring in."


def index_of(settings: DecontaminateSettings) -> BenchmarkIndex:
    items = pa.table([["river"], ["ferry"], [QUESTION]], names=ITEM_SCHEMA.names).cast(ITEM_SCHEMA)
    index, _ = build_index(items, settings, pa.array([], pa.string()))
    return index


def batch() -> pa.RecordBatch:
    texts = [PAGE, f"{PAGE}\n\nQuiz: {QUESTION}", QUESTION]
    records = [{"id": str(number), "text": text} for number, text in enumerate(texts)]
    (found,) = rows_to_batches(records, InputSettings())
    return found


def test_documents_with_a_part_of_an_item_are_dropped_and_say_of_which() -> None:
    settings = DecontaminateSettings()
    found = decontaminate_batch(batch(), index_of(settings), settings)
    assert found["decision"].to_pylist() == ["kept", "filtered", "filtered"]
    assert found["reason"].to_pylist()[1:] == ["decontaminate.overlap"] * 2
    assert [row and row[0]["item"] for row in found["overlaps"].to_pylist()] == [None, "ferry", "ferry"]
    assert found["text"].equals(batch()["text"])


def test_paragraphs_are_cut_and_what_would_be_empty_is_dropped() -> None:
    settings = DecontaminateSettings(action="cut")
    found = decontaminate_batch(batch(), index_of(settings), settings)
    assert found["text"].to_pylist()[:2] == [PAGE, PAGE]
    assert found["decision"].to_pylist() == ["kept", "kept", "filtered"]
    lines = found["removed_lines"].to_pylist()
    assert (lines[0], lines[1]) == (
        None,
        [{"line": 2, "rule": "decontaminate.overlap", "text": f"Quiz: {QUESTION}"}],
    )


def test_an_index_is_loaded_as_it_was_written(tmp_path: Path) -> None:
    settings = DecontaminateSettings()
    written = index_of(settings)
    write_benchmarks(written, str(tmp_path), "digest")
    assert load_benchmarks(str(tmp_path), "digest") is written
    del written  # as in another process
    loaded = load_benchmarks(str(tmp_path), "digest")
    assert decontaminate_batch(batch(), loaded, settings).equals(
        decontaminate_batch(batch(), index_of(settings), settings)
    )
