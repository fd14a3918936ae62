"""Files that the configuration names: rule lines and learned lines of the user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from pydantic import ValidationError

from corpusmill.config import Config, ConfigError
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.boilerplate import LineRule, parse_rule_file
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA
from corpusmill.transforms.writing.tokens import load_tokenizer
from corpusmill.yaml_files import load_yaml

_NEEDED = ("host", "sample")


@dataclass(frozen=True)
class Resources:
    """The contents of the files that a configuration names.

    Attributes:
        rules: Lines of the user's own rule files.
        learned: Learned lines to use instead of learning, or None.
        digest: Hash of the contents; "" if no file is named.
    """

    rules: tuple[LineRule, ...] = ()
    learned: pa.RecordBatch | None = None
    digest: str = ""


def load_resources(config: Config) -> Resources:
    """Read the files that the configuration names.

    Raises:
        ConfigError: A file cannot be read or does not hold what it should.
    """
    settings = config.boilerplate
    contents: list[bytes] = []
    if config.language.enabled and config.language.model is not None:
        contents.append(_digest_of_file(config.language.model, "language.model"))
    if config.output.tokenizer is not None:
        contents.append(_digest_of_file(config.output.tokenizer, "output.tokenizer"))
        load_tokenizer(config.output.tokenizer)
    if not settings.enabled:
        return Resources(digest=_digest(contents))
    rules: list[LineRule] = []
    for path in settings.rule_files:
        content = _read(path, "boilerplate.rule_files")
        contents.append(content)
        try:
            parsed = load_yaml(content)
            if not isinstance(parsed, dict):
                raise ValueError("it holds no keys such as platform, strings and languages")
            rules += parse_rule_file(parsed)
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
            raise ConfigError(f"boilerplate.rule_files: {path}: {'; '.join(problems)}; correct the file") from None
        except (ValueError, yaml.YAMLError) as error:
            raise ConfigError(f"boilerplate.rule_files: {path}: {error}; correct the file") from None
    learned = None
    if settings.learned.enabled and settings.learned.table is not None:
        content = _read(settings.learned.table, "boilerplate.learned.table")
        contents.append(content)
        learned = _learned_lines(content, settings.learned.table)
    return Resources(tuple(rules), learned, _digest(contents))


def _digest_of_file(path: str, key: str) -> bytes:
    """Return the hash of a file that may be large: another content under the same name is another run."""
    found = hashlib.sha256()
    try:
        with storage.open_read(path) as stream:
            while data := stream.read(_CHUNK_BYTES):
                found.update(data)
    except OSError as error:
        raise ConfigError(f"{key}: cannot read {path!r}: {error.strerror or error}; check the path") from None
    return found.digest()


_CHUNK_BYTES = 1 << 22


def _read(path: str, key: str) -> bytes:
    try:
        return storage.read_small(path)
    except OSError as error:
        raise ConfigError(f"{key}: cannot read {path!r}: {error.strerror or error}; check the path") from None


def _learned_lines(content: bytes, path: str) -> pa.RecordBatch:
    try:
        table = pq.read_table(pa.BufferReader(content))
    except pa.ArrowException as error:
        raise ConfigError(
            f"boilerplate.learned.table: {path} is not a Parquet file ({error}); see corpusmill boilerplate learn"
        ) from None
    missing = [name for name in _NEEDED if name not in table.column_names]
    if missing:
        raise ConfigError(
            f"boilerplate.learned.table: {path} has no column {missing[0]!r}; "
            "it needs host (null: all hosts) and sample"
        )
    # Lines that were added by hand have no more than these; null counts as proven.
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in TABLE_SCHEMA
    ]
    whole = pa.table(columns, schema=TABLE_SCHEMA).combine_chunks()
    return whole.to_batches()[0] if len(whole) else pa.RecordBatch.from_pylist([], TABLE_SCHEMA)


def _digest(contents: Iterable[bytes]) -> str:
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    return hashlib.sha256("".join(digests).encode()).hexdigest() if digests else ""
