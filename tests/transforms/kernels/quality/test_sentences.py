import numpy as np
import pytest

from corpusmill.transforms.kernels.quality.sentences import count_sentences


def count(lines: list[str]) -> list[int]:
    data = b"".join(line.encode() + b"\n" for line in lines)
    sizes = [len(line.encode()) + 1 for line in lines]
    found: list[int] = count_sentences(np.frombuffer(data, np.uint8), np.cumsum([0, *sizes])).tolist()
    return found


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("The ferry waits. It leaves at nine.", 2),
        ("Is it late?! No", 2),
        ('He said "Go." and went', 2),
        ("Version 1.5 is out.", 1),
        ("No end here", 1),
        ("Done.   ", 1),
        ("", 0),
        ("天气好。我们走吧。", 2),
    ],
)
def test_sentences_are_counted_by_their_ends(line: str, sentences: int) -> None:
    assert count([line]) == [sentences]


def test_lines_do_not_depend_on_their_neighbours() -> None:
    lines = ["One. Two", "", " " * 50, "三。", "Last one."]
    assert count(lines) == [count([line])[0] for line in lines]
