"""What the configuration says about decontamination."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from corpusmill.transforms.kernels.settings import Settings


class DecontaminateSettings(Settings):
    """Which benchmarks are looked for in the documents, and what becomes of documents that hold a part of one."""

    files: tuple[str, ...] = Field(
        (), description="Benchmarks as JSONL, Parquet, CSV or TSV, files or patterns; empty looks for none."
    )
    fields: tuple[str, ...] = Field(
        ("text", "question", "query", "prompt", "problem", "answer", "target"),
        description="Fields of an item that are looked for, one behind the other, as far as it has them.",
    )
    ngram_words: int = Field(13, ge=3, description="Words in a row that a document must have in common with an item.")
    min_words: int = Field(
        8,
        ge=3,
        description="Items with fewer words than ngram_words are looked for as a whole, if they have so many at least; "
        "shorter ones are set aside.",
    )
    max_items: int = Field(
        10,
        ge=1,
        description="Runs of words that more items have than this are set aside: they are instructions, not items.",
    )
    common_files: tuple[str, ...] = Field(
        (),
        description="Text files of phrases that everybody uses (licences, prayers): their runs of words are set aside.",
    )
    min_share: float = Field(
        0.0, ge=0, le=1, description="Least share of an item's runs of words that a document must hold; 0 for any."
    )
    action: Literal["drop", "cut"] = Field(
        "drop", description="Drop the document, or cut the paragraphs that hold a part of an item."
    )

    @model_validator(mode="after")
    def _check_words(self) -> DecontaminateSettings:
        if self.min_words > self.ngram_words:
            raise ValueError(
                f"decontaminate.min_words ({self.min_words}) is above decontaminate.ngram_words ({self.ngram_words}); "
                "lower it, or take longer n-grams"
            )
        if not self.fields:
            raise ValueError("decontaminate.fields names no field; name those that hold the items, such as [question]")
        return self
