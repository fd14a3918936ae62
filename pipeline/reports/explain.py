"""Cleaning one text, and showing each step that changed it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from rich.text import Text

from corpusmill.config import Config
from corpusmill.reports.visible import visible
from corpusmill.transforms.kernels.boilerplate import LineRule, strip_text
from corpusmill.transforms.kernels.cleaning.normalize import normalize_text
from corpusmill.transforms.kernels.cleaning.personal_data import mask_text
from corpusmill.transforms.kernels.findings import Step

_CONTEXT = 1


def clean_text(text: str, config: Config, rules: Sequence[LineRule] = ()) -> tuple[str, list[Step]]:
    """Clean one text as a run would, and return it with the steps that changed it.

    Lines that a run learns from other pages of the site stay.

    Args:
        text: The text, decoded.
        config: The configuration.
        rules: Lines of the user's own rule files (`corpusmill.inputs.resources.load_resources`).
    """
    steps: list[Step] = []
    if config.normalize.enabled:
        text, found = normalize_text(text, config.normalize)
        steps += found
    text, found = mask_text(text, config.personal_data)
    steps += found
    if config.boilerplate.enabled:
        text, _, found = strip_text(text, config.boilerplate, extra_rules=tuple(rules))
        steps += found
    return text, steps


def render_steps(steps: list[Step]) -> Text:
    """Draw the steps as line diffs; invisible characters are written as code points."""
    drawn = Text()
    for number, step in enumerate(steps, 1):
        places = f"{step.count} place{'s' if step.count != 1 else ''}"
        drawn.append(f"{number}. {step.rule}", style="bold")
        drawn.append(f"  {places}{f'  ({step.detail})' if step.detail else ''}\n", style="dim")
        before, after = step.before.split("\n"), step.after.split("\n")
        for line in list(difflib.unified_diff(before, after, lineterm="", n=_CONTEXT))[2:]:
            kind, text = line[:1], line[1:]
            if kind == "@":
                drawn.append(f"   {line}\n", style="cyan")
            else:
                style = {"-": "red", "+": "green"}.get(kind, "dim")
                drawn.append(f"   {kind} {visible(text)}\n", style=style)
    return drawn
