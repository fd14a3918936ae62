import os
import signal
import subprocess
import sys
import threading

import pytest
from rich.console import Console

from corpusmill.runs.interrupts import STOPPED, Interrupts
from corpusmill.transforms.kernels.errors import EXIT_INTERRUPTED
from tests.support import ROOT


def test_an_interruption_is_remembered_whatever_the_engine_makes_of_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts(Console()) as interrupts:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.seen
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interruption_ends_the_program_at_once() -> None:
    program = """
import os, signal
from rich.console import Console
from corpusmill.runs.interrupts import Interrupts
with Interrupts(Console()):
    for _ in range(2):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            pass
print("it went on")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_INTERRUPTED
    assert done.stdout == f"{STOPPED}\n"


def test_a_thread_that_is_not_the_main_one_leaves_the_signal_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        with Interrupts(Console()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
