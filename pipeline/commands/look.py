"""Commands that look at a finished output."""

from __future__ import annotations

from typing import Annotated

import typer

OutputArgument = Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")]


def explain(
    output: OutputArgument,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a document of its input.")],
) -> None:
    """Say what a run did with a document: kept or why not, because of which other, what was changed.

    Example: corpusmill explain out blog/kites-copy
    """
    from rich.console import Console  # noqa: PLC0415

    from corpusmill.reports.lookup import find_document, find_partner_text, render_document  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for row in find_document(output, identifier):
        console.print(render_document(row, find_partner_text(output, row)))


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
        from corpusmill.reports.page import render_page  # noqa: PLC0415

        page = render_page(output)
        if html == "-":
            typer.echo(page)
            return
        with open(html, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(page)
        typer.echo(f"written to {html}", err=True)
    elif json:
        from json import dumps  # noqa: PLC0415

        typer.echo(dumps(read_manifest(output), indent=1, ensure_ascii=False))
    else:
        from rich.console import Console  # noqa: PLC0415

        from corpusmill.reports.summary import print_summary  # noqa: PLC0415

        print_summary(Console(), read_manifest(output), output)
