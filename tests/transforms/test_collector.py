import subprocess
import sys

_LOOKS = """
import gc
from corpusmill.transforms.collector import look_seldom

def looks():
    return sum(generation["collections"] for generation in gc.get_stats())

{before}
start = looks()
kept = [[number] for number in range(200_000)]
print(looks() - start)
cycle = []
cycle.append(cycle)
del cycle
print(gc.collect() > 0)
"""


def _run(before: str) -> tuple[int, bool]:
    done = subprocess.run(
        [sys.executable, "-c", _LOOKS.format(before=before)], capture_output=True, text=True, check=True
    )
    looks, found = done.stdout.split()
    return int(looks), found == "True"


def test_garbage_is_looked_for_seldom_but_still_found() -> None:
    (often, _), (seldom, found) = _run(""), _run("look_seldom()")
    assert 0 < seldom < often / 4
    assert found
