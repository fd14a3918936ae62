"""Which settings may differ in a corpus that is made from the scores and texts of a finished run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corpusmill.config import Config, ConfigError, override_config
from corpusmill.transforms.kernels.quality.rules import RULES
from corpusmill.transforms.kernels.quality.settings import QualitySettings

_LIMITS = {f"filter.{rule.section}.{rule.key}" for rule in RULES}
_DECIDE = (
    *_LIMITS,
    "filter.presets",
    "filter.columns",
    "filter.functions",
    "filter.languages",
    "language.keep",
    "language.min_score",
)
"""Keys that decide by scores alone; in `filter.languages` those below that do."""
_WHY = {
    "filter": "it decides about documents before they are scored, or on how scores are computed",
    "language": "it changes how languages are identified",
    "dedup": "it changes which documents are compared, and how",
    "decontaminate": "it decides about documents before they are scored",
    "output": "it changes what a run keeps",
    "run": "it changes nothing of what is written",
}


def changed_config(config: Config, overrides: Iterable[str]) -> tuple[Config, list[str]]:
    """Return the configuration with other limits, and the keys that differ.

    Args:
        config: The configuration of the finished run.
        overrides: Such as `filter.gopher.min_words=80`.

    Raises:
        ConfigError: A value is not allowed, or a key decides more than which documents stay by their scores.
    """
    new = override_config(config, overrides)
    before, after = (dict(_leaves(one.model_dump(mode="json"))) for one in (config, new))
    keys = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    for key in keys:
        if key not in _DECIDE:
            section = key.partition(".")[0]
            why = _WHY.get(section, "it changes texts")
            raise ConfigError(
                f"refilter cannot change {key}: {why}; run it again with --set {key}={_shown(after.get(key))}"
            )
    _require_scores(config, new)
    return new, keys


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of all settings; sections with keys of the user's own are one value."""
    for name, value in values.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping) and key not in {"filter.languages", "filter.columns", "input.keep_columns"}:
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _require_scores(old: Config, new: Config) -> None:
    """Make sure that all scores that are asked for were computed, with the same parameters."""
    codes = [None, *sorted({"eng", *old.filter.languages, *new.filter.languages})] if old.language.enabled else []
    pairs = [(f"filter.languages.{code}" if code else "filter", _of(old, code), _of(new, code)) for code in codes]
    for where, before, after in pairs or [("filter", old.filter, new.filter)]:
        missing = [name for name in after.presets if name not in before.presets]
        if missing:
            raise ConfigError(
                f"refilter cannot add {missing[0]!r} to {where}.presets: the run has not computed its scores; run it "
                f"again with --set 'filter.presets=[{', '.join(new.scoring.widest.presets)}]'"
            )
        known_with = _parameters(before)
        for key, value in _parameters(after).items():
            if known_with[key] != value:
                raise ConfigError(
                    f"refilter cannot change {where}.{key}: scores are computed with it; run it again with --set "
                    f"{where}.{key}={_shown(value)}"
                )
    known = {(own.module, own.name) for own in old.filter.own_functions}
    for own in new.filter.own_functions:
        if (own.module, own.name) not in known:
            raise ConfigError(
                f"refilter cannot add {own.module}:{own.name} to filter.functions: the run has not computed its "
                "scores; run it again with --set filter.functions and this one in it"
            )


def _of(config: Config, code: str | None) -> QualitySettings:
    """The settings that are in force for a language, whether it has its own or not."""
    own = code in config.filter.languages or code == "eng"
    return config.filter.for_language(code if own else None)


def _parameters(settings: QualitySettings) -> dict[str, Any]:
    """Key -> value of what scores are computed with, but their limits; of the presets that are on."""
    found: dict[str, Any] = {}
    for name in settings.presets:
        section = name.replace("-", "_")
        for key, value in getattr(settings, section).model_dump(mode="json").items():
            if f"filter.{section}.{key}" not in _LIMITS:
                found[f"{section}.{key}"] = value
    return found


def _shown(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else f"{value}"
