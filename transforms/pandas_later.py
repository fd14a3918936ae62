"""Arrow without pandas, until somebody wants pandas.

The first list that becomes a column makes Arrow import pandas, if it is installed, to ask whether the list is one of
its columns: half a second of CPU time of every command and every worker. Arrow asks once, and remembers the answer;
it imports pandas all the same when a table is to become a frame.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

PANDAS: Final = "pandas"


class _Absence:
    """A finder that says of some modules that they are not there."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse a module that is to be absent; others are for the finders behind this one."""
        if name in self._names:
            raise ModuleNotFoundError(f"{name} is not imported here", name=name)
        return None


@contextlib.contextmanager
def absent(names: Collection[str]) -> Iterator[None]:
    """Let modules be as if they were not installed while the block runs; those that are imported already stay."""
    finder: Any = _Absence(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def forgo_pandas() -> None:
    """Let Arrow not import pandas for a list; for processes of our own, before anything is made a column."""
    if PANDAS in sys.modules:
        return
    with absent({PANDAS}):
        from pyarrow import lib  # noqa: PLC0415  (commands that read nothing need not pay)

        _ = lib._pandas_api.have_pandas  # noqa: SLF001  (it has no public name)
        lib.array([0])  # the first guess at a type asks as well


def notice_pandas() -> None:
    """Let Arrow know of pandas where code of the user's has imported it: columns may come from there."""
    if PANDAS in sys.modules:
        from pyarrow import lib  # noqa: PLC0415

        _ = lib._pandas_api.pd  # noqa: SLF001
