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
