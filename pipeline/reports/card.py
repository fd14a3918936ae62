"""The dataset card, `OUT/README.md`: it makes an output as a whole a dataset that hubs show and `datasets` loads."""

from __future__ import annotations

from typing import Any

import yaml

from corpusmill.reports.figures import counted, human_bytes, percent
from corpusmill.reports.page import changed_settings
from corpusmill.runs.signed_page import is_unchanged, sign
from corpusmill.transforms import storage
from corpusmill.transforms.layout import LEARNED_LINES, Output, split_name

_SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"), (10**11, "10B<n<100B"), (10**12, "100B<n<1T"),
)  # fmt: skip
"""Fewer documents than this -> the hub's name for the size."""
_TABLES = {
    "corpus": "the documents",
    "audit": "what became of every document of the input, and why",
    "rejected": "records that could not be read",
    "removed": "the texts of the duplicates",
    "filtered": "the texts of the documents that were dropped by their scores",
    "pairs": "pairs of near-duplicates with their similarity",
    "index": "keys for the comparison with later corpora",
    "scores": "the scores of the documents that could be read",
    "statistics": "sums by source, host, language, decision and rule",
}


def write_card(output: str, manifest: dict[str, Any], state: str) -> None:
    """Write the card of a finished run, unless there is one that a person has written or changed.

    Args:
        output: Output folder of a finished run.
        manifest: Its manifest.
        state: Folder for working files, on the same filesystem.
    """
    path = Output(output).card
    if storage.exists(path) and not is_unchanged(path):
        return
    with storage.open_atomic(path, state) as stream:
        stream.write(render_card(manifest, storage.exists(storage.join(output, LEARNED_LINES))))


def render_card(manifest: dict[str, Any], learned: bool = False) -> bytes:
    """Return the card of a finished run.

    Args:
        manifest: Its manifest.
        learned: Whether there is a table of learned lines.
    """
    text = f"---\n{_header(manifest, learned)}---\n\n{_body(manifest, learned)}"
    return sign(text.encode("utf-8", "backslashreplace"))


def _header(manifest: dict[str, Any], learned: bool) -> str:
    documents = manifest["documents"]["kept"]
    size = next((name for least, name in _SIZES if documents < least), "n>1T")
    tables = [name for name in _TABLES if manifest["files"].get(name)]
    configs: list[dict[str, object]] = [
        {"config_name": name, "data_files": [{"split": "train", "path": _pattern(name, manifest)}]} for name in tables
    ]
    if learned:
        configs.append({"config_name": "learned_lines", "data_files": [{"split": "train", "path": LEARNED_LINES}]})
    configs[0]["default"] = True
    header: dict[str, object] = {"size_categories": [size], "tags": ["corpusmill"], "configs": configs}
    if license_name := manifest["config"]["output"].get("license"):
        header = {"license": license_name, **header}
    return yaml.safe_dump(header, sort_keys=False, allow_unicode=True)


def _pattern(table: str, manifest: dict[str, Any]) -> str:
    """The files of a table; those of the corpus and its index may be in folders of values."""
    in_folders = any(split_name(name)[0] for name in manifest["files"][table])
    return f"{table}/{'*/' if in_folders else ''}*.parquet"


def _body(manifest: dict[str, Any], learned: bool) -> str:
    documents, chars = manifest["documents"], manifest["chars"]
    whole = max(documents["in"], 1)
    decided = "".join(
        f"| {words} | {documents[name]:,} | {percent(documents[name] / whole)} |\n"
        for name, words in (
            ("kept", "kept"),
            ("duplicate", "removed as duplicates"),
            ("filtered", "dropped by a filter"),
            ("rejected", "could not be read"),
        )
    )
    found = {**manifest["reasons"], **manifest["repairs"], **manifest["lines_removed"]}
    units = dict.fromkeys(manifest["repairs"], "places") | dict.fromkeys(manifest["lines_removed"], "lines")
    rules = "".join(
        f"| `{rule}` | {counted(count, units.get(rule, 'documents'))} |\n" for rule, count in sorted(found.items())
    )
    tables = "".join(f"- `{name}/`: {what}\n" for name, what in _TABLES.items() if manifest["files"].get(name))
    tables += f"- `{LEARNED_LINES}`: lines that sites put around their texts\n" if learned else ""
    changed = "".join(f"- `{key}: {_inline(value)}`\n" for key, value in changed_settings(manifest["config"]))
    size = human_bytes(manifest["text_bytes"])
    made = f"{counted(documents['kept'], 'documents')}, {counted(chars['out'], 'characters')}, {size} of text"
    source = f"{counted(documents['in'], 'documents')} with {counted(chars['in'], 'characters')}"
    return f"""# A corpus made with corpusmill

{made}, cleaned and deduplicated by
corpusmill {manifest["versions"]["corpusmill"]} from {source}.

```python
from datasets import load_dataset

corpus = load_dataset(".", split="train")
```

## Tables

{tables}
## What became of the input

| decision | documents | share |
|---|---:|---:|
{decided}
## How it was made

| rule | what it did |
|---|---|
{rules}
Settings that are not the defaults:

{changed or "- none" + chr(10)}
All settings and counts are in `manifest.json`.

"""


def _inline(value: str) -> str:
    """Keep a value of a setting from ending the code that it is in."""
    return " ".join(value.replace("`", "'").split())
