"""What a shell is offered when TAB is pressed: keys for --set, presets, rule ids. Nothing heavy is imported."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
from collections.abc import Iterator

import typer

_DECISIONS = ("kept", "duplicate", "filtered", "rejected")
_KEY = re.compile(r"(?P<indent> *)(?P<key>\w+):(?P<value>.*)")
_CHOICES = re.compile(r"One of: (.*)\.$")


def keys() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each key of the configuration with its description and the values that it may have, if these are few."""
    text = (importlib.resources.files("corpusmill.configs") / "default.yaml").read_text("utf-8")
    above: list[str] = []
    comment: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            comment.append(bare.removeprefix("#").strip())
        elif match := _KEY.fullmatch(line):
            depth = len(match["indent"]) // 2
            above = [*above[:depth], match["key"]]
            words = " ".join(comment)
            choices = _CHOICES.search(words)
            if match["value"].strip():
                yield ".".join(above), words, tuple(choices[1].split(", ")) if choices else ()
            comment = []
        else:
            comment = []


def complete_set(incomplete: str) -> list[tuple[str, str]]:
    """Offer keys, and behind `key=` the values if these are few."""
    name, equals, begun = incomplete.partition("=")
    if not equals:
        return [(f"{key}=", words) for key, words, _ in keys() if key.startswith(name)]
    values = next((choices for key, _, choices in keys() if key == name), ())
    return [(f"{name}={value}", "") for value in values if value.startswith(begun)]


def complete_preset(incomplete: str) -> list[str]:
    """Offer the names of presets."""
    folder = importlib.resources.files("corpusmill.configs") / "presets"
    names = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [name for name in names if name.startswith(incomplete)]


def complete_export(incomplete: str) -> list[str]:
    """Offer the formats that a corpus is exported to."""
    return [name for name in ("jsonl", "jsonl.gz", "jsonl.zst") if name.startswith(incomplete)]


def complete_rule(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the decisions and rules that there are in the output that the command line names."""
    known = [*_DECISIONS]
    # What stands before an option that still lacks its value is no parameter yet.
    output = context.params.get("output") or next(iter(context.args), "")
    path = os.path.join(str(output), "manifest.json")
    try:
        with open(path, encoding="utf-8") as stream:
            manifest = json.load(stream)
        for part in ("reasons", "repairs", "lines_removed"):
            known += sorted(manifest[part])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing to offer: the command itself says what is wrong with the folder
    return [name for name in known if name.startswith(incomplete)]
