"""The Python functions that `import corpusmill` offers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from corpusmill.config import Config, ConfigError, load_config
from corpusmill.inputs.resources import load_resources
from corpusmill.transforms.kernels.boilerplate import LineRule, RemovedLine, strip_column, strip_text
from corpusmill.transforms.kernels.cleaning.normalize import normalize_column, normalize_text
from corpusmill.transforms.kernels.cleaning.personal_data import mask_column, mask_text
from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.findings import Step

if TYPE_CHECKING:
    import pandas as pd

_TEXTS_AT_ONCE = 512
_TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)


@dataclass(frozen=True)
class Cleaned:
    """A cleaned text; `str()` gives the text.

    Attributes:
        text: The text after cleaning.
        changes: The steps that changed it, in order; each holds the rule's id, and the whole text before and after.
        removed_lines: The lines that were taken out, each with its place (from 0) and the rule's id.
    """

    text: str
    changes: tuple[Step, ...] = ()
    removed_lines: tuple[RemovedLine, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Deduplicated:
    """A table without its duplicates.

    Attributes:
        kept: The rows that stay, in order.
        removed: `row` and `partner` (int64, row numbers of the table; the partner is kept) and `similarity`
            (float64, exact).
    """

    kept: pa.Table
    removed: pa.Table


def clean(text: str, *, title: str | None = None, url: str | None = None, **settings: Any) -> Cleaned:
    r"""Clean one text as a run would; lines that a run learns from other pages of a site stay.

    Args:
        text: The text.
        title: Its title, if known: where the text repeats it at its end, it is removed.
        url: Its address, if known.
        settings: `config` (path of a YAML file), `preset` (a name) or sections of the configuration, such as
            `boilerplate={"enabled": False}`, or `**{"boilerplate.enabled": False}`.

    Raises:
        corpusmill.config.ConfigError: A setting does not exist or has a value that is not allowed.
        TypeError: The text is no str.

    Example:
        >>> import corpusmill
        >>> result = corpusmill.clean("Fish &amp; chips on the pier\n\nGet link")
        >>> str(result)
        'Fish & chips on the pier'
        >>> [change.rule for change in result.changes]
        ['encoding.decode-entities', 'boilerplate.site-line']
        >>> result.removed_lines[0].text
        'Get link'
    """
    _require_text(text)
    config = _configured(settings)
    return clean_configured(text, config, load_resources(config).rules, title, url)


def clean_configured(
    text: str, config: Config, rules: tuple[LineRule, ...], title: str | None, url: str | None
) -> Cleaned:
    """Clean one text under a loaded configuration; the rest is as for `clean`."""
    changes: list[Step] = []
    removed: list[RemovedLine] = []
    if config.normalize.enabled:
        text, changes = normalize_text(text, config.normalize)
    text, masked = mask_text(text, config.personal_data)
    changes = [*changes, *masked]
    if config.boilerplate.enabled:
        text, removed, steps = strip_text(text, config.boilerplate, title=title, url=url, extra_rules=rules)
        changes = [*changes, *steps]
    return Cleaned(text, tuple(changes), tuple(removed))


def clean_many(texts: Iterable[str], **settings: Any) -> Iterator[Cleaned]:
    """Clean texts one after the other, many times faster than one call for each.

    Args:
        texts: Any number of texts; they are taken some hundred at a time.
        settings: As for `clean`.

    Yields:
        For each text in order what `clean` returns.

    Raises:
        TypeError: A text is no str, or all texts are one.

    Example:
        >>> import corpusmill
        >>> [str(result) for result in corpusmill.clean_many(["A &amp; B", "C"])]
        ['A & B', 'C']
    """
    if isinstance(texts, str):
        raise TypeError("texts is one str, whose texts would be its characters; give a list of texts, or call clean")
    config = _configured(settings)
    rules = load_resources(config).rules
    source = iter(texts)
    while chunk := list(itertools.islice(source, _TEXTS_AT_ONCE)):
        for text in chunk:
            _require_text(text)
        column = pa.array(chunk, pa.string())
        if config.normalize.enabled:
            column, _ = normalize_column(column, config.normalize)
        column = mask_column(column, config.personal_data).text
        if config.boilerplate.enabled:
            column = strip_column(column, config.boilerplate, extra_rules=rules).text
        for text, after in zip(chunk, column.to_pylist(), strict=True):
            yield Cleaned(text) if text == after else clean_configured(text, config, rules, None, None)


def run(  # noqa: PLR0913  (arguments by name are the interface)
    inputs: str | Sequence[str],
    output: str,
    *,
    against: Sequence[str] = (),
    beam_options: Sequence[str] = (),
    overwrite: bool = False,
    quiet: bool = True,
    **settings: Any,
) -> dict[str, Any]:
    """Make a corpus from files, as `corpusmill run` does, and return its manifest.

    To resume a run that was stopped, call it again with the same arguments.

    Args:
        inputs: Files, folders, patterns or URLs.
        output: The output folder.
        against: Outputs of earlier runs; what their corpora have is removed.
        beam_options: Beam's own options, such as `["--runner=FlinkRunner"]`.
        overwrite: Replace what another run left in the output folder.
        quiet: Show no progress.
        settings: As for `clean`.

    Raises:
        corpusmill.transforms.kernels.errors.CorpusmillError: The run cannot be made; the message says what to correct.

    Example:
        >>> manifest = corpusmill.run("crawl/", "out", dedup={"threshold": 0.9})  # doctest: +SKIP
        >>> manifest["documents"]["kept"]  # doctest: +SKIP
        30
    """
    import io  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from corpusmill.request import Request  # noqa: PLC0415  (Beam takes most of a second)
    from corpusmill.runs import execute  # noqa: PLC0415

    patterns = [inputs] if isinstance(inputs, str) else list(inputs)
    console = Console(file=io.StringIO()) if quiet else Console(stderr=True)
    request = Request(_configured(settings), patterns, output, beam_options, overwrite, against)
    return execute.run(request, console)


def read(output: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Load the corpus of a finished run into pandas, after checking that its files belong together.

    Args:
        output: The output folder of the run.
        columns: Names of the columns to load; None for all.

    Raises:
        corpusmill.reports.corpus.CorpusError: The run is not complete, a file is missing or belongs to another run.
    """
    from corpusmill.reports.corpus import read_corpus  # noqa: PLC0415

    return read_corpus(output, columns)


def dedup(
    table: pa.Table | pd.DataFrame, *, text: str = "text", within: str | None = None, **settings: Any
) -> Deduplicated:
    """Remove exact and near-duplicates from a table in memory; of a family the first row stays.

    Args:
        table: Any table with a column of texts; frames of Polars and others that speak Arrow will do.
        text: Name of that column.
        within: Name of a column; rows are duplicates only of rows with an equal value there.
        settings: Keys of the section `dedup` of the configuration, such as `threshold=0.9`.

    Raises:
        KeyError: There is no such column.
        TypeError: The column of texts holds something else, the column `within` lists or structs, or it is no table.

    Example:
        >>> import pyarrow as pa
        >>> lines = ["The ferry leaves at nine from the pier.", "The ferry leaves at nine, from the pier!", "Fog."]
        >>> result = dedup(pa.table({"text": lines}))
        >>> result.kept["text"].to_pylist()
        ['The ferry leaves at nine from the pier.', 'Fog.']
        >>> result.removed.to_pylist()
        [{'row': 1, 'partner': 0, 'similarity': 1.0}]
    """
    if not isinstance(table, pa.Table):
        if not (hasattr(table, "__arrow_c_stream__") or hasattr(table, "columns")):
            raise TypeError(f"{type(table).__name__} is no table; give a pyarrow.Table or a pandas.DataFrame")
        table = pa.table(table)
    # Arrow cannot take rows out of views, which Polars gives.
    views = [own.with_type(pa.large_string()) if pa.types.is_string_view(own.type) else own for own in table.schema]
    table = table.cast(pa.schema(views, table.schema.metadata))
    for name in filter(None, (text, within)):
        if name not in table.column_names:
            raise KeyError(f"the table has no column {name!r}; it has {', '.join(table.column_names)}")
    kind = table[text].type
    if not any(is_text(kind.value_type if pa.types.is_dictionary(kind) else kind) for is_text in _TEXT_TYPES):
        raise TypeError(f"the column {text!r} holds {kind}; name a column of texts, such as text='body'")
    column = table[text].combine_chunks().cast(pa.large_string())
    values = None if within is None else table[within]
    chosen = _configured({"dedup": settings}).dedup
    if chosen.by_url is not None:
        raise ConfigError(f"by_url: {chosen.by_url!r} is for runs, which know addresses; give dedup() no by_url")
    cover = find_duplicates(column, chosen, within=values)
    removed = pa.table(
        {
            "row": pa.array(cover.removed.astype("int64")),
            "partner": pa.array(cover.partner.astype("int64")),
            "similarity": pa.array(cover.similarity),
        }
    )
    stays = np.ones(len(table), bool)
    stays[removed["row"].to_numpy()] = False
    return Deduplicated(table.filter(pa.array(stays)), removed)


def _require_text(text: object) -> None:
    if not isinstance(text, str):
        remedy = "decode it, such as text.decode()" if isinstance(text, bytes) else "leave it out"
        raise TypeError(f"a text is a str, not {type(text).__name__}: {remedy}")


def _configured(settings: Mapping[str, Any]) -> Config:
    """Make a configuration of `config`, `preset` and sections, these above those."""
    sections: dict[str, Any] = {name: value for name, value in settings.items() if "." not in name}
    config, preset = sections.pop("config", None), sections.pop("preset", None)
    for name in settings.keys() - sections.keys() - {"config", "preset"}:
        *path, key = name.split(".")
        section = sections
        for part in path:
            given = section.get(part)
            section[part] = dict(given) if isinstance(given, Mapping) else {}
            section = section[part]
        section[key] = settings[name]
    return load_config(config, preset=preset, sections=sections)
