import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality import windows as module
from corpusmill.transforms.kernels.quality.windows import windows


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WINDOW_BYTES", 10)
    monkeypatch.setattr(module, "LONGEST_BYTES", 25)


def test_a_column_is_cut_between_texts_and_stays_whole() -> None:
    text = pa.array(["abc", None, "defg", "hijklmnop", "", "q" * 24, "r"])
    parts = list(windows(text))
    assert pa.concat_arrays(parts).equals(text)
    assert [sum(len(value or "") for value in part.to_pylist()) for part in parts] == [7, 9, 24, 1]


def test_of_a_text_that_is_too_long_the_beginning_is_looked_at() -> None:
    assert [part.to_pylist() for part in windows(pa.array(["a", "é" * 20, "b"]))] == [["a"], ["é" * 12], ["b"]]


def test_an_empty_column_has_no_windows() -> None:
    assert list(windows(pa.array([], pa.string()))) == []
