"""Cleaning one text as a run would."""

from __future__ import annotations

from collections.abc import Sequence

from corpusmill.config import Config
from corpusmill.transforms.kernels.boilerplate import LineRule, strip_text
from corpusmill.transforms.kernels.cleaning.normalize import normalize_text
from corpusmill.transforms.kernels.cleaning.personal_data import mask_text
from corpusmill.transforms.kernels.findings import Step


def clean_text(text: str, config: Config, rules: Sequence[LineRule] = ()) -> tuple[str, list[Step]]:
    """Clean one text as a run would, and return it with the steps that changed it.

    Lines that a run learns from other pages of the site stay.

    Args:
        text: The text, decoded.
        config: The configuration.
        rules: Lines of the user's own rule files (`corpusmill.inputs.resources.load_resources`).
    """
    text, steps = repair_text(text, config)
    if config.boilerplate.enabled:
        text, _, found = strip_text(text, config.boilerplate, extra_rules=tuple(rules))
        steps += found
    return text, steps


def repair_text(text: str, config: Config) -> tuple[str, list[Step]]:
    """Do with one text what comes before lines are removed, and return it with the steps that changed it.

    Args:
        text: The text, decoded.
        config: The configuration.
    """
    steps: list[Step] = []
    if config.normalize.enabled:
        text, steps = normalize_text(text, config.normalize)
    text, masked = mask_text(text, config.personal_data)
    return text, steps + masked
