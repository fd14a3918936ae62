import random
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings
from corpusmill.transforms.kernels.boilerplate.learning.apply import apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA, learn_table
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    STATISTICS_SCHEMA,
    documents_of,
    line_statistics,
    merge_statistics,
    partition_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again

DEFAULT = BoilerplateSettings()
MENU = [
    "Leave a comment",  # what has no other use, so that the rest is behind an interface
    "Our village",
    "Boats for hire",
    "Timetable of the ferry",
    "The chapel",
    "Weather at the quay",
    "Lost and found",
]
WORDS = "the boat rope quay fog gull net tar oar tide snow letter chart brass plate yard winter harbour master".split()


def paragraph(seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=30))


def page(seed: int, menu: list[str]) -> str:
    return "\n".join([f"Story {WORDS[seed % 17]} {WORDS[seed // 17]}", paragraph(seed), paragraph(seed + 1000), *menu])


def learn(texts: list[str], urls: Sequence[str | None], options: BoilerplateSettings = DEFAULT) -> pa.Table:
    text, addresses = pa.array(texts), pa.array(urls, pa.string())
    counted = line_statistics(text, addresses, options)
    found = look_again(text, addresses, LearnedTable(learn_table(counted, options)), options)
    return learn_table(merge_statistics([documents_of(counted), found]), options)


def lines_of(table: pa.Table) -> set[str]:
    return {row["sample"] for row in table.to_pylist() if row["kind"] == "line"}


def test_the_menu_of_a_site_is_learned_and_removed_from_its_pages_only() -> None:
    texts = [page(k, MENU) for k in range(6)] + [page(k, MENU) for k in range(6, 8)]
    urls = [f"https://www.boats.example/{k}" for k in range(6)] + ["https://other.example/1", None]
    table = learn(texts[:6], urls[:6])
    assert lines_of(table) == set(MENU)
    assert set(table["enclosed"].to_pylist()) == {1.0}
    assert set(table["host"].to_pylist()) == {"boats.example"}
    assert set(table["independent_documents"].to_pylist()) == {6}
    result = apply_learned(pa.array(texts), pa.array(urls, pa.string()), table, DEFAULT)
    assert result.text.to_pylist() == ["\n".join(text.split("\n")[:3]) for text in texts[:6]] + texts[6:]
    assert {line.rule for line in result.removed} == {"boilerplate.learned-line"}
    assert [line.line for line in result.removed if line.row == 0] == list(range(3, 10))
    off = DEFAULT.model_copy(update={"disabled_rules": ("boilerplate.learned-line",)})
    assert apply_learned(pa.array(texts), pa.array(urls, pa.string()), table, off).removed == []


def test_a_line_of_many_hosts_is_learned_for_all() -> None:
    urls = [f"http://site{k}.example" for k in range(4)]
    table = learn([page(k, MENU) for k in range(4)], urls)
    assert set(table["host"].to_pylist()) == {None}
    assert set(table["hosts"].to_pylist()) == {4}
    fresh = page(9, MENU)
    result = apply_learned(pa.array([fresh]), None, table, DEFAULT)
    assert result.text[0].as_py() == "\n".join(fresh.split("\n")[:3])


def test_copies_of_one_document_teach_nothing() -> None:
    copies = [page(1, MENU), page(1, [*MENU, "A line more"]), page(1, MENU[:-1])]
    assert len(learn(copies, [f"http://site{k}.example" for k in range(3)])) == 0 or set(
        learn(copies, ["http://a.example"] * 3)["independent_documents"].to_pylist()
    ) <= {1}
    assert len(learn(copies, ["http://a.example"] * 3)) == 0


def test_a_text_that_many_sites_copy_teaches_nothing() -> None:
    verse = [f"and {a} was {b} before the {c}" for a, b, c in zip(WORDS, WORDS[1:], WORDS[2:], strict=False)]
    copies = ["\n".join([paragraph(1), *verse]) for _ in range(4)]
    assert learn(copies, [f"http://site{k}.example" for k in range(4)]).num_rows == 0


@pytest.mark.parametrize(
    ("change", "learned"),
    [
        ({}, True),
        ({"min_host_documents": 7}, False),
        ({"min_host_share": 0.9}, False),
        ({"max_letters": 5}, False),
    ],
)
def test_each_threshold_has_its_effect(change: dict[str, float], learned: bool) -> None:
    options = DEFAULT.model_copy(update={"learned": DEFAULT.learned.model_copy(update=change)})
    texts = [page(k, MENU if k < 4 else []) for k in range(6)]
    assert bool(len(learn(texts, ["http://a.example"] * 6, options))) is learned


def test_in_a_large_corpus_a_line_needs_a_share_of_the_hosts() -> None:
    texts = [page(k, MENU if k < 3 else []) for k in range(40)]
    urls = [f"http://site{k}.example" for k in range(40)]
    assert len(learn(texts, urls)) > 0
    options = DEFAULT.model_copy(update={"learned": DEFAULT.learned.model_copy(update={"min_hosts_share": 0.1})})
    assert len(learn(texts, urls, options)) == 0


DOCUMENTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*MENU, "Home", "12", "* *", "", "x" * 200, paragraph(1), paragraph(2)]), max_size=8),
        st.sampled_from(["http://a.example/1", "http://b.example", None]),
    ),
    max_size=10,
)


@given(documents=DOCUMENTS, cuts=st.lists(st.integers(0, 10), max_size=3), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_statistics_and_table_do_not_depend_on_how_the_corpus_is_cut(
    documents: list[tuple[list[str], str | None]], cuts: list[int], seed: int
) -> None:
    text = pa.array(["\n".join(lines) for lines, _ in documents], pa.string())
    urls = pa.array([url for _, url in documents], pa.string())
    whole = line_statistics(text, urls, DEFAULT)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    parts = [line_statistics(text[a:b], urls[a:b], DEFAULT) for a, b in pairwise(edges)]
    random.Random(seed).shuffle(parts)
    merged = merge_statistics([merge_statistics(parts[:1]), merge_statistics(parts[1:])])
    assert merged.schema == whole.schema == STATISTICS_SCHEMA
    assert merged.equals(whole)
    table = learn_table(whole, DEFAULT)
    assert table.schema == TABLE_SCHEMA
    split = [learn_table(part, DEFAULT, part=number) for number, part in enumerate(partition_statistics(whole, 3))]
    assert sorted(map(str, pa.concat_tables(split).to_pylist())) == sorted(map(str, table.to_pylist()))


def test_nothing_is_learned_from_nothing() -> None:
    empty = merge_statistics([])
    assert empty.schema == STATISTICS_SCHEMA
    assert len(learn_table(empty, DEFAULT)) == 0
    assert line_statistics(pa.array([], pa.string()), None, DEFAULT).num_rows == 0
    table = pa.Table.from_pylist([], TABLE_SCHEMA)
    assert apply_learned(pa.array(["a\nb", None]), None, table, DEFAULT).text.to_pylist() == ["a\nb", None]
