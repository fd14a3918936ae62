import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.writing.settings import OutputSettings


def test_sizes_are_positive_and_codecs_are_those_that_are_offered() -> None:
    for values in ({"shard_size": 0}, {"row_group_size": 0}, {"compression": "brotli"}):
        with pytest.raises(ValidationError, match=next(iter(values))):
            OutputSettings(**values)


def test_a_run_writes_all_that_later_commands_read_unless_told_otherwise() -> None:
    settings = OutputSettings()
    assert settings.corpus
    assert settings.index
    assert settings.pairs
    assert not settings.keep_state
