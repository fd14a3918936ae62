"""Which input files an unfinished run has begun with, and what has become of them since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.layout import State
from corpusmill.transforms.reading.input_versions import describe_change
from corpusmill.transforms.reading.splits import Split, printable_path


def write_inputs(state: str, splits: Iterable[Split]) -> None:
    """Write down the input files of a run with their versions."""
    sealed.write_json(State(state).inputs, _versions(splits), state)


def describe_changes(state: str, splits: Iterable[Split]) -> str:
    """Say how the input files of a run differ from those that it has begun with; "" if they do not, or it is unknown.

    Args:
        state: State folder of the unfinished run.
        splits: As they would be now.
    """
    path = State(state).inputs
    if not storage.exists(path):
        return ""
    try:
        before: Mapping[str, str] = sealed.read_json(path)
    except sealed.DamagedFileError:
        return ""
    now = _versions(splits)
    changed = [name for name in before if name in now and before[name] != now[name]]
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    found = changed or gone or new
    if not found:
        return ""
    if changed and before[changed[0]] and now[changed[0]]:
        what = describe_change(before[changed[0]], now[changed[0]])
    else:
        what = "is another file now" if changed else "is gone" if gone else "is new"
    more = len(changed) + len(gone) + len(new) - 1
    return f"the input {found[0]!r} {what}" + (f" (and {more} more changed)" if more else "")


def _versions(splits: Iterable[Split]) -> dict[str, str]:
    return {printable_path(part.path): part.version for split in splits for part in split.parts}
