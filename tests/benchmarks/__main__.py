"""Measures the kernels in MB/s of one core, and the whole job against a floor: `python -m tests.benchmarks`.

All figures are CPU seconds. The floor reads the same JSON lines with pyarrow and writes them as zstd Parquet. On a busy
machine only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from corpusmill.config import Config
from corpusmill.transforms.kernels.boilerplate import strip_column
from corpusmill.transforms.kernels.boilerplate.learning.apply import apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learn import learn_table
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import line_statistics
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again
from corpusmill.transforms.kernels.cleaning.no_op_proofs import suspects
from corpusmill.transforms.kernels.cleaning.normalize import normalize_column, rules_of
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import JSONL, Part, Split
from tests.benchmarks.texts import CODECS, HOSTILE, documents, multilingual, read_through, write_corpus

FLOOR = """
import glob, sys
import pyarrow as pa, pyarrow.json as pj, pyarrow.parquet as pq
pa.set_cpu_count(1)
writer = None
for path in sorted(glob.glob(sys.argv[1] + "/*.jsonl")):
    table = pj.read_json(path, read_options=pj.ReadOptions(use_threads=False, block_size=1 << 24))
    writer = writer or pq.ParquetWriter(sys.argv[2], table.schema, compression="zstd")
    writer.write_table(table)
writer.close()
"""


def _seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Least CPU seconds of several rounds, after one that is not counted."""
    work()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def _damaged(text: pa.Array, one_in: int = 1) -> pa.Array:
    """Every so many texts read through a wrong codec, a different one each time."""
    codecs = itertools.cycle(CODECS)
    values = enumerate(text.to_pylist())
    return pa.array([read_through(value, next(codecs)) if row % one_in == 0 else value for row, value in values])


def _with_losses(text: pa.Array) -> pa.Array:
    return pa.array([value.encode().decode("cp1252", "replace") for value in text.to_pylist()])


def kernels(console: Console, megabytes: float) -> None:
    """Measure each kernel on columns of made-up text."""
    config = Config()
    table = Table("kernel", "text", "MB/s a core", box=None)
    for name, plain in (("ascii", True), ("web", False)):
        records = list(documents(megabytes, plain=plain))
        text, url = (pa.array([record[key] for record in records]) for key in ("text", "url"))
        size = text.nbytes / 1e6
        learned = LearnedTable(learn_table(line_statistics(text, url, config.boilerplate), config.boilerplate))
        jobs: dict[str, Callable[[], object]] = {
            "normalize": lambda: normalize_column(text, config.normalize),  # noqa: B023
            "strip boilerplate": lambda: strip_column(text, config.boilerplate, urls=url),  # noqa: B023
            "count lines": lambda: line_statistics(text, url, config.boilerplate),  # noqa: B023
            "look again": lambda: look_again(text, url, learned, config.boilerplate),  # noqa: B023
            "apply learned": lambda: apply_learned(text, url, learned, config.boilerplate),  # noqa: B023
            "document keys": lambda: document_keys(text, config.dedup),  # noqa: B023
        }
        for job, work in jobs.items():
            table.add_row(job, name, f"{size / _seconds(work):.1f}")
    console.print(table)


def normalization(console: Console, megabytes: float) -> None:
    """Measure normalization on sound and on damaged text, and the proofs that clear sound text."""
    settings = Config().normalize
    table = Table("normalization of", "proofs MB/s", "all MB/s", "changed", box=None)
    web = pa.array([record["text"] for record in documents(megabytes)])
    sound = pa.array(list(multilingual(megabytes)))
    few = sound.slice(0, len(sound) // 8)
    columns = {
        "ASCII": pa.array([record["text"] for record in documents(megabytes, plain=True)]),
        "web": web,
        "multilingual": sound,
        "web, 1 in 100 damaged": _damaged(web, 100),
        "multilingual, 1 in 100 damaged": _damaged(sound, 100),
        "multilingual, all damaged": _damaged(few),
        "multilingual, all damaged twice": _damaged(_damaged(few.slice(0, len(few) // 2))),
        "multilingual, all damaged with losses": _with_losses(few.slice(0, len(few) // 2)),
    }
    for name, text in columns.items():
        size = text.nbytes / 1e6
        changed = len({row for row, *_ in normalize_column(text, settings)[1]})
        proofs = size / _seconds(lambda: suspects(text, rules_of(settings)))  # noqa: B023
        speed = size / _seconds(lambda: normalize_column(text, settings))  # noqa: B023
        table.add_row(name, f"{proofs:.0f}", f"{speed:.1f}", f"{changed} of {len(text)}")
    console.print(table)


def hostile(console: Console, megabytes: float) -> None:
    """Measure one document of a unit repeated without end, and one twice as long: time must grow no faster."""
    settings = Config().normalize
    table = Table("one document of", "MB", "seconds", "twice as long", "ratio", box=None)
    for name, unit in HOSTILE.items():
        count = int(megabytes * 1e6 / len(unit.encode()))
        short, long = (pa.array([unit * times], pa.large_string()) for times in (count, 2 * count))
        first, second = (_seconds(lambda: normalize_column(text, settings), 1) for text in (short, long))  # noqa: B023
        table.add_row(name, f"{megabytes:g}", f"{first:.2f}", f"{second:.2f}", f"{second / max(first, 1e-3):.1f}")
    console.print(table)


def reading(console: Console, folder: Path) -> None:
    """Measure reading JSON lines into batches."""
    path = next(folder.glob("*.jsonl"))
    split = Split(0, (Part(str(path), JSONL),))
    seconds = _seconds(lambda: [batch.num_rows for batch in read_split(split, Config().input)], 2)
    console.print(f"read JSONL: {path.stat().st_size / 1e6 / seconds:.0f} MB/s a core")


def _child_cpu(command: list[str]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def whole_job(console: Console, folder: Path, megabytes: float, than: str | None) -> None:
    """Measure the whole job, start-up included, against the floor; and in turn with it that of an earlier commit."""
    floor, _ = _child_cpu([sys.executable, "-c", FLOOR, str(folder), str(folder / "floor.parquet")])
    for name, python in (("whole job", sys.executable), *([("earlier commit", than)] if than else [])):
        command = [python, "-m", "corpusmill", "run", "--input", f"{folder}/*.jsonl", "--overwrite"]
        cpu, wall = _child_cpu([*command, "--output", str(folder / "out")])
        console.print(
            f"{name}, {megabytes:g} MB: {cpu:.1f} CPU s ({megabytes / cpu:.1f} MB per CPU s), {wall:.1f} s wall, "
            f"{cpu / floor:.1f} x the floor ({floor:.2f} CPU s)"
        )


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--kernel-mb", type=float, default=8, help="text for each kernel (default 8, 0: leave them out)"
    )
    parser.add_argument(
        "--job-mb", type=float, default=200, help="text for the whole job (default 200, 0: leave it out)"
    )
    parser.add_argument(
        "--hostile-mb", type=float, default=0, help="text of each hostile document (default 0: leave them out)"
    )
    parser.add_argument(
        "--than", metavar="PYTHON", help="Python of an environment with an earlier commit, whose job runs in turn"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    pa.set_cpu_count(1)
    console = Console()
    if arguments.kernel_mb:
        kernels(console, arguments.kernel_mb)
        normalization(console, arguments.kernel_mb)
    if arguments.hostile_mb:
        hostile(console, arguments.hostile_mb)
    if arguments.job_mb:
        with tempfile.TemporaryDirectory() as folder:
            write_corpus(Path(folder) / "in", arguments.job_mb)
            reading(console, Path(folder) / "in")
            whole_job(console, Path(folder) / "in", arguments.job_mb, arguments.than)


if __name__ == "__main__":
    main()
