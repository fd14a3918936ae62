"""The libraries that identify languages, behind one interface."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.names import iso_639_3
from corpusmill.transforms.kernels.language.sample import sample_text
from corpusmill.transforms.kernels.language.settings import LanguageSettings

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""Controls and noncharacters of the basic plane, of which cld2 refuses a whole text."""

_CLD2_CODES = {"ku": "ckb"}
"""What cld2 names otherwise than others do: it knows Kurdish in Arabic letters only."""

Detect = Callable[[str], tuple[str | None, float]]
"""A text to the code of its language and a score from 0 to 1."""


class Languages(NamedTuple):
    """The languages of n texts.

    Attributes:
        code: string[n], ISO 639-3; null where none was found.
        score: float64[n]; null with the code.
    """

    code: pa.Array
    score: pa.Array


def load_detector(settings: LanguageSettings) -> Detect:
    """Return the detector that the settings name.

    Raises:
        UsageError: Its library or its model file is not there; the message names the remedy.
    """
    return _fasttext(settings.model) if settings.detector == "fasttext" else _cld2()


def identify(text: pa.Array, detect: Detect) -> Languages:
    """Identify the language of each text.

    Args:
        text: string; null rows have none.
        detect: From `load_detector`.
    """
    codes: list[str | None] = []
    scores: list[float | None] = []
    for value in text.to_pylist():  # detectors take one text at a time
        code, score = detect(value) if value else (None, 0.0)
        codes.append(code)
        scores.append(None if code is None else score)
    return Languages(pa.array(codes, pa.string()), pa.array(scores, pa.float64()))


def _import(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f"language.detector needs the package of {module!r}, which cannot be imported ({error}); install it with "
            f"`pip install 'corpusmill[{extra}]'`, or set language.enabled=false"
        ) from None


def _cld2() -> Detect:
    cld2 = _import("pycld2", "language")

    def detect(text: str) -> tuple[str | None, float]:
        text = sample_text(text)
        try:
            _, _, found = cld2.detect(text, isPlainText=True, bestEffort=True)
        except cld2.error:
            # Supplementary noncharacters are left to the encoder: what it drops is no letter of any language.
            clean = _REFUSED.sub(" ", text)
            clean = "".join(" " if ord(character) & 0xFFFE == 0xFFFE else character for character in clean)
            try:
                _, _, found = cld2.detect(clean, isPlainText=True, bestEffort=True)
            except cld2.error:
                return None, 0.0
        _, code, percent, _ = found[0]
        return _CLD2_CODES.get(code) or iso_639_3(code), percent / 100

    return detect


def _fasttext(path: str | None) -> Detect:
    fasttext = _import("fasttext", "fasttext")
    if path is None or not os.path.isfile(path):
        raise UsageError(
            f"language.model is {path!r}, which is not a file here; name a fastText model that you have downloaded, "
            "such as GlotLID's model.bin, by a path that every worker can read"
        )
    try:
        model = fasttext.load_model(path)
    except (ValueError, RuntimeError) as error:
        raise UsageError(
            f"language.model {path!r} cannot be loaded as a fastText model ({error}); download it again, or name "
            "another"
        ) from None

    def detect(text: str) -> tuple[str | None, float]:
        labels, scores = model.predict(text.replace("\n", " "), 1)
        # Rounding in the model makes a little more than 1 of a sure thing.
        return (iso_639_3(labels[0]), min(float(scores[0]), 1.0)) if labels else (None, 0.0)

    return detect
