"""The scores are datatrove's, number by number, on the same words.

`tests/tools/make_quality_golden.py` makes the numbers.
"""

import json
import math
import re

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.line_rules import c4_scores
from corpusmill.transforms.kernels.quality.lines import Lines, with_plain_ends
from corpusmill.transforms.kernels.quality.scores import fineweb_scores, gopher_scores, repetition_scores
from corpusmill.transforms.kernels.quality.settings import C4Settings, FineWebSettings, GopherSettings
from tests.quality_texts import plain_sentences, plain_words, texts
from tests.support import ROOT
from tests.transforms.kernels.quality.given_words import given_words

GOLDEN = json.loads((ROOT / "tests" / "golden" / "quality.json").read_text("utf-8"))["texts"]
NAMES = sorted(GOLDEN[-1]["scores"])


@pytest.fixture(scope="module")
def scores() -> dict[str, list[float | None]]:
    column = pa.array(texts(), pa.string())
    words = given_words(map(plain_words, texts()))
    lines = Lines(with_plain_ends(column))
    found = {
        **gopher_scores(lines, words, GopherSettings()),
        **repetition_scores(lines, words),
        **fineweb_scores(Lines(column), words, FineWebSettings()),
    }
    return {name: values.to_pylist() for name, values in found.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_score_is_the_number_of_datatrove(name: str, scores: dict[str, list[float | None]]) -> None:
    compared = 0
    for row, expected in enumerate(GOLDEN):
        number = expected["scores"][name]
        if number is None or math.isnan(number):  # it divides by nothing, or does not look
            continue
        assert scores[name][row] == pytest.approx(number, abs=1e-9), (row, texts()[row])
        compared += 1
    assert compared >= 100
    # Numbers that are all the same would prove little.
    assert len({row["scores"][name] for row in GOLDEN}) > 5


@pytest.mark.parametrize("variant", ["arxiv", "jmlr"])
def test_the_page_rules_of_c4_are_those_of_datatrove_in_both_published_variants(variant: str) -> None:
    settings = C4Settings(variant=variant)
    lines = Lines(with_plain_ends(pa.array(texts(), pa.string())))
    without_marks = (re.sub(r"\[\d*\]|\[citation needed\]", "", line.strip()) for line in lines.lines.to_pylist())
    sentences = np.array([plain_sentences(line) for line in without_marks])
    found = {name: values.to_pylist() for name, values in c4_scores(lines, settings, sentences).items()}
    outcomes = set()
    for row, expected in enumerate(GOLDEN):
        outcome, number = expected["c4"][variant]["outcome"], expected["c4"][variant]["sentences"]
        pages = {name: found[f"c4_{name}"][row] > 0 for name in ("lorem_ipsum", "curly_brackets")}
        assert any(pages.values()) == (outcome in {"lorem_ipsum", "curly_bracket"}), (row, texts()[row])
        if not any(pages.values()):
            assert found["c4_sentences"][row] == number, (row, texts()[row])
            assert (number < settings.sentences) == (outcome == "too_few_sentences")
        outcomes.add(outcome)
    assert outcomes == {"kept", "lorem_ipsum", "curly_bracket", "too_few_sentences"}
