"""Parts of Beam that a run on local files does not need, imported when they are asked for.

`import apache_beam` brings the clients of all stores and services whose packages are installed: half of its time. None
of them is needed before an address of theirs is seen.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

FILESYSTEMS = {
    "gs": "apache_beam.io.gcp.gcsfilesystem",
    "s3": "apache_beam.io.aws.s3filesystem",
    "azfs": "apache_beam.io.azure.blobstoragefilesystem",
    "hdfs": "apache_beam.io.hadoopfilesystem",
}
"""Scheme of an address -> the module whose import makes Beam know its filesystem."""

_HELD_BACK = frozenset({
    *FILESYSTEMS.values(),
    "apache_beam.io.gcp.bigquery",
    "apache_beam.io.gcp.gcsio",
    "apache_beam.io.gcp.pubsub",
    "bson",
    "google.cloud.dataflow",
    "pymongo",
})  # fmt: skip
"""What Beam does without where it is not installed; each is as good as not installed while Beam is imported."""

_PANDAS = "pandas"


class _Later(MetaPathFinder):
    """Hides modules while Beam itself is being imported; at any other time it finds nothing, so that others do.

    pandas, which pyarrow looks for when it makes its first array, stays hidden until `bring_pandas`.
    """

    def __init__(self) -> None:
        self.without_pandas = True

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if (fullname == _PANDAS and self.without_pandas) or (fullname in _HELD_BACK and _beam_is_starting()):
            raise ModuleNotFoundError(f"{fullname} is imported when it is needed", name=fullname)
        return None


def hold_back() -> None:
    """Let Beam, when it is imported, leave out what local runs do not need.

    This is for programs whose process is their own, before anything imports Beam: `apache_beam.io` then lacks BigQuery,
    Pub/Sub and MongoDB. Filesystems come with `bring_filesystem`, pandas with `bring_pandas`.
    """
    if "apache_beam" not in sys.modules and not _finders():
        sys.meta_path.insert(0, _Later())


def bring_filesystem(address: str) -> None:
    """Import Beam's filesystem for an address, such as `gs://bucket/name`, if what it needs is installed."""
    module = FILESYSTEMS.get(address.partition("://")[0])
    if module is not None and module not in sys.modules:
        with contextlib.suppress(ImportError):  # then Beam says that it has none
            importlib.import_module(module)


def bring_pandas() -> None:
    """Let code of the user's own import pandas, and pyarrow know its objects."""
    for finder in _finders():
        if finder.without_pandas:
            finder.without_pandas = False
            with contextlib.suppress(ImportError):  # it is not installed
                import pyarrow as pa  # noqa: PLC0415  (commands that need neither are quick)

                pa.nulls(0).to_pandas()  # makes pyarrow look again


def _finders() -> list[_Later]:
    return [finder for finder in sys.meta_path if isinstance(finder, _Later)]


def _beam_is_starting() -> bool:
    spec = getattr(sys.modules.get("apache_beam"), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))
