import subprocess
import sys

import pytest

PROGRAM = """
import sys
import pyarrow as pa
from corpusmill.engines.memory import settle_allocators

settle_allocators()

def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096

kept = []
before = resident()
for _ in range(20):
    large = pa.array([b"x" * 24_000_000])  # a batch of texts
    kept.append(pa.array(list(range(500))))  # what is kept of it
    del large
sys.stdout.write(str(resident() - before))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc; the setting is glibc's")
def test_freed_batches_go_back_though_something_small_of_each_is_kept() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100_000_000


BETWEEN = """
import sys
import time
from corpusmill.engines import memory

memory._TRIM_SECONDS = 0.05
memory.settle_allocators()
import ctypes
library = ctypes.CDLL("libc.so.6")
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]

def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096

before = resident()
large, kept = [], []
for _ in range(200):
    large.append(library.malloc(1 << 20))
    ctypes.memset(large[-1], 1, 1 << 20)
    kept.append(library.malloc(64))
filled = resident()
for block in large:
    library.free(block)
end = time.monotonic() + 20
while resident() > before + 50_000_000 and time.monotonic() < end:
    time.sleep(0.05)
sys.stdout.write(f"{filled - before} {resident() - before}")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc; the setting is glibc's")
def test_free_pages_between_blocks_in_use_go_back() -> None:
    done = subprocess.run([sys.executable, "-c", BETWEEN], capture_output=True, text=True, check=True)
    filled, after = map(int, done.stdout.split())
    assert filled > 200_000_000
    assert after < 50_000_000
