"""A worker process of a local run: Beam's own worker, quiet, and never outliving the run that started it."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time

from corpusmill.engines.collector import collect_from_here, look_seldom

_POLL_S = 1.0


def main() -> None:
    """Run the worker; the address of its run comes in the environment, as Beam's runners set it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which ends its workers
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), name="parent", daemon=True).start()
    level = os.environ.get("CORPUSMILL_WORKER_LOG", "CRITICAL")  # errors are raised in the run, and told once
    logging.basicConfig(level=level)  # before Beam is imported: it warns of libraries that it does not need here
    logging.getLogger("apache_beam").setLevel(level)
    look_seldom()
    os.environ["PIPELINE_OPTIONS"] = json.dumps({"default_sdk_harness_log_level": level})
    from corpusmill.engines.lean_import import VARIABLE, import_beam  # noqa: PLC0415

    if VARIABLE in os.environ:
        import_beam()
    import pyarrow as pa  # noqa: PLC0415
    from apache_beam.runners.worker import sdk_worker_main  # noqa: PLC0415

    from corpusmill.engines.local_channels import join_run  # noqa: PLC0415
    from corpusmill.engines.memory import settle_allocators  # noqa: PLC0415
    from corpusmill.engines.quiet import quiet_engine  # noqa: PLC0415

    join_run()
    if level == "CRITICAL":
        quiet_engine()
    pa.set_cpu_count(1)  # one process a core
    settle_allocators()
    collect_from_here()
    sdk_worker_main.main(sys.argv)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os._exit(1)


if __name__ == "__main__":
    main()
