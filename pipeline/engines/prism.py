"""Prism, Beam's own local runner: build it from its Go module, and say how to run a pipeline on it.

Left to itself, Beam fetches a binary from GitHub when a pipeline starts. One built here makes the start independent of
the network; Go checks the module against its public checksum database.
"""

from __future__ import annotations

import os
from pathlib import Path

import apache_beam as beam

from corpusmill.engines.cache import cache_dir, made_once, need_tool, run_tool

_MODULE = "github.com/apache/beam/sdks/v2/go/cmd/prism"


def prism_binary() -> Path:
    """Return the path of the Prism binary of the installed Beam's version, building it the first time.

    Raises:
        EngineMissingError: Go is not installed, or its module proxy cannot be reached.
    """
    version = f"v{beam.__version__}"

    def make(directory: Path) -> None:
        go = need_tool("go", "install Go 1.24 or newer (https://go.dev/dl)")
        # Modules in a directory of ours, deletable: the user's own Go cache is left alone.
        own = {"GOBIN": str(directory), "GOPATH": str(cache_dir() / "go"), "GOFLAGS": "-modcacherw -trimpath"}
        run_tool([go, "install", f"{_MODULE}@{version}"], f"building Prism {version}", env={**os.environ, **own})

    return made_once(f"prism-{version}", make) / "prism"


def prism_options() -> list[str]:
    """Return the options that run a pipeline on Prism, with Python workers in the run's own process.

    Raises:
        EngineMissingError: Prism is not built yet and cannot be.
    """
    return ["--runner=PrismRunner", f"--prism_location={prism_binary()}", "--environment_type=LOOPBACK"]
