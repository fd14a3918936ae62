"""The last screen of a run: its summary."""

from __future__ import annotations

import shlex
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from corpusmill.reports.fields import correct_fields, name_fields
from corpusmill.reports.figures import counted, human_bytes, percent
from corpusmill.reports.losses import Losses, gather_losses
from corpusmill.reports.visible import visible
from corpusmill.transforms.layout import REPORT, by_shard, split_name

_LINES = 10
_FAMILIES = 5
_ALARMS = 3
_SHOWN_CHARS = 70

_DECISION_WORDS = {
    "kept": "kept",
    "duplicate": "removed as duplicates",
    "filtered": "filtered",
    "rejected": "rejected (unreadable)",
}


def print_summary(console: Console, manifest: dict[str, Any], output: str) -> None:
    """Print what a finished run did."""
    documents = manifest["documents"]
    losses = gather_losses(output, manifest)
    parts: list[Table | Text] = [_accounts_table(manifest)]
    total = " + ".join(f"{documents[decision]:,}" for decision in _DECISION_WORDS)
    parts.append(Text(f"Accounts: {documents['in']:,} in = {total}. They agree with the rows on disk.", style="dim"))
    if losses is not None:
        parts += [_characters(manifest, losses), *_examples(losses)]
    if manifest.get("rejections"):
        parts.append(_rejections(manifest["rejections"]))
    if manifest.get("repeated_ids", {}).get("documents"):
        parts.append(_repeated_ids(manifest["repeated_ids"]))
    if guessed := manifest["input"].get("guessed"):
        parts.append(Text(f"\nFields: {name_fields(guessed)} ({correct_fields(guessed)})."))
    if manifest.get("columns"):
        parts.append(columns_table(manifest["columns"]))
    if manifest["repairs"]:
        parts.append(Text(f"\nRepairs: {_counts(manifest['repairs'])}"))
    if manifest.get("decontamination"):
        parts.append(benchmarks_table(manifest["decontamination"]))
    if manifest["frequent_lines"]:
        lines = manifest["lines_removed"]
        parts.append(Text(f"\nLines removed: {sum(lines.values()):,} ({_counts(lines)}). The most frequent:"))
        parts.append(_lines_table(manifest["frequent_lines"]))
    unlearned = _not_learned_from(manifest)
    if unlearned:
        parts.append(unlearned)
    if manifest["families"]:
        parts.append(_families_table(manifest["families"]))
    parts += [_alarm(family, documents["in"]) for family in manifest["families"] if is_alarming(family)][:_ALARMS]
    if manifest["capped"]:
        capped = manifest["capped"]
        many = "documents were" if capped > 1 else "document was"
        note = "too long for all shingles to enter the signature (dedup.capped, see dedup.max_shingles)."
        parts.append(Text(f"\n{capped:,} {many} {note}"))
    if manifest.get("unranked"):
        parts.append(_unranked(manifest))
    if manifest.get("against"):
        earlier = ", ".join(f"{old['path']} ({old['documents']:,} documents)" for old in manifest["against"])
        parts.append(Text(f"\nCompared with the earlier corpora {earlier}; what they have is not in this one."))
    run = manifest["run"]
    size = manifest["input"]["bytes"]
    speed = size / max(run["seconds"], 0.1)
    parts.append(
        Text(
            f"\n{human_bytes(size)} of files in{', compressed' if manifest['input'].get('compressed') else ''}; "
            f"{human_bytes(manifest['text_bytes'])} of text out; "
            f"{run['seconds']:,.1f} s, {human_bytes(speed)}/s ({run['runner']})"
        )
    )
    console.print(Group(*parts))
    console.print(Text(_places(visible(output), manifest), style="bold"), soft_wrap=True)
    if manifest["config"]["output"].get("report"):
        console.print(Text(f"Look at: {visible(output)}/{REPORT}", style="bold"), soft_wrap=True)
    if losses is not None and losses.examples:
        console.print(_next(losses, manifest, output), soft_wrap=True)


def _places(output: str, manifest: dict[str, Any]) -> str:
    """Return where the corpus and the tables are."""
    names = manifest["files"].get("corpus", ())
    shards, folders = len(by_shard(names)), len({split_name(name)[0] for name in names})
    in_folders = f" in {counted(folders, 'folders')}" if manifest["config"]["output"].get("partition_by") else ""
    corpus = f"Corpus: {output}/corpus ({counted(shards, 'shards')}{in_folders})"
    where = f"{corpus if shards else 'Decisions only, no corpus'}   Why: {output}/audit"
    return f"{where}   Unreadable: {output}/rejected" if manifest["documents"]["rejected"] else where


def _accounts_table(manifest: dict[str, Any]) -> Table:
    """Documents and their shares by decision."""
    documents, chars = manifest["documents"], manifest["chars"]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    number, unit = counted(documents["in"], "documents").split()
    table.add_row(number, "", f"{unit} in", counted(chars["in"], "characters"))
    for decision, words in _DECISION_WORDS.items():
        own = {rule: n for rule, n in manifest["reasons"].items() if _decision_of(rule) == decision}
        share = percent(documents[decision] / max(documents["in"], 1))
        left = percent(chars["out"] / max(chars["in"], 1))
        note = f"{chars['out']:,} characters, {left}" if decision == "kept" else _counts(own)
        table.add_row(f"{documents[decision]:,}", share, words, note)
    return table


def _characters(manifest: dict[str, Any], losses: Losses) -> Text:
    """What the characters of the input have become, stage by stage."""
    chars = manifest["chars"]
    parts = [f"{chars['out']:,} kept"]
    for count, words in (
        (losses.duplicates, "in duplicates"),
        (losses.filtered, "in filtered documents"),
        (losses.lines, "in removed lines"),
        (losses.repairs, "by repairs"),
    ):
        if count:
            parts.append(f"{count:,} {words}")
    return Text(f"Characters: {chars['in']:,} read = {' + '.join(parts)}.", style="dim")


def _examples(losses: Losses) -> list[Table | Text]:
    """One document for each reason; what could not be read has examples of its own."""
    found = {rule: row for rule, row in losses.examples.items() if not rule.startswith("read.")}
    if not found:
        return []
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for rule, row in sorted(found.items()):
        alike = "" if row["similarity"] is None else f"{row['similarity']:.3f} "
        copy = "" if row["partner_id"] is None else f", {alike}like {_short(row['partner_id'])}"
        table.add_row(rule, escape(f"{_short(row['id'])}{copy}"))
    return [Text("\nFor example:"), table]


def _next(losses: Losses, manifest: dict[str, Any], output: str) -> Text:
    """Commands with which to look on, made of what this run has found."""
    reasons = {rule: n for rule, n in manifest["reasons"].items() if rule in losses.examples}
    rule = min(reasons, key=lambda rule: (-reasons[rule], rule))
    folder, identifier = (shlex.quote(visible(value)) for value in (output, losses.examples[rule]["id"]))
    return Text(
        f"Next: corpusmill sample {folder} --reason {rule}   or   corpusmill explain {folder} {identifier}",
        style="bold",
    )


def is_alarming(family: dict[str, Any]) -> bool:
    """Return whether a family is told with what its texts share: a giant one, or different texts in one frame."""
    return bool(family["giant"] or (family.get("shared") or {}).get("frame"))


def shared_part(family: dict[str, Any]) -> list[str]:
    """Return the lines that say what the texts of a family share, for a person who may write a rule from them."""
    shared = family.get("shared")
    if shared is None:
        return []
    many = counted(shared["count"], "lines")
    apart = ", and differ in all others" if shared["frame"] else ""
    more = shared["count"] - len(shared["lines"])
    return [
        f"Texts of it share {many}, {percent(shared['share'])} of their characters{apart}:",
        *(f"  {visible(line)}" for line in shared["lines"]),
        *([f"  ... and {more:,} more"] if more else []),
        "A licence, a menu, a frame? Name such lines in a file of boilerplate.rule_files, then the rest is compared.",
    ]


def _decision_of(rule: str) -> str:
    stage = rule.split(".", 1)[0]
    return {"dedup": "duplicate", "read": "rejected"}.get(stage, "filtered")


def _counts(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)


def _rejections(found: list[dict[str, Any]]) -> Text:
    """Why records could not be read, each reason with one example and what helps."""
    lines = ["\nUnreadable, with the first of each kind:"]
    for reason in sorted(found, key=lambda reason: (-reason["count"], reason["reason"]))[:_LINES]:
        at = f" at {reason['offset']:,}" if reason["offset"] else ""
        lines.append(f"  {reason['count']:,} {reason['reason']}, such as {reason['source']}{at}: {reason['error']}")
    if len(found) > _LINES:
        lines.append(f"  ... and {len(found) - _LINES} more reasons, see rejected/")
    return Text("\n".join([lines[0], *map(visible, lines[1:])]), style="yellow")


def _repeated_ids(found: dict[str, Any]) -> Text:
    """Ids that do not name one document."""
    about = "" if found["exact"] else "About "
    count = found["documents"]
    many = "documents have" if count > 1 else "document has"
    return Text(
        f"\n{about}{count:,} {many} an id that an earlier one has, such as {_short(found['example'])}: the audit tells "
        "them apart by source and offset. Is input.id_column right?",
        style="yellow",
    )


def columns_table(columns: dict[str, dict[str, Any]]) -> Table:
    """What became of the kept columns."""
    table = Table(title="\nKept columns:", title_justify="left", title_style="", box=None, pad_edge=False)
    table.padding = (0, 2, 0, 0)
    table.add_column("column", header_style="dim", no_wrap=True)
    for name in ("found", "missing", "not convertible"):
        table.add_column(name, justify="right", header_style="dim")
    table.add_column("", style="dim", no_wrap=True)
    for name, counts in columns.items():
        if counts["unfit"]:
            note = f"such as {_short(counts['example'])}, kept in metadata"
        else:
            note = "" if counts["found"] else "no record has it: is the name right?"
        style = "yellow" if note else ""
        figures = (f"{counts[key]:,}" for key in ("found", "missing", "unfit"))
        table.add_row(escape(visible(name)), *figures, escape(note), style=style)
    return table


def _lines_table(lines: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("times", justify="right", header_style="dim")
    table.add_column("line", header_style="dim", no_wrap=True)
    table.add_column("rule", header_style="dim", style="dim", no_wrap=True)
    for line in lines[:_LINES]:
        table.add_row(f"{line['count']:,}", escape(_short(line["text"])), line["rule"])
    return table


def benchmarks_table(benchmarks: list[dict[str, Any]]) -> Table:
    """Draw what was found of each benchmark, and what could not be looked for."""
    table = Table(title="\nBenchmarks:", title_justify="left", title_style="", box=None, pad_edge=False)
    for name in ("items", "found", "documents", "dropped"):
        table.add_column(name, justify="right", header_style="dim")
    table.add_column("benchmark", header_style="dim")
    table.add_column("set aside", header_style="dim")
    for found in benchmarks:
        aside = {
            "items too short": found["short"],
            "items of common n-grams alone": found["common"],
            "common n-grams": found["common_ngrams"],
        }
        example = f", such as {_short(found['common_examples'][0])!r}" if found["common_examples"] else ""
        told = ", ".join(f"{n:,} {what}" for what, n in aside.items() if n) + example
        numbers = (f"{found[name]:,}" for name in ("items", "found", "documents", "dropped"))
        table.add_row(*numbers, escape(_short(found["benchmark"])), escape(told))
    return table


def _families_table(families: list[dict[str, Any]]) -> Table:
    table = Table(
        title="\nLargest duplicate families:",
        title_justify="left",
        title_style="",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("removed", justify="right", header_style="dim")
    table.add_column("kept document", header_style="dim", no_wrap=True)
    table.add_column("lowest similarity", justify="right", header_style="dim")
    for family in families[:_FAMILIES]:
        name = _short(family["id"]) + (f" (in {_short(family['corpus'])})" if family["corpus"] else "")
        table.add_row(f"{family['removed']:,}", escape(name), f"{family['lowest']:.3f}")
    return table


def _alarm(family: dict[str, Any], documents: int) -> Text:
    """A family so large that it is worth a look: a template, an error page, or a threshold that is too low."""
    size = family["removed"] + 1
    kind = "Giant family" if family["giant"] else "Family in one frame"
    copies = family["lowest"] == 1
    remedy = "" if copies else "; a higher dedup.threshold keeps more of them"
    alike = f"similarity {family['lowest']:.3f} to {family['highest']:.3f}, median {family['median']:.3f}"
    return Text(
        f"\n{kind}: {size:,} documents ({percent(size / documents)} of all) are like {_short(family['id'])}: "
        f"{'all are copies of it' if copies else alike}. "
        f"Some of them: {', '.join(map(_short, family['samples']))}. A template or an error page? See "
        f"corpusmill explain{remedy}." + "".join(f"\n{line}" for line in shared_part(family)),
        style="bold yellow",
    )


def _unranked(manifest: dict[str, Any]) -> Text:
    """Documents that the keep policy could not put in order; all of them, if its column does not exist."""
    documents, keep = manifest["documents"], manifest["config"]["dedup"]["keep"]
    unranked, ranked = manifest["unranked"], documents["in"] - documents["rejected"] - documents["filtered"]
    return Text(
        f"\nIn {unranked:,} of {counted(ranked, 'documents')} dedup.keep ({keep}) found nothing to compare: of a "
        "family they are kept last, in the order of the input.",
        style="bold yellow" if unranked >= ranked else "",
    )


def _not_learned_from(manifest: dict[str, Any]) -> Text | None:
    """Documents from which no lines were learned, since nothing says which site they are of."""
    settings, without = manifest["config"]["boilerplate"], manifest.get("without_address", 0)
    learned = settings["learned"]
    if not (settings["enabled"] and learned["enabled"]) or learned["table"] or learned["one_host"] or not without:
        return None
    column = manifest["config"]["input"]["url_column"]
    return Text(
        f"\nNo lines were learned from {counted(without, 'documents')} without an address "
        f"(input.url_column: {column}). If all is of one site, boilerplate.learned.one_host=true learns from it.",
        style="bold yellow" if without >= manifest["documents"]["kept"] else "",
    )


def _short(text: str) -> str:
    line = visible(" ".join(text.split()))
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"
