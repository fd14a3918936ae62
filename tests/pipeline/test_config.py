from pathlib import Path

import pytest
import yaml

from corpusmill.config import Config, ConfigError, load_config, render_yaml, walk_fields
from tests.support import DEFAULTS


def test_the_default_file_is_the_defaults_in_code_with_every_key_described() -> None:
    assert DEFAULTS.read_text(encoding="utf-8") == render_yaml(Config())
    assert load_config(str(DEFAULTS)) == Config()


def test_every_key_has_a_description_that_is_a_sentence() -> None:
    for names, info in walk_fields(Config):
        assert info.description, ".".join(names)
        assert info.description[0].isupper() or info.description[0] == "`", ".".join(names)
        assert info.description.endswith((".", ")", "]")), ".".join(names)


def test_a_rendered_configuration_reads_back_as_itself() -> None:
    config = load_config(None, ["dedup.threshold=0.7", "input.keep_columns={year: int64, title: string}"])
    assert Config.model_validate(yaml.safe_load(render_yaml(config))) == config


def test_the_order_of_keys_says_nothing() -> None:
    columns = ("input.keep_columns={year: int64, age: int64}", "filter.columns={year: '> 1', age: '> 2'}")
    turned = ("input.keep_columns={age: int64, year: int64}", "filter.columns={age: '> 2', year: '> 1'}")
    one, other = load_config(None, columns), load_config(None, turned)
    assert list(one.kept_columns()) == list(other.kept_columns()) == ["age", "year"]
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("dedup.treshold=0.7", "unknown key 'dedup.treshold'; did you mean 'dedup.threshold'"),
        ("dedupe.threshold=0.7", "unknown key 'dedupe'; did you mean 'dedup'"),
        ("shard_size=5", "did you mean 'output.shard_size'"),
        ("dedup.threshold=2", "dedup.threshold: .*less than or equal to 1.*given: 2"),
        ("dedup.threshold", "--set takes key=value"),
        ("dedup.keep=oldest", "first | longest | newest COLUMN"),
        ("dedup.keep=newest date", r"  - dedup\.keep .* input\.keep_columns, such as \{date: timestamp\}"),
        ("dedup.keep=highest score", r"such as \{score: double\}"),
        ("dedup.threshold.x=1", "dedup"),
        ("dedup.threshold=[", "not a YAML value"),
        ("input.keep_columns={id: string}", "keep_columns"),
        ("filter.presets=gopher", r"filter\.presets: give a list, such as \[gopher\] \(given: 'gopher'\)"),
        ("input.csv_columns=id", r"give a list, such as \[id\]"),
    ],
)
def test_a_bad_setting_is_named_with_its_remedy(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, [override])


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_config(str(tmp_path / "nowhere.yaml"))
    (tmp_path / "list.yaml").write_text("- a\n- b\n")
    with pytest.raises(ConfigError, match="not keys and values"):
        load_config(str(tmp_path / "list.yaml"))
    (tmp_path / "bad.yaml").write_text("a: [\n")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(str(tmp_path / "bad.yaml"))


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    assert load_config(str(tmp_path / "empty.yaml")) == Config()


def test_the_digest_covers_what_is_written_and_nothing_else() -> None:
    base = Config().digest()
    assert load_config(None, ["dedup.threshold=0.7"]).digest() != base
    assert load_config(None, ["output.shard_size=1000"]).digest() != base
    assert load_config(None, ["run.workers=2", "output.keep_state=true"]).digest() == base
