"""What users bring to score documents with: functions."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pyarrow as pa

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.quality.conditions import OwnFunction
from corpusmill.transforms.pandas_later import notice_pandas


def load_function(own: OwnFunction) -> Callable[[pa.RecordBatch], object]:
    """Import a function.

    Raises:
        UsageError: Its module cannot be imported, or has no such function.
    """
    try:
        module = importlib.import_module(own.module)
    except Exception as error:  # noqa: BLE001  (importing runs the user's code)
        raise UsageError(
            f"filter.functions: the module {own.module!r} cannot be imported ({shown(error)}); name the folder that "
            "it is in with PYTHONPATH, or install it, on every worker"
        ) from None
    notice_pandas()
    function = getattr(module, own.name, None)
    if not callable(function):
        raise UsageError(f"filter.functions: {own.module!r} has no function {own.name!r}; give the name of one")
    found: Callable[[pa.RecordBatch], object] = function
    return found


def shown(error: Exception) -> str:
    """Write an error of the user's code with its type."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
