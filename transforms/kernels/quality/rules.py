"""The registry of published rules: the score of each, the key of its limit, where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from corpusmill.transforms.kernels.quality.settings import QualitySettings

_GOPHER = "Rae et al. 2021 (arXiv 2112.11446), appendix A.1.1; arithmetic of datatrove 0.10.1"
_REPETITION = "Rae et al. 2021 (arXiv 2112.11446), table A1; arithmetic of datatrove 0.10.1"
_C4 = "Raffel et al. 2020 (arXiv 1910.10683; JMLR 21, 140), section 2.2; arithmetic of datatrove 0.10.1"
_FINEWEB = "Penedo et al. 2024 (arXiv 2406.17557), section 3.6; arithmetic of datatrove 0.10.1"
_REFINEDWEB = "Penedo et al. 2023 (arXiv 2306.01116), appendix G.2; arithmetic of DCLM"

INTEGER, SHARE = pa.int64(), pa.float64()


@dataclass(frozen=True)
class QualityRule:
    """A comparison of a score with a limit that drops a document.

    Attributes:
        id: Stable id, the reason of the decision.
        preset: Name of the preset that switches it on.
        score: Name of the score.
        kind: Arrow type of the score.
        section: Section of the settings with the limit.
        key: Key of the limit there.
        below: Whether a score below the limit drops; above it else.
        what: What the score measures.
        source: Paper and place, and whose arithmetic.
        spaces: Whether the score needs words with spaces between: in scripts without them it is null.
    """

    id: str
    preset: str
    score: str
    kind: pa.DataType
    section: str
    key: str
    below: bool
    what: str
    source: str
    spaces: bool = False

    def limit(self, settings: QualitySettings) -> float | None:
        """Return the limit that is in force; None if the rule is off."""
        if self.preset not in settings.presets:
            return None
        if self.key == "min_sentences":
            return settings.c4.sentences or None
        limit: float | None = getattr(getattr(settings, self.section), self.key)
        return limit


class _Row(NamedTuple):
    key: str
    score: str
    what: str
    kind: pa.DataType = SHARE
    spaces: bool = False


def _rules(preset: str, family: str, section: str, source: str, rows: tuple[_Row, ...]) -> Iterator[QualityRule]:
    for row in rows:
        yield QualityRule(
            id=f"quality.{family}-{_name(row.key)}",
            preset=preset,
            score=f"{family}_{row.score}",
            kind=row.kind,
            section=section,
            key=row.key,
            below=row.key.startswith("min_"),
            what=row.what,
            source=source,
            spaces=row.spaces,
        )


def _name(key: str) -> str:
    """Name a rule by its key; what has one limit only is named without `min` or `max`."""
    bare = key.removeprefix("min_").removeprefix("max_")
    return (key if bare in _TWO_LIMITS else bare).replace("_", "-")


_TWO_LIMITS = ("words", "mean_word_length")

_NTH = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}

RULES: tuple[QualityRule, ...] = (
    *_rules(
        "gopher",
        "gopher",
        "gopher",
        _GOPHER,
        (
            _Row("min_words", "words", "words that are not punctuation alone", INTEGER),
            _Row("max_words", "words", "words that are not punctuation alone", INTEGER),
            _Row("min_mean_word_length", "mean_word_length", "mean number of characters of these words", spaces=True),
            _Row("max_mean_word_length", "mean_word_length", "mean number of characters of these words", spaces=True),
            _Row("max_hash_ratio", "hash_ratio", "signs `#` for each word"),
            _Row("max_ellipsis_ratio", "ellipsis_ratio", "ellipses (`...` or one character) for each word"),
            _Row("max_bullet_lines", "bullet_lines", "share of lines that begin with a bullet or a hyphen"),
            _Row("max_ellipsis_lines", "ellipsis_lines", "share of lines that end in an ellipsis"),
            _Row("min_letter_words", "letter_words", "share of words, punctuation included, that hold a letter"),
            _Row("min_stop_words", "stop_words", "different stop words", INTEGER, spaces=True),
        ),
    ),
    *_rules(
        "gopher-repetition",
        "repetition",
        "gopher_repetition",
        _REPETITION,
        (
            _Row("max_duplicate_lines", "duplicate_lines", "share of lines that repeat an earlier one"),
            _Row("max_duplicate_paragraphs", "duplicate_paragraphs", "share of paragraphs that repeat an earlier one"),
            _Row(
                "max_duplicate_line_characters",
                "duplicate_line_characters",
                "share of characters in lines that repeat an earlier one",
            ),
            _Row(
                "max_duplicate_paragraph_characters",
                "duplicate_paragraph_characters",
                "share of characters in paragraphs that repeat an earlier one",
            ),
            *(
                _Row(
                    f"max_top_{n}_gram",
                    f"top_{n}_gram",
                    f"share of characters in the most frequent {word} words in a row",
                    spaces=True,
                )
                for n, word in ((2, "two"), (3, "three"), (4, "four"))
            ),
            *(
                _Row(
                    f"max_duplicate_{n}_grams",
                    f"duplicate_{n}_grams",
                    f"share of characters in {word} words in a row that stood before",
                    spaces=True,
                )
                for n, word in _NTH.items()
            ),
        ),
    ),
    *_rules(
        "c4",
        "c4",
        "c4",
        _C4,
        (
            _Row("max_lorem_ipsum", "lorem_ipsum", 'lines that hold "lorem ipsum"', INTEGER),
            _Row("max_curly_brackets", "curly_brackets", "lines that hold `{`", INTEGER),
            _Row(
                "min_sentences", "sentences", "sentences in the lines that C4's line rules keep", INTEGER, spaces=True
            ),
        ),
    ),
    *_rules(
        "fineweb",
        "fineweb",
        "fineweb",
        _FINEWEB,
        (
            _Row("min_terminal_lines", "terminal_lines", "share of lines that end in a mark that ends sentences"),
            _Row("max_short_lines", "short_lines", "share of lines of at most `short_line_characters`"),
            _Row("max_repeated_characters", "repeated_characters", "share of characters in repeated lines"),
            _Row("max_newlines_per_word", "newlines_per_word", "line ends for each word", spaces=True),
        ),
    ),
    *_rules(
        "refinedweb",
        "refinedweb",
        "refinedweb",
        _REFINEDWEB,
        (
            _Row(
                "max_removed_words",
                "removed_words",
                "share of words in lines of capitals, numbers, counters or one word, and in sign-in, cart and "
                "read-more notes",
                spaces=True,
            ),
        ),
    ),
)
"""All rules, in the order in which they decide: the first that drops a document is its reason."""


def score_fields(settings: QualitySettings) -> list[pa.Field]:
    """Return the columns of the scores of the presets that are switched on, in the registry's order."""
    fields = {rule.score: pa.field(rule.score, rule.kind) for rule in RULES if rule.preset in settings.presets}
    return list(fields.values())
