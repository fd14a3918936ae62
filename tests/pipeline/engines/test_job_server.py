import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apache_beam.options.pipeline_options import JobServerOptions

from corpusmill.config import RunSettings
from corpusmill.engines.job_server import end_with_run
from corpusmill.engines.processes import start_time_of, wait_until
from corpusmill.engines.runners import choose_runner, parse_beam_options

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell")

SERVER = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
# A run that starts a server as Beam does, says its pid, and waits to be killed.
RUN = f"""
import os, subprocess, sys, time
from corpusmill.engines.job_server import end_with_run
server = subprocess.Popen(end_with_run([sys.executable, "-c", {SERVER!r}], os.getpid()), stdout=subprocess.PIPE)
assert int(server.stdout.readline()) == server.pid, "the server is another process than Beam knows"
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def started() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        yield run, server
        run.kill()
    wait_until(lambda: start_time_of(server) is None, "end of the server", timeout_s=15)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_server_ends_with_its_run(started: tuple[subprocess.Popen[bytes], int], number: Any) -> None:
    run, server = started
    run.send_signal(number)
    run.wait()
    wait_until(lambda: start_time_of(server) is None, "end of the server", timeout_s=15)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_it_ends_where_nobody_waits_for_the_killed_run(started: tuple[subprocess.Popen[bytes], int]) -> None:
    run, server = started
    os.kill(run.pid, signal.SIGKILL)  # not reaped: a zombie keeps its pid
    wait_until(lambda: start_time_of(server) is None, "end of the server", timeout_s=15)


def test_it_goes_on_as_long_as_the_run_does() -> None:
    program = [sys.executable, "-c", "import time; time.sleep(2.5); print('done')"]
    done = subprocess.run(end_with_run(program, os.getpid()), capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "done\n"


def test_signals_and_exit_codes_are_those_of_the_server_itself() -> None:
    command = end_with_run([sys.executable, "-c", SERVER], os.getpid())
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert int(server.stdout.readline()) == server.pid
        server.terminate()
        assert server.wait(timeout=15) == -signal.SIGTERM
    ended = subprocess.run(end_with_run(["sh", "-c", "exit 7"], os.getpid()), check=False, timeout=60)
    assert ended.returncode == 7


@pytest.mark.parametrize(
    ("runner", "leashed"), [("FlinkRunner", True), ("SparkRunner", True), ("DataflowRunner", False)]
)
def test_a_run_leashes_the_job_server_that_beam_will_start(runner: str, leashed: bool) -> None:
    arguments = [f"--runner={runner}", "--job_server_java_launcher=/opt/java", "--job_server_jvm_property=-Xmx1g"]
    options = parse_beam_options(arguments)
    choose_runner(arguments, options, RunSettings(), splits=1, size=1)
    server = options.view_as(JobServerOptions)
    command = [server.job_server_java_launcher, *server.job_server_jvm_properties]
    own = ["/opt/java", "-Xmx1g"]
    assert command == (end_with_run(own, os.getpid()) if leashed else own)
