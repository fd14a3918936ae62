import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.lines import Lines
from corpusmill.transforms.kernels.quality.sentences import count_sentences

SENTENCES = [
    ("", 0),
    ("   ", 0),
    ("No end", 1),
    ("One. Two? Three!", 3),
    ('He said "no." Then he left.', 2),
    ("Wait... what?!", 2),
    ("3.5 metres.", 1),
    ("One. and a rest", 2),
    ("昨天我们等了很久。船没有来！", 2),
    ("End." + " " * 80, 1),
]


@pytest.mark.parametrize(("line", "number"), SENTENCES)
def test_sentences_are_counted_by_their_ends(line: str, number: int) -> None:
    assert count_sentences(*Lines(pa.array([line])).flat).tolist() == [number]


def test_sentences_of_many_lines_are_those_of_each() -> None:
    column = pa.array([line for line, _ in SENTENCES] * 2)
    assert count_sentences(*Lines(column).flat).tolist() == [number for _, number in SENTENCES] * 2
