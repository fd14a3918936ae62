"""Symbol noise: what is done about it, by policy; the defaults lose no meaning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule, in_one
from corpusmill.transforms.kernels.cleaning.symbols import emoji_clusters, invisible, letters, ligatures, punctuation
from corpusmill.transforms.kernels.cleaning.symbols.accents import spacing_accents
from corpusmill.transforms.kernels.cleaning.symbols.arabic_forms import arabic_forms
from corpusmill.transforms.kernels.cleaning.symbols.separators import separators
from corpusmill.transforms.kernels.cleaning.symbols.symbol_font import symbol_font
from corpusmill.transforms.kernels.settings import Settings

REPLACEMENT_CHARACTER = "\N{REPLACEMENT CHARACTER}"


class SymbolSettings(Settings):
    """One policy for each kind of symbol noise."""

    enabled: bool = Field(default=True, description="Apply the policies below; false leaves all symbols alone.")
    order_marks: Literal["strip", "keep"] = Field(
        default="strip", description="Byte order marks (U+FEFF) and word joiners (U+2060) inside a text."
    )
    soft_hyphens: Literal["strip", "keep"] = Field(
        default="strip",
        description="Soft hyphens (U+00AD): strip from words, keep; between digits or spaces they become hyphens.",
    )
    zero_width: Literal["strip", "keep"] = Field(
        default="strip",
        description="Zero-width spaces and joiners that neither a neighbour's script nor an emoji sequence uses.",
    )
    bidi: Literal["unpaired", "strip", "keep"] = Field(
        default="unpaired",
        description="Direction controls: strip unpaired ones, all where no letter runs right to left; or strip all.",
    )
    variation_selectors: Literal["strip", "keep"] = Field(
        default="strip", description="Emoji and text presentation selectors after characters that are not emoji."
    )
    tags: Literal["strip", "keep"] = Field(
        default="strip", description="Tag characters (invisible ASCII) outside flags of regions."
    )
    ligatures: Literal["spell", "keep"] = Field(
        default="spell",
        description="Latin ligatures of a text full of them, as from a PDF: spell them out, not in texts on type.",
    )
    arabic_forms: Literal["fold", "keep"] = Field(
        default="fold",
        description="Words in Arabic presentation forms: fold to plain letters, not in charts of letters.",
    )
    spacing_accents: Literal["compose", "keep"] = Field(
        default="compose",
        description="Accents beside their letters, as from a PDF: put them on, where they can be nothing else.",
    )
    symbol_font: Literal["decode", "keep"] = Field(
        default="decode",
        description="Operators of Word's Symbol font (U+F03D is `=`) between operands: decode them, or keep them.",
    )
    private_use: Literal["strip", "keep"] = Field(
        default="strip",
        description="Private-use characters alone between spaces or at the start of a line: icons of icon fonts.",
    )
    fancy_letters: Literal["fold", "keep"] = Field(
        default="fold",
        description="Words in mathematical or enclosed letters, away from formulas: fold to plain letters.",
    )
    zalgo: Literal["trim", "keep"] = Field(
        default="trim",
        description="More than three combining marks on a Latin, Greek or Cyrillic letter, sixteen elsewhere: trim.",
    )
    replacement_character: Literal["keep", "strip"] = Field(
        default="keep", description="U+FFFD marks a loss: keep it, or strip it."
    )
    shortcodes: Literal["keep", "emojize"] = Field(
        default="keep", description="Known shortcodes such as `:fire:`: keep them, or turn them into emoji."
    )
    emoji: Literal["keep", "collapse", "strip", "describe"] = Field(
        default="collapse",
        description="Emoji: keep all, shorten long runs of the same one, strip all, or describe by their names.",
    )
    emoji_run: int = Field(
        default=6, ge=4, le=1000, description="Least length of a run of the same emoji that is shortened to three."
    )
    emoji_mixed_run: int = Field(
        default=0, ge=0, le=1000, description="Most emoji kept of a run of different ones; 0 keeps all."
    )
    emoji_language: Literal["en", "de", "es", "fr", "it", "pt", "ja", "ko", "zh", "ru", "ar", "fa", "tr", "id"] = Field(
        default="en", description="Language of the names that describe emoji."
    )
    regional_indicators: Literal["keep", "strip"] = Field(
        default="keep", description="Regional indicators without a partner, which make no flag."
    )
    punctuation: Literal["collapse", "keep"] = Field(
        default="collapse",
        description="Long runs of `!` or `?`, or of dots after a word: shorten to three, not in code and patterns.",
    )
    punctuation_run: int = Field(
        default=6, ge=4, le=1000, description="Least length of a run of the same mark that is shortened."
    )
    elongation: Literal["keep", "collapse"] = Field(
        default="keep", description="Letters drawn out (`soooo`): keep them, or shorten runs of four or more to three."
    )
    separators: Literal["paragraph-break", "rule", "keep"] = Field(
        default="paragraph-break",
        description="Lines of ornaments only: an empty line in their place, the rule `***`, or keep them.",
    )
    separator_length: int = Field(
        default=3, ge=2, le=1000, description="Least number of symbols that makes a line of ornaments a separator."
    )
    ascii_separators: bool = Field(
        default=False,
        description="Count all isolated lines of ASCII symbols (`+ + +`) as separators, Markdown rules excepted.",
    )


def _strip_replacement_characters() -> Rule:

    def apply(text: str) -> tuple[str, int]:
        return text.replace(REPLACEMENT_CHARACTER, ""), text.count(REPLACEMENT_CHARACTER)

    return counting_rule(
        "symbols.strip-replacement-character",
        apply,
        "The configuration wants no marks of lost characters.",
        proof=(r"\x{fffd}",),
    )


_ARABIC = r"\x{fb50}-\x{fdef}\x{fe80}-\x{fefc}"
_RESIDUE = rf"[´¨ˆ˜¸ˇ˚˝\x{{f000}}-\x{{f0ff}}\x{{fb00}}-\x{{fb06}}{_ARABIC}]|{ligatures.GLYPH_NAME}"
"""Whatever one of the rules below looks at."""


def _residue(settings: SymbolSettings) -> list[Rule]:
    """Return the rules for what PDF extraction and Word leave."""
    wanted = [
        (settings.ligatures == "spell", ligatures.glyph_names),
        (settings.ligatures == "spell", ligatures.ligatures),
        (settings.arabic_forms == "fold", arabic_forms),
        (settings.spacing_accents == "compose", spacing_accents),
        (settings.symbol_font == "decode", symbol_font),
    ]
    return [make() for on, make in wanted if on]


def symbol_rules(settings: SymbolSettings) -> list[Rule]:
    """Return the rules that the settings ask for, in order: what hides, letters, emoji, punctuation, lines."""
    if not settings.enabled:
        return []
    wanted = [
        (settings.order_marks == "strip", invisible.order_marks),
        (settings.soft_hyphens == "strip", invisible.soft_hyphens),
        (settings.tags == "strip", invisible.tags),
        (settings.variation_selectors == "strip", invisible.variation_selectors),
        (settings.zero_width == "strip", invisible.zero_width),
        (settings.bidi != "keep", lambda: invisible.bidi_controls(settings.bidi)),
        (bool(_residue(settings)), lambda: in_one("symbols.residue", _residue(settings), _RESIDUE)),
        (settings.private_use == "strip", letters.private_use),
        (settings.fancy_letters == "fold", letters.fancy_letters),
        (settings.zalgo == "trim", letters.stacked_marks),
        (settings.replacement_character == "strip", _strip_replacement_characters),
        (settings.shortcodes == "emojize", emoji_clusters.emojize_shortcodes),
        (settings.emoji == "strip", emoji_clusters.strip_all),
        (settings.emoji == "describe", lambda: emoji_clusters.describe_all(settings.emoji_language)),
        (settings.emoji == "collapse", lambda: emoji_clusters.collapse_runs(settings.emoji_run)),
        (settings.emoji_mixed_run > 0, lambda: emoji_clusters.cap_mixed_runs(settings.emoji_mixed_run)),
        (settings.regional_indicators == "strip", emoji_clusters.strip_orphans),
        (settings.punctuation == "collapse", lambda: punctuation.repeated_punctuation(settings.punctuation_run)),
        (settings.elongation == "collapse", punctuation.elongation),
        (
            settings.separators != "keep",
            lambda: separators(
                settings.separator_length, "***" if settings.separators == "rule" else "", settings.ascii_separators
            ),
        ),
    ]
    return [make() for on, make in wanted if on]
