"""What every command does with the terminal: the log, errors in one sentence, the exit code."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

import typer

from corpusmill.reports.visible import visible_lines
from corpusmill.transforms.kernels.errors import EXIT_INTERRUPTED, CorpusmillError

if TYPE_CHECKING:
    from rich.console import Console

EXIT_FAILED = 1


def errors_console() -> Console:
    """Return the console of messages and progress."""
    from rich.console import Console  # noqa: PLC0415  (commands that print text only need not pay)

    return Console(stderr=True)


def guard(command: Callable[[], None]) -> None:
    """Carry a command out, and end the program with one message and an exit code if it fails."""
    try:
        command()
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except CorpusmillError as error:
        logging.getLogger("corpusmill").debug("details", exc_info=True)
        fail(str(error), error.exit_code)
    except BrokenPipeError:
        os._exit(EXIT_FAILED)  # whoever read our output has gone; there is nobody to tell
    except OSError as error:
        logging.getLogger("corpusmill").debug("details", exc_info=True)
        from corpusmill.runs.failures import describe_full_disk  # noqa: PLC0415

        where = f" {os.fsdecode(error.filename)!r}" if error.filename else ""
        plain = f"{error.strerror or error}{where}; correct this and give the same command again"
        fail((where and describe_full_disk(error, "")) or plain, EXIT_FAILED)


@contextlib.contextmanager
def engine_at_work(console: Console, output: str, *, verbose: bool) -> Iterator[None]:
    """Let an engine work in the block: its errors become one message, and Ctrl-C ends it in order.

    Raises:
        RunFailedError: The engine failed.
    """
    from corpusmill.engines.quiet import quiet_engine  # noqa: PLC0415
    from corpusmill.runs.failures import RunFailedError, describe_failure, describe_full_disk  # noqa: PLC0415
    from corpusmill.runs.interrupts import Interrupts  # noqa: PLC0415

    if not verbose:
        quiet_engine()
    with Interrupts(console) as interrupts:
        try:
            yield
        except BaseException as error:
            if interrupts.seen or isinstance(error, KeyboardInterrupt):
                interrupts.end()
            if isinstance(error, CorpusmillError) or not isinstance(error, Exception):
                raise
            message = describe_full_disk(error, output) or describe_failure(error, verbose=verbose)
            raise RunFailedError(message) from error


def fail(message: str, code: int) -> NoReturn:
    """Print an error and end the program."""
    escaped = visible_lines(message).replace("[", "\\[")
    errors_console().print(f"[bold red]error:[/] {escaped}", soft_wrap=True, highlight=False)
    raise typer.Exit(code)


class _Visible(logging.Formatter):
    """Log lines in which nothing is obeyed by a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return visible_lines(super().format(record))


def log_to(console: Console, *, verbose: bool, quiet: bool) -> None:
    """Send corpusmill's log to a console, and Beam's only on request."""
    from rich.logging import RichHandler  # noqa: PLC0415

    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False, show_level=False, log_time_format="%H:%M:%S")
        handler.setFormatter(_Visible("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(_Visible("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, handlers=[handler], force=True)
    own = logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO
    logging.getLogger("corpusmill").setLevel(own)
    if verbose:
        os.environ["CORPUSMILL_WORKER_LOG"] = "INFO"
    else:
        warnings.simplefilter("ignore")
