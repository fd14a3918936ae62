"""Files that people name: keys given twice, endless files, nesting and aliases that unfold."""

import os
from pathlib import Path

import pytest

from corpusmill.config import Config, ConfigError, load_config
from corpusmill.inputs.resources import load_resources


def config_of(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(str(path))


def test_a_key_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the key 'threshold' is given twice"):
        config_of(tmp_path, "dedup:\n  threshold: 0.7\n  seed: 1\n  threshold: 0.9\n")
    with pytest.raises(ConfigError, match="the key 'dedup' is given twice"):
        config_of(tmp_path, "dedup: {threshold: 0.7}\ndedup: {seed: 1}\n")
    assert config_of(tmp_path, "dedup: {threshold: 0.7}\nfilter: {}\n").dedup.threshold == 0.7


def test_twenty_thousand_levels_are_a_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nested too deep"):
        config_of(tmp_path, "dedup: " + "[" * 20_000 + "]" * 20_000)
    with pytest.raises(ConfigError, match="nested too deep"):
        load_config(None, ["dedup.seed=" + "{a: " * 20_000 + "}" * 20_000])


def test_aliases_that_unfold_are_not_printed(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    lines.append("dedup: {threshold: *a8}")
    with pytest.raises(ConfigError) as error:
        config_of(tmp_path, "\n".join(lines))
    assert len(str(error.value)) < 10_000


@pytest.mark.parametrize("kind", ["fifo", "/dev/zero", "/proc/kmsg", "/proc/self/environ"])
@pytest.mark.parametrize("key", ["boilerplate.rule_files=[{}]", "boilerplate.learned.table={}"])
def test_endless_files_are_not_read(tmp_path: Path, kind: str, key: str) -> None:
    path = tmp_path / "rules.yaml"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(kind)
    config = load_config(None, [key.format(path)])
    with pytest.raises(ConfigError, match="not a file"):
        load_resources(config)
    with pytest.raises(ConfigError, match="not a file"):
        load_config(str(path))
