"""Reading a split: the same records in the same order, however the inputs are cut."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.inputs.plan import plan_splits
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import batch_position
from corpusmill.transforms.reading.read_split import read_marked
from corpusmill.transforms.reading.splits import JSONL, Part, Split
from tests.transforms.reading.rows_read import ANY_DIRECTORY, jsonl, read, read_file

LINES = st.lists(
    st.sampled_from(
        [b"", b" ", b"{}", b"bad", b'{"id":"a","text":"b"}', b'{"text":"\xc3\xa9' + b"x" * 50 + b'"}', b"\r"]
    ),
    max_size=12,
)


@ANY_DIRECTORY
@given(LINES, st.booleans(), st.data())
def test_byte_ranges_read_every_record_once_and_in_order(
    tmp_path: Path, lines: list[Any], final: bool, data: st.DataObject
) -> None:
    content = b"\n".join(lines) + (b"\n" if final else b"")
    path = tmp_path / "in.jsonl"
    path.write_bytes(content)
    whole = read_file(path)
    cuts = sorted(set(data.draw(st.lists(st.integers(1, max(1, len(content) - 1)), max_size=6))))
    cuts = [cut for cut in cuts if cut < len(content)]
    starts, ends = [0, *cuts], [*cuts, None]
    parts = [Part(str(path), JSONL, start, end) for start, end in zip(starts, ends, strict=True)]
    ranges = [read([part], index=k) for k, part in enumerate(parts)]
    found = [row for rows in ranges for row in rows]
    number = {"split": None, "row": None}
    assert [{**row, **number} for row in found] == [{**row, **number} for row in whole]
    assert [row["id"] for row in read(parts)] == [row["id"] for row in whole]
    for part, rows in zip(parts, ranges, strict=True):
        assert all(part.start <= row["offset"] and (part.end is None or row["offset"] < part.end) for row in rows)


@ANY_DIRECTORY
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.sampled_from([1024, 1500, 4000, 1 << 20]),
    st.integers(1024, 3000),
)
def test_the_plan_and_the_batches_never_change_the_records(
    tmp_path: Path, lengths: list[int], split_bytes: Any, batch_bytes: int
) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    files = {f"{k % 4}.jsonl": b"" for k in range(len(lengths))}
    for k, length in enumerate(lengths):
        files[f"{k % 4}.jsonl"] += jsonl([f"d{k}"], "ä" * length)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    given = InputSettings(split_bytes=split_bytes, batch_bytes=batch_bytes)
    rows = [
        row for split in plan_splits([str(tmp_path)], given).splits for row in read(split.parts, given, split.index)
    ]
    reference = [row for name in sorted(files) for row in read_file(tmp_path / name)]
    fields = ("id", "source", "offset", "text", "decision", "chars_in")
    assert [[row[f] for f in fields] for row in rows] == [[row[f] for f in fields] for row in reference]


def test_batches_say_where_they_stand_in_their_split(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl("abcdefgh", "x" * 500))
    (tmp_path / "empty.jsonl").write_bytes(b"")
    small = InputSettings(batch_bytes=1024)
    for name, rows in (("in.jsonl", 8), ("empty.jsonl", 0)):
        batches = list(read_marked(Split(3, (Part(str(tmp_path / name), JSONL),)), small))
        places = [batch_position(batch) for batch in batches]
        assert [place.index for place in places] == list(range(len(batches)))
        assert [place.last for place in places] == [False] * (len(batches) - 1) + [True]
        assert sum(batch.num_rows for batch in batches) == rows
        assert {place.split for place in places} == {3}
