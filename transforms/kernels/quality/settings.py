"""The published rules that are switched on, and their limits."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal

from pydantic import Field, field_validator

from corpusmill.transforms.kernels.settings import Settings

PRESETS = ("gopher", "gopher-repetition", "c4", "fineweb", "refinedweb")

Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


class GopherSettings(Settings):
    """Limits of Gopher's quality filter; null switches a rule off."""

    min_words: Count | None = Field(50, description="Drop documents of fewer words, punctuation not counted.")
    max_words: Count | None = Field(100_000, description="Drop documents of more words, punctuation not counted.")
    min_mean_word_length: Number | None = Field(3, description="Drop if the mean word has fewer characters.")
    max_mean_word_length: Number | None = Field(10, description="Drop if the mean word has more characters.")
    max_hash_ratio: Number | None = Field(0.1, description="Drop if there are more `#` for each word.")
    max_ellipsis_ratio: Number | None = Field(0.1, description="Drop if there are more ellipses for each word.")
    max_bullet_lines: Share | None = Field(0.9, description="Drop if a larger share of lines begins with a bullet.")
    max_ellipsis_lines: Share | None = Field(0.3, description="Drop if a larger share of lines ends in an ellipsis.")
    min_letter_words: Share | None = Field(0.8, description="Drop if a smaller share of words holds a letter.")
    min_stop_words: Count | None = Field(2, description="Drop if fewer different ones of `stop_words` are there.")
    stop_words: tuple[str, ...] = Field(STOP_WORDS, description="Words of the language; their case counts.")


class RepetitionSettings(Settings):
    """Limits of Gopher's repetition filter; null switches a rule off."""

    max_duplicate_lines: Share | None = Field(0.3, description="Drop if a larger share of lines is a repetition.")
    max_duplicate_paragraphs: Share | None = Field(0.3, description="The same for paragraphs.")
    max_duplicate_line_characters: Share | None = Field(
        0.2, description="Drop if a larger share of characters is in repeated lines."
    )
    max_duplicate_paragraph_characters: Share | None = Field(0.2, description="The same for paragraphs.")
    max_top_2_gram: Share | None = Field(
        0.2, description="Drop if the most frequent two words in a row make up a larger share of characters."
    )
    max_top_3_gram: Share | None = Field(0.18, description="The same for three words.")
    max_top_4_gram: Share | None = Field(0.16, description="The same for four words.")
    max_duplicate_5_grams: Share | None = Field(
        0.15, description="Drop if a larger share of characters is in repeated runs of five words."
    )
    max_duplicate_6_grams: Share | None = Field(0.14, description="The same for six words.")
    max_duplicate_7_grams: Share | None = Field(0.13, description="The same for seven words.")
    max_duplicate_8_grams: Share | None = Field(0.12, description="The same for eight words.")
    max_duplicate_9_grams: Share | None = Field(0.11, description="The same for nine words.")
    max_duplicate_10_grams: Share | None = Field(0.1, description="The same for ten words.")


_VARIANTS = {"arxiv": (5, 3), "jmlr": (3, 5)}


class C4Settings(Settings):
    """Limits of C4's page rules, counted over the lines that its line rules keep; null switches a rule off."""

    variant: Literal["arxiv", "jmlr"] = Field(
        "arxiv",
        description="Which of the two published pairs of numbers: 5 sentences and lines of 3 words (first version on "
        "arXiv, datatrove), or 3 sentences and lines of 5 words (JMLR, TensorFlow Datasets).",
    )
    min_sentences: Count | None = Field(
        None, description="Drop documents of fewer sentences in lines that count; null takes the variant's, 0 is off."
    )
    min_words_per_line: Count | None = Field(
        None, description="Lines of fewer words do not count; null takes the variant's."
    )
    require_end_mark: bool = Field(True, description="Count only lines that end in `.`, `?`, `!` or a quotation mark.")
    max_lorem_ipsum: Count | None = Field(0, description='Drop if more lines hold "lorem ipsum".')
    max_curly_brackets: Count | None = Field(0, description="Drop if more lines hold `{`.")

    @property
    def sentences(self) -> int:
        """The least number of sentences that is in force."""
        return _VARIANTS[self.variant][0] if self.min_sentences is None else self.min_sentences

    @property
    def words_per_line(self) -> int:
        """The least number of words of a line that counts."""
        return _VARIANTS[self.variant][1] if self.min_words_per_line is None else self.min_words_per_line


class FineWebSettings(Settings):
    """Limits of FineWeb's filters; null switches a rule off."""

    min_terminal_lines: Share | None = Field(
        0.12, description="Drop if a smaller share of lines ends in a mark that ends sentences, of any script."
    )
    max_short_lines: Share | None = Field(0.67, description="Drop if a larger share of lines is short.")
    short_line_characters: Count = Field(30, description="Longest line, in characters, that is short.")
    max_repeated_characters: Share | None = Field(
        0.01, description="Drop if a larger share of characters is in repeated lines."
    )
    max_newlines_per_word: Number | None = Field(0.3, description="Drop if there are more line ends for each word.")


class RefinedWebSettings(Settings):
    """The limit of RefinedWeb's line corrections; null switches it off."""

    max_removed_words: Share | None = Field(
        0.05, description="Drop if a larger share of words is in lines that its line rules take out."
    )


class QualitySettings(Settings):
    """Which rules of which papers drop documents."""

    presets: tuple[str, ...] = Field(
        (),
        description="Published rules to score documents by, and to drop those beyond their limits: gopher, "
        "gopher-repetition, c4, fineweb, refinedweb.",
    )
    gopher: GopherSettings = Field(
        default_factory=GopherSettings, description="Gopher's quality rules (arXiv 2112.11446, A.1.1); null is off."
    )
    gopher_repetition: RepetitionSettings = Field(
        default_factory=RepetitionSettings,
        description="Gopher's repetition rules (arXiv 2112.11446, table A1); null is off.",
    )
    c4: C4Settings = Field(default_factory=C4Settings, description="C4's page rules (arXiv 1910.10683, section 2.2).")
    fineweb: FineWebSettings = Field(
        default_factory=FineWebSettings, description="FineWeb's rules (arXiv 2406.17557, section 3.6); null is off."
    )
    refinedweb: RefinedWebSettings = Field(
        default_factory=RefinedWebSettings, description="RefinedWeb's rule on lines (arXiv 2306.01116, G.2)."
    )

    @field_validator("presets")
    @classmethod
    def _check_presets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in PRESETS:
                near = difflib.get_close_matches(name, PRESETS, n=1, cutoff=0.4)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(PRESETS)}"
                raise ValueError(f"there is no preset {name!r}; {hint}")
        if len(set(names)) < len(names):
            raise ValueError(f"a preset is named twice in {', '.join(names)}; name each once")
        return tuple(name for name in PRESETS if name in names)
