"""Makes docs/reference/ from the code: `python -m tests.tools.reference` writes it, a test compares.

Configuration from the settings, commands from the command line, columns from the schemas, rule ids from the sources.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import typer
import yaml
from pydantic import BaseModel

import corpusmill
from corpusmill.cli import app
from corpusmill.config import Config, walk_fields
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.cleaning.personal_data import PREFIX, Kind
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.kernels.quality.rules import RULES as QUALITY_RULES
from corpusmill.transforms.kernels.quality.settings import PRESETS
from corpusmill.transforms.kernels.writing.statistics import STATISTICS_SCHEMA
from corpusmill.transforms.scoring.decisions import NOT_KEPT
from corpusmill.transforms.scoring.scorer import Scoring
from corpusmill.transforms.writing.shard_writer import (
    PAIRS_SCHEMA,
    REJECTED_SCHEMA,
    audit_schema,
    corpus_schema,
    index_schema,
    removed_schema,
    scores_schema,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
RULES = Path(__file__).with_name("rules.txt")
_STAGES = "boilerplate controls decontaminate dedup encoding filter language read symbols unicode whitespace"
RULE_ID = re.compile(rf"(?:{'|'.join(_STAGES.split())})\.[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_MADE = "<!-- made by python -m tests.tools.reference; do not edit -->\n\n"

_EVERYTHING = Scoring(FilterSettings(presets=PRESETS), LanguageSettings(enabled=True))

TABLES: dict[str, tuple[str, pa.Schema]] = {
    "corpus": (
        (
            "The documents that stay, in input order; kept columns (`input.keep_columns`) follow, then, with "
            "`language.enabled`, `language`, `language_score` and `script`. The counts of copies are there with "
            "`output.copies`, the tokens with `output.tokenizer`."
        ),
        corpus_schema({}, copies=True, tokens=True),
    ),
    "audit": (
        (
            "One row for every input document, kept or not, in input order; `detail` is there where documents are "
            "scored, `partition` with `output.partition_by`, `overlaps` where benchmarks are looked for."
        ),
        audit_schema(overlaps=True, scored=True, partitioned=True),
    ),
    "rejected": ("One row for every record or file that could not be read.", REJECTED_SCHEMA),
    "removed": (
        (
            "The duplicates, with the columns of the corpus; where documents are scored, their keys too "
            "(`output.filtered`)."
        ),
        removed_schema(corpus_schema({}), 1),
    ),
    "filtered": (
        "The documents that their scores have dropped, with the columns of the corpus (`output.filtered`).",
        corpus_schema({}),
    ),
    "pairs": ("One row for every verified pair of near-duplicates (`output.pairs`).", PAIRS_SCHEMA),
    "index": ("One row for each document of the corpus: keys for `--against` (`output.index`).", index_schema(1)),
    "scores": (
        (
            "One row for each document that could be read, in the order of the audit, where documents are scored: the "
            "scores of the presets that are on, then those of functions of your own ([Filters](../filters.md))."
        ),
        scores_schema(_EVERYTHING.fields),
    ),
    "statistics": (
        (
            "One row for each combination of source, host, language, decision and rule that the documents of a shard "
            "have, with sums over these documents (`output.statistics`). Add up the rows of all shards."
        ),
        STATISTICS_SCHEMA,
    ),
    "learned_lines.parquet": ("Lines that sites put on their pages, as learned.", TABLE_SCHEMA),
}
_SOURCE, _OFFSET = "path of the input file", "bytes into the decompressed source; rows into a Parquet file"
COLUMNS = {
    "id": "the document's id: from the id column, or made of source and position",
    "text": "the text after cleaning",
    "source": _SOURCE,
    "corpusmill_keys": "the columns of the index but `id`, so that `refilter` need not compute them",
    "tokens": "tokens by `output.tokenizer`, of the documents that are kept",
    "url_host": "host of the address, in lower case and without `www.`; null without an address",
    "copies": "documents removed as duplicates of this one",
    "copies_by_source": "the same by the file that they were read from",
    "metadata": "the record's other fields as one JSON object; null if it has none",
    "source_row": "number of the record in its source, from 0",
    "offset": f"where the record begins: {_OFFSET}",
    "decision": "`kept`, `duplicate`, `filtered` or `rejected`",
    "reason": "id of the rule that decided; null if kept",
    "detail": "the score and the limit of the rule in `reason`, such as `12 < 50`, or the error of a function",
    "partner_id": "id of the kept document that this one is a duplicate of",
    "partner_source": "its source",
    "partner_offset": "its offset, which tells it from others of the same id",
    "partner_corpus": "the earlier output that holds it, as given with `--against`; null if this one does",
    "similarity": "exact similarity, 0 to 1",
    "chars_in": "code points of the text as read; 0 if rejected",
    "chars_out": "code points of the text in the corpus; 0 if it is not there",
    "encoding": "how the bytes were decoded",
    "repairs": "rules that changed the text, each with the number of places",
    "lines_removed": "number of lines taken out",
    "removed_lines": "the lines: number in the text before (from 0), rule id, the line",
    "partition": "the folder of the corpus that holds the document, such as `language=eng`; null if it is not kept",
    "overlaps": "benchmark items that the text holds a part of, with their share, the line and the words",
    "error": "what is wrong, and what helps",
    "excerpt": "how the record begins",
    "left": "number of the first document: rows of the audit counted through all its parts, or of an earlier corpus",
    "right": "number of the second document",
    "left_id": "its id",
    "right_id": "its id",
    "left_source": _SOURCE,
    "right_source": _SOURCE,
    "left_offset": _OFFSET,
    "right_offset": _OFFSET,
    "left_corpus": "the earlier output that holds the first document; null if this one does",
    "with_operators": "similarity with operators as words, or that of the words if it is less",
    "kind": "`near`, `shingles` (equal in all words) or `text` (equal in the text as well)",
    "left_priority": "what `dedup.keep` goes by; the lesser one is preferred",
    "right_priority": "the same",
    "text_hash": "BLAKE2b of the text's UTF-8 bytes, 16 bytes",
    "group_key": "equal for documents with the same words in the same order",
    "near": "whether the band keys are of use",
    "band_keys": "8 bytes for each band, little-endian",
    "host": "the site; null: all sites",
    "line": "key of the line; null for one that was added by hand",
    "sample": "the line",
    "documents": "documents that have it, or that are added up",
    "independent_documents": "of these, documents that are no near-copies of each other",
    "hosts": "sites that have it",
    "host_documents": "independent documents of the site",
    "position": "mean place in the documents, 0 first line to 1 last",
    "enclosed": "share of its documents in which an interface line comes before it",
    "varies": "whether its digits change from document to document",
    "language": "language of the document, ISO 639-3; null where none was found",
    "language_score": "how sure the detector is, 0 to 1",
    "script": "script of most of its letters, ISO 15924",
    **{rule.score: rule.what for rule in QUALITY_RULES},
}
_OF_LEARNED = {"kind": "null or `line`; `opening`, `ending`, `label`, `teaser`: lines that begin or end so; others"}


def rule_ids() -> set[str]:
    """Every rule id that is in the sources."""
    found = set()
    for top in ("transforms", "pipeline"):
        for path in sorted((ROOT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and RULE_ID.match(node.value):
                    found.add(node.value)
    found -= {".".join(names) for names, _ in walk_fields(Config)}
    personal = {f"{PREFIX}{kind}" for kind in get_args(Kind)}
    return found | personal | {NOT_KEPT, *(rule.id for rule in QUALITY_RULES)}


def rule_texts() -> dict[str, str]:
    """Rule id -> what it is about."""
    lines = RULES.read_text(encoding="utf-8").splitlines()
    found = dict(line.split(": ", 1) for line in lines if not line.startswith("#"))
    return found | {
        rule.id: f"{rule.what[0].upper()}{rule.what[1:]}: `filter.{rule.section}.{rule.key}`." for rule in QUALITY_RULES
    }


def configuration() -> str:
    """Every key with its type, default and description."""
    text = f"# Configuration\n\n{_MADE}A file needs only the keys that differ. `corpusmill init` writes them all.\n"
    for names, info in walk_fields(Config):
        default = info.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            text += f"\n{'#' * min(len(names) + 1, 4)} {'.'.join(names)}\n\n{info.description}\n"
            continue
        plain = yaml.safe_dump(_plain(default), default_flow_style=True, allow_unicode=True, width=10_000)
        shown = plain.removesuffix("...\n").strip()
        if len(shown) > 100:
            shown = f"{shown[:97]}..."
        text += f"\n- **`{'.'.join(names)}`** (default `{shown}`): {info.description}\n"
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(item) for item in value]
    return dict(value) if hasattr(value, "items") else value


def commands(group: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


def command_line() -> str:
    """Every command with its options."""
    codes = "Exit codes: 0 done, 1 the run failed, 2 wrong use, 3 the data were refused, 130 interrupted."
    text = f"# Command line\n\n{_MADE}{codes}\n"
    for name, command in commands(typer.main.get_command(app)):
        described = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
        described = re.sub(r"Example: (.*)", r"Example: `\1`", described)
        text += f"\n## corpusmill {name}\n\n{described}\n"
        rows = []
        for parameter in command.params:
            if parameter.name == "help":
                continue
            names = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar or parameter.name]
            metavar = f" {parameter.metavar}" if parameter.param_type_name == "option" and parameter.metavar else ""
            rows.append(f"| `{', '.join(names)}{metavar}` | {parameter.help or ''} |")
        if rows:
            text += (
                "\n| option or argument | what it says |\n|---|---|\n" + "\n".join(_cell(row) for row in rows) + "\n"
            )
    return text


def _cell(row: str) -> str:
    return " ".join(row.split())


def tables() -> str:
    """Every column of every table."""
    where = "All are Parquet. [What a run writes](../outputs.md) says where they are and how they load."
    text = f"# Tables\n\n{_MADE}{where}\n"
    for name, (what, schema) in TABLES.items():
        text += f"\n## {name}\n\n{what}\n\n| column | type | null | what it says |\n|---|---|---|---|\n"
        for field in schema:
            kind = re.sub(r"item: |element: | not null", "", str(field.type))
            kind = (
                "fixed_size_binary" if pa.types.is_fixed_size_binary(field.type) and field.name == "band_keys" else kind
            )
            described = _OF_LEARNED.get(field.name) if schema is TABLE_SCHEMA else None
            null = "yes" if field.nullable else ""
            text += f"| `{field.name}` | `{kind}` | {null} | {described or COLUMNS[field.name]} |\n"
    return text


def rules() -> str:
    """Every rule id."""
    described = rule_texts()
    where = "the configuration, in `clean --explain`, in the audit and in the summary"
    text = f"# Rules\n\n{_MADE}Ids are stable: the same word is in {where}.\n"
    stage = ""
    for rule in sorted(rule_ids()):
        if rule.split(".")[0] != stage:
            stage = rule.split(".")[0]
            text += f"\n## {stage}\n\n| rule | what it is about |\n|---|---|\n"
        text += f"| `{rule}` | {described[rule]} |\n"
    return text


def python() -> str:
    """The functions of the package, from their docstrings."""
    text = f"# Python\n\n{_MADE}[From Python](../python.md) shows them at work.\n"
    for name in sorted(set(corpusmill.__all__) - {"__version__"}):
        value = getattr(corpusmill, name)
        signature = re.sub(r"'", "", str(inspect.signature(value)))
        docstring = (inspect.getdoc(value) or "").rstrip()
        text += f"\n## corpusmill.{name}\n\n```text\n{name}{signature}\n```\n\n```text\n{docstring}\n```\n"
    return text


PAGES = {
    "configuration.md": configuration,
    "command-line.md": command_line,
    "tables.md": tables,
    "rules.md": rules,
    "python.md": python,
}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
