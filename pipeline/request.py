"""What a person asks for, whichever command says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpusmill.config import Config


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
