import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.finders.page_titles import is_spelled, name_in_address, names_page
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/2012/11/05/what-the-gull-said/", "what the gull said"),
        ("http://a.example/story/81423/What_the_gull_said.html?page=2#top", "what the gull said"),
        ("//a.example/nook/", "nook"),
        ("https://a.example/%D1%87%D0%B0%D0%B9%D0%BA%D0%B0-%D0%B8-%D0%BF%D0%BE%D1%80%D1%82", "чайка и порт"),
        ("https://a.example/2012/11/05/", ""),
        ("https://a.example/?p=12", ""),
        ("https://a.example", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_names_its_page(url: str | None, name: str) -> None:
    assert name_in_address(url) == tuple(map(fold_line, name.split()))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("What the gull said", "what the gull said"),
        ("What the gull said to the harbour master (2)", "what the gull said"),
        ("What the gull said", "what the gull said to the harbour master"),
        ("The bell is hung in the chapel with a rope", "bell hung chapel rope"),
        ("Nook", "nook"),
        ("À l'école du marin", "a l ecole du marin"),
    ],
)
def test_a_title_is_spelled_by_the_address(line: str, words: str) -> None:
    assert is_spelled(fold_line(line), tuple(words.split()))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("News", "news from the harbour"),
        ("News from the coast", "news from the harbour"),
        ("A nook in the wall", "nook"),
        ("Boats for hire", "boats hire"),
        ("What the gull said", ""),
    ],
)
def test_other_lines_are_not(line: str, words: str) -> None:
    assert not is_spelled(fold_line(line), tuple(words.split()))


def test_the_first_line_the_title_and_what_the_address_spells_name_a_page() -> None:
    texts = ["What the gull said - Our village\nWhat the gull said\nOur village\nThe bell", "Top\nOur village\nTop"]
    lines = split_lines(pa.array(texts))
    seq = sequence(lines, rule_table())
    every = np.arange(len(seq.line))

    def named(urls: list[str | None] | None, titles: list[str | None] | None) -> list[str]:
        arrays = [None if values is None else pa.array(values, pa.string()) for values in (urls, titles)]
        return [lines.text(int(seq.line[k])) for k in every[names_page(seq, every, arrays[0], arrays[1])]]

    first = ["What the gull said - Our village", "What the gull said"]
    assert named(None, None) == [*first, "Top"]
    assert named([None, "http://a.example/our-village"], None) == [*first, "Top", "Our village"]
    assert named(None, ["The bell", None]) == [*first, "The bell", "Top"]


@pytest.mark.parametrize("plain", ["What_the-gull.said2012", "a.b.html", "x_1-22_y.php", "404", "one.TWO.three"])
def test_a_plain_address_names_its_page_as_an_escaped_one(plain: str) -> None:
    escaped = plain.replace("a", "%61").replace("o", "%6F").replace("4", "%34")
    assert name_in_address(f"https://a.example/{plain}") == name_in_address(f"https://a.example/{escaped}")
