"""Commands that make a corpus, or say what making it would take."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from corpusmill.commands.command_line import CommandLine, arguments_of
from corpusmill.commands.options import (
    AgainstOption,
    ArgumentsOfRun,
    DecontaminateOption,
    DryRunOption,
    InputOption,
    OutputOption,
    OverwriteOption,
    PresetOption,
    QuietOption,
    ReportOnlyOption,
    SetOption,
    VerboseOption,
)
from corpusmill.commands.terminal import engine_at_work, errors_console, log_to
from corpusmill.engines.collector import collect_from_here
from corpusmill.engines.lean_import import import_beam
from corpusmill.transforms.kernels.errors import DataRefusedError

if TYPE_CHECKING:
    from corpusmill.request import Request

_DEDUP_ALONE = ("normalize.enabled=false", "boilerplate.enabled=false")
_REPORT_ONLY = ("output.corpus=false",)


def run(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    arguments: ArgumentsOfRun = None,
    inputs: InputOption = None,
    output: OutputOption = None,
    preset: PresetOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
    decontaminate: DecontaminateOption = None,
    report_only: ReportOnlyOption = False,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Clean and deduplicate documents into DIR/corpus, with an audit of every one in DIR/audit.

    To resume a run that was stopped, give the same command again. All other options are Beam's own,
    e.g. --direct_num_workers=4, or --runner=FlinkRunner --flink_master=HOST:PORT.

    Example: corpusmill run crawl/ 'news/*.jsonl.gz' --output out
    """
    sets = [*(settings or ()), *_benchmarks(decontaminate), *(_REPORT_ONLY if report_only else ())]
    line = CommandLine("run", arguments_of(context, arguments), inputs, output, sets, preset, against)
    _carry_out(line, dry_run=dry_run, overwrite=overwrite, verbose=verbose, quiet=quiet)


def dedup(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    arguments: ArgumentsOfRun = None,
    inputs: InputOption = None,
    output: OutputOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
    report_only: ReportOnlyOption = False,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Remove duplicates from documents that are already clean: run without normalization and boilerplate removal.

    Texts stay as they are; all else is as for corpusmill run.

    Example: corpusmill dedup clean/ --output out --report-only
    """
    sets = [*(settings or ()), *_DEDUP_ALONE, *(_REPORT_ONLY if report_only else ())]
    line = CommandLine("dedup", arguments_of(context, arguments), inputs, output, sets, against=against)
    _carry_out(line, dry_run=dry_run, overwrite=overwrite, verbose=verbose, quiet=quiet)


def plan(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    arguments: ArgumentsOfRun = None,
    inputs: InputOption = None,
    output: OutputOption = None,
    preset: PresetOption = None,
    settings: SetOption = None,
    against: AgainstOption = None,
    decontaminate: DecontaminateOption = None,
) -> None:
    """Show what a run would do and need, without doing it: splits, bands and recall, candidates, memory, passes.

    It reads a few megabytes of the input. What depends on the documents is estimated from them.

    Example: corpusmill plan 'crawl/*.jsonl.gz' --set dedup.threshold=0.7
    """
    sets = [*(settings or ()), *_benchmarks(decontaminate)]
    line = CommandLine("plan", arguments_of(context, arguments), inputs, output, sets, preset, against)
    _show_plan(line.request(needs_output=False))


def learn_boilerplate(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    arguments: ArgumentsOfRun = None,
    inputs: InputOption = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Parquet file to write.")] = None,
    settings: SetOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
    verbose: VerboseOption = False,
) -> None:
    """Learn which lines the sites of a corpus put around their texts, and write them to FILE, without running the rest.

    Look at FILE, delete rows that are content or add your own (host, or null for all hosts, and the line as sample),
    and give it to a run with --set boilerplate.learned.table=FILE.

    Example: corpusmill boilerplate learn crawl/ --output lines.parquet
    """
    from rich.console import Console  # noqa: PLC0415

    line = CommandLine("boilerplate learn", arguments_of(context, arguments), inputs, output, settings or ())
    request = line.request(overwrite=overwrite)
    _import_beam(request)
    from corpusmill.runs.learning import learn_lines, render_lines  # noqa: PLC0415

    console = errors_console()
    log_to(console, verbose=verbose, quiet=False)
    with engine_at_work(console, request.output, verbose=verbose):
        table = learn_lines(request, console)
    Console().print(render_lines(table, request.output))


def rethreshold(
    source: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
    threshold: Annotated[
        float, typer.Option("--threshold", metavar="NUMBER", help="The new dedup.threshold, not below the run's own.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="NEW_DIR", help="Output folder.")],
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the corpus that a run would have given with a higher threshold, without running it again.

    It takes the verified pairs (DIR/pairs) and the texts of the duplicates (DIR/removed), which a run keeps unless
    output.pairs is false.

    Example: corpusmill rethreshold out --threshold 0.9 --output out-90
    """
    from corpusmill.reports.summary import print_summary  # noqa: PLC0415
    from corpusmill.runs import rethreshold as runs  # noqa: PLC0415

    console = errors_console()
    with engine_at_work(console, output, verbose=False):
        manifest = runs.rethreshold(source, threshold, output, overwrite=overwrite)
    if not quiet:
        print_summary(console, manifest, output)


def refilter(
    source: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
    settings: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="KEY=VALUE", help="A limit, such as filter.gopher.min_words=80; may be repeated."
        ),
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="NEW_DIR", help="Output folder.")],
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the corpus that a run would have given with other limits of scores, without running it again.

    It takes the scores (DIR/scores) and the texts of all documents, those of dropped ones (DIR/filtered) too, which a
    run keeps unless output.filtered is false. Duplicates whose partner is dropped now come back.

    What decides by scores can be changed: the limits of filter.presets and of filter.languages, fewer presets,
    filter.columns, the conditions of filter.functions, language.keep and language.min_score.

    Example: corpusmill refilter out --set filter.gopher.min_words=80 --output out-80
    """
    from corpusmill.reports.summary import print_summary  # noqa: PLC0415
    from corpusmill.runs import refilter as runs  # noqa: PLC0415

    console = errors_console()
    with engine_at_work(console, output, verbose=False):
        manifest = runs.refilter(source, settings, output, overwrite=overwrite)
    if not quiet:
        print_summary(console, manifest, output)


def demo(
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="Output folder.")] = "corpusmill-demo",
    overwrite: OverwriteOption = False,
) -> None:
    """Run the main job on a few small documents that come with the program, and say where to look.

    Example: corpusmill demo
    """
    import importlib.resources  # noqa: PLC0415

    with importlib.resources.as_file(importlib.resources.files("corpusmill.configs") / "demo") as folder:
        line = CommandLine("demo", [str(folder)], output=output)
        _run(line.request(overwrite=overwrite), verbose=False, quiet=False)


def _benchmarks(files: Sequence[str] | None) -> list[str]:
    """Return the setting that the option --decontaminate makes."""
    return [f"decontaminate.files={json.dumps(list(files))}"] if files else []


def _carry_out(line: CommandLine, *, dry_run: bool, overwrite: bool, verbose: bool, quiet: bool) -> None:
    if dry_run:
        _show_plan(line.request(needs_output=False))
    else:
        _run(line.request(overwrite=overwrite), verbose=verbose, quiet=quiet)


def _run(request: Request, *, verbose: bool, quiet: bool) -> None:
    _import_beam(request)
    from corpusmill.reports.summary import print_summary  # noqa: PLC0415
    from corpusmill.runs.execute import run as run_pipeline  # noqa: PLC0415

    console = errors_console()
    log_to(console, verbose=verbose, quiet=quiet)
    with engine_at_work(console, request.output, verbose=verbose):
        manifest = run_pipeline(request, console)
    if not quiet:
        print_summary(console, manifest, request.output)


def _import_beam(request: Request) -> None:
    """Import Beam as far as a run needs it."""
    if request.stays_here:
        import_beam()


def _show_plan(request: Request) -> None:
    _import_beam(request)
    from rich.console import Console  # noqa: PLC0415

    from corpusmill.cross_checks import idle_settings  # noqa: PLC0415
    from corpusmill.inputs.estimate import describe_output, estimate_request, render_estimate  # noqa: PLC0415

    collect_from_here()
    found = estimate_request(request)
    console = Console(highlight=False, soft_wrap=True)
    console.print(render_estimate(found, request.config.dedup))
    for note in idle_settings(request.config):
        console.print(f"\n{note}", style="yellow")
    if request.output:
        console.print(f"\n{describe_output(request.output, found.splits)}", markup=False)
    if found.refusal:
        raise DataRefusedError(found.refusal)
