"""Commands about configuration files."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from corpusmill.commands.options import ConfigOption, PresetOption, SetOption
from corpusmill.reports.visible import visible
from corpusmill.transforms.kernels.errors import UsageError


def show(config: ConfigOption = None, preset: PresetOption = None, settings: SetOption = None) -> None:
    """Print the resolved configuration as YAML, each key with its description.

    Example: corpusmill config show --preset web
    """
    from corpusmill.config import load_config, render_yaml  # noqa: PLC0415

    typer.echo(render_yaml(load_config(config, settings or (), preset=preset)), nl=False)


def schema() -> None:
    """Print the JSON Schema of configuration files, for editors."""
    import json  # noqa: PLC0415

    from corpusmill.config import Config  # noqa: PLC0415

    typer.echo(json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False))


def init(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write it.")] = "corpusmill.yaml",
    preset: PresetOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
) -> None:
    """Write a configuration file with every key, its default and what it does, to be edited.

    Example: corpusmill init mine.yaml --preset web
    """
    from corpusmill.config import load_config, render_yaml  # noqa: PLC0415

    if os.path.exists(file) and not overwrite:
        raise UsageError(f"{file!r} already exists; name another file, or give --overwrite to replace it")
    try:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(render_yaml(load_config(None, preset=preset)))
    except OSError as error:
        raise UsageError(f"cannot write {file!r}: {error.strerror}; name another file") from None
    typer.echo(f"{visible(file)} is written; next: corpusmill run {visible(file)} INPUT --output out", err=True)
