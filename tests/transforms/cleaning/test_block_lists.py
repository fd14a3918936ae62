from pathlib import Path

import pyarrow as pa

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.block_lists import drop_listed, load_lists, write_lists
from corpusmill.transforms.kernels.cleaning.block_lists import Lists, Names
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.reading.settings import InputSettings

LISTS = Lists(Names.of(["dice.example"]), Names.of(["blog.example/dice"]), ("ruddy",))
TEXTS = {
    "host": ("https://www.dice.example/a", "A page."),
    "path": ("https://blog.example/dice/4", "A page."),
    "word": ("https://blog.example/tea", "A ruddy page."),
    "kept": ("https://blog.example/tea", "A page."),
}


def batch() -> pa.RecordBatch:
    records = [{"id": name, "url": url, "text": text} for name, (url, text) in TEXTS.items()]
    (found,) = rows_to_batches(records, InputSettings())
    return found


def test_documents_are_dropped_by_host_address_and_words() -> None:
    found = drop_listed(batch(), LISTS)
    assert dict(zip(found["id"].to_pylist(), found["reason"].to_pylist(), strict=True)) == {
        "host": "filter.listed-domain",
        "path": "filter.listed-url",
        "word": "filter.listed-words",
        "kept": None,
    }
    assert found["decision"].to_pylist() == ["filtered"] * 3 + ["kept"]


def test_only_kept_documents_are_looked_up_by_their_words() -> None:
    rejected = replace_column(batch(), "decision", pa.array(["duplicate"] * 4))
    assert drop_listed(rejected, LISTS)["reason"].to_pylist()[2:] == [None, None]


def test_lists_are_loaded_as_they_were_written(tmp_path: Path) -> None:
    write_lists(LISTS, str(tmp_path))
    loaded = load_lists(str(tmp_path), "digest")
    assert drop_listed(batch(), loaded).equals(drop_listed(batch(), LISTS))
    assert load_lists(str(tmp_path), "digest") is loaded
    assert load_lists(str(tmp_path), "another digest") is not loaded
