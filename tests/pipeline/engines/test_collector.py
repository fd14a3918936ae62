import subprocess
import sys

_LOOKS = """
import gc
from corpusmill.engines.collector import look_seldom

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


def test_garbage_is_collected_again_from_the_start_of_the_work() -> None:
    _run("from corpusmill.engines.collector import *; rest_collector(); assert not gc.isenabled(); collect_from_here()")
    _run("from corpusmill.engines.collector import *; rest_collector(); collect_from_here(); assert gc.isenabled()")


def test_the_collector_of_a_program_that_never_rested_it_is_left_alone() -> None:
    _run("from corpusmill.engines.collector import *; collect_from_here(); assert gc.get_freeze_count() == 0")
