from types import SimpleNamespace

import pytest
from apache_beam.runners.worker.channel_factory import GRPCChannelFactory

from corpusmill.engines import local_channels
from corpusmill.engines.local_channels import (
    TOKEN_VARIABLE,
    RequireToken,
    forget_token,
    join_run,
    make_token,
    show_token,
)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {make_token() for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 64 for token in tokens)


@pytest.mark.parametrize("shown", ["secret", "Secret", "", None, b"secret"])
def test_a_call_is_let_through_with_the_token_only(shown: str | bytes | None) -> None:
    metadata = [("corpusmill-token", shown)] if shown is not None else []
    details = SimpleNamespace(invocation_metadata=metadata)
    answered = RequireToken("secret").intercept_service(lambda _: "handled", details)
    assert (answered == "handled") == (shown in ("secret", b"secret"))


def test_a_process_that_no_run_has_started_joins_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(RuntimeError, match="started by a run, not by hand"):
        join_run()


def test_a_worker_shows_the_token_of_its_run_and_hands_it_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GRPCChannelFactory, "insecure_channel", GRPCChannelFactory.insecure_channel)
    monkeypatch.setenv(TOKEN_VARIABLE, "secret")
    monkeypatch.setenv("CONTROL_API_SERVICE_DESCRIPTOR", 'url: "127.0.0.1:7"')
    join_run()
    assert local_channels._tokens["127.0.0.1:7"] == "secret"
    assert TOKEN_VARIABLE not in __import__("os").environ
    forget_token("127.0.0.1:7")
    assert "127.0.0.1:7" not in local_channels._tokens
    show_token("127.0.0.1:7", "other")
    forget_token("127.0.0.1:7")
    forget_token("127.0.0.1:7")
