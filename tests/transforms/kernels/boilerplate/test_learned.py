import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_column
from corpusmill.transforms.kernels.boilerplate.apply import apply_learned
from corpusmill.transforms.kernels.boilerplate.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.learned import TABLE_SCHEMA, learn_table
from corpusmill.transforms.kernels.boilerplate.line_statistics import (
    STATISTICS_SCHEMA,
    documents_of,
    host_of,
    line_statistics,
    merge_statistics,
    partition_statistics,
)
from corpusmill.transforms.kernels.boilerplate.lines import line_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.second_look import look_again
from corpusmill.transforms.kernels.boilerplate.signatures import document_signatures
from corpusmill.transforms.kernels.boilerplate.table import LearnedTable

DEFAULT = BoilerplateSettings()
MENU = [
    "Leave a comment",  # what has no other use, so that the rest stands behind an interface
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


def test_near_duplicates_share_a_signature_and_pages_of_one_site_do_not() -> None:
    same = document_signatures(pa.array([page(1, MENU), page(1, MENU[:3]), page(1, [])]))
    assert len(set(same.tolist())) == 1
    assert len(set(document_signatures(pa.array([page(k, MENU) for k in range(30)])).tolist())) == 30
    assert document_signatures(pa.array(["", None, "\n\n"], pa.string())).tolist() == [0, 0, 0]


def test_a_learned_line_alone_in_the_text_stays() -> None:
    texts = [page(k, MENU) for k in range(6)]
    table = learn(texts, ["http://boats.example"] * 6)
    text = "\n".join([paragraph(50), paragraph(51), "The chapel", paragraph(52), paragraph(53), paragraph(54)])
    assert apply_learned(pa.array([text]), pa.array(["http://boats.example"]), table, DEFAULT).removed == []


def test_cells_and_numbers_among_numbers_stay() -> None:
    cells = ["Yes", "No", "Yes", "No", "Yes", "No", "12", "0.5", "Yes", "No", "3", "Yes", "No", "Yes", "No", "7 %"]
    texts = ["\n".join([f"Table {k} of the survey", paragraph(k), *cells]) for k in range(6)]
    urls = ["http://a.example"] * 6
    table = learn(texts, urls)
    result = apply_learned(pa.array(texts), pa.array(urls), table, DEFAULT)
    assert {line.text for line in result.removed} & {"12", "0.5", "3", "7 %"} == set()


def test_the_title_of_a_page_stays_where_other_pages_list_it() -> None:
    titles = [f"What the {word} said to the {other}" for word, other in zip(WORDS[:6], WORDS[6:12], strict=True)]
    texts = [
        "\n".join([f"{title} - Our village", title, *MENU[:4], *map(paragraph, range(k, 60, 6)), *MENU, *titles])
        for k, title in enumerate(titles)
    ]
    urls = ["http://a.example"] * 6
    result = apply_learned(pa.array(texts), pa.array(urls), learn(texts, urls), DEFAULT)
    for title, text in zip(titles, result.text.to_pylist(), strict=True):
        assert title in text.split("\n")
        assert MENU[-1] not in text.split("\n")


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


def test_a_table_can_be_edited_by_hand() -> None:
    table = pa.table({"host": pa.array([None, "a.example"], pa.string()), "sample": ["Ring the bell", "To the quay"]})
    lines = [
        paragraph(1),
        paragraph(2),
        paragraph(3),
        "Ring the bell!",
        "TO THE QUAY",
        "Home",
        "About",
        "Contact",
        "Search",
    ]
    result = apply_learned(pa.array(["\n".join(lines)]), pa.array(["http://a.example/x"]), table, DEFAULT)
    assert result.text[0].as_py().split("\n") == [*lines[:3], *lines[5:]]


def test_a_share_block_does_not_change_what_else_goes() -> None:
    texts = [page(k, MENU) for k in range(6)]
    urls = pa.array(["http://a.example"] * 6)
    table = learn(texts, urls.to_pylist())
    block = ["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"]
    longer = pa.array(["\n".join([text, *block]) for text in texts])
    plain = apply_learned(strip_column(pa.array(texts), DEFAULT).text, urls, table, DEFAULT)
    assert apply_learned(strip_column(longer, DEFAULT).text, urls, table, DEFAULT).text == plain.text
    assert plain.removed


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


@given(documents=DOCUMENTS)
@settings(deadline=None, max_examples=60)
def test_statistics_equal_a_plain_count(documents: list[tuple[list[str], str | None]]) -> None:
    texts = ["\n".join(lines) for lines, _ in documents]
    text, urls = pa.array(texts, pa.string()), pa.array([url for _, url in documents], pa.string())
    signatures = document_signatures(text)
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


@given(documents=DOCUMENTS, cut=st.integers(0, 10))
@settings(deadline=None, max_examples=40)
def test_applying_a_table_treats_each_row_by_itself(documents: list[tuple[list[str], str | None]], cut: int) -> None:
    text = pa.array(["\n".join(lines) for lines, _ in documents], pa.string())
    urls = pa.array([url for _, url in documents], pa.string())
    table = learn([page(k, MENU) for k in range(6)], ["http://a.example"] * 6)
    whole = apply_learned(text, urls, table, DEFAULT)
    parts = [
        apply_learned(text[:cut], urls[:cut], table, DEFAULT),
        apply_learned(text[cut:], urls[cut:], table, DEFAULT),
    ]
    assert whole.text.to_pylist() == [row for part in parts for row in part.text.to_pylist()]


def test_nothing_is_learned_from_nothing() -> None:
    empty = merge_statistics([])
    assert empty.schema == STATISTICS_SCHEMA
    assert len(learn_table(empty, DEFAULT)) == 0
    assert line_statistics(pa.array([], pa.string()), None, DEFAULT).num_rows == 0
    table = pa.Table.from_pylist([], TABLE_SCHEMA)
    assert apply_learned(pa.array(["a\nb", None]), None, table, DEFAULT).text.to_pylist() == ["a\nb", None]


def test_a_row_that_a_person_adds_leaves_the_keys_of_the_others_whole() -> None:
    keys = np.array([2**63 + 1, 2**53 + 1], np.uint64)
    rows = {"host": ["a.example"] * 3, "kind": ["teaser", "gap", "line"], "sample": ["", "", "Ours"]}
    table = LearnedTable(pa.table({**rows, "line": pa.array([*keys.tolist(), None], pa.uint64())}))
    assert table.slots(keys, np.zeros(2, np.int64)).all()
    assert table.lines(line_keys(["Ours"]), np.zeros(1, np.int64))[0].all()
