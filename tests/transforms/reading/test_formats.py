"""The table of formats: every line of it is a format that is known by name, read and cut."""

from pathlib import Path

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.formats import COMPRESSIONS, FORMATS, format_of, known_suffixes
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import Part, Split
from tests.support import DEFAULTS

SUFFIXES = [(suffix, name) for name, entry in FORMATS.items() for suffix in entry.suffixes]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_reads_and_cuts(name: str, tmp_path: Path) -> None:
    module = FORMATS[name].load()
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert callable(module.cut)
    batches = list(read_split(Split(0, (Part(str(path), name),)), InputSettings()))
    assert sum(batch.num_rows for batch in batches) <= 1


@pytest.mark.parametrize(("suffix", "name"), SUFFIXES)
@pytest.mark.parametrize("packed", ["", *COMPRESSIONS])
def test_a_format_is_known_by_the_ends_of_names(suffix: str, name: str, packed: str) -> None:
    assert format_of(f"crawl.d/Pages{suffix.upper()}{packed}", InputSettings()) == name
    assert suffix in known_suffixes()


def test_no_two_formats_share_an_end_of_names() -> None:
    assert len({suffix for suffix, _ in SUFFIXES}) == len(SUFFIXES)


@pytest.mark.parametrize("name", FORMATS)
def test_the_configuration_takes_every_format(name: str) -> None:
    assert load_config(None, [f"input.format={name}"]).input.format == name
    assert name in DEFAULTS.read_text(encoding="utf-8").split("# Format of the input files", 1)[1].split("\n", 1)[0]


def test_a_format_that_is_not_in_the_table_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"input\.format: .*'jsonl'.*'csv'.*given: 'xls'"):
        load_config(None, ["input.format=xls"])
