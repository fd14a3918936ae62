"""What is counted before anything is learned."""

import pyarrow as pa
import pytest
from hypothesis import given, settings

from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    TITLE,
    documents_of,
    host_of,
    line_statistics,
    partition_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.signatures import signatures_of
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from tests.transforms.kernels.boilerplate.learning.test_learn import DOCUMENTS, MENU, page, paragraph
from tests.transforms.kernels.boilerplate.test_strip import DEFAULT


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.ORG/a/b?c=d", "example.org"),
        ("http://user@blog.example.org:8080/", "blog.example.org"),
        ("example.org/a", "example.org"),
        ("//example.org", ""),
        (None, ""),
        ("", ""),
    ],
)
def test_hosts(url: str | None, host: str) -> None:
    assert host_of(pa.array([url], pa.string())).to_pylist() == [host]


@given(documents=DOCUMENTS)
@settings(deadline=None, max_examples=60)
def test_statistics_equal_a_plain_count(documents: list[tuple[list[str], str | None]]) -> None:
    texts = ["\n".join(lines) for lines, _ in documents]
    text, urls = pa.array(texts, pa.string()), pa.array([url for _, url in documents], pa.string())
    signatures = signatures_of(split_lines(text))
    lines = split_lines(text)
    names = {int(lines.key[k]): fold_line(lines.text(k)) for k in range(len(lines))}
    expected: dict[tuple[str, str, int], int] = {}
    for own, (_, url), signature in zip(texts, documents, signatures.tolist(), strict=True):
        host = {None: "", "http://a.example/1": "a.example", "http://b.example": "b.example"}[url]
        for line in {fold_line(part) for part in own.split("\n")} | {"all"}:
            if line and len(line) <= DEFAULT.learned.max_letters:
                expected[host, line, signature] = expected.get((host, line, signature), 0) + 1
    found = {
        (row["host"], names[row["line"]] if row["line"] else "all", row["signature"]): row["documents"]
        for row in line_statistics(text, urls, DEFAULT).to_pylist()
    }
    assert found == expected


@pytest.mark.parametrize(("size", "found"), [(253, True), (254, False)])
def test_no_name_of_a_host_is_longer_than_names_of_hosts_may_be(size: int, found: bool) -> None:
    name = "a" * (size - len(".example")) + ".example"
    assert host_of(pa.array([f"https://{name}/x"])).to_pylist() == [name if found else ""]


def test_documents_and_titles_are_counted_and_a_null_is_no_document() -> None:
    text = pa.array([page(1, MENU), None, page(2, [])], pa.string())
    urls = pa.array(["http://a.example/1", "http://a.example/2", "http://a.example/3"])
    titles = pa.array(["The ferry of the north", "Of no document at all", None])
    counted = line_statistics(text, urls, DEFAULT, titles=titles)
    documents = documents_of(counted).to_pylist()
    assert [(row["host"], row["documents"]) for row in documents] == [("a.example", 1)] * 2
    assert sorted(row["enclosed"] for row in documents) == [0, 1]  # only the first shows an interface
    assert [row["sample"] for row in counted.to_pylist() if row["kind"] == TITLE] == ["The ferry of the north"]


def test_parts_hold_every_line_once_and_the_documents_each() -> None:
    texts = [page(k, MENU[: k % 5]) for k in range(8)]
    counted = line_statistics(pa.array(texts), pa.array([f"http://s{k % 3}.example" for k in range(8)]), DEFAULT)
    documents = documents_of(counted).num_rows
    for count in (1, 2, 5):
        parts = partition_statistics(counted, count)
        assert len(parts) == count
        assert [documents_of(part).num_rows for part in parts] == [documents] * count
        lines = [row for part in parts for row in part.to_pylist() if row["line"]]
        assert sorted(map(str, lines)) == sorted(str(row) for row in counted.to_pylist() if row["line"])


def test_a_line_tells_where_it_stands_and_whether_its_digits_change() -> None:
    texts = ["\n".join([f"Serves {k}", paragraph(k), "Room 4"]) for k in (2, 3)]
    rows = [row for row in line_statistics(pa.array(texts), None, DEFAULT).to_pylist() if row["line"]]
    serves, room = ([row for row in rows if row["sample"].startswith(word)] for word in ("Serves", "Room"))
    assert {row["from_start"] for row in serves} == {0}
    assert {row["from_start"] for row in room} == {1000}
    assert len({row["digits_least"] for row in serves}) == 2
    assert len({row["digits_least"] for row in room}) == 1
