"""What a run would do with one text: the same kernels in the same order, in memory."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from pydantic import ValidationError

from corpusmill.api import Cleaned, clean_configured
from corpusmill.config import Config, ConfigError
from corpusmill.inputs.benchmarks import load_benchmarks
from corpusmill.inputs.lists import load_lists
from corpusmill.inputs.resources import Resources
from corpusmill.reports.corpus import read_manifest
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.boilerplate import RemovedLine, strip_column
from corpusmill.transforms.kernels.boilerplate.learning.apply import Before, apply_learned
from corpusmill.transforms.kernels.cleaning.block_lists import listed_column
from corpusmill.transforms.kernels.cleaning.filter import filter_column
from corpusmill.transforms.kernels.cleaning.personal_data import DROPPED
from corpusmill.transforms.kernels.decontamination.overlaps import OVERLAP, decontaminate_column
from corpusmill.transforms.kernels.schema import KEPT, REMOVED_LINES_TYPE
from corpusmill.transforms.layout import LEARNED_LINES
from corpusmill.transforms.scoring.scorer import Scorer


@dataclass(frozen=True)
class Foretold:
    """What would become of a text.

    Attributes:
        cleaned: The text, what changed it and what was taken out, learned lines too.
        unstripped: The text before lines were taken out; the numbers of removed lines count its lines.
        reason: Rule id of what would drop the document; None if it would be kept, but for duplicates.
        detail: The score and the limit that decided, or the error of a function of the user's own.
    """

    cleaned: Cleaned
    unstripped: str
    reason: str | None
    detail: str | None = None


def config_of(output: str | None) -> Config:
    """Return the configuration of a finished run, with the lines that it has learned; the defaults without one.

    Args:
        output: Its output folder.

    Raises:
        corpusmill.reports.corpus.CorpusError: It is not one.
        ConfigError: Its configuration is of a version that this one does not understand.
    """
    if output is None:
        return Config()
    values = read_manifest(output, ())["config"]
    lines = storage.join(output, LEARNED_LINES)
    if values["boilerplate"]["learned"]["enabled"] and storage.exists(lines):
        values["boilerplate"]["learned"]["table"] = lines
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(
            f"the configuration in {output!r} was written by another version of corpusmill, with other "
            f"keys ({error.errors()[0]['msg']}); run it again, or leave the folder out to use the defaults"
        ) from None


def foretell(
    text: str, config: Config, resources: Resources, *, title: str | None = None, url: str | None = None
) -> Foretold:
    """Say what a run would do with a text, up to the search for duplicates.

    Args:
        text: The text, decoded.
        config: The run's configuration.
        resources: Rule files, and lines that the run has learned if they are known.
        title: The text's title, if known.
        url: Its address, if known; lines of a site are removed only from its own pages.
    """
    cleaned = clean_configured(text, config, resources.rules, title, url)
    steps = [change for change in cleaned.changes if change.rule.startswith("boilerplate.")]
    unstripped = steps[0].before if steps else cleaned.text
    settings = config.boilerplate
    reason = next((step.rule for step in cleaned.changes if step.detail == DROPPED), None)
    column, titles, urls = (pa.array([value], pa.string()) for value in (unstripped, title, url))
    if settings.enabled and reason is None:
        stripped = strip_column(column, settings, titles=titles, urls=urls, extra_rules=resources.rules)
        reason = stripped.filtered.get(0)
        if settings.learned.enabled and resources.learned is not None and reason is None:
            lines = [{"line": line, "rule": rule, "text": taken} for _, line, rule, taken in cleaned.removed_lines]
            before = Before(
                column if lines else pa.nulls(1, pa.string()), pa.array([lines or None], REMOVED_LINES_TYPE)
            )
            found = apply_learned(
                pa.array([cleaned.text], pa.string()),
                urls,
                pa.Table.from_batches([resources.learned]),
                settings,
                titles=titles,
                extra_rules=resources.rules,
                before=before,
            )
            removed: tuple[RemovedLine, ...] = (*cleaned.removed_lines, *found.removed)
            cleaned = Cleaned(found.text[0].as_py(), cleaned.changes, tuple(sorted(removed)))
            reason = found.filtered.get(0)
    if reason is None:
        cleaned, reason = _filtered(cleaned, url, config)
    if reason is None and config.scoring.active:
        return Foretold(cleaned, unstripped, *_scored(cleaned.text, config, title, url))
    return Foretold(cleaned, unstripped, reason)


def _filtered(cleaned: Cleaned, url: str | None, config: Config) -> tuple[Cleaned, str | None]:
    """Apply filters, lists and benchmarks to a cleaned text, and return what is left and the rule that drops it."""
    column = pa.array([cleaned.text], pa.string())
    reason: str | None = filter_column(column, config.filter)[0].as_py()
    lists = load_lists(config) if reason is None else None
    if lists is not None:
        reason = listed_column(column, pa.array([url], pa.string()), lists.lists)[0].as_py()
    benchmarks = load_benchmarks(config) if reason is None else None
    if benchmarks is None:
        return cleaned, reason
    found = decontaminate_column(column, benchmarks.index, config.decontaminate)
    removed = [RemovedLine(row, number, OVERLAP, line) for row, number, line in found.removed]
    left = Cleaned(found.text[0].as_py(), cleaned.changes, (*cleaned.removed_lines, *removed))
    return left, OVERLAP if found.dropped else None


def _scored(text: str, config: Config, title: str | None, url: str | None) -> tuple[str | None, str | None]:
    """Say by which rule the scores of a cleaned text would drop it, and with what detail.

    Nothing is known of its columns, and what is missing drops nothing.
    """
    known = {"id": "", "source": "", "text": text, "title": title, "url": url, "metadata": None, "decision": KEPT}
    kept = config.input.kept_types()
    columns = {name: pa.array([value], pa.string()) for name, value in known.items()}
    columns |= {name: pa.nulls(1, kind) for name, kind in kept.items()}
    scorer = Scorer(config.scoring)
    (found,) = scorer.score(pa.table(columns).select(scorer.columns(list(kept)))).to_pylist()
    return found["reason"], found["detail"]
