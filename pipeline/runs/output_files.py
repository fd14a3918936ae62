"""The files that a configuration asks for."""

from __future__ import annotations

from corpusmill.config import Config
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.layout import Output
from corpusmill.transforms.writing.shard_files import OutputFiles


def output_files(
    output: str, config: Config, metadata: dict[str, str], keyed_by: DedupSettings | None = None
) -> OutputFiles:
    """Return how the files of an output are, or were, written.

    Args:
        output: The output folder.
        config: Its configuration.
        metadata: Key-value metadata of every file.
        keyed_by: Settings with which its index is made, if not those of the configuration.
    """
    dedup = keyed_by or config.dedup
    return OutputFiles(
        output,
        Output(output).state.path,
        config.output,
        config.kept_columns(),
        metadata,
        dedup.banding.bands if dedup.enabled else 0,
        overlaps=bool(config.decontaminate.files),
        scoring=config.scoring,
    )
