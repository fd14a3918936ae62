"""The entry point of `corpusmill`, which `python -m corpusmill` is too."""

import os
import signal

from corpusmill.transforms.kernels.errors import EXIT_INTERRUPTED


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line from here on, also while its modules are imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background of a shell
        signal.signal(signal.SIGINT, _stop)
    from corpusmill.cli import main as command_line  # noqa: PLC0415

    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


def _stop(*_: object) -> None:
    os.write(2, b"stopped\n")
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
