"""The configuration of a run: YAML files, `--set`, defaults, and messages that name the key and the remedy."""

from __future__ import annotations

import difflib
import hashlib
import importlib.resources
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import pyarrow as pa
import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from corpusmill import __version__
from corpusmill.cross_checks import check_sections
from corpusmill.language_files import read_language_files
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings
from corpusmill.transforms.kernels.cleaning.personal_data import PersonalDataSettings
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.names import by_single_language
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.kernels.reading.settings import COLUMN_TYPES, InputSettings
from corpusmill.transforms.kernels.settings import Settings, Size
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.reading.formats import FORMATS
from corpusmill.transforms.scoring.scorer import Scoring
from corpusmill.yaml_files import load_yaml, shown

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[("auto", *FORMATS)]  # a new format is a line in that table

VERSION = __version__


class ConfigError(UsageError, ValueError):
    """A configuration that cannot be used; the message names the key, what is wrong and what would be right."""


class InputSection(InputSettings):
    """How records are found in the input files."""

    format: FormatName = Field("auto", description="Format of the input files; `auto` decides by their names.")


class RunSettings(Settings):
    """How a run on this machine uses it. Nothing here changes what is written."""

    workers: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto", description="Workers of a local run; auto takes one for small inputs and one a core for large ones."
    )
    mode: Literal["auto", "threads", "processes"] = Field(
        "auto",
        description="What the workers are. Threads share their memory and start at once, and two of them keep two "
        "cores busy; processes scale further. auto takes threads for two workers and processes for more.",
    )
    memory: Size = Field(
        268_435_456,
        ge=1_000_000,
        description="Bytes that a worker of a local run may use to sort the keys of the duplicate stage; with less, "
        "the keys are read in more passes.",
    )


class Config(Settings):
    """Everything that `corpusmill run` can be told, stage by stage."""

    input: InputSection = Field(default_factory=InputSection, description="Reading records from the input files.")
    normalize: NormalizeSettings = Field(
        default_factory=NormalizeSettings, description="Repairing the encoding and taking symbol noise out."
    )
    personal_data: PersonalDataSettings = Field(
        default_factory=PersonalDataSettings,
        description="Masking personal data, after normalization and before all that compares texts; off where no kind "
        "is named.",
    )
    boilerplate: BoilerplateSettings = Field(
        default_factory=BoilerplateSettings, description="Taking out lines that the site put around the text."
    )
    language: LanguageSettings = Field(
        default_factory=LanguageSettings, description="Identifying the language of each document."
    )
    filter: FilterSettings = Field(default_factory=FilterSettings, description="Dropping whole documents by rule.")
    decontaminate: DecontaminateSettings = Field(
        default_factory=DecontaminateSettings,
        description="Finding parts of benchmarks in documents, after filtering; off where no file is named.",
    )
    dedup: DedupSettings = Field(
        default_factory=DedupSettings,
        description="Removing exact and near duplicates, each for a partner that is kept.",
    )
    output: OutputSettings = Field(default_factory=OutputSettings, description="Writing the corpus as Parquet shards.")
    run: RunSettings = Field(default_factory=RunSettings, description="Using this machine; changes no result.")

    @model_validator(mode="after")
    def _check_sections(self) -> Config:
        check_sections(self)
        return self

    @property
    def scoring(self) -> Scoring:
        """What is asked of each document after cleaning."""
        return Scoring(self.filter, self.language)

    def digest(self) -> str:
        """Return a hash of all that decides what is written: the settings and the version of the program."""
        # What a run refuses changes nothing of what it writes: it goes on where it was when more is accepted.
        extras = {"keep_state", "report", "card", "license", "max_partitions"}
        values = self.model_dump(mode="json", exclude={"run": True, "output": extras, "input": {"max_rejected_share"}})
        text = json.dumps({"config": values, "version": VERSION}, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def kept_columns(self) -> dict[str, pa.DataType]:
        """Return name -> Arrow type of the input columns that the corpus keeps as columns, by name."""
        return {name: COLUMN_TYPES[kind] for name, kind in self.input.keep_columns.items()}


PRESETS = ("web", "clean-only", "dedup-only")
"""Configurations for a purpose, in `corpusmill.configs`; `web` is the defaults."""


def load_config(
    path: str | None,
    overrides: Iterable[str] = (),
    *,
    preset: str | None = None,
    sections: Mapping[str, object] | None = None,
) -> Config:
    """Read a configuration file and apply `key=value` overrides.

    Args:
        path: YAML file on any filesystem; it holds what differs from the defaults. None for the defaults.
        overrides: Such as `dedup.threshold=0.9`; values are read as YAML.
        preset: Name of a preset, below the file and the overrides.
        sections: Sections of a configuration, such as `{"dedup": {"threshold": 0.9}}`, above the file.

    Raises:
        ConfigError: The file cannot be read, a key does not exist, or a value is not allowed.
    """
    values = _read_preset(preset) if preset is not None else {}
    if path is not None:
        _merge(values, _read_yaml(path))
    _merge(values, sections or {})
    for override in overrides:
        _set(values, override)
    _read_languages(values)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from None


def override_config(config: Config, overrides: Iterable[str]) -> Config:
    """Return a configuration with some values in the place of others.

    Args:
        config: The configuration.
        overrides: As for `load_config`.

    Raises:
        ConfigError: A key does not exist, or a value is not allowed.
    """
    values: dict[str, object] = config.model_dump(mode="json")
    for override in overrides:
        _set(values, override)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, None)) from None


def _read_languages(values: dict[str, object]) -> None:
    """Lay the settings of language files under those given for these languages."""
    own = values.get("filter")
    if not isinstance(own, dict) or not own.get("language_files"):
        return
    try:
        languages = read_language_files(own["language_files"])
        if isinstance(given := own.get("languages") or {}, dict):
            _merge(languages, by_single_language(given))
            own["languages"] = languages
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _read_preset(name: str) -> dict[str, object]:
    if name not in PRESETS:
        near = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(PRESETS)}"
        raise ConfigError(f"there is no preset {name!r}; {hint}")
    text = (importlib.resources.files("corpusmill.configs") / "presets" / f"{name}.yaml").read_text("utf-8")
    values: dict[str, object] = yaml.safe_load(text) or {}
    return values


def _merge(values: dict[str, object], others: Mapping[str, object]) -> None:
    """Lay the values of a file over those of a preset, key by key."""
    for key, value in others.items():
        own = values.get(key)
        if isinstance(own, dict) and isinstance(value, dict):
            _merge(own, value)
        else:
            values[key] = value


def _read_yaml(path: str) -> dict[str, object]:
    try:
        storage.require_filesystem(path)
        values = load_yaml(storage.read_small(path))
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {path!r}: {error.strerror or error}; check the path"
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}; correct it, or write one with corpusmill init") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path} holds {type(values).__name__}, not keys and values such as `dedup: {{threshold: 0.8}}`"
        )
    return values


def _set(values: dict[str, object], override: str) -> None:
    key, equals, text = override.partition("=")
    names = key.strip().split(".")
    if not equals or not all(names):
        raise ConfigError(f"--set takes key=value, such as dedup.threshold=0.9, not {override!r}")
    try:
        value = load_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {key}: {text!r} is not a YAML value: {error}; put it in quotes") from None
    place = values
    for depth, name in enumerate(names[:-1]):
        inner = place.setdefault(name, {})
        if inner is None:
            inner = place[name] = {}
        if not isinstance(inner, dict):
            above = ".".join(names[: depth + 1])
            raise ConfigError(
                f"--set {key}: {above} is {shown(inner)}, which has no keys inside; see corpusmill config show"
            )
        place = inner
    place[names[-1]] = value


def _explain(error: ValidationError, path: str | None) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown key {where!r}{_suggest(where)}")
        else:
            given = problem["input"]
            value = f" (given: {shown(given)})" if not isinstance(given, Mapping | BaseModel) else ""
            what = f"{where}: " if where else ""  # a rule about several stages has no place
            is_list = problem["type"] in {"tuple_type", "list_type"}
            wanted = f"give a list, such as [{given}]" if is_list else problem["msg"].removeprefix("Value error, ")
            lines.append(f"{what}{wanted}{value}")
    head = "the configuration" if path is None else f"{path} with the --set options given"
    return f"{head} is not valid:\n" + "\n".join(f"  - {line}" for line in lines)


def _suggest(where: str) -> str:
    known = [".".join(names) for names, _ in walk_fields(Config)]
    near = difflib.get_close_matches(where, known, n=1, cutoff=0.5)
    if not near:
        last = where.rsplit(".", 1)[-1]
        named = [key for key in known if key.rsplit(".", 1)[-1] == last]
        near = named or difflib.get_close_matches(last, known, n=1, cutoff=0.4)
    return f"; did you mean {near[0]!r}?" if near else "; `corpusmill config show` lists all keys"


def walk_fields(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield (names from the root, field) of every key, sections before what is in them."""
    for name, info in model.model_fields.items():
        names = (*above, name)
        yield names, info
        if (inner := _section(info.annotation)) is not None:
            yield from walk_fields(inner, names)


def _section(annotation: object) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


_WIDTH = 110


def render_yaml(config: Config) -> str:
    """Write a configuration as YAML, every key under a comment that describes it."""
    lines = [
        "# The defaults of corpusmill, every key with what it does.",
        "# A configuration file of your own needs only the keys that differ.",
    ]
    _render(config, lines, "")
    return "\n".join(lines) + "\n"


def _render(model: BaseModel, lines: list[str], indent: str) -> None:
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        section = isinstance(value, BaseModel)
        if section and not indent:
            lines.append("")
        comment = f"{info.description or ''}{_choices(info.annotation)}"
        lines.extend(f"{indent}# {line}" for line in _wrap(comment, _WIDTH - len(indent)))
        if section:
            lines.append(f"{indent}{name}:")
            _render(value, lines, indent + "  ")
        else:
            plain = model.model_dump(mode="json", include={name})[name]
            text = yaml.safe_dump(
                plain, allow_unicode=True, sort_keys=False, width=_WIDTH - 12, default_flow_style=True
            )
            first, *rest = text.removesuffix("...\n").rstrip("\n").split("\n")
            lines.append(f"{indent}{name}: {first}")
            lines.extend(f"{indent}  {line.strip()}" for line in rest)


def _choices(annotation: object) -> str:
    options = [annotation, *typing.get_args(annotation)] if typing.get_origin(annotation) in _UNIONS else [annotation]
    values = [value for option in options if typing.get_origin(option) is Literal for value in typing.get_args(option)]
    return f" One of: {', '.join(str(value) for value in values)}." if len(values) > 1 else ""


_UNIONS = (typing.Union, types.UnionType)


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
