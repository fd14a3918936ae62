"""The story of one document: what a run decided, what it changed, shown as a diff, and which lines it took out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from corpusmill.reports.diffs import diff_texts, draw, hanging, lines_in_place
from corpusmill.reports.figures import percent
from corpusmill.reports.lookup import find_partner_text
from corpusmill.reports.texts import find_texts, key_of
from corpusmill.reports.visible import visible
from corpusmill.transforms.kernels.decontamination.overlaps import OVERLAP
from corpusmill.transforms.kernels.errors import CorpusmillError
from corpusmill.transforms.kernels.findings import Step
from corpusmill.transforms.kernels.schema import DUPLICATE, FILTERED, KEPT, REJECTED

if TYPE_CHECKING:
    from corpusmill.reports.preview import Foretold

_EXCERPT_CHARS = 300
_LINES = 20
"""Removed lines that are shown."""
_CHANGED_LINES = 12
"""Changed lines that are shown of each rule."""


@dataclass(frozen=True)
class Story:
    """What there is to say of a document.

    Attributes:
        row: Its row of the audit.
        steps: The steps that changed it, made again from its source; None if that is not there as it was.
        unstripped: The text before lines were taken out; "" if it is not known.
        partner_text: The text of the kept document that it is a duplicate of.
        excerpt: How a record begins that could not be read.
    """

    row: dict[str, Any]
    steps: tuple[Step, ...] | None = None
    unstripped: str = ""
    partner_text: str | None = None
    excerpt: str | None = None


def gather_story(output: str, manifest: dict[str, Any], row: dict[str, Any]) -> Story:
    """Collect what there is to say of a document.

    Args:
        output: Output folder of a finished run.
        manifest: Its manifest.
        row: The document's row of the audit.
    """
    if row["decision"] == REJECTED:
        return Story(row, excerpt=find_texts(output, manifest["files"], [key_of(row)]).get(key_of(row)))
    partner_text = find_partner_text(output, row)
    if not row["repairs"] and not row["removed_lines"]:
        return Story(row, (), "", partner_text)
    made = _made_again(manifest, row)
    return Story(row, None, "", partner_text) if made is None else Story(row, *made, partner_text)


def _made_again(manifest: dict[str, Any], row: dict[str, Any]) -> tuple[tuple[Step, ...], str] | None:
    """Clean a document again from its source; None if that cannot be read, or not quickly."""
    from corpusmill.api import clean_configured  # noqa: PLC0415  (a second, which documents without changes need not pay)
    from corpusmill.config import Config  # noqa: PLC0415
    from corpusmill.inputs.resources import load_resources  # noqa: PLC0415
    from corpusmill.reports.originals import read_original  # noqa: PLC0415

    try:
        config = Config.model_validate(manifest["config"])
        original = read_original(row, config.input)
        rules = load_resources(config).rules
    except (CorpusmillError, ValueError):  # settings of another version, or files that they name are gone
        return None
    if original is None:
        return None
    cleaned = clean_configured(original, config, rules, None, None)
    of_lines = [step for step in cleaned.changes if step.rule.startswith("boilerplate.")]
    steps = tuple(step for step in cleaned.changes if not step.rule.startswith("boilerplate."))
    return steps, of_lines[0].before if of_lines else cleaned.text


def render_story(story: Story, width: int | None = None) -> Text:
    """Write the story of a document.

    Args:
        story: What there is to say.
        width: Columns of the terminal, at which lines are wrapped; None leaves them whole.
    """
    row = story.row
    text = Text()

    def say(line: str, style: str = "") -> None:
        text.append("  ").append(hanging(Text(line, style=style), 4, width)).append("\n")

    text.append(f"{visible(row['id'])}\n", style="bold")
    say(f"from {visible(row['source'])}, record {row['source_row']} (at {row['offset']})", "dim")
    say(_verdict(row))
    say(f"{row['chars_in']:,} characters read as {row['encoding'] or 'unknown'}, {row['chars_out']:,} kept")
    if story.excerpt:
        say(f"it begins: {visible(' '.join(story.excerpt[:_EXCERPT_CHARS].split()))}", "dim")
    if story.steps:
        text.append(render_steps(story.steps, width, indent=2))
    shown = {step.rule for step in story.steps or ()}
    for found in row["repairs"] or ():
        if found["rule"] not in shown:
            say(f"{found['rule']}: {places(found['count'])}")
    if story.steps is None:
        say("(its source is not there as it was, or takes long to read: the changes cannot be shown)", "dim")
    removed = sorted((line["line"], line["rule"], line["text"]) for line in row["removed_lines"] or ())
    for overlap in row.get("overlaps") or ():
        item = f"{visible(overlap['benchmark'])} {visible(overlap['item'])}"
        shared = visible(overlap["ngram"])
        say(f"it holds {percent(overlap['share'])} of {item}, from line {overlap['line'] + 1}: {shared}", "red")
    text.append(_removed(removed, story.unstripped, width, indent=2))
    if story.partner_text is not None:
        excerpt = visible(" ".join(story.partner_text[:_EXCERPT_CHARS].split()))
        begins = Text.assemble((f"the kept document {visible(row['partner_id'])} begins: ", "dim"), (excerpt, "green"))
        text.append("  ").append(hanging(begins, 4, width))
    text.rstrip()
    return text


def render_foretold(found: Foretold, chars: int, width: int | None = None) -> Text:
    """Write what a run would do with a text.

    Args:
        found: What it would do.
        chars: Characters of the text as read.
        width: As for `render_story`.
    """
    cleaned = found.cleaned
    text = Text()
    detail = f" ({visible(found.detail)})" if found.detail else ""
    verdict = f"it would be dropped by the rule {found.reason}{detail}" if found.reason else "it would be kept"
    text.append(f"{verdict}: {chars:,} characters read, {len(cleaned.text):,} left\n", style="bold")
    text.append(hanging(Text("Whether the corpus has it already is not looked at.\n", style="dim"), 0, width))
    steps = tuple(step for step in cleaned.changes if not step.rule.startswith("boilerplate."))
    if steps:
        text.append(render_steps(steps, width))
    removed = [(line.line, line.rule, line.text) for line in cleaned.removed_lines]
    text.append(_removed(removed, found.unstripped, width))
    if not steps and not removed:
        text.append("No step changes this text.")
    text.rstrip()
    return text


def render_steps(steps: tuple[Step, ...] | list[Step], width: int | None = None, indent: int = 0) -> Text:
    """Draw the steps that changed a text as diffs; invisible characters are written as code points.

    Args:
        steps: The steps, in order.
        width: As for `render_story`.
        indent: Columns before each line.
    """
    drawn = Text()
    for number, step in enumerate(steps, 1):
        head = Text.assemble((f"{number}. {step.rule}", "bold"), (f"  {places(step.count)}", "dim"))
        if step.detail:
            head.append(f"  ({visible(step.detail)})", style="dim")
        drawn.append(" " * indent).append(hanging(head, indent + 3, width)).append("\n")
        drawn.append(draw(diff_texts(step.before, step.after, _CHANGED_LINES), indent + 3, width))
    return drawn


def places(count: int) -> str:
    """Write how many places of a text were changed."""
    return f"{count:,} place{'s' if count != 1 else ''}"


def _removed(removed: list[tuple[int, str, str]], unstripped: str, width: int | None, indent: int = 0) -> Text:
    """Draw removed lines in their place; those with a part of a benchmark by the numbers of the text that was left."""
    drawn = Text()
    cut = [line for line in removed if line[1] == OVERLAP]
    others = [line for line in removed if line[1] != OVERLAP]
    for lines, before, how in ((others, unstripped, "removed"), (cut, "", "cut from what was left")):
        if lines:
            drawn.append(f"{'':{indent}}{len(lines):,} line{'s' if len(lines) != 1 else ''} {how}:\n")
            drawn.append(draw(lines_in_place(before, lines, _LINES), indent + 3, width))
    return drawn


def _verdict(row: dict[str, Any]) -> str:
    decision, reason = row["decision"], row["reason"]
    verdicts = {
        KEPT: "kept: it is in the corpus",
        DUPLICATE: f"removed as a duplicate ({reason}) of {visible(row['partner_id'] or '')}{_place(row)}"
        + ("" if row["similarity"] is None else f", similarity {row['similarity']:.4f}"),
        FILTERED: f"dropped by the rule {reason}{_detail(row)}",
        REJECTED: f"could not be read ({reason}); rejected/ has the error",
    }
    return verdicts[decision]


def _detail(row: dict[str, Any]) -> str:
    """The score and the limit of a document that was scored."""
    return f": {visible(row['detail'])}" if row.get("detail") else ""


def _place(row: dict[str, Any]) -> str:
    corpus, source, offset = row.get("partner_corpus"), row.get("partner_source"), row.get("partner_offset")
    where = f" (from {visible(source)}{'' if offset is None else f' at {offset}'})" if source is not None else ""
    return where + (f" in the earlier corpus {visible(corpus)}" if corpus is not None else "")
