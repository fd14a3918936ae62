import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.lines.fences import in_fences
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence
from corpusmill.transforms.kernels.boilerplate.protection.protected import measures, of_pair, only_answers


def chosen(lines: list[str], mask: object) -> list[str]:
    seq = sequence(split_lines(pa.array(["\n".join(lines)])), rule_table())
    texts = seq.lines.texts(seq.line).to_pylist()
    return [text for text, found in zip(texts, np.asarray(mask), strict=True) if found]


def code(lines: list[str]) -> list[str]:
    split = split_lines(pa.array(["\n".join(lines)]))
    return chosen(lines, in_fences(split, to_end=True)[sequence(split, rule_table()).line])


def test_code_and_its_fences_are_found() -> None:
    assert code(["Usage", "```python", "import mill", "```", "Home", "~~~", "Home"]) == [
        "```python",
        "import mill",
        "Home",
    ]
    assert code(["a ``` b", "`` c", "Home"]) == []
    assert code([]) == []


def test_a_fence_of_one_page_does_not_reach_into_the_next() -> None:
    split = split_lines(pa.array(["```\nHome", "Home\nAbout"]))
    assert in_fences(split, to_end=True)[sequence(split, rule_table()).line].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("“To the quay", True),
        ("to the mill.”", True),
        ("“To the quay”", False),
        ('He said "no', True),
        ("(continued", True),
        ("Terms (new)", False),
        ("<blockquote>", True),
        ("[/quote]", True),
        ("{% endif %}", True),
        ("« Previous", True),
        ("About us", False),
    ],
)
def test_lines_of_a_pair(line: str, pair: bool) -> None:
    assert of_pair(pa.array([line], pa.large_string())).tolist() == [pair]


def answers(lines: list[str], gone: set[str]) -> list[str]:
    seq = sequence(split_lines(pa.array(["\n".join(lines)])), rule_table())
    mask = np.array([text in gone for text in seq.lines.texts(seq.line).to_pylist()], bool)
    return chosen(lines, only_answers(seq, mask))


def test_the_only_answer_under_a_heading_is_found() -> None:
    assert answers(["Known issues", "None", "", "Security", "None"], {"None"}) == ["None", "None"]
    assert answers(["Known issues", "None", "One more", "", "x"], {"None"}) == []
    assert answers(["Known issues", "", "None"], {"None"}) == []
    assert answers(["They had none of it, and went home.", "None"], {"None"}) == []
    assert answers(["None"], {"None"}) == []


@pytest.mark.parametrize(
    "line", ["270 g almonds", "180 °C", "3 kg", "250 мл молока", "12 %", "€ 30", "2 cups of rice", "5.5 km"]
)
def test_numbers_with_units_are_values(line: str) -> None:
    assert measures(pa.array([line], pa.large_string())).tolist() == [True]


@pytest.mark.parametrize("line", ["12 comments", "July 2007 (23)", "Article 3", "7 min read", "3 goals", "2 lives"])
def test_counters_and_dates_are_none(line: str) -> None:
    assert measures(pa.array([line], pa.large_string())).tolist() == [False]
