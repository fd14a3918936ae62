"""Beam's local engine without what it prints of each error: the error is raised as well, and told once."""

from __future__ import annotations

import logging

_LOGS = ("apache_beam.runners.common", "apache_beam.runners.worker", "apache_beam.runners.portability.fn_api_runner")
"""Logs in which an error is shown with its traceback, once for every layer that it passes."""


def quiet_engine() -> None:
    """Silence the errors that the local engine shows before it raises them; not for --verbose."""
    from apache_beam.runners.worker import sdk_worker  # noqa: PLC0415  (Beam takes most of a second to import)

    for name in _LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # It prints each traceback to the standard error too, log or not.
    sdk_worker.print = _print_nothing


def _print_nothing(*_values: object, **_options: object) -> None:
    pass
