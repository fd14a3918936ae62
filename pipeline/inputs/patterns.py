"""Local files by pattern, for names of any bytes and for trees with loops of links."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from corpusmill.transforms.kernels.errors import UsageError

_MAGIC = re.compile(r"[*?\[]")


class InputError(UsageError, ValueError):
    """Inputs that are not there; the message names the pattern and what helps."""


def local_files(pattern: str) -> list[str]:
    """Return the files that a local pattern means, in the order of their names.

    An existing path is taken as it is, whatever characters it holds; a directory is walked to its bottom. In a
    pattern `*` and `?` do not match a leading dot, and directories that it matches are skipped. Links that lead nowhere
    are returned: the reader reports them.

    Args:
        pattern: Path or pattern; `file:` URLs and a leading `~` are understood.

    Raises:
        InputError: Nothing matches.
    """
    path = unquote(urlsplit(pattern).path) if pattern.startswith("file://") else pattern
    if not os.path.lexists(path) and path.startswith("~"):
        path = os.path.expanduser(path)
    if os.path.lexists(path):
        if not os.path.isdir(path):
            return [path]
        found = sorted(_walk(path, set()), key=os.fsencode)
        if not found:
            raise InputError(
                f"input {pattern!r} is a directory without files, hidden ones and those that begin with _ aside; "
                "name another"
            )
        return found
    if not _MAGIC.search(path):
        raise InputError(
            f"input {pattern!r} does not exist; check the spelling, or the current directory ({os.getcwd()})"
        )
    found = sorted((name for name in _expand(path) if not os.path.isdir(name)), key=os.fsencode)
    if not found:
        raise InputError(
            f"input {pattern!r} matches no file; quote patterns so that the shell leaves them alone, and use ** for "
            "files in subdirectories"
        )
    return found


def _walk(directory: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Yield all files below a directory; each directory once, however many links lead to it."""
    try:
        status = os.stat(directory)
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(directory) as entries:
            listed = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise InputError(
            f"directory {directory!r} cannot be listed: {error.strerror or error}; check its permissions"
        ) from error
    for entry in listed:
        if not entry.name.startswith((".", "_")):
            if _is_directory(entry):
                yield from _walk(entry.path, seen)
            else:
                yield entry.path


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _expand(pattern: str) -> list[str]:
    """Return the paths that match a pattern, component by component."""
    components = pattern.split(os.sep)
    paths = [os.sep] if pattern.startswith(os.sep) else [""]
    for component in components:
        if not component:
            continue
        if component == "**":
            paths = _below(paths)
        elif _MAGIC.search(component):
            paths = [found for path in paths for found in _matching(path, component)]
        else:
            paths = [found for path in paths if os.path.lexists(found := os.path.join(path, component))]
    return paths


def _below(paths: list[str]) -> list[str]:
    """Return the directories themselves and all below them that are not hidden, each once."""
    found: list[str] = []
    seen: set[tuple[int, int]] = set()
    todo = list(reversed(paths))
    while todo:
        path = todo.pop()
        try:
            status = os.stat(path or os.curdir)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(path or os.curdir) as entries:
                inside = sorted(
                    entry.name for entry in entries if not entry.name.startswith(".") and _is_directory(entry)
                )
        except OSError:
            continue
        found.append(path)
        todo += [os.path.join(path, name) for name in reversed(inside)]
    return found


def _matching(path: str, component: str) -> list[str]:
    """Return the entries of a directory whose names match one component of a pattern."""
    matches = re.compile(fnmatch.translate(component)).match
    try:
        with os.scandir(path or os.curdir) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return []
    hidden = component.startswith(".")
    return [os.path.join(path, name) for name in names if matches(name) and (hidden or not name.startswith("."))]
