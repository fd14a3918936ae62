"""What a user can choose about boilerplate removal."""

from __future__ import annotations

from pydantic import Field

from corpusmill.transforms.kernels.boilerplate.finders.packs import Pack
from corpusmill.transforms.kernels.boilerplate.profile_settings import LineProfileSettings
from corpusmill.transforms.kernels.settings import Settings


class LearnedSettings(Settings):
    """Lines learned from the corpus: those that many independent documents of a site, or of all sites, share."""

    enabled: bool = Field(default=True, description="Learn lines from the corpus and remove them.")
    table: str | None = Field(
        default=None,
        description="Parquet file of learned lines to use instead of learning, e.g. an edited one of an earlier run.",
    )
    one_host: bool = Field(
        default=False,
        description="Learn from documents without an address as if all were of one host; else they teach nothing.",
    )
    min_host_documents: int = Field(
        default=2, ge=2, description="Independent documents of one host that must hold a line for it to be the site's."
    )
    min_host_share: float = Field(
        default=0.1, ge=0, le=1, description="Share of a host's independent documents that must hold such a line."
    )
    min_hosts: int = Field(
        default=2, ge=2, description="Hosts that must hold a line for it to be learned for all hosts."
    )
    min_hosts_share: float = Field(
        default=0.001, ge=0, le=1, description="Share of all hosts that must hold such a line; counts in large corpora."
    )
    host_documents: int = Field(
        default=300, ge=2, description="Documents of one host to learn from; a larger host gives a sample."
    )
    documents: int = Field(
        default=30_000, ge=2, description="Documents to learn from in all; a larger corpus gives a sample of its hosts."
    )
    max_letters: int = Field(default=100, ge=1, le=256, description="Longest line, in letters and digits, to learn.")
    neighbours: int = Field(default=8, ge=1, description="Lines to look at before and after a learned line.")
    min_neighbour_share: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="Share of these that must be learned or match a rule for a line between two long ones to be "
        "removed.",
    )
    min_neighbour_share_head: float = Field(
        default=0.3, ge=0, le=1, description="The same for a line before the first long one of its document."
    )
    min_neighbour_share_tail: float = Field(
        default=0.2, ge=0, le=1, description="The same for a line after the last long one of its document."
    )
    min_neighbour_share_strict: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description=(
            "The same for numbers, for lines that occur in a document more than `max_repeats` times, and between long "
            "lines for those of 25 letters or more."
        ),
    )
    max_repeats: int = Field(default=5, ge=1, description="Times a line may occur in a document, see above.")


class BoilerplateSettings(Settings):
    """Which lines that a site put around a text are removed."""

    enabled: bool = Field(default=True, description="Remove boilerplate lines.")
    disabled_rules: tuple[str, ...] = Field(
        default=(),
        description=(
            "Rules to leave out: rule ids (boilerplate.joined-block), platforms (jetpack), strings of a platform "
            "(blogger.get-link) or their lines in one language (blogger.get-link.en)."
        ),
    )
    rule_files: tuple[str, ...] = Field(
        default=(), description="Files (JSON or YAML) with lines of your own, in the form of the built-in ones."
    )
    packs: tuple[Pack, ...] = Field(
        default=(),
        description=(
            "What programs put around texts: code (Copy under code), forum (profiles, buttons), gutenberg (frames of "
            "books), mail (headers, quoted text, signatures), pdf (page numbers), wiki ([edit], [12])."
        ),
    )
    lines: LineProfileSettings = Field(
        default=LineProfileSettings(), description="Lines that published corpora were made without."
    )
    title_repeat: bool = Field(
        default=True, description="Remove the title where it is repeated at the end of a document."
    )
    max_removed_share: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description=(
            "Largest share of a document's characters that line rules may remove; what is less certain stays, "
            "blocks whole."
        ),
    )
    drop_pages: bool = Field(
        default=True,
        description="Filter documents that are nothing but boilerplate: error pages, consent walls, share blocks.",
    )
    learned: LearnedSettings = Field(default=LearnedSettings(), description="Lines learned from the corpus.")
