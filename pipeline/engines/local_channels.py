"""The connection between a local run and its workers: on the loopback interface, for those that show the run's token.

Beam's own local runner listens on all interfaces, believes everybody who says that he is a worker, and hands out files.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from apache_beam.portability.api import endpoints_pb2
from apache_beam.runners.worker.channel_factory import GRPCChannelFactory
from google.protobuf import text_format

LOOPBACK = "127.0.0.1"
"""Where a local run listens: an address, since a name may lead to another one, where somebody else listens."""

TOKEN_VARIABLE = "CORPUSMILL_WORKER_TOKEN"  # noqa: S105  (a name)
"""Environment variable by which a worker process learns the token. (Everybody on a machine can read command lines.)"""

_HEADER = "corpusmill-token"
_TOKEN_BYTES = 32

_tokens: dict[str, str] = {}
"""Address -> what is shown there."""
_insecure_channel = GRPCChannelFactory.insecure_channel


def make_token() -> str:
    """Return a token that nobody can guess; it reaches no output."""
    return secrets.token_hex(_TOKEN_BYTES)


def join_run() -> None:
    """Show the token of the run that has started this worker process to it; processes started from here get none.

    Raises:
        RuntimeError: This process was not started by a run.
    """
    token = os.environ.pop(TOKEN_VARIABLE, "")
    if not token:
        raise RuntimeError(f"{TOKEN_VARIABLE} is not set: worker processes are started by a run, not by hand")
    service = endpoints_pb2.ApiServiceDescriptor()
    text_format.Merge(os.environ["CONTROL_API_SERVICE_DESCRIPTOR"], service)
    show_token(service.url, token)


def show_token(address: str, token: str) -> None:
    """Let the channels that Beam's workers in this process open to an address from now on show a token there."""
    _tokens[address] = token
    GRPCChannelFactory.insecure_channel = staticmethod(_open_channel)


def forget_token(address: str) -> None:
    """Take back `show_token`."""
    _tokens.pop(address, None)


def _open_channel(target: str, options: list[tuple[str, Any]] | None = None) -> Any:
    token = _tokens.get(target)
    if token is None:
        return _insecure_channel(target, options)
    # A proxy that the environment names is for the world outside.
    channel = _insecure_channel(target, [*(options or ()), ("grpc.enable_http_proxy", 0)])
    return grpc.intercept_channel(channel, _ShowToken(token))


class RequireToken(grpc.ServerInterceptor):
    """Refuses every call that does not show the token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        # A handler of this kind answers at once whatever the kind of the call: nothing of it is read.
        self._refusal = grpc.stream_stream_rpc_method_handler(_refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Let a call through, or answer that it is refused."""
        shown = dict(handler_call_details.invocation_metadata).get(_HEADER, "")
        if hmac.compare_digest(shown.encode() if isinstance(shown, str) else shown, self._token):
            return continuation(handler_call_details)
        return self._refusal


def _refuse(_requests: Iterator[Any], context: Any) -> Iterator[Any]:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "only the workers of this run may take part in it")
    yield


_CallDetails = namedtuple("_CallDetails", ["method", "timeout", "metadata", "credentials"])


class _ShowToken(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    def __init__(self, token: str) -> None:
        self._token = token

    def _call(self, continuation: Callable[[Any, Any], Any], details: Any, request: Any) -> Any:
        metadata = [*(details.metadata or ()), (_HEADER, self._token)]
        return continuation(_CallDetails(details.method, details.timeout, metadata, details.credentials), request)

    intercept_unary_unary = _call
    intercept_stream_stream = _call
