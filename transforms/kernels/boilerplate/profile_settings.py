"""What a user can choose about line profiles."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from corpusmill.transforms.kernels.settings import Settings

Profile = Literal["c4", "refinedweb"]


class LineProfileSettings(Settings):
    """Lines by the rules of published corpora."""

    profiles: tuple[Profile, ...] = Field(
        (),
        description="Rules of published corpora by which lines are removed after all others: c4 (lines without an end "
        "mark, of few words, about JavaScript, cookies or terms; citation marks), refinedweb (capitals, digits, "
        "counters, single words; sign-in, cart and read-more notes).",
    )
    min_words: int = Field(
        3, ge=0, description="Remove lines of fewer words (c4): 3 in the first version on arXiv, 5 in JMLR."
    )
    end_mark: bool = Field(True, description="Remove lines that do not end in `.`, `?`, `!` or a quotation mark (c4).")
    max_removed_words: Annotated[float, Field(ge=0, le=1)] | None = Field(
        0.05,
        description="Drop documents of which a larger share of words is removed with its lines (refinedweb); null "
        "drops none.",
    )
