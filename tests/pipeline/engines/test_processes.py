import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpusmill.engines.cache import EngineError
from corpusmill.engines.processes import Processes, free_port, start_time_of, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="engines are started on Linux only")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path / "state")
    yield started
    started.stop(patience_s=1)


def test_a_process_is_started_once_and_known_to_the_next_who_asks(processes: Processes) -> None:
    pid = processes.start("one", SLEEP)
    assert processes.start("one", SLEEP) == pid
    assert start_time_of(pid) is not None
    assert Processes(processes.directory).pid_of("one") == pid
    assert processes.running() == ["one"]


def test_stop_ends_processes_and_forgets_them(processes: Processes) -> None:
    pid = processes.start("one", SLEEP)
    Processes(processes.directory).stop(patience_s=5)
    assert start_time_of(pid) is None
    assert Processes(processes.directory).names() == []


def test_a_process_that_ignores_the_request_to_end_is_killed(processes: Processes) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    pid = processes.start("one", [sys.executable, "-c", stubborn])
    log = processes.log_of("one")
    wait_until(lambda: "deaf" in log.read_text(encoding="utf-8"), "word of the process", timeout_s=30)
    processes.stop(patience_s=0.2)
    assert start_time_of(pid) is None


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(processes: Processes) -> None:
    with subprocess.Popen(SLEEP) as other:
        (processes.directory / "processes.json").write_text(json.dumps({"one": [other.pid, 1]}), encoding="utf-8")
        again = Processes(processes.directory)
        assert again.pid_of("one") is None
        again.stop(patience_s=0.1)
        assert other.poll() is None
        other.kill()


def test_processes_die_with_a_killed_owner_unless_they_are_to_outlive_it(tmp_path: Path) -> None:
    program = """if True:
        import os, signal, sys
        from pathlib import Path
        from corpusmill.engines.processes import Processes
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        for name, outlive in (("leashed", False), ("free", True)):
            Processes(Path(sys.argv[1]) / name, outlive=outlive).start("one", sleep)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    leashed, free = (Processes(tmp_path / name) for name in ("leashed", "free"))
    try:
        wait_until(lambda: leashed.pid_of("one") is None, "end of the process", timeout_s=10)
        assert free.pid_of("one") is not None
    finally:
        free.stop(patience_s=1)


def test_waiting_in_vain_says_for_what_and_shows_the_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("no memory left", encoding="utf-8")
    with pytest.raises(EngineError, match=r"no start of the server within 0.2 s.(?s:.*)no memory left"):
        wait_until(lambda: False, "start of the server", timeout_s=0.2, log=tmp_path / "log")


def test_free_ports_differ() -> None:
    assert len({free_port() for _ in range(5)}) > 1
