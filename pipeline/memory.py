"""Keeping the memory of a process near what it uses."""

from __future__ import annotations

import contextlib
import ctypes

import pyarrow as pa

_M_ARENA_MAX = -8  # of glibc's mallopt
_ARENAS = 2


def settle_allocators() -> None:
    """Let Arrow use the system's allocator, and that one few arenas.

    A run allocates and frees columns of many sizes in several threads. Arrow's own pools and glibc's arena for each
    thread keep most of what was freed; with this a run of two threads peaked a third lower, in the same time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with contextlib.suppress(OSError, AttributeError):  # another C library: nothing to settle
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, _ARENAS)
