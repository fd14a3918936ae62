"""What the configuration says about outputs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusmill.transforms.kernels.settings import Settings, Size


class OutputSettings(Settings):
    """How the corpus is written."""

    shard_size: Size = Field(
        256_000_000, ge=1, description="Bytes of UTF-8 text in a shard; shards are cut between documents."
    )
    row_group_size: Size = Field(
        16_000_000, ge=1, description="Bytes of UTF-8 text in a row group, the unit in which readers load columns."
    )
    compression: Literal["zstd", "snappy", "lz4", "none"] = Field("zstd", description="Compression of Parquet pages.")
    compression_level: int | None = Field(None, description="Level of the compression; null takes the codec's default.")
    corpus: bool = Field(
        True, description="Write the corpus; false writes the decisions (audit/) only, as --report-only does."
    )
    index: bool = Field(
        True,
        description="Write index/, with which a later run can be made --against this corpus without reading its texts.",
    )
    pairs: bool = Field(
        True,
        description="Write pairs/ and removed/: the verified pairs and the texts of the duplicates, from which "
        "`corpusmill rethreshold` makes a corpus with a higher threshold.",
    )
    filtered: bool = Field(
        True,
        description="Write filtered/, the texts of the documents that scores have dropped, and the keys of duplicates, "
        "so that `corpusmill refilter` can bring them back; without these texts it can only drop more.",
    )
    partition_by: str | None = Field(
        None,
        description="Column whose values are folders of the corpus, as Hive writes them (`language=eng/`): a string, "
        "int64, bool or date column of input.keep_columns, `source`, or with language.enabled `language` or `script`. "
        "The files leave the column out, and readers of such folders give it back. null makes no folders.",
    )
    max_partitions: int = Field(
        1000, ge=1, description="Values that output.partition_by may find; more end the run with a message."
    )
    copies: bool = Field(
        False,
        description="Add columns to the corpus: `copies`, how many documents were removed as duplicates of this one, "
        "and `copies_by_source`, the same by source.",
    )
    tokenizer: str | None = Field(
        None,
        description="A `tokenizer.json` with which the tokens of kept documents are counted: in the column `tokens` of "
        "the corpus and in the statistics (`pip install 'corpusmill[tokens]'`). null counts none.",
    )
    statistics: bool = Field(
        True,
        description="Write statistics/: documents, characters and tokens before and after by source, host, language, "
        "decision and rule; the largest ones are in the manifest and on the page.",
    )
    report: bool = Field(True, description="Write report.html, one page that shows what the run did.")
    card: bool = Field(
        True,
        description="Write README.md, a dataset card with which the output as a whole is a dataset for `datasets` and "
        "hubs; a card that you wrote or changed is kept.",
    )
    license: str | None = Field(
        None, description="License of the texts as the card names it, such as cc-by-4.0; null leaves it out."
    )
    keep_state: bool = Field(False, description="Keep the working files under _state when a run has ended well.")
