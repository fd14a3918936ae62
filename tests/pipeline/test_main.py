"""Ctrl-C while the modules of a command are imported."""

import subprocess
import sys

import pytest

CODE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.{before})

class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["corpusmill", "--version"]
from corpusmill.__main__ import main
main()
"""


@pytest.mark.parametrize(("before", "code", "error"), [("default_int_handler", 130, "stopped\n"), ("SIG_IGN", 0, "")])
def test_an_interruption_while_modules_are_imported_ends_in_one_line(before: str, code: int, error: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.replace("{before}", before)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, error)
