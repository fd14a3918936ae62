"""A file that changes between plan and read ends the run: nothing is concluded from what is in it then."""

import bz2
import gzip
import io
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.inputs.plan import plan_splits
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.input_versions import (
    InputChangedError,
    InputGoneError,
    describe_change,
    remote_version,
)
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import Split
from tests.support import DEFAULTS, check_accounts, digests, run_corpus

SMALL = InputSettings(split_bytes=2048, batch_bytes=1024)


def _records(n: int = 60) -> list[dict[str, str]]:
    return [{"id": str(k), "text": f"Letter {k} tells of the weather at lock {k} of the canal."} for k in range(n)]


def _lines(n: int = 60) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in _records(n)).encode()


def _parquet(n: int = 60) -> bytes:
    stream = io.BytesIO()
    table = pa.Table.from_pylist(_records(n))
    pq.write_table(table, stream, row_group_size=8, use_dictionary=False, compression="none")
    return stream.getvalue()


FILES: dict[str, Callable[..., bytes]] = {
    "a.jsonl": _lines,
    "a.jsonl.gz": lambda n=60: gzip.compress(_lines(n), mtime=0),
    "a.jsonl.bz2": lambda n=60: bz2.compress(_lines(n)),
    "a.parquet": _parquet,
    "a.txt": lambda n=60: b"A short letter. " * n,
}
CHANGES: dict[str, Callable[..., object]] = {
    "cut": lambda path, data: path.write_bytes(data[: len(data) // 2]),
    "emptied": lambda path, _: path.write_bytes(b""),
    "appended to": lambda path, data: path.write_bytes(data + data),
    "replaced": lambda path, data: path.write_bytes(data[:-1] + data[-1:]),
}
WORDS = {
    "cut": "was cut from",
    "emptied": "was emptied, from",
    "appended to": "has grown from",
    "replaced": "was written to",
}


def _planned(folder: Path, name: str) -> tuple[Path, tuple[Split, ...]]:
    """Write a file and another beside it, so that files of one split are read one after the other."""
    path = folder / name
    path.write_bytes(FILES[name]())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (folder / "b.txt").write_text("The last letter.")
    return path, plan_splits([str(folder)], SMALL).splits


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_changes_before_it_is_read_ends_the_run(tmp_path: Path, name: str, how: str) -> None:
    path, splits = _planned(tmp_path, name)
    assert sum(len(batch) for split in splits for batch in read_split(split, SMALL)) > 1
    CHANGES[how](path, path.read_bytes())
    ended = 0
    for split in splits:
        if any(part.path == str(path) for part in split.parts):
            with pytest.raises(InputChangedError, match=rf"'{re.escape(str(path))}' {WORDS[how]}.*give --overwrite"):
                list(read_split(split, SMALL))
            ended += 1
    assert ended
    if name in {"a.jsonl", "a.parquet"}:
        assert ended > 1, "each range of the file has to notice"


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_a_file_that_changes_while_it_is_read_ends_the_run(tmp_path: Path, name: str, how: str) -> None:
    whole = InputSettings(batch_bytes=1024)
    path = tmp_path / name
    path.write_bytes(FILES[name](4000))
    (split,) = plan_splits([str(path)], whole).splits
    batches = read_split(split, whole)
    next(batches)
    data = path.read_bytes()
    time.sleep(0.02)  # the clock of file times ticks 100 times a second
    CHANGES[how](path, data)
    with pytest.raises(InputChangedError, match=WORDS[how]):
        list(batches)


def test_a_file_that_was_replaced_by_another_of_the_same_name_ends_the_run(tmp_path: Path) -> None:
    path, splits = _planned(tmp_path, "a.jsonl")
    (tmp_path / "new").write_bytes(_lines())
    (tmp_path / "new").rename(path)
    with pytest.raises(InputChangedError, match=r"2023-11-14T22:13:20\+00:00, then .*the size is the same"):
        list(read_split(splits[0], SMALL))


def test_a_file_that_is_only_read_and_linked_is_the_same(tmp_path: Path) -> None:
    path, splits = _planned(tmp_path, "a.jsonl")
    path.chmod(0o444)
    os.link(path, tmp_path / "copy")
    (tmp_path / "moved").mkdir()
    path.rename(tmp_path / "moved" / "a.jsonl")
    (tmp_path / "moved" / "a.jsonl").rename(path)
    assert [len(batch) for split in splits for batch in read_split(split, SMALL)]


def test_a_rejected_file_that_has_not_changed_stays_a_rejected_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(_lines())[:-20])
    (split,) = plan_splits([str(tmp_path)], SMALL).splits
    assert "read.truncated" in [reason for batch in read_split(split, SMALL) for reason in batch["reason"].to_pylist()]


def test_times_of_object_stores_are_compared_by_the_second() -> None:
    assert remote_version(10, 1_700_000_000.0) == remote_version(10, 1_700_000_000.25)
    assert remote_version(10, 1_700_000_000.0) != remote_version(10, 1_700_000_001.0)
    assert describe_change("1000 1", "10 2") == "was cut from 1,000 to 10 bytes"


@pytest.mark.beam
def test_a_change_between_two_attempts_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(f"{name}.jsonl").write_bytes(_lines())
    sound = Path("b.jsonl").stat()

    def begin() -> dict[str, Any]:
        return run_corpus([Path("a.jsonl"), Path("b.jsonl")], tmp_path / "out", "input.split_bytes=1024")

    with monkeypatch.context() as patch:
        patch.setattr("corpusmill.runs.execute._assembled", lambda _: Path("b.jsonl").write_bytes(_lines(10)) and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            begin()
    with pytest.raises(OutputError, match=r"since it was begun the input 'b\.jsonl' was cut from \d,\d+ to"):
        begin()
    Path("b.jsonl").unlink()
    Path("c.jsonl").write_bytes(_lines())
    with pytest.raises(OutputError, match=r"the input 'b\.jsonl' is gone, 'c\.jsonl' is new; put it back"):
        run_corpus([Path("a.jsonl"), Path("c.jsonl")], tmp_path / "out", "input.split_bytes=1024")
    Path("b.jsonl").write_bytes(_lines())
    os.utime("b.jsonl", ns=(sound.st_atime_ns, sound.st_mtime_ns))
    begin()
    check_accounts(tmp_path / "out", 120)


@pytest.mark.beam
def test_the_times_of_the_input_do_not_reach_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(_lines())
    run_corpus(Path("a.jsonl"), tmp_path / "one")
    os.utime("a.jsonl", (1, 1))
    run_corpus(Path("a.jsonl"), tmp_path / "two")
    assert digests(tmp_path / "one", "corpus", "audit") == digests(tmp_path / "two", "corpus", "audit")


@pytest.mark.beam
@pytest.mark.parametrize("mode", ["in_memory", "multi_threading", "multi_processing"])
def test_a_change_ends_the_whole_run_in_every_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415

    from corpusmill.cli import app  # noqa: PLC0415
    from corpusmill.runs import execute as running  # noqa: PLC0415

    path = tmp_path / "a.jsonl"
    path.write_bytes(_lines())
    assembled = running._assembled

    def change_then_go(prepared: Any) -> Any:
        path.write_bytes(_lines(10))
        return assembled(prepared)

    monkeypatch.setattr(running, "_assembled", change_then_go)
    command = ["run", str(DEFAULTS), "--input", str(path), "--output", str(tmp_path / "out")]
    workers = f"--direct_num_workers={1 if mode == 'in_memory' else 2}"
    result = CliRunner().invoke(app, [*command, workers, f"--direct_running_mode={mode}"])
    assert result.exit_code == 1, result.output
    assert re.search(r"the run failed: .*a\.jsonl' was cut from [\d,]+ to [\d,]+ bytes after the run", result.stderr)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_vanished_file_still_ends_the_run(tmp_path: Path) -> None:
    path, splits = _planned(tmp_path, "a.parquet")
    path.unlink()
    with pytest.raises(InputGoneError, match="was there when the run was planned and is gone"):
        list(read_split(splits[-1], SMALL) if splits[-1].parts[0].path == str(path) else read_split(splits[0], SMALL))
