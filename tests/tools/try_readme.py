"""Runs the code of the README word by word, in the current folder: `python try_readme.py README.md [some]`.

`some` leaves out the commands that are slow or like others. It imports nothing of the project: it is run by the Python
of an environment that holds the wheel and nothing else. What needs an account, a cluster or a checkout is left out, by
the words of its line.
"""

from __future__ import annotations

import gzip
import importlib.resources
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NOT_HERE = re.compile(r"gs://|s3://|engine |pip install|last-years-out")
"""Lines of shell that need more than the wheel."""

SOME = re.compile(r"corpusmill (plan|explain out blog|report|export|init|config show)\b")
"""Lines of shell that are tried where there is little time."""


def prepare(folder: Path) -> None:
    """Lay out the files that the README speaks of."""
    with importlib.resources.as_file(importlib.resources.files("corpusmill.configs") / "demo") as demo:
        shutil.copytree(demo, folder / "configs" / "demo")
    demo = folder / "configs" / "demo"
    for name in ("crawl", "clean", "notes"):
        (folder / name).mkdir()
    with gzip.open(folder / "crawl" / "blogs.jsonl.gz", "wb") as stream:
        stream.write((demo / "blogs.jsonl").read_bytes())
    shutil.copy(demo / "gazette.jsonl", folder / "clean")
    shutil.copy(next((demo / "notes").iterdir()), folder / "notes")
    (folder / "page.txt").write_text("Fish &amp; chips on the pier\n\nGet link\n", encoding="utf-8")


def run(command: list[str], shown: str) -> str:
    """Run a command and return what it prints; end the program if it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "120"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    sys.stderr.write(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {shown}\n")
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    return done.stdout


def check_console(block: str) -> None:
    """Run a block that shows commands with what they print, and compare."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        printed = run(["bash", "-c", command], command).rstrip("\n").split("\n")
        for line, wanted in zip(printed, expected.rstrip("\n").split("\n"), strict=True):
            same = line.startswith(wanted[:-4]) if wanted.endswith(" ...") else line.rstrip() == wanted
            if not same:
                raise SystemExit(f"{command}: it prints {line!r}, not {wanted!r}")


def is_tried(line: str, *, some: bool) -> bool:
    """Return whether a line of shell is run."""
    if not line.startswith("corpusmill") or NOT_HERE.search(line):
        return False
    return not some or SOME.match(line) is not None


def main(readme: Path, *, some: bool) -> None:
    """Run all blocks; of those of shell only some lines, if `some` is set."""
    folder = Path.cwd()
    prepare(folder)
    run(["corpusmill", "run", "configs/demo", "--output", "out"], "corpusmill run configs/demo --output out")
    for language, block in re.findall(r"```(\w+)\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL):
        if language == "console":
            check_console(block)
        elif language == "python":
            run([sys.executable, "-W", "ignore", "-c", block], "the Python block")
        elif language == "sh":
            for line in block.splitlines():
                if is_tried(line, some=some):
                    # `out` is the demo, whose documents the README asks about; corpora of other inputs go beside it.
                    own = line.replace("--output out ", f"--output made-{abs(hash(line))} ")
                    run(["bash", "-c", own], line)


if __name__ == "__main__":
    main(Path(sys.argv[1]), some="some" in sys.argv[2:])
