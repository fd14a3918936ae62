"""Whether two paths mean the same place: real paths on this machine, normalised addresses elsewhere."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from corpusmill.transforms import storage


def place_of(path: str) -> str:
    """Return the one form in which paths are compared.

    Local paths and `file:` URLs become absolute, without links, `.` and `..`; other URLs lose what does not matter: the
    case of the scheme, doubled and trailing slashes, `.` and `..`. The form is for comparing only: on an object store
    it may name another object.
    """
    if path.startswith("file://"):
        path = unquote(urlsplit(path).path)
    if storage.is_local(path):
        return os.path.realpath(path)
    scheme, rest = path.split("://", 1)
    return f"{scheme.lower()}://{posixpath.normpath(rest).lstrip('/')}"


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is a folder, or lies in it, however both are written."""
    inner, outer = place_of(path), place_of(folder)
    if inner == outer or inner.startswith(outer.rstrip("/") + "/"):
        return True
    if not (storage.is_local(inner) and storage.is_local(outer)):
        return False
    # Folders may have two names without a link: mounted twice, or on a disk to which upper and lower case are one.
    try:
        wanted = os.stat(outer)
    except OSError:
        return False
    return any(os.path.samestat(found, wanted) for found in _stats_upwards(inner))


def overlap(path: str, other: str) -> bool:
    """Return whether one of two folders is the other, or lies in it."""
    return is_within(path, other) or is_within(other, path)


def _stats_upwards(path: str) -> Iterator[os.stat_result]:
    while True:
        with contextlib.suppress(OSError):
            yield os.stat(path)
        above = os.path.dirname(path)
        if above == path:
            return
        path = above
