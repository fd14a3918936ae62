"""Settings of the duplicate stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from corpusmill.transforms.kernels.duplicates.bands import Banding, choose_banding
from corpusmill.transforms.kernels.duplicates.keep_order import GRAMMAR, KeepPolicy, parse_keep
from corpusmill.transforms.kernels.duplicates.paragraph_settings import ParagraphSettings
from corpusmill.transforms.kernels.settings import Settings

EXACT = "dedup.exact"
"""Rule id of a document whose text equals its partner's."""
BY_URL = "dedup.url"
"""Rule id of a document with the address of another one that stays."""
NEAR = "dedup.near"
"""Rule id of a document that is similar to its partner."""
CAPPED = "dedup.capped"
"""Rule id of a document that was too long for all of its shingles to enter its signature."""


class DedupSettings(Settings):
    """How near-duplicates are found and which of them stay."""

    enabled: bool = Field(True, description="Remove exact and near-duplicates.")
    similarity: Literal["jaccard", "containment"] = Field(
        "jaccard",
        description="What two documents' shingle sets are compared by: shared of all, or shared of the smaller set.",
    )
    threshold: float = Field(
        0.8, gt=0, le=1, description="A document this similar to a kept one, or more, is removed (0 to 1)."
    )
    shingle_size: int = Field(5, ge=1, le=100, description="Words in a shingle.")
    num_perm: int = Field(128, ge=1, le=4096, description="Permutations of a MinHash signature, at most.")
    recall: float = Field(
        0.9999, gt=0, lt=1, description="Wanted probability of finding a pair at the threshold; decides the bands."
    )
    keep: str = Field("first", description=f"Which document of a family stays: {GRAMMAR}.")
    by_url: str | None = Field(
        None,
        description="Of documents with the same address (scheme, www., fragment and tracking left aside) let one stay, "
        f"before texts are compared, and which: {GRAMMAR}. null compares texts only.",
    )
    exempt: tuple[str, ...] = Field(
        (),
        description="Patterns of source paths whose documents are never removed; others are, if they are like them.",
    )
    within: str | None = Field(
        None,
        min_length=1,
        description="Column within whose equal values duplicates are looked for, such as the language: a kept column, "
        "source, or with language.enabled also language or script; documents without a value are of one kind. null "
        "looks for them everywhere.",
    )
    max_length_ratio: float = Field(
        8.0,
        ge=1,
        description="For containment: the wanted recall holds for pairs of which one has at most so many times the "
        "shingles of the other.",
    )
    max_bucket_all_pairs: int = Field(
        128, ge=2, le=1024, description="Documents that share a band key up to which all pairs of them are compared."
    )
    leaders: int = Field(
        8, ge=1, le=256, description="Documents in a larger bucket with which all others in it are compared."
    )
    max_shingles: int = Field(
        2_000_000,
        ge=1,
        description="Shingles from the start of a document that enter its signature; the comparison uses all.",
    )
    paragraphs: ParagraphSettings = Field(
        default_factory=ParagraphSettings, description="Paragraphs that several of the kept documents have."
    )
    seed: int = Field(1, ge=0, lt=2**32, description="Seed of the permutations, as in datasketch.")

    @field_validator("keep")
    @classmethod
    def _check_keep(cls, value: str) -> str:
        parse_keep(value)
        return value

    @field_validator("by_url")
    @classmethod
    def _check_by_url(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                parse_keep(value)
            except ValueError as error:
                raise ValueError(str(error).replace("keep:", "by_url:", 1)) from None
        return value

    @model_validator(mode="after")
    def _check_together(self) -> DedupSettings:
        if self.similarity == "containment" and self.keep_policy.rule not in ("longest", "sources"):
            raise ValueError(
                f"keep: {self.keep!r} with similarity: containment could keep an excerpt and remove the whole; "
                "set dedup.keep to 'longest' (or 'sources [...]')"
            )
        try:
            choose_banding(self.least_jaccard, self.recall, self.num_perm)
        except ValueError as error:
            if self.similarity == "jaccard":
                raise
            raise ValueError(
                f"{error}; this Jaccard similarity is what containment {self.threshold:g} comes to where one document "
                f"is {self.max_length_ratio:g} times the other: or lower dedup.max_length_ratio"
            ) from error
        return self

    @property
    def least_jaccard(self) -> float:
        """The Jaccard similarity at which the wanted recall must hold."""
        if self.similarity == "jaccard":
            return self.threshold
        # A smaller set of 1 and a larger of q share t: t / (1 + q - t).
        return self.threshold / (1 + self.max_length_ratio - self.threshold)

    @property
    def banding(self) -> Banding:
        """Bands and rows that reach the wanted recall."""
        return choose_banding(self.least_jaccard, self.recall, self.num_perm)

    @property
    def keep_policy(self) -> KeepPolicy:
        """The parsed keep policy."""
        return parse_keep(self.keep)
