"""Beam's local runner as a run can rely on it: no element is lost, no stranger takes part, no worker vanishes unseen.

- **No timer flushes output.** Beam's data plane flushes an output stream when it is full and, by default, once a second
  from a thread of its own. `TimeBasedBufferingClosableOutputStream.flush` takes the buffer, sends it and clears it
  without a lock against the thread that writes: what is written in between is lost without an error, and an element
  can be cut in two. With a limit of 0 Beam makes streams without a timer, which the writing thread itself flushes,
  between two elements. The limit holds for both directions, and for the streams of timers as well.
- **It listens on the loopback interface only**, for callers that show the run's token (`local_channels`).
  Nothing serves files: workers have the package already.
- **A worker process that ends by itself ends the run**, with a message that says how. Beam's runner waits for ever for
  one that never got as far as to connect.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
import types
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from apache_beam.portability import python_urns
from apache_beam.portability.api import beam_fn_api_pb2_grpc, endpoints_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner, fn_runner, worker_handlers
from apache_beam.runners.worker import data_plane
from apache_beam.runners.worker.log_handler import LOGENTRY_TO_LOG_LEVEL_MAP
from apache_beam.transforms.environments import SubprocessSDKEnvironment
from apache_beam.utils import thread_pool_executor
from google.protobuf import text_format

from corpusmill.engines import local_worker as worker
from corpusmill.engines.local_channels import (
    LOOPBACK,
    TOKEN_VARIABLE,
    RequireToken,
    forget_token,
    make_token,
    show_token,
)

NO_TIMER_MS = 0
"""Beam's limit of the time that output is held, for which it makes streams without a timer."""

_LOG = logging.getLogger("corpusmill.worker")
_END_S = 60
"""Seconds that a worker process may take to end when the run has."""
_EXIT_S = 2
"""Seconds until the system tells of the end of a process whose connections are closed already."""
_POLL_S = 0.2
_LAST_LINES = 20
"""Lines that are kept of what a worker process prints."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),  # what is sent is bounded by the streams, and by the shuffles of a run
    ("grpc.max_send_message_length", -1),
    ("grpc.http2.max_pings_without_data", 0),  # Beam's workers ask every 20 seconds whether the run is alive
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
]


class WorkerEndedError(RuntimeError):
    """A worker process of a local run ended by itself."""


class LocalRunner(FnApiRunner):
    """Runs a pipeline on this machine.

    Args:
        processes: Whether each worker is a process of its own; else the options of the pipeline say what it is.
    """

    def __init__(self, *, processes: bool = False) -> None:
        environment = SubprocessSDKEnvironment.from_command_string(worker_command()) if processes else None
        super().__init__(default_environment=environment)

    def run_stages(self, stage_context: Any, stages: Any) -> Any:
        """Run the stages with workers of `_Workers`.

        Raises:
            WorkerEndedError: A worker process ended before the run did.
        """
        ended: list[str] = []
        # Beam's method, in which one name stands for another class: so nothing of Beam changes for anybody else.
        names = {**vars(fn_runner), "WorkerHandlerManager": partial(_Workers, ended)}
        run_stages = types.FunctionType(FnApiRunner.run_stages.__code__, names)
        try:
            return run_stages(self, stage_context, stages)
        except Exception as error:
            if ended:  # what Beam raises is but a consequence: a connection that is closed
                raise WorkerEndedError(ended[0]) from error
            raise


def worker_command() -> str:
    """Return the command that starts a worker process."""
    return shlex.join([sys.executable, "-m", worker.__name__])


class _Workers(worker_handlers.WorkerHandlerManager):
    """Starts workers of the kinds that are defined here, and no others."""

    def __init__(self, ended: list[str], environments: Any, job_provision_info: Any) -> None:
        super().__init__(environments, job_provision_info)
        self._grpc_server: _Server | None = None
        self._ended = ended

    def get_worker_handlers(self, environment_id: str | None, num_workers: int) -> list[Any]:
        """Return so many workers for an environment, started."""
        environment_id = environment_id or next(iter(self._environments))
        environment = self._environments[environment_id]
        if environment.urn == python_urns.EMBEDDED_PYTHON:
            return list(super().get_worker_handlers(environment_id, num_workers))  # no server, no streams with timers
        if self._grpc_server is None:
            self._grpc_server = _Server(self.state_servicer, self)
        handlers = self._cached_handlers[environment_id]
        while len(handlers) < num_workers:
            handler: Any
            if environment.urn == python_urns.EMBEDDED_PYTHON_GRPC:
                handler = _ThreadWorker(environment.payload, self._job_provision_info, self._grpc_server)
            elif environment.urn == python_urns.SUBPROCESS_SDK:
                command = environment.payload.decode()
                handler = _ProcessWorker(command, self._job_provision_info, self._grpc_server, self._ended)
            else:
                raise ValueError(f"a local run has no workers of the kind {environment.urn!r}")
            handlers.append(handler)
            self._workers_by_id[handler.worker_id] = handler
            handler.start_worker()
        return list(handlers[:num_workers])


class _Server:
    """What `worker_handlers.GrpcServer` is to its workers, on one port of the loopback interface."""

    def __init__(self, state: Any, workers: _Workers) -> None:
        self.state = state
        self.token = make_token()
        self.control_handler = worker_handlers.BeamFnControlServicer(workers)
        self.control_handler._connections_by_worker_id = defaultdict(_ControlConnection)  # noqa: SLF001
        self.data_plane_handler = data_plane.BeamFnDataServicer(NO_TIMER_MS)
        self.data_plane_handler._connections_by_worker_id = defaultdict(partial(_DataChannel, NO_TIMER_MS))  # noqa: SLF001
        self._server = grpc.server(
            thread_pool_executor.shared_unbounded_instance(),
            interceptors=[RequireToken(self.token)],
            options=_OPTIONS,
        )
        beam_fn_api_pb2_grpc.add_BeamFnControlServicer_to_server(self.control_handler, self._server)
        beam_fn_api_pb2_grpc.add_BeamFnDataServicer_to_server(self.data_plane_handler, self._server)
        beam_fn_api_pb2_grpc.add_BeamFnStateServicer_to_server(worker_handlers.GrpcStateServicer(state), self._server)
        beam_fn_api_pb2_grpc.add_BeamFnLoggingServicer_to_server(_LogServicer(), self._server)
        port = self._server.add_insecure_port(f"{LOOPBACK}:0")
        self.control_port = self.data_port = self.state_port = self.logging_port = port
        self.address = f"{LOOPBACK}:{port}"
        show_token(self.address, self.token)
        self._server.start()

    def close(self) -> None:
        """Stop listening."""
        self.control_handler.done()
        self._server.stop(worker_handlers.GrpcServer._DEFAULT_SHUTDOWN_TIMEOUT_SECS).wait()  # noqa: SLF001
        forget_token(self.address)


def _until_broken(received: Iterable[Any]) -> Iterator[Any]:
    """Yield what is received. A connection that breaks just ends: whoever waits for more of it says what that means."""
    with contextlib.suppress(grpc.RpcError):
        yield from received


class _ControlConnection(worker_handlers.ControlConnection):
    def set_input(self, input: Iterable[Any]) -> None:  # noqa: A002  (Beam's name)
        super().set_input(_until_broken(input))


class _DataChannel(data_plane._GrpcDataChannel):  # noqa: SLF001
    def set_inputs(self, elements_iterator: Iterable[Any]) -> None:
        super().set_inputs(_until_broken(elements_iterator))


class _LogServicer(beam_fn_api_pb2_grpc.BeamFnLoggingServicer):
    """Logs what workers say, for those who ask for it; an error that ends the run is raised as well."""

    def Logging(self, request_iterator: Iterable[Any], context: Any) -> Iterator[Any]:  # noqa: ARG002, N802
        for bundle in request_iterator:
            for entry in bundle.log_entries:
                level = logging.getLevelName(LOGENTRY_TO_LOG_LEVEL_MAP[entry.severity])
                _LOG.debug("worker: %s %s", level, entry.message)
        return iter([])


class _ThreadWorker(worker_handlers.EmbeddedGrpcWorkerHandler):
    def __init__(self, payload: bytes, provision_info: Any, server: _Server) -> None:
        super().__init__(payload, server.state, provision_info, server)
        self.control_address = server.address
        self._data_buffer_time_limit_ms = NO_TIMER_MS

    def host_from_worker(self) -> str:
        return LOOPBACK


class _ProcessWorker(worker_handlers.GrpcWorkerHandler):
    def __init__(self, command: str, provision_info: Any, server: _Server, ended: list[str]) -> None:
        super().__init__(server.state, provision_info, server)
        self._command = command
        self._server = server
        self._ended = ended
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._closing = threading.Event()

    def host_from_worker(self) -> str:
        return LOOPBACK

    def start_worker(self) -> None:
        service = text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=self._server.address))
        # A worker finds the package where this process does, wherever either was started.
        root = str(Path(worker.__file__).absolute().parents[worker.__name__.count(".")])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
            "CONTROL_API_SERVICE_DESCRIPTOR": service,
            "LOGGING_API_SERVICE_DESCRIPTOR": service,
            "WORKER_ID": self.worker_id,
            TOKEN_VARIABLE: self._server.token,
        }
        with worker_handlers.SUBPROCESS_LOCK:
            self._process = subprocess.Popen(  # noqa: S603  (the run's own command)
                shlex.split(self._command),
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the run, which ends its workers
                text=True,
                errors="replace",
            )
        self._reader = self._in_thread("worker_output", self._read)
        self._watcher = self._in_thread("worker_end", self._watch)

    def close(self) -> None:
        if self.data_conn._closed:  # noqa: SLF001  (the process closed it: is it about to end?)
            self._watcher.join(_EXIT_S)
        self._closing.set()
        self.control_conn.close()
        with contextlib.suppress(WorkerEndedError):  # it is raised where it matters
            self.data_conn.close()
        self.stop_worker()

    def stop_worker(self) -> None:
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._watcher.join()

    @staticmethod
    def _in_thread(name: str, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _read(self) -> None:
        with self._process.stdout or contextlib.nullcontext(()) as lines:
            for line in lines:
                self._lines.append(line.rstrip())
                _LOG.debug("%s: %s", self.worker_id, line.rstrip())

    def _watch(self) -> None:
        code = self._process.wait()
        if self._closing.is_set():
            return
        self._reader.join(_EXIT_S)
        self._ended.append(_describe_end(code, list(self._lines)))
        # Whatever waits for the process now or later: an answer, or data.
        error = WorkerEndedError(self._ended[-1])
        self.data_conn._exception = error  # noqa: SLF001
        self.control_conn.abort(error)
        while not self._closing.is_set():  # so that nobody waits for room to write
            with contextlib.suppress(queue.Empty):
                self.data_conn._to_send.get(timeout=_POLL_S)  # noqa: SLF001


def _describe_end(code: int, lines: list[str]) -> str:
    """Say how a worker process ended: one line."""
    if code < 0:
        number = -code
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        how = {
            "SIGKILL": "it was killed, or the machine had no memory left for it",
            "SIGTERM": "it was told to (SIGTERM)",
        }.get(name, f"it crashed ({name})")
    else:
        said = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        how = f"exit code {code}: {said.strip()}"
    return f"a worker process ended by itself: {how}"
