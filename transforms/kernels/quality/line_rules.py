"""The line rules of C4 and RefinedWeb: which lines they take out, and the scores of the page rules on that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.columns import bools, matches
from corpusmill.transforms.kernels.duplicates.token_scan import PAD
from corpusmill.transforms.kernels.quality.characters import IS_CAPITAL, character_table
from corpusmill.transforms.kernels.quality.lines import Lines, end_in, longest_word_bytes
from corpusmill.transforms.kernels.quality.sentences import count_sentences
from corpusmill.transforms.kernels.quality.settings import C4Settings

CITATION = r"\[\d*\]|\[edit\]|\[citation needed\]"
"""Marks that C4 cuts out of lines."""
_C4_ENDS = (".", "?", "!", '"', "'")
_POLICY = "terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
_LONGEST_WORD = 1000
"""Characters of a word from which its line is removed; Source: TensorFlow Datasets, text/c4_utils.py."""

_COUNTERS = (
    r"(?i)^[^\p{L}\p{N}_]*\d[\d,.]*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|"
    r"views|followers)[^\p{L}\p{N}_]*$"
)
_CAPITALS = 0.5
_DIGITS = 0.999999
_SHORT_WORDS = 10
EDITS = {"cart": r"(?i)\s?items in cart", "read-more": r"(?i)\s?read more...$", "sign-in": r"(?i)^sign-in\s?"}
"""What is cut out of lines of up to ten words."""


class C4Lines(NamedTuple):
    """What C4's rules make of m lines.

    Attributes:
        text: The lines without white space around and without citation marks.
        cited: int64, lines that such marks were cut out of.
        kept: bool[m], lines that stay.
        lorem_ipsum: bool[m], lines that hold "lorem ipsum" and were not taken out before.
        bracket: bool[m], lines that hold `{` and were not taken out before.
    """

    text: pa.Array
    cited: Int64s
    kept: Bools
    lorem_ipsum: Bools
    bracket: Bools


class C4Rules(NamedTuple):
    """Which of m lines each of C4's rules on lines takes out; bool[m] each.

    Attributes:
        text: The lines without white space around and without citation marks.
        cited: Lines that such marks were cut out of; they stay.
        long_word: Lines that hold a word of more than 1,000 characters.
        end_mark: Lines that end in no mark that ends a sentence, or in an ellipsis.
        few_words: Lines of too few words.
        javascript: Lines that speak of JavaScript.
        policy: Lines that speak of cookies, privacy or terms of use.
    """

    text: pa.Array
    cited: Bools
    long_word: Bools
    end_mark: Bools
    few_words: Bools
    javascript: Bools
    policy: Bools


def c4_rules(lines: Lines, settings: C4Settings) -> C4Rules:
    """Apply each of C4's rules on lines by itself.

    Args:
        lines: Lines of the texts, every line end a line feed.
        settings: The least number of words, and whether an end mark is needed.

    Source: arXiv 1910.10683, section 2.2; TensorFlow Datasets, `c4_utils.clean_page`; datatrove 0.10.1,
    `C4QualityFilter`.
    """
    text = lines.stripped
    cited = pc.match_substring_regex(text, CITATION)
    if pc.any(cited).as_py():
        text = pc.replace_with_mask(text, cited, pc.replace_substring_regex(text.filter(cited), CITATION, ""))
    unmarked = np.zeros(len(text), bool)
    if settings.require_end_mark:
        unmarked = ~end_in(text, _C4_ENDS) | bools(pc.ends_with(text, "..."))
    return C4Rules(
        text,
        bools(cited),
        _too_long(lines),
        unmarked,
        lines.words < settings.words_per_line,
        lines.matching("javascript", ignore_case=True),
        lines.matching(_POLICY, ignore_case=True),
    )


def c4_lines(lines: Lines, settings: C4Settings) -> C4Lines:
    """Apply C4's line rules, in datatrove's order.

    Args:
        lines: As for `c4_rules`.
        settings: The same.
    """
    rules = c4_rules(lines, settings)
    left = ~(rules.long_word | rules.end_mark | rules.few_words)
    lorem = left & lines.matching("lorem ipsum", ignore_case=True)
    left &= ~lorem & ~rules.javascript
    bracket = left & lines.matching(r"\{")
    left &= ~bracket & ~rules.policy
    return C4Lines(rules.text, np.flatnonzero(rules.cited), left, lorem, bracket)


def c4_scores(lines: Lines, settings: C4Settings, sentences: Int64s | None = None) -> dict[str, pa.Array]:
    """Score texts for C4's page rules.

    Args:
        lines: As for `c4_lines`.
        settings: The same.
        sentences: int64[m], sentences of each line if they were counted before; they are counted by their ends else.
    """
    found = c4_lines(lines, settings)
    if sentences is None:
        sentences = count_sentences(*lines.flat)
        if found.cited.size:
            sentences[found.cited] = count_sentences(*Lines(found.text.take(pa.array(found.cited))).flat)
    return {
        "c4_sentences": pa.array(lines.sum(sentences * found.kept)),
        "c4_lorem_ipsum": pa.array(lines.sum(found.lorem_ipsum)),
        "c4_curly_brackets": pa.array(lines.sum(found.bracket)),
    }


class RefinedWebRules(NamedTuple):
    """Which of m lines each of RefinedWeb's rules takes out; bool[m] each.

    Attributes:
        capitals: Lines of more than half capitals.
        digits: Lines of digits alone.
        counter: Counters, such as `12 likes`; not looked for where one of the others takes the line.
        one_word: Lines of one word, or of white space.
    """

    capitals: Bools
    digits: Bools
    counter: Bools
    one_word: Bools

    @property
    def gone(self) -> Bools:
        """Lines that one of them takes out."""
        found: Bools = self.capitals | self.digits | self.counter | self.one_word
        return found


def refinedweb_rules(lines: Lines) -> RefinedWebRules:
    """Apply RefinedWeb's rules on lines.

    Source: arXiv 2306.01116, appendix G.2; DCLM, `dclm_baseline_refinedweb.yaml` and its modifiers of lines.
    """
    length = lines.characters
    words = lines.words
    size = np.maximum(length, 1)
    capitals = _capitals(lines) / size > _CAPITALS
    digits = lines.count_bytes(lines.flat[0] - ord("0") < 10) / size > _DIGITS
    # A counter is a number and a word.
    short = np.flatnonzero(~capitals & ~digits & (words >= 2) & (words <= _COUNTER_WORDS))
    counter = np.zeros(len(words), bool)
    counter[short] = matches(lines.lines.take(pa.array(short)), _COUNTERS)
    return RefinedWebRules(capitals, digits, counter, (words < 2) & (length > 0))


def refinedweb_lines(lines: Lines) -> Bools:
    """Return bool[m], which lines RefinedWeb's rules take out: capitals, numbers, counters, single words."""
    return refinedweb_rules(lines).gone


_COUNTER_WORDS = 6
"""Words of a line beyond which it is no counter: a number, a noun and some signs."""


def edited_lines(lines: Lines, gone: Bools) -> Iterator[tuple[str, Int64s, pa.Array]]:
    """Yield the name of each of `EDITS`, the lines that it changes, and these without it.

    Args:
        lines: m lines.
        gone: bool[m], lines that are taken out whole.
    """
    short = np.flatnonzero(~gone & (lines.words <= _SHORT_WORDS) & (lines.words > 0))
    own = lines.lines.take(pa.array(short))
    for name, pattern in EDITS.items():
        hit = np.flatnonzero(matches(own, pattern))
        yield name, short[hit], pc.replace_substring_regex(own.take(pa.array(hit)), pattern, "")


def removed_words(lines: Lines, gone: Bools) -> Int64s:
    """Return int64[m], words of each line that are lost with removed lines and with what is cut out of others."""
    removed = lines.words * gone
    for _, places, edited in edited_lines(lines, gone):
        removed[places] += lines.words[places] - np.array([len(line.split()) for line in edited.to_pylist()], np.int64)
    return removed


def refinedweb_scores(lines: Lines) -> dict[str, pa.Array]:
    """Return the share of each text's words that RefinedWeb's line rules take out; words are between white space."""
    removed = removed_words(lines, refinedweb_lines(lines))
    total = lines.sum(lines.words)
    nothing = total == 0
    share = lines.sum(removed) / np.where(nothing, 1, total)
    return {"refinedweb_removed_words": pa.array(share, pa.float64(), mask=nothing)}


def _too_long(lines: Lines) -> Bools:
    """Return bool[m], whether a line holds a word of more than 1,000 characters."""
    found = longest_word_bytes(lines) > _LONGEST_WORD
    for line in np.flatnonzero(found).tolist():
        found[line] = any(len(word) > _LONGEST_WORD for word in lines.lines[line].as_py().split())
    return found


def _capitals(lines: Lines) -> Int64s:
    """Return int64[m], capital letters of each line."""
    data, _ = lines.flat
    capital = data - ord("A") < _ALPHABET
    lead, code_points = lines.wide(np.concatenate([data, np.zeros(PAD, np.uint8)]))
    capital[lead] = (character_table()[code_points] & IS_CAPITAL) != 0
    return lines.count_bytes(capital)


_ALPHABET = 26
