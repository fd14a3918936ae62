"""Commands for one text."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from corpusmill.commands.options import ConfigOption, PresetOption, SetOption
from corpusmill.transforms.kernels.errors import UsageError


def clean(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file; - for standard input.")],
    config: ConfigOption = None,
    preset: PresetOption = None,
    settings: SetOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each step that changed the text, as a diff.")
    ] = False,
) -> None:
    """Clean one text as a run would, and print it.

    Example: corpusmill clean page.txt --explain
    """
    from rich.console import Console  # noqa: PLC0415

    from corpusmill.config import load_config  # noqa: PLC0415
    from corpusmill.inputs.resources import load_resources  # noqa: PLC0415
    from corpusmill.reports.document_history import render_steps  # noqa: PLC0415
    from corpusmill.reports.explain import clean_text  # noqa: PLC0415

    loaded = load_config(config, settings or (), preset=preset)
    text = read_text(file, loaded.input.stated_encoding)
    cleaned, steps = clean_text(text, loaded, load_resources(loaded).rules)
    if not explain:
        sys.stdout.buffer.write(cleaned.encode("utf-8"))
        if cleaned and not cleaned.endswith("\n"):
            sys.stdout.buffer.write(b"\n")
        return
    console = Console(highlight=False, soft_wrap=True)
    width = console.width if console.is_terminal else None
    console.print(render_steps(steps, width) if steps else "No step changes this text.")


def read_text(file: str, stated: str | None) -> str:
    """Read and decode a text file; - is standard input.

    Args:
        file: Its path.
        stated: Its encoding, if the configuration states one.

    Raises:
        UsageError: It cannot be read, or is not text.
    """
    from corpusmill.transforms.kernels.reading.decode import (  # noqa: PLC0415
        UndecodableError,
        decode_document,
        decode_stated,
    )

    raw = _read(file)
    try:
        return (decode_stated(raw, stated) if stated else decode_document(raw)).text
    except UndecodableError as error:
        remedy = "convert it to UTF-8, or state its encoding with --set input.encoding=NAME"
        raise UsageError(f"{file!r} is not text: {error}; {remedy}") from None


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise UsageError(f"cannot read {file!r}: {error.strerror}; check the path and its permissions") from None
