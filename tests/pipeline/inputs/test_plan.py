import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusmill.inputs.patterns import InputError
from corpusmill.inputs.plan import MAX_PARTS, Plan, plan_splits
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.formats import format_of
from corpusmill.transforms.reading.input_versions import InputGoneError, version_now
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import JSONL, PARQUET, TEXT, UNKNOWN, Part

DEFAULT = InputSettings()
SMALL = InputSettings(split_bytes=1024)


def names(plan: Plan) -> list[str]:
    return [os.path.basename(part.path) for split in plan.splits for part in split.parts]


def touch(folder: Path, *files: str, data: bytes = b"x") -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12), st.sampled_from([1024, 2048, 10_000]))
def test_every_byte_of_the_inputs_is_in_one_split(tmp_path: Path, sizes: list[int], split_bytes: int) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    for k, size in enumerate(sizes):
        (tmp_path / f"{k:02}.jsonl").write_bytes(b'{"a":1}\n' * (size // 8) + b" " * (size % 8))
    plan = plan_splits([str(tmp_path)], InputSettings(split_bytes=split_bytes))
    assert [split.index for split in plan.splits] == list(range(len(plan.splits)))
    assert (plan.files, plan.total_bytes) == (len(sizes), sum(sizes))
    assert sum(split.size for split in plan.splits) == sum(sizes)
    assert all(split.size <= split_bytes for split in plan.splits)
    ranges: dict[str, Any] = {}
    for split in plan.splits:
        for part in split.parts:
            ranges.setdefault(part.path, []).append((part.start, part.end))
    assert list(ranges) == sorted(ranges)
    for k, size in enumerate(sizes):
        found = ranges[str(tmp_path / f"{k:02}.jsonl")]
        assert found[0][0] == 0
        assert found[-1][1] is None
        assert all(end == start for (_, end), (start, _) in pairwise(found))
        assert all(start < size for start, _ in found[1:])


def test_the_fingerprint_follows_inputs_and_settings(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl", "b.jsonl", data=b"x" * 3000)
    first = plan_splits([str(tmp_path)], DEFAULT)
    assert plan_splits([str(tmp_path)], DEFAULT) == first
    assert plan_splits([str(tmp_path / "*")], DEFAULT) == first
    prints = {first.fingerprint, plan_splits([str(tmp_path)], SMALL).fingerprint}
    os.utime(tmp_path / "a.jsonl", (1, 1))
    prints.add(plan_splits([str(tmp_path)], DEFAULT).fingerprint)
    touch(tmp_path, "c.jsonl")
    prints.add(plan_splits([str(tmp_path)], DEFAULT).fingerprint)
    assert len(prints) == 4


def test_patterns_keep_their_order_and_a_file_is_read_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl", "b.jsonl", "c.jsonl")
    patterns = [str(tmp_path / "c*"), str(tmp_path / "."), str(tmp_path / "b.jsonl")]
    assert names(plan_splits(patterns, DEFAULT)) == ["c.jsonl", "a.jsonl", "b.jsonl"]


def test_a_directory_is_walked_without_hidden_and_working_files(tmp_path: Path) -> None:
    touch(tmp_path, "b/x.jsonl", "a.jsonl", ".hidden", "_SUCCESS", "_tmp/y.jsonl", ".git/z.jsonl", "b/c/w.txt")
    assert names(plan_splits([str(tmp_path)], DEFAULT)) == ["a.jsonl", "w.txt", "x.jsonl"]


def test_no_pattern_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="--input"):
        plan_splits([], DEFAULT)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", JSONL),
        ("A.JSONL", JSONL),
        ("a.ndjson.gz", JSONL),
        ("a.json.ZST", JSONL),
        ("a.txt.bz2", TEXT),
        ("a.md", TEXT),
        ("a.parquet", PARQUET),
        ("a.html", UNKNOWN),
        ("jsonl", UNKNOWN),
        ("a.gz", UNKNOWN),
    ],
)
def test_the_name_tells_the_format_unless_the_settings_do(name: str, kind: str) -> None:
    assert format_of(f"/x.y/{name}", DEFAULT) == kind
    assert format_of(f"/x.y/{name}", InputSettings(format="text")) == TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b\x08" + b"x" * 4000,
        '{"a":1}\n'.encode("utf-16") * 400,
        bytes(4000),
        b"[\n" + b'{"a":1},\n' * 500,
        b"{\n" * 2000,
    ],
)
def test_files_without_lines_to_cut_at_stay_whole(tmp_path: Path, data: bytes) -> None:
    touch(tmp_path, "a.jsonl", data=data)
    (split,) = plan_splits([str(tmp_path)], SMALL).splits
    version = version_now(str(tmp_path / "a.jsonl"))
    assert split.parts == (Part(str(tmp_path / "a.jsonl"), JSONL, version=version),)


def test_parquet_is_cut_at_row_groups_by_the_size_of_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"id": [str(k) for k in range(12)], "text": [f"{k}" * 300 for k in range(12)]})
    pq.write_table(table, path, row_group_size=1, compression="none", use_dictionary=False, write_statistics=False)
    plan = plan_splits([str(path)], SMALL)
    ranges = [(part.start, part.end) for split in plan.splits for part in split.parts]
    assert ranges[0][0] == 0
    assert ranges[-1][1] is None
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
    assert len(ranges) == 5  # three texts of 300 bytes fit, then, from the eleventh on, one of 600
    unsound = tmp_path / "b.parquet"
    unsound.write_bytes(b"x" * 5000)
    assert len(plan_splits([str(unsound)], SMALL).splits) == 1


def test_tiny_files_are_grouped_in_bounded_number(tmp_path: Path) -> None:
    for number in range(MAX_PARTS + 3):
        (tmp_path / f"{number:05}.jsonl").touch()
    plan = plan_splits([str(tmp_path)], DEFAULT)
    assert [len(split.parts) for split in plan.splits] == [MAX_PARTS, 3]


def test_compressed_files_count_for_what_they_may_hold(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{k}.jsonl.gz" for k in range(4)), data=b"x" * 100)
    touch(tmp_path, *(f"p{k}.jsonl" for k in range(4)), data=b"x" * 250)
    plan = plan_splits([str(tmp_path / "*.gz")], SMALL)
    assert [len(split.parts) for split in plan.splits] == [2, 2]
    assert [len(split.parts) for split in plan_splits([str(tmp_path / "p*")], SMALL).splits] == [4]


def test_a_file_that_the_plan_has_seen_must_still_be_there(tmp_path: Path) -> None:
    """Its absence says nothing of the corpus: the run stops, and goes on when the file is back."""
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "x"}\n')
    (tmp_path / "link.jsonl").symlink_to("nowhere")
    (split,) = plan_splits([str(tmp_path / "*")], DEFAULT).splits
    (batch,) = read_split(split, DEFAULT)
    assert batch["reason"].to_pylist() == [None, "read.missing-file"]
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(InputGoneError, match=r"a\.jsonl.*was there when the run was planned"):
        list(read_split(split, DEFAULT))


def test_one_file_is_read_once_however_its_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "in/a.jsonl")
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    plan = plan_splits(["in"], DEFAULT)
    assert [part.path for split in plan.splits for part in split.parts] == ["in/a.jsonl"]
    for pattern in ("./in/", "in/", ".//in/a.jsonl", "./in/*"):
        assert plan_splits([pattern], DEFAULT) == plan
    assert plan_splits(["in", "./in/", str(tmp_path / "in"), "link", "link/*.jsonl", "in/../in"], DEFAULT) == plan
