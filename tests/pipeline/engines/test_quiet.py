import logging
from collections.abc import Iterator

import pytest
from apache_beam.runners.worker import sdk_worker

from corpusmill.engines import quiet


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sdk_worker, "print", print, raising=False)
    before = {name: logging.getLogger(name).level for name in quiet._LOGS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_an_error_that_the_engine_raises_is_not_shown_before(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet.quiet_engine()
    logging.getLogger("apache_beam.runners.worker.sdk_worker").error("a traceback")
    sdk_worker.print("a traceback")
    assert not caplog.records
    assert capsys.readouterr() == ("", "")
