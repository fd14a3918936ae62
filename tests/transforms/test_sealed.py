"""A sealed file gives back what was written to it, or says that it is damaged."""

import itertools
import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.sealed import BLOCK_BYTES, DamagedFileError

TABLE = pa.table(
    {"name": [f"lighthouse {k}" for k in range(90)], "height": range(90), "lit": [k % 3 == 0 for k in range(90)]}
)


def _flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3 * BLOCK_BYTES), max_size=4), st.data())
def test_any_part_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("sealed")
    path = str(folder / "file")
    parts = [bytes((k * 7 + n) % 251 for k in range(size)) for n, size in enumerate(sizes)]
    with sealed.open_write(path, str(folder)) as stream:
        for part in parts:
            stream.write(part)
    whole = b"".join(parts)
    assert sealed.is_intact(path)
    with sealed.open_read(path) as reader:
        assert reader.read() == whole
        start, size = data.draw(st.integers(0, len(whole) + 9)), data.draw(st.integers(0, len(whole)))
        reader.seek(start)
        assert reader.read(size) == whole[start : start + size]


def test_a_flip_of_any_bit_of_a_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    sealed.write_table(TABLE, str(path), str(tmp_path))
    assert sealed.read_parquet(str(path)).equals(TABLE)
    assert sealed.read_parquet(str(path), ["lit"]).equals(TABLE.select(["lit"]))
    content = path.read_bytes()
    for bit in range(0, 8 * len(content), 5):
        path.write_bytes(_flipped(content, bit))
        assert not sealed.is_intact(str(path))
        with pytest.raises(DamagedFileError, match=r"table\.parquet.*give the same command again"):
            sealed.read_parquet(str(path))


def test_a_file_that_was_cut_anywhere_or_emptied_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    sealed.write_table(TABLE, str(path), str(tmp_path))
    content = path.read_bytes()
    for length in itertools.chain(range(0, len(content), 37), [len(content) - 1]):
        path.write_bytes(content[:length])
        assert not sealed.is_intact(str(path))
    assert not sealed.is_intact(str(tmp_path / "missing"))


def test_damage_elsewhere_does_not_concern_the_columns_that_are_read(tmp_path: Path) -> None:
    wide = pa.table({"first": pa.array(range(100_000)), "last": pa.array(range(100_000))})
    path = tmp_path / "wide.parquet"
    sealed.write_table(wide, str(path), str(tmp_path), compression="none")
    content = path.read_bytes()
    path.write_bytes(_flipped(content, 8 * 1000))
    assert sealed.read_parquet(str(path), ["last"]).equals(wide.select(["last"]))
    with pytest.raises(DamagedFileError, match="bytes 0 to 65536"):
        sealed.read_parquet(str(path), ["first"])


def test_a_flip_of_any_bit_of_a_json_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    value = {"shard": 3, "rows": {"corpus": 12}, "name": "Brücke"}
    sealed.write_json(str(path), value, str(tmp_path))
    assert sealed.read_json(str(path)) == value
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        path.write_bytes(_flipped(content, bit))
        with pytest.raises(DamagedFileError, match="its checksum is another"):
            sealed.read_json(str(path))
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(DamagedFileError):
            sealed.read_json(str(path))
    with pytest.raises(FileNotFoundError):
        sealed.read_json(str(tmp_path / "missing.json"))


def test_only_files_that_cannot_tell_damage_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    sealed.write_table(TABLE, str(tmp_path / "table.parquet"), str(tmp_path))
    assert waited == []
    storage.write_json(str(tmp_path / "manifest.json"), {"documents": 3}, str(tmp_path))
    assert len(waited) == 1
