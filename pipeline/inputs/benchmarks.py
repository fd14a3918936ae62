"""Benchmarks that documents are searched for: reading their items and indexing them."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.config import Config, ConfigError
from corpusmill.inputs.named_files import decode_text, files_of, read_bytes
from corpusmill.transforms.kernels.cleaning.normalize import normalize_column
from corpusmill.transforms.kernels.cleaning.personal_data import mask_column
from corpusmill.transforms.kernels.decontamination.benchmark_index import (
    ITEM_SCHEMA,
    BenchmarkIndex,
    BenchmarkReport,
    build_index,
)
from corpusmill.transforms.reading.formats import format_named
from corpusmill.transforms.reading.splits import printable_path

_KEY = "decontaminate.files"
_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")


@dataclass(frozen=True)
class Benchmarks:
    """The benchmarks of a run.

    Attributes:
        index: Their n-grams.
        reports: What of each is looked for.
        files: The files.
        digest: Hash of what they hold, and of their names.
    """

    index: BenchmarkIndex
    reports: tuple[BenchmarkReport, ...]
    files: tuple[str, ...]
    digest: str


def load_benchmarks(config: Config) -> Benchmarks | None:
    """Read the benchmarks that the configuration names, clean their items as documents are, and index them.

    Returns:
        None where none is named.

    Raises:
        ConfigError: A file is not there, cannot be read, or none of its items has one of the fields.
    """
    settings = config.decontaminate
    if not settings.files:
        return None
    files = _found(settings.files, _KEY)
    digest = hashlib.sha256()
    owners: list[str] = []
    names: list[str] = []
    texts: list[str] = []
    for path, name in zip(files, _names(files), strict=True):
        content = read_bytes(path, _KEY)
        for part in (name.encode(), content):
            digest.update(hashlib.sha256(part).digest())
        for item, text in _items(path, content, settings.fields, config.input.id_column):
            names.append(item)
            texts.append(text)
        owners += [name] * (len(texts) - len(owners))
    common: list[str] = []
    for path in _found(settings.common_files, "decontaminate.common_files") if settings.common_files else ():
        content = read_bytes(path, "decontaminate.common_files")
        digest.update(hashlib.sha256(content).digest())
        common.append(decode_text(path, content, "decontaminate.common_files"))
    cleaned = _cleaned(pa.array(texts, pa.string()), config).cast(pa.large_string())
    items = pa.table([pa.array(owners, pa.string()), pa.array(names, pa.string()), cleaned], schema=ITEM_SCHEMA)
    index, reports = build_index(items, settings, _cleaned(pa.array(common, pa.string()), config))
    return Benchmarks(index, tuple(reports), tuple(files), digest.hexdigest())


def _cleaned(text: pa.Array, config: Config) -> pa.Array:
    """Texts as they would be in documents: else what normalization or masking changes there would not be found."""
    if config.normalize.enabled:
        text, _ = normalize_column(text, config.normalize)
    return mask_column(text, config.personal_data).text


def _found(patterns: Iterable[str], key: str) -> list[str]:
    return list(dict.fromkeys(path for pattern in patterns for path in files_of(pattern, key)))


def _names(files: list[str]) -> list[str]:
    """Names of benchmarks: those of their files without what tells the format; whole paths where these are equal."""
    plain = [printable_path(os.path.basename(path.rstrip("/"))) for path in files]
    for position, name in enumerate(plain):
        stem = name
        while os.path.splitext(stem)[1].lower() in _SUFFIXES or format_named(stem):
            stem = os.path.splitext(stem)[0]
        plain[position] = stem or name
    counts = Counter(plain)
    return [name if counts[name] == 1 else printable_path(path) for name, path in zip(plain, files, strict=True)]


def _items(path: str, content: bytes, fields: tuple[str, ...], id_column: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each item of a file."""
    any_text = False
    seen: dict[str, None] = {}
    for number, record in enumerate(_records(path, content), 1):
        parts: list[str] = []
        for name in fields:
            if name in record:
                value = record[name]
                parts += (value,) if isinstance(value, str) else _strings(value)
        text = "\n".join(parts)
        if not any_text:
            seen.update(dict.fromkeys(record))
            any_text = bool(text.strip())
        identifier = record.get(id_column)
        yield (str(identifier) if isinstance(identifier, str | int) else f"#{number}"), text
    if not any_text:
        has = f"its items have {', '.join(list(seen)[:12])}" if seen else "it holds no items"
        raise ConfigError(
            f"{_KEY}: {path!r} has none of the fields {', '.join(fields)}; {has}. Name those that hold the items with "
            "decontaminate.fields"
        )


def _strings(value: Any) -> list[str]:
    """Return the strings in a field, those of lists and objects in it too."""
    if isinstance(value, str):
        return [value]
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in inner for text in _strings(part)]


def _records(path: str, content: bytes) -> Iterator[Mapping[str, Any]]:
    entry = format_named(path)
    kind = entry.name if entry else "jsonl"
    if kind == "parquet":
        yield from _parquet_records(path, content)
        return
    if kind == "jsonl" and (records := _utf8_records(content)) is not None:
        yield from records
        return
    text = decode_text(path, content, _KEY)
    if kind in ("csv", "tsv"):
        delimiter = "\t" if kind == "tsv" else ","
        try:
            yield from csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        except csv.Error as error:
            raise ConfigError(
                f"{_KEY}: {path!r} is not a table: {error}; correct the line, or convert the file to JSONL"
            ) from None
        return
    if kind != "jsonl":
        raise ConfigError(f"{_KEY}: {path!r} has a name of neither JSONL, Parquet, CSV nor TSV; rename or convert it")
    yield from _json_records(path, text)


def _utf8_records(content: bytes) -> list[dict[str, Any]] | None:
    """Return the objects of JSON lines in UTF-8, which JSON is in (RFC 8259, 8.1); None if they are anything else."""
    try:
        records = [orjson.loads(line) for line in content.split(b"\n") if line.strip()]
    except orjson.JSONDecodeError:
        return None
    return records if all(isinstance(record, dict) for record in records) else None


def _json_records(path: str, text: str) -> Iterator[Mapping[str, Any]]:
    try:
        whole = orjson.loads(text) if text.lstrip()[:1] == "[" else None
    except orjson.JSONDecodeError:
        whole = None
    values = whole if isinstance(whole, list) else text.split("\n")
    for number, line in enumerate(values, 1):
        if isinstance(line, str) and not line.strip():
            continue
        try:
            record = orjson.loads(line) if isinstance(line, str) else line
        except orjson.JSONDecodeError as error:
            raise ConfigError(f"{_KEY}: {path!r}, line {number}, is not JSON: {error}; correct the line") from None
        if not isinstance(record, dict):
            raise ConfigError(
                f"{_KEY}: {path!r}, item {number}, is not an object; make it one with fields such as `question`"
            )
        yield record


def _parquet_records(path: str, content: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        with pq.ParquetFile(pa.BufferReader(content)) as parquet:
            for batch in parquet.iter_batches():
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise ConfigError(f"{_KEY}: {path!r} is not a Parquet file: {error}; copy it again, or name another") from None
