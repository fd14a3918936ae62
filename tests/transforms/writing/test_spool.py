from pathlib import Path

import pyarrow as pa

from corpusmill.transforms.writing.spool import Spool

SCHEMA = pa.schema([("n", pa.int64())])


def _numbers(spool: Spool, key: str) -> list[int]:
    return [number for batch in spool.read(key) for number in batch.column(0).to_pylist()]


def test_rows_come_back_by_key_in_the_order_in_which_they_were_added(tmp_path: Path) -> None:
    with Spool(SCHEMA, str(tmp_path)) as spool:
        for key, numbers in (("b", [1, 2]), ("a", [3]), ("b", [4]), ("a", [5, 6])):
            spool.add(key, pa.table({"n": numbers}, SCHEMA))
        assert len([path for path in tmp_path.rglob("spool.*") if path.is_file()]) == 1
        assert [*spool] == ["a", "b"]
        assert len(spool) == 2
        assert [_numbers(spool, key) for key in ("b", "a", "b", "none")] == [[1, 2, 4], [3, 5, 6], [1, 2, 4], []]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_a_state_folder_on_this_machine_the_file_is_in_that_of_the_system(tmp_path: Path) -> None:
    for state in (None, "gs://bucket/out/_state"):
        with Spool(SCHEMA, state) as spool:
            spool.add("a", pa.table({"n": [1]}, SCHEMA))
            assert _numbers(spool, "a") == [1]
    assert not [*tmp_path.iterdir()]
