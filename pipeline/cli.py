"""The command line."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.logging import RichHandler

from corpusmill.config import VERSION, Config, ConfigError, load_config, render_yaml

app = typer.Typer(
    name="corpusmill",
    help="Turn raw text into a clean, deduplicated corpus in Parquet, and say for every document what happened to it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # paragraphs are filled to the width of the terminal
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(no_args_is_help=True, help="Show the configuration and its schema.")
boilerplate_app = typer.Typer(no_args_is_help=True, help="Learn boilerplate lines from a corpus.")
app.add_typer(boilerplate_app, name="boilerplate")
app.add_typer(config_app, name="config")

ConfigArgument = Annotated[
    str, typer.Argument(metavar="CONFIG.yaml", help="Configuration file; see configs/default.yaml.")
]
OptionalConfig = Annotated[str | None, typer.Option("--config", "-c", help="Configuration file; defaults without one.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key, e.g. --set dedup.threshold=0.9.")
]

EXIT_USAGE = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line; the entry point of `corpusmill`."""
    app()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    logging.basicConfig(level=logging.ERROR)  # before Beam is imported: it warns of libraries it does not need here
    if version:
        typer.echo(f"corpusmill {VERSION}")
        raise typer.Exit


_ALL_ELSE_TO_BEAM = {"allow_extra_args": True, "ignore_unknown_options": True}

InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="PATTERN",
        help="File, folder, glob pattern or URL: text, JSONL or Parquet, plain or .gz, .zst, .bz2, .xz. Repeatable.",
    ),
]
OutputOption = Annotated[str | None, typer.Option("--output", "-o", metavar="DIR", help="Output folder.")]
AgainstOption = Annotated[
    list[str] | None,
    typer.Option(
        "--against",
        metavar="OLD_DIR",
        help="Output of an earlier run: what its corpus has already, exactly or nearly, is removed. It is only read. "
        "Repeatable.",
    ),
]
ReportOnlyOption = Annotated[
    bool, typer.Option("--report-only", help="Write the decisions (DIR/audit) but no corpus: output.corpus=false.")
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace what another run left in DIR.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show Beam's own log too.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print warnings and errors only.")]


@dataclass(frozen=True)
class _Order:
    """What the command line asks a run to do."""

    config: str
    settings: list[str]
    inputs: list[str]
    output: str
    against: list[str]
    beam_options: list[str]
    overwrite: bool


@app.command(context_settings=_ALL_ELSE_TO_BEAM)
def run(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    config: ConfigArgument,
    inputs: InputOption = None,
    output: OutputOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
    report_only: ReportOnlyOption = False,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Clean and deduplicate documents into DIR/corpus, with an audit of every one in DIR/audit.

    A run that was stopped goes on where it was when the same command is given again. All other options are Beam's own,
    e.g. --direct_num_workers=4, or --runner=FlinkRunner --flink_master=HOST:PORT.

    Example: corpusmill run configs/default.yaml --input 'crawl/*.jsonl.gz' --output out
    """
    sets = [*(settings or ()), *(["output.corpus=false"] if report_only else [])]
    order = _Order(config, sets, inputs or [], output or "", against or [], context.args, overwrite)
    _carry_out(order, verbose=verbose, quiet=quiet)


@app.command(context_settings=_ALL_ELSE_TO_BEAM)
def dedup(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    config: ConfigArgument,
    inputs: InputOption = None,
    output: OutputOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
    report_only: ReportOnlyOption = False,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Remove duplicates from documents that are clean already: run without normalization and boilerplate removal.

    Texts stay as they are; all else is as for corpusmill run.

    Example: corpusmill dedup configs/default.yaml --input clean/ --output out --report-only
    """
    off = ["normalize.enabled=false", "boilerplate.enabled=false"]
    sets = [*(settings or ()), *off, *(["output.corpus=false"] if report_only else [])]
    order = _Order(config, sets, inputs or [], output or "", against or [], context.args, overwrite)
    _carry_out(order, verbose=verbose, quiet=quiet)


def _carry_out(order: _Order, *, verbose: bool, quiet: bool) -> None:
    console = Console(stderr=True)
    _log_to(console, verbose=verbose, quiet=quiet)
    missing = [name for name, value in (("--input", order.inputs), ("--output", order.output)) if not value]
    if missing:
        _fail(console, f"{' and '.join(missing)} missing; see corpusmill run --help", EXIT_USAGE)
    with _errors_for_people(console, verbose=verbose):
        # Beam takes most of a second to import: only the commands that need it pay.
        from corpusmill.reports.summary import print_summary  # noqa: PLC0415
        from corpusmill.runs.execute import Request  # noqa: PLC0415
        from corpusmill.runs.execute import run as run_pipeline  # noqa: PLC0415

        config = load_config(order.config, order.settings)
        request = Request(config, order.inputs, order.output, order.beam_options, order.overwrite, order.against)
        manifest = run_pipeline(request, console)
    if not quiet:
        print_summary(console, manifest, order.output)


@contextlib.contextmanager
def _errors_for_people(console: Console, *, verbose: bool) -> Iterator[None]:
    """End the program with a sentence and an exit code where the block raises."""
    from corpusmill.engines.runners import OptionError  # noqa: PLC0415
    from corpusmill.inputs.plan import InputError  # noqa: PLC0415
    from corpusmill.runs.job import OutputError  # noqa: PLC0415
    from corpusmill.runs.manifest import AccountingError  # noqa: PLC0415
    from corpusmill.transforms.storage import FilesystemError  # noqa: PLC0415

    try:
        yield
    except (ConfigError, FilesystemError, InputError, OptionError, OutputError) as error:
        _fail(console, str(error), EXIT_USAGE)
    except AccountingError as error:
        _fail(console, str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        console.print("stopped; give the same command again to go on from here")
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)  # the threads of the engine would report their broken connections at length
    except Exception as error:
        logging.getLogger("corpusmill").debug("details", exc_info=True)
        _fail(console, _describe(error, verbose=verbose), EXIT_FAILED)


@boilerplate_app.command("learn", context_settings=_ALL_ELSE_TO_BEAM)
def learn_boilerplate(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    config: ConfigArgument,
    inputs: InputOption = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Parquet file to write.")] = None,
    settings: SetOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
    verbose: VerboseOption = False,
) -> None:
    """Learn which lines the sites of a corpus put around their texts, and write them to FILE, without running the rest.

    Look at FILE, delete rows that are content or add your own (host, or null for all hosts, and the line as sample),
    and give it to a run with --set boilerplate.learned.table=FILE.

    Example: corpusmill boilerplate learn configs/default.yaml --input crawl/ --output lines.parquet
    """
    console = Console(stderr=True)
    _log_to(console, verbose=verbose, quiet=False)
    missing = [name for name, value in (("--input", inputs), ("--output", output)) if not value]
    if missing:
        _fail(console, f"{' and '.join(missing)} missing; see corpusmill boilerplate learn --help", EXIT_USAGE)
    with _errors_for_people(console, verbose=verbose):
        from corpusmill.runs.execute import Request  # noqa: PLC0415
        from corpusmill.runs.learning import learn_lines, render_lines  # noqa: PLC0415

        loaded = load_config(config, settings or ())
        table = learn_lines(Request(loaded, inputs or [], output or "", context.args, overwrite), console)
    Console().print(render_lines(table, output or ""))


@app.command()
def clean(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file; - for standard input.")],
    config: OptionalConfig = None,
    settings: SetOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each step that changed the text, as a diff.")
    ] = False,
) -> None:
    """Clean one text and print it.

    Example: corpusmill clean page.txt --explain
    """
    from corpusmill.reports.explain import clean_text, render_steps  # noqa: PLC0415
    from corpusmill.transforms.kernels.reading.decode import UndecodableError, decode_document, decode_stated  # noqa: PLC0415

    errors = Console(stderr=True)
    try:
        loaded = load_config(config, settings or ())
    except ConfigError as error:
        _fail(errors, str(error), EXIT_USAGE)
    try:
        if file == "-":
            raw = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as stream:
                raw = stream.read()
    except OSError as error:
        _fail(errors, f"cannot read {file!r}: {error.strerror}", EXIT_USAGE)
    stated = loaded.input.stated_encoding
    try:
        text = (decode_stated(raw, stated) if stated else decode_document(raw)).text
    except UndecodableError as error:
        _fail(errors, f"cannot read {file!r}: {error}; state its encoding with --set input.encoding=NAME", EXIT_USAGE)
    cleaned, steps = clean_text(text, loaded)
    if not explain:
        sys.stdout.buffer.write(cleaned.encode("utf-8"))
        if cleaned and not cleaned.endswith("\n"):
            sys.stdout.buffer.write(b"\n")
        return
    console = Console(highlight=False, soft_wrap=True)
    if steps:
        console.print(render_steps(steps))
    else:
        console.print("No step changes this text.")


@app.command()
def plan(
    config: ConfigArgument,
    inputs: InputOption = None,
    output: OutputOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
) -> None:
    """Show what a run would do and need, without doing it: splits, bands and recall, candidates, memory, passes.

    It reads a few megabytes of the input. What depends on the documents is estimated from them.

    Example: corpusmill plan configs/default.yaml --input 'crawl/*.jsonl.gz' --set dedup.threshold=0.7
    """
    from corpusmill.inputs.against import load_earlier  # noqa: PLC0415
    from corpusmill.inputs.estimate import describe_output, estimate, render_estimate  # noqa: PLC0415
    from corpusmill.inputs.plan import InputError, plan_splits  # noqa: PLC0415
    from corpusmill.runs.job import own_paths  # noqa: PLC0415

    errors = Console(stderr=True)
    if not inputs:
        _fail(errors, "--input missing; see corpusmill plan --help", EXIT_USAGE)
    try:
        loaded = load_config(config, settings or ())
        splits = plan_splits(inputs, loaded.input, own_paths(output) if output else ())
        _, shards = load_earlier(against or (), loaded, output or "", "")
    except (ConfigError, InputError) as error:
        _fail(errors, str(error), EXIT_USAGE)
    console = Console(highlight=False, soft_wrap=True)
    console.print(render_estimate(estimate(splits, loaded, sum(shard.rows for shard in shards)), loaded.dedup))
    if output:
        console.print(f"\n{describe_output(output, len(splits.splits))}", markup=False)


@app.command("rethreshold")
def rethreshold_corpus(
    source: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
    threshold: Annotated[
        float, typer.Option("--threshold", metavar="NUMBER", help="The new dedup.threshold, not below the run's own.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="NEW_DIR", help="Output folder.")],
    overwrite: OverwriteOption = False,
) -> None:
    """Make the corpus that a run would have given with a higher threshold, without running it again.

    It takes the verified pairs (DIR/pairs) and the texts of the duplicates (DIR/removed), which a run keeps unless
    output.pairs is false.

    Example: corpusmill rethreshold out --threshold 0.9 --output out-90
    """
    from corpusmill.reports.summary import print_summary  # noqa: PLC0415
    from corpusmill.runs.job import OutputError  # noqa: PLC0415
    from corpusmill.runs.manifest import AccountingError  # noqa: PLC0415
    from corpusmill.runs.rethreshold import rethreshold  # noqa: PLC0415

    console = Console(stderr=True)
    try:
        manifest = rethreshold(source, threshold, output, overwrite=overwrite)
    except (ConfigError, OutputError) as error:
        _fail(console, str(error), EXIT_USAGE)
    except AccountingError as error:
        _fail(console, str(error), EXIT_FAILED)
    print_summary(console, manifest, output)


@app.command("explain")
def explain_document(
    output: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a document of its input.")],
) -> None:
    """Say what a run did with a document: kept or why not, because of which other, what was changed.

    Example: corpusmill explain out blog/kites-copy
    """
    from corpusmill.reports.lookup import LookupFailedError, find_document, find_partner_text, render_document  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    try:
        for row in find_document(output, identifier):
            console.print(render_document(row, find_partner_text(output, row)))
    except LookupFailedError as error:
        _fail(Console(stderr=True), str(error), EXIT_USAGE)


@app.command()
def report(
    output: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
) -> None:
    """Print the summary of a finished run again: the accounts, what was removed and why, the largest families.

    Example: corpusmill report out
    """
    from corpusmill.reports.corpus import CorpusError, read_manifest  # noqa: PLC0415
    from corpusmill.reports.summary import print_summary  # noqa: PLC0415

    try:
        print_summary(Console(), read_manifest(output), output)
    except CorpusError as error:
        _fail(Console(stderr=True), str(error), EXIT_USAGE)


@config_app.command("show")
def config_show(
    config: OptionalConfig = None,
    settings: SetOption = None,
) -> None:
    """Print the resolved configuration as YAML, each key with its description."""
    try:
        typer.echo(render_yaml(load_config(config, settings or ())), nl=False)
    except ConfigError as error:
        _fail(Console(stderr=True), str(error), EXIT_USAGE)


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of configuration files, for editors."""
    typer.echo(json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False))


def _fail(console: Console, message: str, code: int) -> NoReturn:
    console.print(f"[bold red]error:[/] {message.replace('[', chr(92) + '[')}", soft_wrap=True, highlight=False)
    raise typer.Exit(code)


def _describe(error: Exception, *, verbose: bool) -> str:
    cause = str(error).strip().split("\n")
    # Beam puts the traceback of the worker into the message; its last line is the error itself.
    first = next((line for line in reversed(cause) if line.strip()), type(error).__name__)
    if "Channel closed prematurely" in first:  # Beam's words
        first = "a worker process ended by itself: it was killed, or the machine had no memory left for it"
    hint = "" if verbose else "\n(--verbose shows the details)"
    return (
        f"the run failed: {first.strip()}{hint}\n"
        "What is done is kept: mend the cause and give the same command again to go on from here."
    )


def _log_to(console: Console, *, verbose: bool, quiet: bool) -> None:
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
