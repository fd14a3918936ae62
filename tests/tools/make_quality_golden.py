"""Make tests/golden/quality.json anew: what datatrove 0.10.1 computes for the texts of tests/quality_texts.py.

Run from the top of the repository, in an environment with `datatrove==0.10.1` and its requirements:
`python -m tests.tools.make_quality_golden`. Its filters compare numbers with limits and tell only the outcome; a limit
that notes what it is compared with gives the numbers themselves.
"""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters import (
    c4_filters,
    fineweb_quality_filter,
    gopher_quality_filter,
    gopher_repetition_filter,
)

from tests.quality_texts import plain_sentences, plain_words, texts

VERSION = "0.10.1"
TARGET = Path(__file__).parents[1] / "golden" / "quality.json"
REPETITION = ("duplicate_paragraphs", "duplicate_paragraph_characters", "duplicate_lines", "duplicate_line_characters")

Scores = dict[str, float | None]


class Limit:
    """A limit that is never crossed and notes the numbers that it is compared with."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __lt__(self, number: float) -> bool:
        self.seen.append(number)
        return False

    __gt__ = __lt__


def _split(text: str, _language: str) -> list[str]:
    return plain_words(text)


def _limits(*names: str) -> dict[str, Limit]:
    return {name: Limit() for name in names}


def _read(limits: dict[str, Limit]) -> Scores:
    return {name: limit.seen[-1] if limit.seen else None for name, limit in limits.items()}


def _filtered(kind: Any, text: str, **settings: object) -> Any:
    try:
        return kind(**settings).filter(Document(text=text, id="0"))
    except ZeroDivisionError:
        return None


def gopher(text: str) -> Scores:
    low = _limits("gopher_words", "gopher_mean_word_length", "gopher_letter_words", "gopher_stop_words")
    high = _limits("gopher_bullet_lines", "gopher_ellipsis_lines")
    symbols = Limit()
    if not plain_words(text):
        return dict.fromkeys((*low, *high, "gopher_hash_ratio", "gopher_ellipsis_ratio"))
    _filtered(
        gopher_quality_filter.GopherQualityFilter,
        text,
        min_doc_words=low["gopher_words"],
        max_doc_words=None,
        min_avg_word_length=low["gopher_mean_word_length"],
        max_avg_word_length=None,
        max_symbol_word_ratio=symbols,
        max_bullet_lines_ratio=high["gopher_bullet_lines"],
        max_ellipsis_lines_ratio=high["gopher_ellipsis_lines"],
        max_non_alpha_words_ratio=low["gopher_letter_words"],
        min_stop_words=low["gopher_stop_words"],
    )
    found = {**_read(low), **_read(high)}
    found["gopher_hash_ratio"], found["gopher_ellipsis_ratio"] = symbols.seen
    return found


def repetition(text: str) -> Scores:
    plain = _limits(*(f"repetition_{name}" for name in REPETITION))
    top = _limits(*(f"repetition_top_{n}_gram" for n in (2, 3, 4)))
    duplicate = _limits(*(f"repetition_duplicate_{n}_grams" for n in range(5, 11)))
    if text:
        _filtered(
            gopher_repetition_filter.GopherRepetitionFilter,
            text,
            dup_para_frac=plain["repetition_duplicate_paragraphs"],
            dup_para_char_frac=plain["repetition_duplicate_paragraph_characters"],
            dup_line_frac=plain["repetition_duplicate_lines"],
            dup_line_char_frac=plain["repetition_duplicate_line_characters"],
            top_n_grams=tuple(zip((2, 3, 4), top.values(), strict=True)),
            dup_n_grams=tuple(zip(range(5, 11), duplicate.values(), strict=True)),
        )
    return {**_read(plain), **_read(top), **_read(duplicate)}


def fineweb(text: str) -> Scores:
    names = (
        "fineweb_terminal_lines",
        "fineweb_short_lines",
        "fineweb_repeated_characters",
        "fineweb_newlines_per_word",
    )
    limits = _limits(*names)
    keys = ("line_punct_thr", "short_line_thr", "char_duplicates_ratio", "new_line_ratio")
    settings = dict(zip(keys, limits.values(), strict=True))
    _filtered(fineweb_quality_filter.FineWebQualityFilter, text, **settings)
    return _read(limits)


def c4(text: str, sentences: int, words: int) -> dict[str, object]:
    settings = {"min_words_per_line": words}
    pages = {"filter_lorem_ipsum": False, "filter_curly_bracket": False}
    limit = Limit()
    _filtered(c4_filters.C4QualityFilter, text, min_num_sentences=limit, **settings, **pages)
    found = _filtered(c4_filters.C4QualityFilter, text, min_num_sentences=sentences, **settings)
    return {"sentences": limit.seen[-1], "outcome": "kept" if found is True else found[1]}


def main() -> None:
    found = importlib.metadata.version("datatrove")
    if found != VERSION:
        raise SystemExit(f"datatrove is {found}; the numbers are those of {VERSION}: install that")
    for module in (gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter):
        module.split_into_words = _split
    c4_filters.split_into_sentences = lambda line, _language: [None] * plain_sentences(line)
    golden = [
        {
            "scores": {**gopher(text), **repetition(text), **fineweb(text)},
            "c4": {"arxiv": c4(text, 5, 3), "jmlr": c4(text, 3, 5)},
        }
        for text in texts()
    ]
    lines = ",\n".join(json.dumps(row, sort_keys=True, default=float) for row in golden)
    TARGET.write_text(f'{{"datatrove": "{found}", "texts": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
