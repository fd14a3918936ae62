"""Settings of the paragraph level of the duplicate stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusmill.transforms.kernels.settings import Settings


class ParagraphSettings(Settings):
    """What becomes of paragraphs that several of the kept documents have."""

    keep: Literal["every", "first", "none"] = Field(
        "every",
        description="Copies that stay of a paragraph that several kept documents have: every one (off), those of the "
        "first document, or none. A document that would lose all of its text stays as it is.",
    )
    min_chars: int = Field(
        100,
        ge=1,
        description="Shorter paragraphs stay, counted in letters, digits and single spaces between words.",
    )
