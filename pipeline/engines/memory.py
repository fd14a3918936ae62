"""Keeping the memory of a process near what it uses."""

from __future__ import annotations

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable
from functools import cache

import pyarrow as pa

_M_ARENA_MAX = -8  # of glibc's mallopt
_ARENAS = 2
_M_MMAP_THRESHOLD = -3
_OWN_PAGES_BYTES = 1 << 24
"""Larger blocks get pages of their own, which go back when they are freed. Left to itself glibc raises this bound to
32 MiB, and one small block that lives on keeps all that was freed before it: with batches of large documents a run
kept every text that it had seen. At 16 MiB this costs no time, at 2 MiB a fifth."""
_M_TRIM_THRESHOLD = -1
_KEPT_BYTES = 1 << 26
"""Free memory at the end of the heap goes back only above this. glibc gives back all above 128 KiB once the bound for
blocks with pages of their own is set, and so a stage got and lost the same pages for each batch: twenty times the page
faults, a tenth of the time of making keys."""
_TRIM_SECONDS = 3.0
"""How often free pages between blocks that are in use go back, too. Each stage needs blocks of other sizes: at 200 MB a
run of two threads peaked at 829 MB instead of 929, in the same time."""


@cache
def settle_allocators() -> None:
    """Let Arrow use the system's allocator, and that one few arenas; once in a process.

    A run allocates and frees columns of many sizes in several threads. Arrow's own pools and glibc's arena for each
    thread keep most of what was freed; with this a run of two threads peaked a third lower, in the same time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with contextlib.suppress(OSError, AttributeError):  # another C library: nothing to settle
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_ARENA_MAX, _ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        threading.Thread(target=_give_back, args=(library.malloc_trim,), name="memory", daemon=True).start()


def _give_back(trim: Callable[[int], int]) -> None:
    while True:
        time.sleep(_TRIM_SECONDS)
        trim(0)
