import pytest

from corpusmill.transforms.kernels.reading.decode import Decoded
from corpusmill.transforms.kernels.reading.hive import fill_from_folders, folder_values
from corpusmill.transforms.kernels.reading.rows import Rejection, Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("crawl/year=2024/lang=en/part-0.jsonl", {"year": "2024", "lang": "en"}),
        ("place=a%3Db/x.jsonl", {"place": "a=b"}),
        ("year=__HIVE_DEFAULT_PARTITION__/x.jsonl", {}),
        ("=2024/plain/year=2024.jsonl", {}),
    ],
)
def test_folders_say_what_their_names_hold(source: str, values: dict[str, str]) -> None:
    assert folder_values(source) == values


def test_columns_are_filled_by_source_where_records_say_nothing() -> None:
    settings = InputSettings(keep_columns={"year": "int64"})
    rows = Rows()
    for source in ("year=2024/a.txt", "year=soon/b.txt", "plain/c.txt"):
        rows.append_text(source, Decoded("A text.", "utf-8", ()))
    rows.append_rejection("year=2024/d.txt", 0, "d", Rejection("read.bad-encoding", "convert it"))
    batch = fill_from_folders(rows.to_batch(0, 0, settings.kept_types()), settings)
    assert batch["year"].to_pylist() == [2024, None, None, None]
    assert batch.schema.field("year").type == "int64"
