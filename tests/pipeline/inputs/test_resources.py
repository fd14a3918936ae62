from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.inputs.resources import Resources, load_resources
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA

RULES = "platform: pier\nstrings:\n  en: [Ring the bell]\n"


def load(*sets: str) -> Resources:
    return load_resources(load_config(None, sets))


def test_without_files_there_is_nothing() -> None:
    assert load() == Resources()


@pytest.mark.parametrize(
    ("content", "message"),
    [("[1]", "it holds no keys such as platform"), ("a: [", "correct the file"), ("platform: 3\n", "correct the file")],
)
def test_a_rule_file_that_is_wrong_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "rules.yaml").write_text(content)
    with pytest.raises(ConfigError, match=rf"(?s)boilerplate\.rule_files: .*rules\.yaml: .*{message}"):
        load(f"boilerplate.rule_files=['{tmp_path / 'rules.yaml'}']")


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    for key in ("boilerplate.rule_files=['{}']", "boilerplate.learned.table={}"):
        with pytest.raises(ConfigError, match=f"{key.split('=')[0]}: cannot read .*check the path"):
            load(key.format(tmp_path / "nowhere"))
    assert load("boilerplate.enabled=false", f"boilerplate.rule_files=['{tmp_path / 'nowhere'}']") == Resources()


def test_learned_lines_need_a_host_and_a_sample_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "lines.parquet"
    key = f"boilerplate.learned.table={path}"
    pq.write_table(pa.table({"host": ["pier.example", None], "sample": ["Ring the bell", "Tea"]}), path)
    found = load(key)
    assert found.learned is not None
    assert found.learned.schema.equals(TABLE_SCHEMA)
    assert found.learned["sample"].to_pylist() == ["Ring the bell", "Tea"]
    pq.write_table(pa.table({"host": ["pier.example"]}), path)
    with pytest.raises(ConfigError, match="has no column 'sample'; it needs host"):
        load(key)
    path.write_text("no")
    with pytest.raises(ConfigError, match="is not a Parquet file"):
        load(key)
    pq.write_table(pa.table({"host": pa.array([], pa.string()), "sample": pa.array([], pa.string())}), path)
    empty = load(key)
    assert empty.learned is not None
    assert len(empty.learned) == 0
    assert empty.digest != found.digest
