"""What the launcher of the Flex template starts: gives a run to Dataflow and does not wait for its end.

The parameters are those of metadata.json beside this file; everything else is Beam's. When the job has ended, the same
run started anywhere with `corpusmill run` checks the accounts and writes the manifest, without a job: see
docs/engines.md.
"""

from __future__ import annotations

import argparse
import sys

from corpusmill.config import ConfigError, load_config
from corpusmill.engines.runners import OptionError
from corpusmill.inputs.plan import InputError
from corpusmill.runs.execute import Request, submit
from corpusmill.runs.run_folder import OutputError


def main() -> None:
    """Submit the run."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--config", help="configuration file; without one the defaults hold")
    parser.add_argument("--input", required=True, help="files, folders or patterns, separated by spaces")
    parser.add_argument("--output", required=True, help="output folder")
    parser.add_argument("--set", default="", help="settings as key=value, separated by spaces")
    parser.add_argument("--against", default="", help="outputs of earlier runs, separated by spaces")
    parser.add_argument("--overwrite", default="false", choices=["true", "false"], help="replace another run's output")
    given, beam_options = parser.parse_known_args()
    try:
        submit(
            Request(
                config=load_config(given.config, given.set.split()),
                inputs=given.input.split(),
                output=given.output,
                beam_options=beam_options,
                overwrite=given.overwrite == "true",
                against=given.against.split(),
            )
        )
    except (ConfigError, InputError, OptionError, OutputError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
