"""Local runs lose nothing on the way between run and workers, listen to nobody else, and miss no worker."""

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import grpc
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.runners.portability.fn_api_runner import FnApiRunner, worker_handlers
from apache_beam.runners.worker import data_plane

from corpusmill.engines import local_runner
from corpusmill.engines.local_channels import show_token
from corpusmill.engines.local_runner import LocalRunner, WorkerEndedError
from tests.support import ROOT

pytestmark = pytest.mark.beam

MODES = ["threads", "processes"]
_KEYS, _ELEMENTS, _BYTES = 7, 200, 2_000


def _pipeline(mode: str, workers: int = 1) -> beam.Pipeline:
    running = "multi_threading" if mode == "threads" else "in_memory"
    options = PipelineOptions([f"--direct_num_workers={workers}", f"--direct_running_mode={running}"])
    return beam.Pipeline(LocalRunner(processes=mode == "processes"), options=options)


def _emit(split: int) -> Iterator[tuple[int, bytes]]:
    for number in range(_ELEMENTS):
        yield number % _KEYS, b"%d" % split * _BYTES


def _count(element: tuple[int, Iterable[bytes]], path: str) -> None:
    with open(path, "a", encoding="ascii") as stream:
        stream.write(f"{sum(1 for _ in element[1])}\n")


def _run_shuffle(pipeline: beam.Pipeline, path: Path, splits: int = 4) -> int:
    """Shuffle splits * _ELEMENTS elements of 2 kB; return how many arrived."""
    _ = (
        pipeline
        | "Splits" >> beam.Create(range(splits))
        | "Spread" >> beam.Reshuffle()
        | "Emit" >> beam.FlatMap(_emit).with_output_types(tuple[int, bytes])
        | "Group" >> beam.GroupByKey()
        | "Count" >> beam.Map(_count, str(path))
    )
    pipeline.run().wait_until_finish()
    return sum(map(int, path.read_text().split()))


def _no_timer(*_arguments: object, **_named: object) -> None:
    raise AssertionError("a stream with a timer was made")


@pytest.mark.parametrize("mode", MODES)
def test_no_stream_has_a_timer_though_beams_own_limit_asks_for_one(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Worker processes find the package wherever the run was started.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of this module; the package is found without
    # With a timer of one millisecond Beam's own runner loses elements in most runs of this size, or cuts them.
    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 1)
    monkeypatch.setattr(data_plane.TimeBasedBufferingClosableOutputStream, "_schedule_periodic_flush", _no_timer)
    limits = []
    create = data_plane.ClosableOutputStream.create

    def observed(close_callback: Any, flush_callback: Any, data_buffer_time_limit_ms: int) -> Any:
        limits.append(data_buffer_time_limit_ms)
        return create(close_callback, flush_callback, data_buffer_time_limit_ms)

    monkeypatch.setattr(data_plane.ClosableOutputStream, "create", staticmethod(observed))
    assert _run_shuffle(_pipeline(mode, workers=2), tmp_path / "counts") == 4 * _ELEMENTS
    assert set(limits) == {0}


def test_the_same_limit_gives_beams_own_runner_a_timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # So that the test above would notice: it looks at the place where timers are made.
    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 1)
    made = []

    def note(stream: Any) -> None:
        made.append(stream)

    monkeypatch.setattr(data_plane.TimeBasedBufferingClosableOutputStream, "_schedule_periodic_flush", note)
    options = PipelineOptions(["--direct_num_workers=2", "--direct_running_mode=multi_threading"])
    pipeline = beam.Pipeline(FnApiRunner(), options=options)
    assert _run_shuffle(pipeline, tmp_path / "counts", splits=2) == 2 * _ELEMENTS
    assert made


def test_the_streams_of_worker_processes_have_no_timer_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_OPTIONS", '{"experiments": ["data_buffer_time_limit_ms=1"]}')

    def limit_of(_element: object, path: str) -> None:
        import gc  # noqa: PLC0415

        from apache_beam.runners.worker.data_plane import GrpcClientDataChannel  # noqa: PLC0415

        found = [o._data_buffer_time_limit_ms for o in gc.get_objects() if isinstance(o, GrpcClientDataChannel)]
        Path(path).write_text(f"{found}")

    pipeline = _pipeline("processes")
    _ = pipeline | beam.Create([1]) | beam.Reshuffle() | beam.Map(limit_of, str(tmp_path / "limits"))
    pipeline.run().wait_until_finish()
    assert set(re.findall(r"\d+", (tmp_path / "limits").read_text())) == {"0"}


def _processes_of(root: int) -> set[int]:
    """The process and all that it has started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _listening(pids: set[int]) -> set[str]:
    """Hexadecimal addresses at which processes listen."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(os.readlink(descriptor))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                found.add(fields[1])
    return found


class _DuringRun:
    """Runs a pipeline of which an element waits, so that there is time to look at the run from outside."""

    def __init__(self, mode: str, folder: Path) -> None:
        self._started, self._go = folder / "started", folder / "go"
        pipeline = _pipeline(mode)
        _ = (
            pipeline
            | beam.Create([(str(self._started), str(self._go))])
            | beam.Reshuffle()
            | "Wait" >> beam.Map(_wait_for_file)
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(pipeline,))

    def _run(self, pipeline: beam.Pipeline) -> None:
        try:
            pipeline.run().wait_until_finish()
        except BaseException as error:  # noqa: BLE001  (the test looks at it)
            self.error = error

    def __enter__(self) -> "_DuringRun":
        self._thread.start()
        while not self._started.exists() and self._thread.is_alive():
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._go.touch()
        self._thread.join(60)
        assert not self._thread.is_alive()


def _wait_for_file(paths: tuple[str, str]) -> str:
    started, go = paths
    Path(started).write_text(f"{os.getpid()}")
    while not os.path.exists(go):
        time.sleep(0.05)
    return go


def _check_listens_on_loopback_only(addresses: set[str]) -> None:
    assert len(addresses) == 1
    # 127.0.0.1, as it is or as an IPv6 address.
    assert {address.partition(":")[0][-8:] for address in addresses} == {"0100007F"}


def _answer(address: str, service: str) -> grpc.RpcError:
    """Claim to be a worker of a run and return what the run says to that."""
    channel = grpc.insecure_channel(address)
    stubs = {
        "control": (beam_fn_api_pb2_grpc.BeamFnControlStub(channel).Control, iter(())),
        "data": (beam_fn_api_pb2_grpc.BeamFnDataStub(channel).Data, iter(())),
        "state": (beam_fn_api_pb2_grpc.BeamFnStateStub(channel).State, iter(())),
        "logging": (beam_fn_api_pb2_grpc.BeamFnLoggingStub(channel).Logging, iter(())),
        "descriptor": (
            beam_fn_api_pb2_grpc.BeamFnControlStub(channel).GetProcessBundleDescriptor,
            beam_fn_api_pb2.GetProcessBundleDescriptorRequest(process_bundle_descriptor_id="1"),
        ),
    }
    call, request = stubs[service]
    try:
        with pytest.raises(grpc.RpcError) as raised:
            for _ in call(request, metadata=[("worker_id", "worker_0")], timeout=20):
                pass
        return raised.value
    finally:
        channel.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_run_listens_on_the_loopback_interface_only_and_refuses_strangers(tmp_path: Path) -> None:
    before = _listening({os.getpid()})
    with _DuringRun("threads", tmp_path) as run:
        addresses = _listening(_processes_of(os.getpid())) - before
        _check_listens_on_loopback_only(addresses)
        (listening,) = addresses
        address = f"127.0.0.1:{int(listening.partition(':')[2], 16)}"
        for service in ("control", "data", "state", "logging", "descriptor"):
            assert _answer(address, service).code() == grpc.StatusCode.UNAUTHENTICATED, service
    assert run.error is None


def test_a_token_is_shown_only_at_the_address_that_it_is_meant_for() -> None:
    show_token("127.0.0.1:1", "secret")
    channel = data_plane.GRPCChannelFactory.insecure_channel("127.0.0.1:2")
    assert type(channel).__module__ == "grpc._channel"
    channel.close()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{sys.executable} -m no_such_worker", "exit code 1: .*No module named no_such_worker"),
        (f"{sys.executable} -c ''", "exit code 0: it said nothing"),
        ("kill -9 $$", "it was killed, or the machine had no memory left for it"),
    ],
)
def test_a_worker_process_that_ends_at_its_start_ends_the_run(
    command: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell = command if command.startswith(sys.executable) else f"sh -c '{command}'"
    monkeypatch.setattr(local_runner, "worker_command", lambda: shell)
    with pytest.raises(WorkerEndedError, match=f"a worker process ended by itself: {message}"):
        _run_shuffle(_pipeline("processes"), tmp_path / "counts")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("number", "message"), [(signal.SIGKILL, "it was killed"), (signal.SIGSEGV, "it crashed")])
def test_a_worker_process_that_ends_while_it_works_ends_the_run(number: Any, message: str, tmp_path: Path) -> None:
    before = _listening({os.getpid()})
    with _DuringRun("processes", tmp_path) as run:
        addresses = _listening(_processes_of(os.getpid())) - before
        os.kill(int((tmp_path / "started").read_text()), number)
    assert isinstance(run.error, WorkerEndedError)
    assert message in str(run.error)
    _check_listens_on_loopback_only(addresses)


def test_an_error_in_a_worker_process_stays_what_it_is() -> None:
    pipeline = _pipeline("processes")
    _ = pipeline | beam.Create([0]) | beam.Reshuffle() | "Divide" >> beam.Map(lambda n: 1 // n)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        pipeline.run().wait_until_finish()
