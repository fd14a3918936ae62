"""corpusmill turns raw text into a clean, deduplicated corpus, and says for every document what happened to it.

`clean` and `clean_many` clean texts in memory, `dedup` removes duplicates from a table, `run` makes a corpus from
files, and `read` loads it. Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpusmill.api import Cleaned, Deduplicated, clean, clean_many, dedup, read, run

__version__ = "0.1.0"
__all__ = ["Cleaned", "Deduplicated", "__version__", "clean", "clean_many", "dedup", "read", "run"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from corpusmill import api  # noqa: PLC0415  (importing the package is quick)

        return getattr(api, name)
    raise AttributeError(f"module 'corpusmill' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
