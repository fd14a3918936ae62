"""Scores of a column of texts under the presets that are switched on, and the decisions that follow from scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.quality.line_rules import c4_scores, refinedweb_scores
from corpusmill.transforms.kernels.quality.lines import Lines, with_plain_ends
from corpusmill.transforms.kernels.quality.rules import RULES, score_fields
from corpusmill.transforms.kernels.quality.scores import Scores, fineweb_scores, gopher_scores, repetition_scores
from corpusmill.transforms.kernels.quality.settings import QualitySettings
from corpusmill.transforms.kernels.quality.windows import windows
from corpusmill.transforms.kernels.quality.words import find_words

_MAX_SINGLE = 0.5
"""Share of words of one letter, in scripts without spaces, above which a text counts as written without spaces."""
_BYTES_EACH = 1.8
"""Bytes for each character below which a text is not mainly in such scripts: their letters have three or more."""

_WORD_PRESETS = frozenset({"gopher", "gopher-repetition", "fineweb"})


class Decisions(NamedTuple):
    """What rules decide on n documents.

    Attributes:
        reason: string[n], id of the rule that drops the document; null where it stays.
        detail: string[n], its score and limit, such as `12 < 50`; null where it stays.
    """

    reason: pa.Array
    detail: pa.Array


def score_texts(text: pa.Array, settings: QualitySettings) -> pa.Table:
    """Compute the scores of texts.

    Args:
        text: string; null rows have null scores.
        settings: Which presets, and what parameters their scores have.

    Returns:
        n rows; the columns of `score_fields`.
    """
    schema = pa.schema(score_fields(settings))
    parts = []
    for rows in windows(text):
        found = _score_window(rows, settings)
        valid = rows.is_valid()
        columns = [
            found[name] if not rows.null_count else pc.if_else(valid, found[name], None) for name in schema.names
        ]
        parts.append(pa.Table.from_arrays(columns, schema=schema))
    return pa.concat_tables(parts).combine_chunks() if parts else schema.empty_table()


def _score_window(text: pa.Array, settings: QualitySettings) -> Scores:
    presets = frozenset(settings.presets)
    plain = with_plain_ends(text)
    lines = Lines(plain)
    found: Scores = {}
    if presets & _WORD_PRESETS:
        words = find_words(plain)
        if "gopher" in presets:
            found |= gopher_scores(lines, words, settings.gopher)
        if "gopher-repetition" in presets:
            found |= repetition_scores(lines, words)
        if "fineweb" in presets:
            found |= fineweb_scores(lines if plain is text else Lines(text), words, settings.fineweb)
    if "c4" in presets:
        found |= c4_scores(lines, settings.c4)
    if "refinedweb" in presets:
        found |= refinedweb_scores(lines)
    return _without_word_rules(found, without_spaces(plain))


def without_spaces(text: pa.Array) -> Bools:
    """Return bool[n], which texts are mainly in scripts that put no spaces between words."""
    # Their letters have three bytes and more; only texts in which most characters have are looked at.
    bytes_each = pc.divide(pc.cast(pc.binary_length(text), pa.float64()), pc.max_element_wise(pc.utf8_length(text), 1))
    found: Bools = pc.fill_null(pc.greater(bytes_each, _BYTES_EACH), False).to_numpy(zero_copy_only=False).copy()
    rows = np.flatnonzero(found)
    if rows.size:
        words = find_words(text.take(pa.array(rows)))
        found[rows] = words.per_text(words.is_single) > _MAX_SINGLE * words.per_text(words.is_word)
    return found


def _without_word_rules(scores: Scores, single: Bools) -> Scores:
    """Take the scores that need words between spaces from texts that are written without them."""
    if not single.any():
        return scores
    needs = {rule.score for rule in RULES if rule.spaces}
    keep = pa.array(~single)
    return {name: pc.if_else(keep, values, None) if name in needs else values for name, values in scores.items()}


def decide(scores: pa.Table, settings: QualitySettings) -> Decisions:
    """Compare scores with limits; the first rule of the registry that drops a document is its reason.

    Args:
        scores: Columns of `score_fields`, n rows; a null drops nothing.
        settings: The presets and limits.
    """
    n = len(scores)
    reason = np.full(n, None, object)
    detail = np.full(n, None, object)
    for rule in RULES:
        limit = rule.limit(settings)
        if limit is None:
            continue
        values = scores[rule.score]
        beyond = pc.less(values, limit) if rule.below else pc.greater(values, limit)
        rows = np.flatnonzero(pc.fill_null(beyond, False).to_numpy())
        rows = rows[reason[rows] == None]  # noqa: E711  (compares an array of objects)
        reason[rows] = rule.id
        for row in rows.tolist():
            detail[row] = comparison(values[row].as_py(), "<" if rule.below else ">", limit)
    return Decisions(pa.array(reason, pa.string()), pa.array(detail, pa.string()))


def comparison(score: float, sign: str, limit: float) -> str:
    """Write a comparison to be read, with as few digits as tell the numbers apart.

    >>> comparison(12, "<", 50)
    '12 < 50'
    >>> comparison(0.30000001, ">", 0.3)
    '0.30000001 > 0.3'
    """
    short, bound = (
        f"{score:.4g}" if isinstance(score, float) else str(score),
        f"{limit:.4g}" if isinstance(limit, float) else str(limit),
    )
    if isinstance(limit, float) and float(bound) != limit:
        bound = repr(limit)
    return f"{score!r} {sign} {bound}" if short == bound else f"{short} {sign} {bound}"
