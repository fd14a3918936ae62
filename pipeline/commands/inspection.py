"""Commands that look at a finished output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from corpusmill.commands.completion import complete_export, complete_rule
from corpusmill.reports.visible import visible
from corpusmill.transforms.kernels.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

OutputArgument = Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")]


SeedOption = Annotated[
    int, typer.Option("--seed", metavar="NUMBER", help="A different number draws different documents.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def explain(
    output: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Output folder of a finished run; with --text none is needed.")
    ] = None,
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of a document of its input.")] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="FILE",
            help="Show instead what would happen to this text (- for standard input), with the settings and learned "
            "lines of the run in DIR, or with the defaults.",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The title of that text.")] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Its address: lines of a site are removed only from its own pages."),
    ] = None,
) -> None:
    """Say what a run did with a document, or would do with a text: kept or why not, what was changed, as a diff.

    Removed lines are shown in their place, and a duplicate with the document that is kept instead of it.

    Example: corpusmill explain out blog/kites-copy
    """
    if text is not None:
        if identifier is not None:
            raise UsageError(f"both a document, {identifier!r}, and --text {text!r} are given; leave one out")
        _foretell(output, text, title, url)
        return
    if output is None or identifier is None:
        raise UsageError("explain needs an output folder and an id, as in corpusmill explain out ID, or --text FILE")
    from corpusmill.reports.corpus import read_manifest  # noqa: PLC0415
    from corpusmill.reports.document_history import gather_story, render_story  # noqa: PLC0415
    from corpusmill.reports.lookup import find_document  # noqa: PLC0415

    rows = find_document(output, identifier)
    manifest = read_manifest(output)
    console, width = _screen()
    for row in rows:
        console.print(render_story(gather_story(output, manifest, row), width))


def _foretell(output: str | None, file: str, title: str | None, url: str | None) -> None:
    from corpusmill.commands.texts import read_text  # noqa: PLC0415
    from corpusmill.inputs.resources import load_resources  # noqa: PLC0415
    from corpusmill.reports.document_history import render_foretold  # noqa: PLC0415
    from corpusmill.reports.preview import config_of, foretell  # noqa: PLC0415

    config = config_of(output)
    text = read_text(file, config.input.stated_encoding)
    found = foretell(text, config, load_resources(config), title=title, url=url)
    console, width = _screen()
    console.print(render_foretold(found, len(text), width))


def _screen() -> tuple[Console, int | None]:
    """Return the console, and the columns at which lines are wrapped: never where a program reads them."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    return console, console.width if console.is_terminal else None


def sample(
    output: OutputArgument,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="RULE",
            help="Only documents under this decision (kept, duplicate, filtered, rejected), rule id (dedup.near), "
            "stage (dedup), or rule that changed their text or took out lines.",
            autocompletion=complete_rule,
        ),
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", metavar="NUMBER", min=1, max=10_000, help="How many.")] = 10,
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Show some documents of a finished run, drawn at random: where each is from, why it was removed, how it begins.

    Example: corpusmill sample out --reason dedup.near -n 20
    """
    from corpusmill.reports.corpus import read_manifest  # noqa: PLC0415
    from corpusmill.reports.listings import describe_rows, render_sample  # noqa: PLC0415
    from corpusmill.reports.selecting import sample_rows  # noqa: PLC0415

    manifest = read_manifest(output)
    documents = describe_rows(output, manifest, sample_rows(output, manifest, reason, count, seed))
    if json:
        _print_json(documents)
        return
    console, width = _screen()
    console.print(render_sample(documents, width))


def ids(
    output: OutputArgument,
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A part of the id, or a pattern with * and ?.")],
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="NUMBER", min=1, help="How many are shown.")] = 20,
    json: JsonOption = False,
) -> None:
    """Find documents of a finished run by their ids; if none matches, similar ids are suggested.

    Example: corpusmill ids out 'blog/*'
    """
    from corpusmill.reports.corpus import read_manifest  # noqa: PLC0415
    from corpusmill.reports.listings import render_ids  # noqa: PLC0415
    from corpusmill.reports.selecting import find_ids  # noqa: PLC0415

    found, total = find_ids(output, read_manifest(output), pattern, limit)
    if json:
        _print_json({"documents": found, "total": total})
        return
    console, width = _screen()
    console.print(render_ids(found, total, width))


def diff(
    first: Annotated[str, typer.Argument(metavar="DIR_A", help="Output folder of a finished run.")],
    second: Annotated[str, typer.Argument(metavar="DIR_B", help="Output folder of another, of the same documents.")],
    examples: Annotated[
        int, typer.Option("-n", "--examples", metavar="NUMBER", min=0, help="Documents to name for each rule.")
    ] = 2,
    json: JsonOption = False,
) -> None:
    """Compare two outputs: documents that the second gained or lost, and those whose text differs, by rule.

    Documents are matched by their source and offset, so both runs must have read the same files.

    Example: corpusmill diff out out-0.9
    """
    from corpusmill.reports.comparison import compare  # noqa: PLC0415
    from corpusmill.reports.corpus import read_manifest  # noqa: PLC0415
    from corpusmill.reports.listings import comparison_as_json, render_comparison  # noqa: PLC0415

    found = compare((first, read_manifest(first)), (second, read_manifest(second)), examples)
    if json:
        _print_json(comparison_as_json(found))
        return
    console, width = _screen()
    console.print(render_comparison(found, width))


def export(
    output: OutputArgument,
    target: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="Folder for the files.")],
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="jsonl, jsonl.gz or jsonl.zst.", autocompletion=complete_export
        ),
    ] = "jsonl.zst",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of the same names.")] = False,
) -> None:
    """Write the corpus of a finished run as JSON Lines, a file for each shard.

    Example: corpusmill export out --format jsonl.zst --output texts
    """
    from corpusmill.runs.export import export as write  # noqa: PLC0415

    count = write(output, target, form, overwrite=overwrite)
    typer.echo(f"{count:,} document{'s' if count != 1 else ''} written to {visible(target)}", err=True)


def _print_json(value: object) -> None:
    from json import dumps  # noqa: PLC0415

    # Lone surrogates, and all that a terminal may obey, stay escaped.
    typer.echo(dumps(value, indent=1, ensure_ascii=True))


def report(
    output: OutputArgument,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write the report as one HTML page; - prints it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Show the summary of a finished run again: the accounts, what was removed and why, the largest families.

    Example: corpusmill report out --html report.html
    """
    from corpusmill.reports.corpus import read_manifest  # noqa: PLC0415

    if html is not None:
        from corpusmill.reports.page import refuse_other_file, render_page  # noqa: PLC0415

        if html != "-":
            refuse_other_file(html)
        page = render_page(output)
        if html == "-":
            typer.echo(page)
            return
        with open(html, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(page)
        typer.echo(f"written to {visible(html)}", err=True)
    elif json:
        _print_json(read_manifest(output))
    else:
        from rich.console import Console  # noqa: PLC0415

        from corpusmill.reports.summary import print_summary  # noqa: PLC0415

        print_summary(Console(), read_manifest(output), output)
