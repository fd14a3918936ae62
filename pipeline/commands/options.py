"""Options that several commands share, and how the arguments of a run are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from corpusmill.commands.completion import complete_preset, complete_set
from corpusmill.transforms.kernels.errors import UsageError

ALL_ELSE_TO_BEAM = {"allow_extra_args": True, "ignore_unknown_options": True}

ArgumentsOfRun = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CONFIG.yaml] [INPUT]...",
        help="A configuration file (optional; corpusmill init writes one), and inputs: files, folders, glob "
        "patterns or URLs of text, JSONL, CSV, TSV or Parquet, plain or compressed; - is standard input.",
    ),
]
ConfigOption = Annotated[str | None, typer.Option("--config", "-c", help="Configuration file; defaults without one.")]
PresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="Settings for a purpose: web, clean-only or dedup-only.",
        autocompletion=complete_preset,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one key, e.g. --set dedup.threshold=0.9.",
        autocompletion=complete_set,
    ),
]
InputOption = Annotated[
    list[str] | None, typer.Option("--input", "-i", metavar="PATTERN", help="Another input. Repeatable.")
]
OutputOption = Annotated[str | None, typer.Option("--output", "-o", metavar="DIR", help="Output folder.")]
AgainstOption = Annotated[
    list[str] | None,
    typer.Option(
        "--against",
        metavar="OLD_DIR",
        help="Output of an earlier run: documents that its corpus already has, exactly or nearly, are removed. It is "
        "only read. Repeatable.",
    ),
]
DecontaminateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--decontaminate",
        metavar="FILE",
        help="Benchmark (JSONL, Parquet, CSV; quote a pattern): documents that contain a part of an item are dropped. "
        "Repeatable.",
    ),
]
ReportOnlyOption = Annotated[
    bool, typer.Option("--report-only", help="Write the decisions (DIR/audit) but no corpus: output.corpus=false.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan of the run, and do nothing else.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace what another run left in DIR.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show Beam's own log too.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print warnings and errors only.")]

_CONFIG_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Arguments:
    """The arguments of a run, told apart.

    Attributes:
        config: The configuration file, if one was named.
        inputs: Inputs in the order given.
        beam: Options for Beam, with their values.
    """

    config: str | None
    inputs: tuple[str, ...]
    beam: tuple[str, ...]


def tell_apart(arguments: Sequence[str], more_inputs: Sequence[str] = ()) -> Arguments:
    """Tell configuration, inputs and Beam's options apart.

    Args:
        arguments: All that the command line holds beside corpusmill's own options.
        more_inputs: What was given with `--input`.

    Raises:
        UsageError: Two configuration files are named.
    """
    configs: list[str] = []
    inputs: list[str] = []
    beam: list[str] = []
    left = list(arguments)
    while left:
        argument = left.pop(0)
        if argument.startswith("-") and argument != "-":
            beam.append(argument)
            if "=" not in argument and left and not left[0].startswith("-") and _takes_value(argument):
                beam.append(left.pop(0))
        elif argument.lower().endswith(_CONFIG_SUFFIXES):
            configs.append(argument)
        else:
            inputs.append(argument)
    if len(configs) > 1:
        both = f"{configs[0]!r} and {configs[1]!r}"
        raise UsageError(f"two configuration files, {both}; name one, and change keys by --set")
    return Arguments(configs[0] if configs else None, (*inputs, *more_inputs), tuple(beam))


def _takes_value(option: str) -> bool:
    """Return whether Beam's option takes a value; one that Beam does not know does, for engines have their own."""
    from corpusmill.engines.runners import beam_flags  # noqa: PLC0415  (imports Beam)

    return option.lstrip("-") not in beam_flags()


def require(command: str, **values: object) -> None:
    """Make sure that options which a command cannot do without are there.

    Raises:
        UsageError: One is missing.
    """
    missing = [name for name, value in values.items() if not value]
    if "input" in missing:
        raise UsageError(f"no input: name files or folders, such as corpusmill {command} crawl/ --output out")
    if missing:
        raise UsageError(f"--{missing[0]} is missing; see corpusmill {command} --help")
