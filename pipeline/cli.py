"""The command line: which commands there are. What they do is in `corpusmill.commands`."""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from corpusmill import __version__
from corpusmill.commands import engine, inspection, run, settings, texts
from corpusmill.commands.options import ALL_ELSE_TO_BEAM
from corpusmill.commands.terminal import guard
from corpusmill.engines.collector import look_seldom


class _Guarded(TyperGroup):
    """A group whose commands end in one message and an exit code, whatever goes wrong."""

    def invoke(self, ctx: Any) -> None:  # the context's class is Typer's own copy of Click's, and private
        """Carry out the command."""
        guard(lambda: super(_Guarded, self).invoke(ctx))


class _Command(TyperCommand):
    """A command that starts without what it does not use."""

    def invoke(self, ctx: Any) -> Any:
        """Carry out the command; its help has been shown by now, if that was asked for."""
        from corpusmill.transforms.pandas_later import forgo_pandas  # noqa: PLC0415

        forgo_pandas()
        return super().invoke(ctx)


app = typer.Typer(
    name="corpusmill",
    cls=_Guarded,
    help="Turn raw text into a clean, deduplicated corpus in Parquet, and say for every document what happened to it.",
    epilog="Exit codes: 0 done, 1 the run failed, 2 wrong use, 3 the data were refused, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Click fills paragraphs to the width of the terminal too, and without a fifth of a second
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(no_args_is_help=True, help="Show the configuration and its schema.")
boilerplate_app = typer.Typer(no_args_is_help=True, help="Learn boilerplate lines from a corpus.")

_add = partial(app.command, cls=_Command)
_add_with_beam = partial(app.command, cls=_Command, context_settings=ALL_ELSE_TO_BEAM)

_add_with_beam(short_help="Clean and deduplicate documents into a corpus.")(run.run)
_add_with_beam(short_help="Show what a run would do and need.")(run.plan)
_add(short_help="Say what a run did with a document, or would do.")(inspection.explain)
_add(short_help="Show documents of a run, drawn at random.")(inspection.sample)
_add(short_help="Find documents of a run by their ids.")(inspection.ids)
_add(short_help="Compare two outputs.")(inspection.diff)
_add(short_help="Show the summary of a run again, or its page.")(inspection.report)
_add(short_help="Write a corpus as JSON Lines.")(inspection.export)
_add()(texts.clean)
_add_with_beam(short_help="Remove duplicates from clean documents.")(run.dedup)
_add(short_help="Make a corpus with a higher threshold, without a run.")(run.rethreshold)
_add(short_help="Make a corpus with other limits of scores, without a run.")(run.refilter)
_add(short_help="Write a configuration file to be edited.")(settings.init)
_add(short_help="Run on documents that come with the program.")(run.demo)
boilerplate_app.command("learn", cls=_Command, context_settings=ALL_ELSE_TO_BEAM)(run.learn_boilerplate)
config_app.command("show", cls=_Command)(settings.show)
config_app.command("schema", cls=_Command)(settings.schema)
app.add_typer(boilerplate_app, name="boilerplate")
app.add_typer(config_app, name="config")
app.add_typer(engine.app, name="engine")


def main() -> None:
    """Run the command line; the entry point of `corpusmill`."""
    look_seldom()
    app()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    logging.basicConfig(level=logging.ERROR)  # before Beam is imported: it warns of libraries it does not need here
    if version:
        typer.echo(f"corpusmill {__version__}")
        raise typer.Exit
