"""What a run says of input files that are not what they were."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpusmill.inputs.changes import describe_changes, remembered
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms.reading.splits import Part, Split
from tests.support import digests, run_corpus


def _lines(count: int = 60) -> bytes:
    return b"".join(json.dumps({"text": f"Line {n} of the tide table."}).encode() + b"\n" for n in range(count))


@pytest.mark.beam
def test_a_rerun_of_a_complete_output_names_the_files_that_changed_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"{letter}.jsonl" for letter in "abcde"]
    for name in names[:2]:
        Path(name).write_bytes(_lines())

    def again(*names: str, sets: Sequence[str] = ()) -> dict[str, Any]:
        return run_corpus([Path(name) for name in names], Path("out"), *sets)

    first = again("a.jsonl", "b.jsonl")
    before = digests(Path("out"), "corpus", "audit")
    assert again("a.jsonl", "b.jsonl") == first
    for name in names[2:]:
        Path(name).write_bytes(_lines())
    with pytest.raises(OutputError) as error:
        again("a.jsonl", "b.jsonl", "c.jsonl")
    assert str(error.value) == (
        "the output 'out' holds a finished run, and since then the input 'c.jsonl' is new. It stays as it is: give "
        "--overwrite to make it again from the input as it is now, or name another folder; or run the new files alone, "
        "with --against 'out' and another --output"
    )
    Path("b.jsonl").write_bytes(_lines(10))
    with pytest.raises(OutputError) as error:
        again(*names[1:], sets=["dedup.threshold=0.9"])
    said = str(error.value)
    assert "since then the input 'b.jsonl' was cut from" in said
    assert "'a.jsonl' is gone, 'c.jsonl' is new (and 2 more changed); besides, the command has another config" in said
    assert "--overwrite to make it again" in said
    assert "--against" not in said
    assert digests(Path("out"), "corpus", "audit") == before
    with pytest.raises(OutputError, match=r"holds a finished run, and since then the input 'b\.jsonl' was cut"):
        again("a.jsonl", "b.jsonl")


def test_of_very_many_files_the_manifest_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    splits = [Split(n, (Part(f"{n}.txt", "text", version="1 1"),)) for n in range(3)]
    assert remembered(splits) == {"0.txt": "1 1", "1.txt": "1 1", "2.txt": "1 1"}
    monkeypatch.setattr("corpusmill.inputs.changes.MAX_REMEMBERED", 2)
    assert remembered(splits) is None
    assert describe_changes(None, splits) == ""
