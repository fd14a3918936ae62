"""Beam's import without what a run on this machine never calls: clients of clouds and databases, other engines, pandas.

`import apache_beam` tries every optional library it has a use for, and takes two to four times as long where they are
installed. In a process of corpusmill's own (its command, its local workers) they are out of sight while Beam is
imported, and there again right after: what asks for one of them later gets it. In a program of the user's, with another
engine and where an address is named, nothing is changed.

- **Absent**: Beam does without them.
- **Postponed**: a stand-in that imports what it stands for when it is called.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from corpusmill.engines.collector import rest_collector
from corpusmill.transforms.pandas_later import PANDAS, absent, forgo_pandas

VARIABLE = "CORPUSMILL_LEAN_IMPORT"
"""Environment variable by which worker processes learn that the run needs no more."""

_ABSENT = frozenset(
    {
        "apache_beam.io.aws.s3filesystem",
        "apache_beam.io.azure.blobstoragefilesystem",
        "apache_beam.io.gcp.bigquery",
        "apache_beam.io.gcp.gcsfilesystem",
        "apache_beam.io.hadoopfilesystem",
        "apitools",
        "google.api_core",
    }
)


@contextlib.contextmanager
def _postponed() -> Iterator[None]:
    stand_ins = _stand_ins()
    stand_ins = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def import_beam() -> None:
    """Import Beam for a run on this machine, in a process of our own, and in the workers that it starts."""
    rest_collector()
    os.environ[VARIABLE] = "1"
    if "apache_beam" not in sys.modules:
        forgo_pandas()
        with absent(_ABSENT | {PANDAS}), _postponed():
            importlib.import_module("apache_beam")


class _DoorError(Exception):
    """Stands for beartype's `BeartypeDoorException`, which Beam catches."""


def _is_subhint(sub: Any, base: Any) -> bool:
    from beartype.door import is_subhint  # noqa: PLC0415
    from beartype.roar import BeartypeDoorException  # noqa: PLC0415

    try:
        return bool(is_subhint(sub, base))
    except BeartypeDoorException as error:
        raise _DoorError(str(error)) from error


def _stand_ins() -> dict[str, ModuleType]:
    return {
        "apache_beam.internal.http_client": _module("apache_beam.internal.http_client", "get_new_http"),
        "apache_beam.io.mongodbio": _module("apache_beam.io.mongodbio", __all__=[]),
        "apache_beam.runners.dataflow.dataflow_runner": _module(
            "apache_beam.runners.dataflow.dataflow_runner", "DataflowRunner"
        ),
        "apache_beam.runners.dataflow.test_dataflow_runner": _module(
            "apache_beam.runners.dataflow.test_dataflow_runner", "TestDataflowRunner"
        ),
        "beartype": _module("beartype", __path__=[]),
        "beartype.door": _module("beartype.door", is_subhint=_is_subhint),
        "beartype.roar": _module("beartype.roar", BeartypeDoorException=_DoorError),
    }


def _module(name: str, *postponed: str, **values: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update({function: _postpone(name, function) for function in postponed}, **values)
    return module


def _postpone(module: str, function: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments, **named)

    return call
