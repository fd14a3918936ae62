"""An input of which nothing, or hardly anything, can be read ends the run, early, with what helps."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.transforms.kernels.errors import DataRefusedError
from tests.support import check_accounts, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SOUND = [{"id": f"s{n}", "text": f"The ferry number {n} left the quay before the rain."} for n in range(40)]
WRONG = [{"id": f"w{n}", "prose": f"Nobody at the {n}th pier saw the heron that morning."} for n in range(50)]


def test_a_wrong_name_of_the_text_column_ends_the_run_before_anything_is_written(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", WRONG)
    with pytest.raises(DataRefusedError) as error:
        run_corpus(inputs, tmp_path / "out")
    assert "50 of 50 records cannot be read" in str(error.value)
    assert "it has the fields id, prose: --set input.text_column=prose" in str(error.value)
    assert not (tmp_path / "out").exists()
    run_corpus(inputs, tmp_path / "out", "input.text_column=prose")
    check_accounts(tmp_path / "out", 50)


def test_what_is_accepted_is_set_by_its_key(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", SOUND + WRONG)
    with pytest.raises(DataRefusedError, match=r"50 of 90 records cannot be read"):
        run_corpus(inputs, tmp_path / "out")
    manifest = run_corpus(inputs, tmp_path / "out", "input.max_rejected_share=0.6")
    check_accounts(tmp_path / "out", 90)
    (found,) = manifest["rejections"]
    assert (found["reason"], found["count"], found["source"]) == ("read.no-text", 50, str(inputs))
    assert "--set input.text_column=prose" in found["error"]


def test_a_handful_of_unreadable_records_says_nothing_about_the_settings(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", SOUND[:3] + WRONG[:12])
    run_corpus(inputs, tmp_path / "out")
    check_accounts(tmp_path / "out", 15)


def test_what_a_sample_cannot_tell_is_told_when_all_is_read(tmp_path: Path) -> None:
    """The sound half comes first and is large enough that the places looked at before the run hold it alone."""
    long = [{"id": f"l{n}", "text": f"{n} " + "Rain on the quay. " * 60_000} for n in range(12)]
    inputs = write_jsonl(tmp_path / "in.jsonl", long + WRONG)
    with pytest.raises(DataRefusedError, match=r"50 of 62 records cannot be read"):
        run_corpus(inputs, tmp_path / "out")
    assert not list((tmp_path / "out").glob("corpus/*"))
    run_corpus(inputs, tmp_path / "out", "input.max_rejected_share=1")  # goes on where it was
    assert len(rows(tmp_path / "out", "audit")) == 62


def test_the_exit_code_and_the_plan_say_the_same(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", WRONG)
    ran = CliRunner().invoke(app, ["run", str(inputs), "--output", str(tmp_path / "out")])
    planned = CliRunner().invoke(app, ["plan", str(inputs)])
    for result in (ran, planned):
        assert result.exit_code == 3, result.output
        assert "--set input.text_column=prose" in result.output


def test_a_parquet_file_without_the_column_counts_with_its_records(tmp_path: Path) -> None:
    table = pa.table({"id": [f"p{n}" for n in range(30)], "body": [f"The {n}th heron stood still." for n in range(30)]})
    pq.write_table(table, tmp_path / "wrong.parquet")
    write_jsonl(tmp_path / "right.jsonl", SOUND[:10])
    with pytest.raises(DataRefusedError) as error:
        run_corpus([tmp_path], tmp_path / "out")
    assert "30 of 40 records" in str(error.value)
    assert "--set input.text_column=body" in str(error.value)
