"""Input patterns to splits, which depend on the inputs and the settings, never on the workers."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apache_beam.io.filesystem import BeamIOError
from apache_beam.io.filesystems import FileSystems

from corpusmill.inputs.patterns import InputError, local_files
from corpusmill.inputs.screening import Screening
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.formats import COMPRESSIONS, FORMATS, format_of
from corpusmill.transforms.reading.input_versions import local_version, remote_version
from corpusmill.transforms.reading.splits import Part, Split, printable_path
from corpusmill.transforms.reading.streams import StorageError

__all__ = ["InputError", "InputFile", "Plan", "plan_splits"]

MAX_PARTS = 4096
"""Files of a split at most, however small they are."""

# How much more a compressed file counts than its size when files are grouped; text shrinks to a third or quarter.
_COMPRESSED_WEIGHT = 4


@dataclass(frozen=True)
class InputFile:
    """A file that a pattern matched.

    Attributes:
        path: As the pattern gave it.
        size: Bytes as stored; 0 if it cannot be looked at.
        version: Size and time, which tell whether its content changed (`input_versions`); "" if it cannot
            be looked at.
    """

    path: str
    size: int
    version: str


@dataclass(frozen=True)
class Plan:
    """What will be read.

    Attributes:
        splits: In input order.
        fingerprint: Hexadecimal digest of paths, sizes, versions and splits.
        total_bytes: Of all files as stored.
        files: How many.
    """

    splits: tuple[Split, ...]
    fingerprint: str
    total_bytes: int
    files: int


def plan_splits(patterns: Sequence[str], settings: InputSettings, screening: Screening | None = None) -> Plan:
    """Find the input files and cut them into splits.

    A pattern is a file, a directory (walked to its bottom, without hidden files and those whose name begins with `_`),
    a local pattern with `*`, `?`, `[...]` and `**`, or a URL that a Beam filesystem knows, with Beam's wildcards. Files
    come in the order of the patterns, those of one pattern in the order of their names; a file matched twice is read
    once.

    Args:
        patterns: Patterns.
        settings: Columns and limits.
        screening: Knows what the run itself writes, which is not input.

    Raises:
        InputError: A pattern matches nothing, or what must not be read (`corpusmill.inputs.screening`).
    """
    files = _find(patterns, screening or Screening())
    splits = tuple(_splits(files, settings))
    return Plan(splits, _fingerprint(files, splits), sum(file.size for file in files), len(files))


def _find(patterns: Sequence[str], screening: Screening) -> list[InputFile]:
    if not patterns:
        raise InputError("no input: give at least one --input PATTERN")
    found: dict[str, InputFile] = {}
    for pattern in patterns:
        remote = FileSystems.get_scheme(pattern) not in (None, "file")
        files = {file.path: file for file in (_remote(pattern) if remote else _local(pattern))}
        for path in screening.screen(pattern, list(files)):
            found.setdefault(screening.place(path), files[path])
    return list(found.values())


def _local(pattern: str) -> Iterator[InputFile]:
    for found in local_files(pattern):
        path = _plainly(found)
        try:
            status = os.stat(path)
        except OSError:  # a dangling link, a loop of links: reading it says so in a rejected row
            yield InputFile(path, 0, "")
        else:
            regular = stat.S_ISREG(status.st_mode)  # pipes and devices have no content that could stay the same
            yield InputFile(path, status.st_size if regular else 0, local_version(status) if regular else "")


def _plainly(path: str) -> str:
    """Return a local path without what says nothing, so that `in` and `./in/` give the same names of sources."""
    names = [name for name in path.split(os.sep) if name not in ("", os.curdir)]
    return (os.sep if path.startswith(os.sep) else "") + os.sep.join(names)


def _remote(pattern: str) -> Iterator[InputFile]:
    patterns = [pattern] if not pattern.endswith("/") else [pattern + "**"]
    try:
        storage.require_filesystem(pattern)
        matches = FileSystems.match(patterns)[0].metadata_list
        if not matches and not pattern.endswith("/"):
            matches = FileSystems.match([pattern + "/**"])[0].metadata_list
    except storage.FilesystemError as error:
        raise InputError(f"input {error}") from None
    except (BeamIOError, ValueError) as error:
        raise InputError(
            f"input {pattern!r} cannot be listed: {error}; check the address and the permissions"
        ) from error
    files = [found for found in matches if not found.path.endswith("/")]
    if not files:
        raise InputError(f"input {pattern!r} matches no file; check the address and the permissions")
    for found in sorted(files, key=lambda match: match.path):
        version = remote_version(found.size_in_bytes, found.last_updated_in_seconds)
        yield InputFile(found.path, found.size_in_bytes, version)


def _fingerprint(files: Sequence[InputFile], splits: Sequence[Split]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(json.dumps([printable_path(file.path), file.size, file.version]).encode())
    for split in splits:
        parts = tuple(replace(part, path=printable_path(part.path)) for part in split.parts)
        digest.update(json.dumps(replace(split, parts=parts).to_json()).encode())
    return digest.hexdigest()


def _splits(files: Sequence[InputFile], settings: InputSettings) -> Iterator[Split]:
    index = 0
    group: list[Part] = []
    size = weight = 0
    for file in files:
        kind = format_of(file.path, settings)
        ranges = _ranges(file, kind, settings)
        if ranges:
            if group:
                yield Split(index, tuple(group), size)
                index += 1
                group, size, weight = [], 0, 0
            for part, part_size in ranges:
                yield Split(index, (part,), part_size)
                index += 1
            continue
        heavier = file.size * (_COMPRESSED_WEIGHT if file.path.lower().endswith(COMPRESSIONS) else 1)
        if group and (weight + heavier > settings.split_bytes or len(group) >= MAX_PARTS):
            yield Split(index, tuple(group), size)
            index += 1
            group, size, weight = [], 0, 0
        group.append(Part(file.path, kind, version=file.version))
        size += file.size
        weight += heavier
    if group:
        yield Split(index, tuple(group), size)


def _ranges(file: InputFile, kind: str, settings: InputSettings) -> list[tuple[Part, int]]:
    """Return the parts of a file that is to be split, with their sizes; none if it is read in one."""
    if file.size <= settings.split_bytes or kind not in FORMATS:
        return []
    try:
        ranges = FORMATS[kind].load().cut(file.path, file.size, settings)
    except StorageError:
        raise
    except Exception:  # noqa: BLE001  (whatever a library makes of a hostile file)
        return []  # reading it says what is wrong, in a rejected row
    return [(Part(file.path, kind, start, end, file.version), size) for start, end, size in ranges]
