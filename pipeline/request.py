"""What a person asks for, whichever command says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpusmill.config import Config

_ADDRESS = "://"


@dataclass(frozen=True)
class Request:
    """What a run is asked to do.

    Attributes:
        config: The resolved configuration.
        inputs: Files, folders, patterns or URLs.
        output: The output folder.
        beam_options: Beam's own options, as given.
        overwrite: Replace what another run left in the output folder.
        against: Outputs of earlier runs; documents that their corpora have already are duplicates.
    """

    config: Config
    inputs: Sequence[str]
    output: str
    beam_options: Sequence[str] = ()
    overwrite: bool = False
    against: Sequence[str] = ()

    @property
    def stays_here(self) -> bool:
        """Whether nothing that is named is anywhere else: no other engine, no address of a file."""
        named = (*self.inputs, self.output, *self.against, *self.beam_options, self.config.model_dump_json())
        return not any(_ADDRESS in name for name in named) and not any("runner" in name for name in self.beam_options)
