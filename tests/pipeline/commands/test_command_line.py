import io
import sys
from pathlib import Path

import pytest

from corpusmill.commands.command_line import CommandLine
from corpusmill.config import ConfigError
from corpusmill.inputs.plan import Plan, plan_splits
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read_split import read_split


def test_a_command_line_becomes_a_request() -> None:
    line = CommandLine("run", ["crawl/", "--runner=X"], ["more/"], "out", ["dedup.threshold=0.9"], None, ["old"])
    request = line.request(overwrite=True)
    assert (list(request.inputs), request.output, request.overwrite) == (["crawl/", "more/"], "out", True)
    assert (request.beam_options, request.against) == (("--runner=X",), ("old",))
    assert request.config.dedup.threshold == 0.9


def test_an_output_is_needed_unless_the_command_does_without() -> None:
    line = CommandLine("plan", ["crawl/"])
    assert line.request(needs_output=False).output == ""
    with pytest.raises(UsageError, match="--output is missing"):
        line.request()


def test_presets_and_keys_are_checked() -> None:
    with pytest.raises(ConfigError, match="dedup-only"):
        CommandLine("run", ["crawl/"], output="out", preset="dedup-onli").request()


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(b'\xef\xbb\xbf {"text": "a"}\n', ".jsonl"), (b'[{"text": 1}]', ".jsonl"), (b"Rain.\n", ".txt")],
)
def test_standard_input_is_copied_under_a_name_that_tells_its_format(
    monkeypatch: pytest.MonkeyPatch, data: bytes, suffix: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (path,) = CommandLine("run", ["-"], output="out").request().inputs
    assert path.endswith(suffix)
    assert Path(path).read_bytes() == data


def test_standard_input_is_known_again_by_its_content_wherever_it_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(data: bytes) -> Plan:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return plan_splits(CommandLine("run", ["-"], output="out").request().inputs, InputSettings())

    first, again, other = planned(b"Rain.\n"), planned(b"Rain.\n"), planned(b"Snow.\n")
    assert first.splits[0].parts[0].path != again.splits[0].parts[0].path
    assert first.fingerprint == again.fingerprint != other.fingerprint
    (batch,) = read_split(first.splits[0], InputSettings())
    assert batch["source"].to_pylist() == ["stdin.txt"]
