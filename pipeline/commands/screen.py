"""What every command does with the terminal: the log, errors in one sentence, the exit code."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import typer

from corpusmill.transforms.kernels.errors import CorpusmillError

if TYPE_CHECKING:
    from rich.console import Console

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


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
    except CorpusmillError as error:
        fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        errors_console().print("stopped; the same command goes on from here")
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)  # the threads of the engine would report their broken connections at length
    except BrokenPipeError:
        os._exit(EXIT_FAILED)  # whoever read our output has gone; there is nobody to tell
    except Exception as error:
        logging.getLogger("corpusmill").debug("details", exc_info=True)
        fail(describe(error), EXIT_FAILED)


def fail(message: str, code: int) -> NoReturn:
    """Print an error and end the program."""
    escaped = message.replace("[", "\\[")
    errors_console().print(f"[bold red]error:[/] {escaped}", soft_wrap=True, highlight=False)
    raise typer.Exit(code)


def describe(error: Exception) -> str:
    """Write a failure of an engine in a sentence."""
    cause = str(error).strip().split("\n")
    # Beam puts the traceback of the worker into the message; its last line is the error itself.
    first = next((line for line in reversed(cause) if line.strip()), type(error).__name__)
    if "Channel closed prematurely" in first:  # Beam's words
        first = "a worker process ended by itself: it was killed, or the machine had no memory left for it"
    verbose = logging.getLogger("corpusmill").isEnabledFor(logging.DEBUG)
    hint = "" if verbose else "\n(--verbose shows the details)"
    return (
        f"the run failed: {first.strip()}{hint}\n"
        "What is done is kept: mend the cause and give the same command again to go on from here."
    )


def log_to(console: Console, *, verbose: bool, quiet: bool) -> None:
    """Send corpusmill's log to a console, and Beam's only on request."""
    from rich.logging import RichHandler  # noqa: PLC0415

    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False, show_level=False, log_time_format="%H:%M:%S")
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, handlers=[handler], force=True)
    own = logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO
    logging.getLogger("corpusmill").setLevel(own)
    if verbose:
        os.environ["CORPUSMILL_WORKER_LOG"] = "INFO"
    else:
        warnings.simplefilter("ignore")
