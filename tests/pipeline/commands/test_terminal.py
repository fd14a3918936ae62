import io
import logging
import os

import pytest
import typer
from rich.console import Console

from corpusmill.commands.terminal import engine_at_work, guard, log_to
from corpusmill.runs.failures import RunFailedError
from corpusmill.transforms.kernels.errors import CorpusmillError, DataRefusedError, UsageError


def ended(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as raised:
        guard(command)
    return raised.value.exit_code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"), [(CorpusmillError("a"), 1), (UsageError("a"), 2), (DataRefusedError("a"), 3), (typer.Exit(7), 7)]
)
def test_an_error_ends_in_its_exit_code(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    found, shown = ended(error, capsys)
    assert found == code
    assert shown == ("" if code == 7 else "error: a\n")


def test_a_message_is_shown_as_it_is_and_obeyed_by_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(UsageError("[red]x\x1b[2J"), capsys)[1] == "error: [red]x<U+001B>[2J\n"


def test_an_error_of_the_system_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = ended(PermissionError(13, "Permission denied", "in.jsonl"), capsys)
    assert code == 1
    assert shown == "error: Permission denied 'in.jsonl'; correct this and give the same command again\n"


def test_an_interruption_ends_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(KeyboardInterrupt(), capsys) == (130, "stopped\n")


def test_what_an_engine_raises_becomes_one_message() -> None:
    console = Console(file=io.StringIO())
    with (
        pytest.raises(RunFailedError, match="the run failed: deep"),
        engine_at_work(console, "out", verbose=True),
    ):
        raise ValueError("deep inside")
    with pytest.raises(UsageError, match="ours"), engine_at_work(console, "out", verbose=True):
        raise UsageError("ours")


@pytest.mark.parametrize(
    ("verbose", "quiet", "level"), [(False, False, "INFO"), (False, True, "WARNING"), (True, False, "DEBUG")]
)
def test_the_log_is_as_long_as_it_was_asked_for(
    verbose: bool, quiet: bool, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warnings.simplefilter", lambda _: None)
    monkeypatch.delenv("CORPUSMILL_WORKER_LOG", raising=False)
    monkeypatch.setenv("CORPUSMILL_WORKER_LOG", "unset")
    log_to(Console(file=io.StringIO()), verbose=verbose, quiet=quiet)
    assert logging.getLevelName(logging.getLogger("corpusmill").level) == level
    assert os.environ["CORPUSMILL_WORKER_LOG"] == ("INFO" if verbose else "unset")
