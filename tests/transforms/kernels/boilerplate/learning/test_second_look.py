"""The second look counts learned lines, and what changes between and in the lines of a site."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA, learn_table, titles_of
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    LINE,
    STATISTICS_SCHEMA,
    documents_of,
    line_statistics,
    merge_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import OPENING, TITLE_LABEL
from tests.transforms.kernels.boilerplate.learning.test_learn import MENU, WORDS, page, paragraph
from tests.transforms.kernels.boilerplate.test_strip import DEFAULT

URLS = pa.array([f"http://a.example/{k}" for k in range(6)])


def looks(
    texts: list[str | None], urls: pa.Array = URLS, titles: pa.Array | None = None
) -> tuple[LearnedTable, pa.RecordBatch]:
    column = pa.array(texts, pa.string())
    first = line_statistics(column, urls, DEFAULT, titles=titles)
    table = LearnedTable(pa.concat_tables([learn_table(first, DEFAULT), titles_of(first)]))
    return table, look_again(column, urls, table, DEFAULT, titles=titles)


def kinds(found: pa.RecordBatch, kind: int) -> set[str]:
    return {row["sample"] for row in found.to_pylist() if row["kind"] == kind and row["sample"]}


def test_only_learned_lines_are_counted_again_and_no_documents() -> None:
    texts: list[str | None] = [page(k, MENU) for k in range(6)]
    _, found = looks(texts)
    assert found.schema == STATISTICS_SCHEMA
    assert documents_of(found).num_rows == 0
    lines = [row for row in found.to_pylist() if row["kind"] == LINE]
    assert {row["sample"] for row in lines} == set(MENU)
    assert sum(row["documents"] for row in lines) == len(MENU) * len(texts)


def test_lines_of_which_a_part_changes_are_counted_as_slots() -> None:
    names = ["Ida Falk", "Tomas Birk", "Rosa Lind", "Emil Krog", "Nora Vass", "Pavel Horn"]
    texts: list[str | None] = [page(k, [MENU[0], f"Written by {name}", *MENU[1:]]) for k, name in enumerate(names)]
    _, found = looks(texts)
    assert "Written" in kinds(found, OPENING)


def test_titles_of_other_pages_after_a_label_are_teasers() -> None:
    titles = [f"What the {word} said" for word in ("miller", "ferryman", "baker", "pilot", "choir", "council")]
    texts: list[str | None] = [
        page(k, [MENU[0], f"Next up: {titles[(k + 1) % 6]}", *MENU[1:]]).replace("Story", titles[k], 1)
        for k in range(6)
    ]
    assert kinds(looks(texts, titles=pa.array(titles))[1], TITLE_LABEL) == {"Next up"}
    assert kinds(looks(texts)[1], TITLE_LABEL) == set()


def test_pages_of_which_nothing_was_learned_are_not_looked_at() -> None:
    column = pa.array([paragraph(1), None, ""], pa.string())
    empty = LearnedTable(pa.Table.from_pylist([], TABLE_SCHEMA))
    assert look_again(column, None, empty, DEFAULT).num_rows == 0
    table, _ = looks([page(k, MENU) for k in range(6)])
    assert look_again(column, pa.array(["http://b.example"] * 3), table, DEFAULT).num_rows == 0


@given(cut=st.integers(0, 6))
@settings(deadline=None, max_examples=7)
def test_what_is_counted_does_not_depend_on_how_the_pages_are_cut(cut: int) -> None:
    texts: list[str | None] = [page(k, [MENU[0], f"Written by {WORDS[k]}", *MENU[1:]]) for k in range(6)]
    table, whole = looks(texts)
    column = pa.array(texts)
    parts = [look_again(column[a:b], URLS[a:b], table, DEFAULT) for a, b in ((0, cut), (cut, 6)) if b > a]
    assert merge_statistics(parts).equals(merge_statistics([whole]))
