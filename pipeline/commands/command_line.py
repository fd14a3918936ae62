"""The command line of a run, turned into what a run is asked to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from corpusmill.commands.options import require, tell_apart
from corpusmill.engines.collector import rest_collector

if TYPE_CHECKING:
    from corpusmill.request import Request

_HEAD_BYTES = 4096
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class CommandLine:
    """What was given to a command that makes a run, or plans one.

    Attributes:
        command: Name of the command, for messages.
        arguments: Arguments that are not options of ours.
        inputs: What was given with `--input`.
        output: The output; None or "" without one.
        sets: Keys to change.
        preset: Settings for a purpose.
        against: Outputs of earlier runs.
    """

    command: str
    arguments: Sequence[str]
    inputs: Sequence[str] | None = None
    output: str | None = None
    sets: Sequence[str] = ()
    preset: str | None = None
    against: Sequence[str] | None = None

    def request(self, *, overwrite: bool = False, needs_output: bool = True) -> Request:
        """Return what a run is asked to do.

        Args:
            overwrite: Replace what another run left in the output.
            needs_output: Whether the command cannot do without an output.

        Raises:
            UsageError: An input or the output is missing, an option beside them is unknown, or two configuration files
                are named.
            ConfigError: The configuration is not valid.
        """
        arguments = tell_apart(self.arguments, self.inputs or ())
        output = self.output or not needs_output
        if arguments.beam and not (arguments.inputs and output):
            from corpusmill.engines.runners import parse_beam_options  # noqa: PLC0415

            parse_beam_options(arguments.beam)  # what is missing may be under a misspelt name
        require(self.command, input=arguments.inputs, output=output)
        rest_collector()
        # Beam takes most of a second to import: only the commands that need it pay.
        from corpusmill.config import load_config  # noqa: PLC0415
        from corpusmill.request import Request  # noqa: PLC0415

        config = load_config(arguments.config, self.sets, preset=self.preset)
        inputs = [_spooled() if name == "-" else name for name in arguments.inputs]
        return Request(config, inputs, self.output or "", arguments.beam, overwrite, tuple(self.against or ()))


def arguments_of(context: typer.Context, arguments: Sequence[str] | None) -> list[str]:
    """Return the arguments of a command, and the options that it does not know."""
    return [*(arguments or ()), *context.args]


def _spooled() -> str:
    """Copy standard input to a file for as long as the program runs, and return its path.

    The time of the file is made of its content, so that the same input is known again, and another one is not.
    """
    import atexit  # noqa: PLC0415
    import hashlib  # noqa: PLC0415
    import shutil  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    from corpusmill.transforms.reading.splits import SPOOLED  # noqa: PLC0415

    folder = tempfile.mkdtemp(prefix=SPOOLED)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "stdin")
    digest = hashlib.sha256()
    with open(path, "wb") as stream:
        while chunk := sys.stdin.buffer.read(_CHUNK_BYTES):
            digest.update(chunk)
            stream.write(chunk)
    time = int.from_bytes(digest.digest()[:7], "big")  # in nanoseconds, two years at most
    os.utime(path, ns=(time, time))
    with open(path, "rb") as stream:
        is_json = stream.read(_HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    named = f"{path}.{'jsonl' if is_json else 'txt'}"
    os.rename(path, named)
    return named
