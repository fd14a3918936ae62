"""Settings of one language as FineWeb-2 publishes them, one YAML file a language and script."""

from __future__ import annotations

import re
from collections.abc import Mapping

from corpusmill.transforms.kernels.quality.scores import DUPLICATE_NGRAMS, TOP_NGRAMS

_NAME = re.compile(r"([a-z]{3})_[A-Z][a-z]{3}\.ya?ml")

_PLAIN = {
    "dup_line_frac": ("gopher_repetition", "max_duplicate_lines"),
    "line_punct_thr": ("fineweb", "min_terminal_lines"),
    "new_line_ratio": ("fineweb", "max_newlines_per_word"),
    "min_avg_word_length": ("gopher", "min_mean_word_length"),
    "max_avg_word_length": ("gopher", "max_mean_word_length"),
    "max_non_alpha_words_ratio": ("gopher", "min_letter_words"),  # a least share, whatever its name says
    "stopwords": ("gopher", "stop_words"),
}
_N_GRAMS = {
    "top_n_grams": ("max_top_{}_gram", TOP_NGRAMS),
    "dup_n_grams": ("max_duplicate_{}_grams", DUPLICATE_NGRAMS),
}
_SCORE = "language_score"

_COMMON: dict[str, dict[str, float | None]] = {
    "gopher_repetition": {
        "max_duplicate_paragraphs": None,
        "max_duplicate_line_characters": None,
        "max_duplicate_paragraph_characters": None,
    },
    "fineweb": {"max_short_lines": None, "max_repeated_characters": 0.1},
}
"""What FineWeb-2's pipeline sets for all languages alike. Source: huggingface/fineweb-2, fineweb-2-pipeline.py."""


def language_of(name: str) -> str:
    """Return the language that a file is named after, such as `deu` for `deu_Latn.yml`.

    Raises:
        ValueError: The name is of another form.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(
            f"{name!r} names no language and script; name the file as FineWeb-2 does, such as deu_Latn.yml"
        )
    return match[1]


def read_settings(values: Mapping[str, object]) -> dict[str, object]:
    """Turn the content of a file into settings for one language (`FilterSettings.languages`).

    Args:
        values: The keys of the file. `language_score` is a score of GlotLID and becomes `min_language_score`.

    Raises:
        ValueError: A key is not known, or n-grams are not pairs of a length and a share.
    """
    found: dict[str, object] = {"presets": ["gopher", "gopher-repetition", "fineweb"]}
    sections: dict[str, dict[str, object]] = {"gopher": {}, **{name: dict(own) for name, own in _COMMON.items()}}
    for key, value in values.items():
        if key == _SCORE:
            found["min_language_score"] = value
        elif key in _PLAIN:
            section, name = _PLAIN[key]
            sections[section][name] = value
        elif key in _N_GRAMS:
            sections["gopher_repetition"] |= _n_grams(key, value)
        else:
            known = ", ".join([*_PLAIN, *_N_GRAMS, _SCORE])
            raise ValueError(f"the key {key!r} is none of FineWeb-2's ({known}); take it out")
    return found | sections


def _n_grams(key: str, value: object) -> dict[str, object]:
    name, lengths = _N_GRAMS[key]
    pairs = value if isinstance(value, list) else []
    if not pairs or any(not isinstance(pair, list) or len(pair) != 2 or pair[0] not in lengths for pair in pairs):
        shown = ", ".join(map(str, lengths))
        raise ValueError(f"{key} is {value!r}; it must be a list of pairs of a length ({shown}) and a share")
    return {name.format(n): share for n, share in pairs}
