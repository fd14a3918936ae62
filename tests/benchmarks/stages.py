"""Where the CPU time of a run goes, stage by stage: `python -m tests.benchmarks.stages INPUT [--set KEY=VALUE ...]`.

One process runs the job, with a clock around each step of the pipeline: a step's time is its own, without that of the
steps that take what it gives. What is neither a step nor an import is the engine, the plan and the report.
"""

from __future__ import annotations

import argparse
import functools
import glob
import inspect
import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

_START = time.process_time()
logging.basicConfig(level=logging.ERROR)  # Beam warns of what is not installed

from corpusmill.engines.collector import collect_from_here, look_seldom  # noqa: E402  (imports are measured)
from corpusmill.engines.lean_import import import_beam  # noqa: E402

look_seldom()
import_beam()
collect_from_here()

import apache_beam as beam  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from corpusmill.config import load_config  # noqa: E402
from corpusmill.request import Request  # noqa: E402
from corpusmill.runs.execute import run  # noqa: E402
from corpusmill.transforms.reading import read, read_split  # noqa: E402

IMPORTS = "imports"
REST = "engine, plan, report"

STAGES = {
    "read": ("corpusmill.transforms.reading",),
    "normalize": ("corpusmill.transforms.cleaning.normalize",),
    "boilerplate by rules": ("corpusmill.transforms.cleaning.boilerplate",),
    "learned lines": ("corpusmill.transforms.cleaning.learned_lines",),
    "filters": ("corpusmill.transforms.cleaning", "corpusmill.transforms.scoring"),
    "stage": ("corpusmill.transforms.staging.stage", "corpusmill.transforms.staging.refuse"),
    "index: keys of documents": ("corpusmill.transforms.staging.index",),
    "verify pairs": ("corpusmill.transforms.duplicates.packs", "corpusmill.transforms.duplicates.verify"),
    "other duplicate steps": ("corpusmill.transforms.duplicates",),
    "write": ("corpusmill.transforms.writing",),
    "accounts of shuffles": ("corpusmill.runs.shuffles",),
}
"""Stage -> the modules whose steps it has; the first that fits counts."""


def stage_of(module: str) -> str:
    """Return the stage that the steps of a module belong to."""
    return next((stage for stage, modules in STAGES.items() if module.startswith(modules)), REST)


def put_clock(kind: type[beam.DoFn], spent: dict[str, float]) -> None:
    """Let the steps of a class add the CPU time of what they do to that of their stage."""
    kind.process = _timed(kind.__dict__["process"], stage_of(kind.__module__), spent)
    if "setup" in kind.__dict__:
        kind.setup = _timed_call(kind.__dict__["setup"], stage_of(kind.__module__), spent)


def _timed_call(function: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        start = time.thread_time()
        result = function(*arguments, **named)
        spent[stage] += time.thread_time() - start
        return result

    return timed


def _timed(process: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(process)
    def timed(*arguments: Any, **named: Any) -> Iterator[Any]:
        start = time.thread_time()
        given = iter(process(*arguments, **named) or ())
        while True:
            try:
                value = next(given)
            except StopIteration:
                spent[stage] += time.thread_time() - start
                return
            spent[stage] += time.thread_time() - start
            yield value
            start = time.thread_time()

    return timed


def _steps(kind: type[beam.DoFn]) -> Iterator[type[beam.DoFn]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("corpusmill.") and inspect.isfunction(below.__dict__.get("process")):
            yield below
        yield from _steps(below)


def measure(inputs: str, output: str, settings: list[str]) -> dict[str, float]:
    """Run the job in this process.

    Returns:
        Stage -> CPU seconds.
    """
    config = load_config(None, [*settings, "run.workers=1", "output.keep_state=true"])
    spent: dict[str, float] = defaultdict(float, {IMPORTS: time.process_time() - _START})
    for kind in set(_steps(beam.DoFn)):
        put_clock(kind, spent)
    # Reading is a function, which is found by its name where the engine unpacks it.
    timed = _timed(read_split.read_marked, "read", spent)
    for module in (read_split, read):
        vars(module)["read_marked"] = timed
    start = time.process_time()
    run(Request(config, (inputs,), output), Console(quiet=True))
    spent[REST] += time.process_time() - start - sum(spent.values()) + spent[IMPORTS]
    return dict(spent)


def written(folder: Path) -> int:
    """Return the bytes of the files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="pattern of JSON lines")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting")
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    arguments = parser.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        spent = measure(arguments.input, f"{folder}/out", arguments.set)
        state = written(Path(folder) / "out" / "_state")
    size = sum(Path(path).stat().st_size for path in glob.glob(arguments.input))
    total = sum(spent.values())
    if arguments.json:
        Console(soft_wrap=True).print_json(data={"bytes": size, "state": state, "seconds": spent}, indent=None)
        return
    table = Table("stage", "CPU s", "ms per MB", "share", box=None)
    for stage in (IMPORTS, *STAGES, REST):
        seconds = spent.get(stage, 0.0)
        table.add_row(stage, f"{seconds:.2f}", f"{1e9 * seconds / size:.1f}", f"{seconds / total:.1%}")
    console = Console()
    console.print(table)
    console.print(f"{total:.1f} CPU s for {size / 1e6:.0f} MB; {state / size:.2f} bytes under _state a byte of input")


if __name__ == "__main__":
    main()
