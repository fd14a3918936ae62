import pytest

from corpusmill.commands.options import Arguments, require, tell_apart
from corpusmill.transforms.kernels.errors import UsageError


def test_configuration_inputs_and_options_of_beam_are_told_apart() -> None:
    found = tell_apart(
        ["mine.YAML", "crawl/", "--runner=FlinkRunner", "--flink_master", "host:1", "-", "--no_such_flag"], ["more/"]
    )
    assert found == Arguments(
        "mine.YAML",
        ("crawl/", "-", "more/"),
        ("--runner=FlinkRunner", "--flink_master", "host:1", "--no_such_flag"),
    )


def test_a_flag_of_beam_takes_no_value() -> None:
    assert tell_apart(["--streaming", "crawl/"]).inputs == ("crawl/",)


def test_two_configuration_files_are_too_many() -> None:
    with pytest.raises(UsageError, match=r"'a.yaml' and 'b.yml'; name one"):
        tell_apart(["a.yaml", "b.yml"])


def test_what_is_missing_is_named() -> None:
    require("run", input=["in"], output="out")
    with pytest.raises(UsageError, match=r"no input: .*corpusmill plan crawl/"):
        require("plan", input=(), output="")
    with pytest.raises(UsageError, match="--output is missing; see corpusmill run --help"):
        require("run", input=["in"], output="")
