"""Errors for the person who gave the command: a sentence with the value and the remedy, and an exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_INTERRUPTED = 130
"""Exit code of a command that Ctrl-C has ended."""


class CorpusmillError(Exception):
    """Something that a person can correct; the message names the value and the remedy."""

    exit_code = 1


class UsageError(CorpusmillError):
    """The command, its options or the configuration ask for what cannot be done."""

    exit_code = 2


class DataRefusedError(CorpusmillError):
    """The data are not what the configuration says, so that a run would give a corpus of little or nothing."""

    exit_code = 3


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return which known column a name may mean, as the end of a sentence; "" if there are none.

    Example:
        >>> nearest_name("lagn", ["lang", "url"]), nearest_name("x", ["lang", "url"])
        ("; did you mean 'lang'?", '; there are lang, url')
    """
    names = sorted(set(known) - {name})
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(names)}" if names else ""
