from pathlib import Path
from typing import Any

import pytest

from corpusmill.config import load_config
from corpusmill.inputs import sample as module
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.sample import Sample, reason_to_refuse, take_sample
from corpusmill.transforms.kernels.reading.settings import InputSettings
from tests.support import write_jsonl


def sample_of(path: Path, **values: Any) -> Sample:
    settings = InputSettings(**values)
    return take_sample(plan_splits([str(path)], settings).splits, settings)


def test_a_small_input_is_read_whole(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"text": f"Page {n}.", "url": "https://pier.example"} for n in range(30)]
    records += [{"text": None}, {"text": "No address.", "lang": "en"}]
    found = sample_of(write_jsonl(tmp_path / "in.jsonl", records), keep_columns={"lang": "string"})
    assert found.complete
    assert len(found.texts) == 31
    assert found.without_address == 1
    assert found.columns()["lang"]["found"] == 1


def test_of_a_large_input_some_places_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SAMPLE_BYTES", 2000)
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"text": f"Page {n}. " + "x" * 90} for n in range(3000)])
    found = sample_of(inputs, split_bytes=4096, batch_bytes=1024)
    assert not found.complete
    assert 0 < len(found.texts) < 1000
    assert found.read_bytes < inputs.stat().st_size / 4
    assert len(found.places) > 1


def test_an_input_of_which_hardly_anything_can_be_read_is_refused(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"body": f"Page {n}."} for n in range(30)])
    config = load_config(None)
    found = sample_of(inputs)
    assert "30 of 30 records cannot be read" in reason_to_refuse(found, config)
    assert reason_to_refuse(found, load_config(None, ["input.max_rejected_share=1"])) == ""
    assert reason_to_refuse(sample_of(inputs, text_column="body"), config) == ""


def test_a_column_that_no_record_has_is_named(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"text": f"Page {n}.", "language": "en"} for n in range(3)])
    sets = ["input.keep_columns={lang: string}", "dedup.within=lang"]
    found = sample_of(inputs, keep_columns={"lang": "string"})
    assert "did you mean 'language'?" in reason_to_refuse(found, load_config(None, sets))
    assert reason_to_refuse(found, load_config(None, [*sets, "dedup.enabled=false"])) == ""


def test_nothing_is_a_sample_of_nothing() -> None:
    assert take_sample((), InputSettings()) == Sample(take_sample((), InputSettings()).texts, 0, (), complete=True)
