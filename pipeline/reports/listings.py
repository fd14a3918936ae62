"""Drawing a choice of documents, and what differs between two outputs, for the terminal or as JSON."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from corpusmill.reports.comparison import ELSEWHERE, GAINED, LOST, Comparison
from corpusmill.reports.diffs import hanging
from corpusmill.reports.lookup import partner_texts
from corpusmill.reports.texts import find_texts, key_of, partner_of
from corpusmill.reports.visible import visible
from corpusmill.transforms.kernels.schema import FILTERED

_EXCERPT_CHARS = 240


def describe_rows(output: str, manifest: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to rows of the audit the texts of the documents and of their partners.

    Args:
        output: Output folder of a finished run.
        manifest: Its manifest.
        rows: Rows of its audit.

    Returns:
        For each row `id`, `source`, `offset`, `decision`, `reason`, `similarity`, `text` (null if no file holds it),
        `partner_id` and `partner_text`.
    """
    texts = find_texts(output, manifest["files"], map(key_of, rows))
    partners = partner_texts(output, rows)
    found = []
    for row in rows:
        text = texts.get(key_of(row))
        if text is None and row["decision"] == FILTERED:
            text = _original(manifest, row)
        named = {name: row[name] for name in ("id", "source", "offset", "decision", "reason", "similarity")}
        partner = partners.get((row.get("partner_corpus"), partner_of(row)))
        found.append({**named, "text": text, "partner_id": row["partner_id"], "partner_text": partner})
    return found


def _original(manifest: dict[str, Any], row: dict[str, Any]) -> str | None:
    """Read a filtered document again: no file of an output holds its text."""
    from corpusmill.config import Config  # noqa: PLC0415  (a second, only for such documents)
    from corpusmill.reports.originals import read_original  # noqa: PLC0415

    try:
        return read_original(row, Config.model_validate(manifest["config"]).input)
    except ValueError:  # settings of another version
        return None


def render_sample(documents: list[dict[str, Any]], width: int | None = None) -> Text:
    """Draw documents of a sample, each with the beginning of its text, a duplicate's partner below it.

    Args:
        documents: What `describe_rows` gives.
        width: Columns of the terminal, at which lines are wrapped; None leaves them whole.
    """
    drawn = Text()
    for found in documents:
        drawn.append(f"{visible(found['id'])}\n", style="bold")
        similarity = "" if found["similarity"] is None else f", similarity {found['similarity']:.4f}"
        about = (
            f"{found['reason'] or found['decision']}{similarity}, from {visible(found['source'])} at {found['offset']}"
        )
        drawn.append("  ").append(hanging(Text(about, style="dim"), 4, width)).append("\n")
        text = "(its text is in no file any more)" if found["text"] is None else _beginning(found["text"])
        drawn.append("  ").append(hanging(Text(text), 4, width)).append("\n")
        if found["partner_id"] is not None:
            begins = Text(f"kept: {visible(found['partner_id'])}: ", style="dim")
            begins.append(_beginning(found["partner_text"] or ""), style="green not dim")
            drawn.append("  ").append(hanging(begins, 4, width)).append("\n")
    drawn.rstrip()
    return drawn


def _beginning(text: str) -> str:
    line = visible(" ".join(text[: 2 * _EXCERPT_CHARS].split()))
    return line if len(line) <= _EXCERPT_CHARS else line[: _EXCERPT_CHARS - 1] + "…"


def render_ids(found: list[dict[str, Any]], total: int, width: int | None = None) -> Text:
    """Draw documents found by their ids, a line each: id, decision or rule, source."""
    drawn = Text()
    for row in found:
        line = Text(visible(row["id"]), style="bold")
        line.append(f"  {row['reason'] or row['decision']}  {visible(row['source'])}", style="dim not bold")
        drawn.append(hanging(line, 2, width)).append("\n")
    if total > len(found):
        drawn.append(f"… and {total - len(found):,} more; --limit shows more", style="dim")
    drawn.rstrip()
    return drawn


_WORDS = {
    GAINED: ("gained", "by what removed them before"),
    LOST: ("lost", "by what removes them now"),
    "changed": ("kept by both with another text", "by the rules that did something else"),
    ELSEWHERE: ("removed by both for another reason", "before -> now"),
}


def render_comparison(found: Comparison, width: int | None = None) -> Text:
    """Draw what differs between two outputs."""
    documents = found.documents
    drawn = Text(f"{documents['both']:,} documents in both inputs", style="bold")
    for name in ("first only", "second only"):
        if documents[name]:
            drawn.append(f", {documents[name]:,} in the {name}")
    drawn.append(f"\n{found.kept:,} kept by both with the same text\n")
    for kind, (words, how) in _WORDS.items():
        if not found.counts[kind]:
            continue
        drawn.append(f"\n{found.counts[kind]:,} {words}", style="bold")
        drawn.append(f", {how}:\n", style="dim")
        for rule, count in sorted(found.rules[kind].items(), key=lambda item: (-item[1], item[0])):
            drawn.append(f"  {count:,}  {rule}\n")
            for row in found.examples[kind][rule]:
                example = Text(f"{visible(row['id'])}  {visible(row['source'])} at {row['offset']}", style="dim")
                drawn.append("     ").append(hanging(example, 7, width)).append("\n")
    if not sum(found.counts.values()):
        drawn.append("No document differs.")
    drawn.rstrip()
    return drawn


def comparison_as_json(found: Comparison) -> dict[str, Any]:
    """Return what differs between two outputs as plain values."""
    kinds = {
        kind.replace(" ", "_"): {
            "documents": found.counts[kind],
            "rules": dict(sorted(found.rules.get(kind, {}).items())),
            "examples": found.examples.get(kind, {}),
        }
        for kind in _WORDS
    }
    documents = {name.replace(" ", "_"): count for name, count in found.documents.items()}
    return {"documents": documents, "kept_with_the_same_text": found.kept, **kinds}
