#!/usr/bin/env python3
"""Builds Prism, Beam's own local runner, from its Go module, and says how to run a pipeline on it.

    python tests/engines/prism.py build
    corpusmill run CONFIG ... $(python tests/engines/prism.py options)

Beam fetches Prism from GitHub by itself where it may; a binary of one's own keeps start-up independent of the network.
Go checks the module against its public checksum database. Needs Go (a version as new as Beam's go.mod asks for).
Beam's runner starts the binary when a pipeline starts and stops it with the program; Python workers run in the program.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import apache_beam
from engine_cache import EngineError, cache_dir, made_once, need_tool, run_tool

_MODULE = "github.com/apache/beam/sdks/v2/go/cmd/prism"


def prism_binary() -> Path:
    """Gives the Prism binary of the installed Beam's version.

    Raises:
        EngineMissingError: Go or the module proxy cannot be had.
    """
    go = need_tool("go", "install Go 1.24 or newer (https://go.dev/dl)")
    version = f"v{apache_beam.__version__}"

    def make(directory: Path) -> None:
        # Modules in a directory of ours, deletable: the user's own Go cache is left alone.
        own = {"GOBIN": str(directory), "GOPATH": str(cache_dir() / "go"), "GOFLAGS": "-modcacherw -trimpath"}
        run_tool([go, "install", f"{_MODULE}@{version}"], f"Building Prism {version}", env={**os.environ, **own})

    return made_once(f"prism-{version}", make) / "prism"


def prism_options() -> list[str]:
    """Gives the pipeline options that run a pipeline on Prism, Python workers in this process."""
    return ["--runner=PrismRunner", f"--prism_location={prism_binary()}", "--environment_type=LOOPBACK"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["build", "options"], help="build: make the binary; options: print them")
    given = parser.parse_args()
    try:
        answer = str(prism_binary()) if given.verb == "build" else " ".join(prism_options())
    except EngineError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(answer + "\n")


if __name__ == "__main__":
    main()
