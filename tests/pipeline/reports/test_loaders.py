"""Every table of an output loads in the libraries that people use, also if the corpus is empty."""

import pathlib
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml

from tests.support import DEMO, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

TABLES = ("corpus", "audit", "rejected", "removed", "pairs", "index", "statistics")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("loaders") / "out"
    run_corpus(DEMO, out, "output.license=cc0-1.0", "input.keep_columns={year: int64}")
    return out


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    inputs = write_jsonl(folder / "in.jsonl", [{"id": "a", "text": " "}])
    run_corpus(inputs, folder / "out")
    return folder / "out"


def tables(out: pathlib.Path) -> list[str]:
    return [name for name in TABLES if (out / name).is_dir()]


def expected(out: pathlib.Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out / name).to_pylist()
    return found


@pytest.fixture(params=["demo", "empty"])
def out(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_pyarrow_loads_every_table(out: Any) -> None:
    for name in tables(out):
        assert ds.dataset(out / name).to_table().to_pylist() == expected(out, name)


def test_pandas_loads_every_table(out: Any) -> None:
    pandas = pytest.importorskip("pandas")
    for name in tables(out):
        frame = pandas.read_parquet(out / name)
        rows = expected(out, name)
        assert list(frame.columns) == pq.read_schema(next((out / name).glob("*.parquet"))).names
        assert len(frame) == len(rows)
    audit = pandas.read_parquet(out / "audit")
    for cell, row in zip(audit["repairs"], expected(out, "audit"), strict=True):
        assert (None if cell is None else list(cell)) == row["repairs"]


def test_polars_loads_every_table(out: Any) -> None:
    polars = pytest.importorskip("polars")
    for name in tables(out):
        assert polars.read_parquet(out / name / "*.parquet").to_dicts() == expected(out, name)
        assert polars.scan_parquet(out / name / "*.parquet").collect().height == len(expected(out, name))


def test_duckdb_loads_every_table(out: Any) -> None:
    duckdb = pytest.importorskip("duckdb")
    for name in tables(out):
        table = duckdb.connect().sql(f"select * from '{out / name}/*.parquet'")
        fetched = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
        assert fetched == expected(out, name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_loads_the_output_as_a_whole_and_each_table(
    out: Any, streaming: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    load = {"streaming": streaming, "split": "train", "cache_dir": str(tmp_path)}
    wanted: dict[str | None, str] = {
        None: "corpus",
        **{name: name for name in tables(out)},
        "learned_lines": "learned_lines.parquet",
    }
    for config, path in wanted.items():
        rows = expected(out, path)
        if rows or streaming:
            assert list(datasets.load_dataset(str(out), config, **load)) == rows
        else:  # datasets itself has no tables without rows but as streams
            with pytest.raises(ValueError, match="corresponds to no data"):
                datasets.load_dataset(str(out), config, **load)


def test_the_card_names_every_table_with_the_corpus_first_and_the_licence(demo: Path) -> None:
    header = yaml.safe_load((demo / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert header["license"] == "cc0-1.0"
    assert header["size_categories"] == ["n<1K"]
    assert [config["config_name"] for config in header["configs"]] == [*TABLES, "learned_lines"]
    assert [config["config_name"] for config in header["configs"] if config.get("default")] == ["corpus"]
    for config in header["configs"]:
        for files in config["data_files"]:
            assert list(demo.glob(files["path"])), files


def test_the_card_has_the_accounts_and_the_settings_that_differ(demo: Path) -> None:
    body = (demo / "README.md").read_text(encoding="utf-8")
    assert "30 documents, 7,490 characters" in body
    assert "| removed as duplicates | 8 | 18.2 % |" in body
    assert "| `dedup.near` | 4 documents |" in body
    assert "- `output.license: cc0-1.0`" in body


def test_a_card_that_somebody_has_changed_stays_and_another_is_made_anew(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "The ferry leaves at nine."}])
    run_corpus(inputs, tmp_path / "out")
    card = tmp_path / "out" / "README.md"
    first = card.read_bytes()
    run_corpus(inputs, tmp_path / "out", "filter.min_chars=1", overwrite=True)
    assert card.read_bytes() != first
    card.write_text("My own words.\n")
    run_corpus(inputs, tmp_path / "out", overwrite=True)
    assert card.read_text() == "My own words.\n"


def test_a_report_only_has_a_card_with_the_audit_first(tmp_path: Path) -> None:
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "x"}]), tmp_path / "out", "output.corpus=false")
    header = yaml.safe_load((tmp_path / "out" / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    files = [{"split": "train", "path": "audit/*.parquet"}]
    assert header["configs"][0] == {"config_name": "audit", "data_files": files, "default": True}
    assert "license" not in header
