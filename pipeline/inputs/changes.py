"""Which input files a run has begun with, and what has become of them since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.layout import State
from corpusmill.transforms.reading.input_versions import describe_change
from corpusmill.transforms.reading.splits import Split, printable_path

MAX_REMEMBERED = 10_000
"""Input files that the manifest of a finished run names with their versions: of more it would be megabytes."""
_NAMED = 3


def write_inputs(state: str, splits: Iterable[Split]) -> None:
    """Write down the input files of a run with their versions."""
    sealed.write_json(State(state).inputs, versions_of(splits), state)


def read_inputs(state: str) -> Mapping[str, str] | None:
    """Return what `write_inputs` has written; None if it is not there, or damaged."""
    path = State(state).inputs
    if not storage.exists(path):
        return None
    try:
        found: Mapping[str, str] = sealed.read_json(path)
    except sealed.DamagedFileError:
        return None
    return found


def remembered(splits: Iterable[Split]) -> dict[str, str] | None:
    """Return the versions of the input files for the manifest; None if they are too many."""
    versions = versions_of(splits)
    return versions if len(versions) <= MAX_REMEMBERED else None


def describe_changes(before: Mapping[str, str] | None, splits: Iterable[Split]) -> str:
    """Say how the input files differ from those that a run has begun with; "" if they do not, or it is unknown.

    Args:
        before: Printable path -> version then; None if it is unknown.
        splits: As they would be now.
    """
    if before is None:
        return ""
    now = versions_of(splits)
    changed = [name for name in before if name in now and before[name] != now[name]]
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    found = [
        *(f"{name!r} {_how(before[name], now[name])}" for name in changed),
        *(f"{name!r} is gone" for name in gone),
        *(f"{name!r} is new" for name in new),
    ]
    if not found:
        return ""
    more = len(found) - _NAMED
    return f"the input {', '.join(found[:_NAMED])}" + (f" (and {more:,} more changed)" if more > 0 else "")


def only_new(before: Mapping[str, str] | None, splits: Iterable[Split]) -> bool:
    """Return whether all that a run has read is as it was, and there are more files."""
    now = versions_of(splits)
    return before is not None and before.keys() < now.keys() and all(now[name] == before[name] for name in before)


def _how(before: str, now: str) -> str:
    return describe_change(before, now) if before and now else "is another file now"


def versions_of(splits: Iterable[Split]) -> dict[str, str]:
    """Return printable path -> version of the files of a plan, in input order."""
    return {printable_path(part.path): part.version for split in splits for part in split.parts}
