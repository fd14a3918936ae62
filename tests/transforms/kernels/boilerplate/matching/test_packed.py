"""Packed lines are those that a fresh look finds, and are never taken for those of another text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_column
from corpusmill.transforms.kernels.boilerplate.learning.apply import apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learn import learn_table, titles_of
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    documents_of,
    line_statistics,
    merge_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.packed import pack_lines, unpack_entries, unpack_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence
from corpusmill.transforms.kernels.schema import PACKED_TYPE
from tests.sites import TEMPLATES, site

DEFAULT = BoilerplateSettings()
LINES = st.sampled_from(
    ["", " ", "Share", "Get link", "Photo: Anna Quist", "Read more", "---", "漢字の行", "a" * 300, "12 comments"]
)
TEXTS = st.lists(st.none() | st.lists(LINES, max_size=6).map("\n".join), max_size=8)


def packed_of(text: pa.Array) -> pa.Array:
    return pack_lines(sequence(split_lines(text), rule_table()), text)


def assert_same(found: Sequence, expected: Sequence) -> None:
    for name in ("line", "row", "size", "key", "bits", "slot", "first"):
        one, other = getattr(found, name), getattr(expected, name)
        np.testing.assert_array_equal(one, other, err_msg=name)
        assert one.dtype == other.dtype, name


@given(values=TEXTS, data=st.data())
@settings(deadline=None, max_examples=150)
def test_what_is_unpacked_is_what_a_fresh_look_finds(values: list[str | None], data: st.DataObject) -> None:
    text = pa.array(values, pa.string())
    packed = packed_of(text)
    assert packed.type == PACKED_TYPE
    assert packed.is_null().to_pylist() == text.is_null().to_pylist()
    rows = pa.array(data.draw(st.lists(st.integers(0, len(values) - 1)) if values else st.just([])), pa.int64())
    begin = data.draw(st.integers(0, len(values)))
    for some, own in ((text, packed), (text.take(rows), packed.take(rows)), (text[begin:], packed[begin:])):
        assert unpack_entries(own, some) is not None
        assert_same(unpack_lines(own, some, rule_table()), sequence(split_lines(some), rule_table()))


@pytest.mark.parametrize("other", ["Share\nthe text", "Share\nthe text, longer", ""])
def test_packed_lines_of_another_text_are_not_used(other: str) -> None:
    packed = packed_of(pa.array(["Share\nthe text that was", "b"]))
    text = pa.array([other, "b"])
    assert unpack_entries(packed, text) is None
    assert_same(unpack_lines(packed, text, rule_table()), sequence(split_lines(text), rule_table()))


def test_rows_that_are_no_document_any_more_have_no_lines() -> None:
    packed = packed_of(pa.array(["Share\na", "b\nc"]))
    entries = unpack_entries(packed, pa.array([None, "b\nc"]))
    assert entries is not None
    assert entries.row.tolist() == [1, 1]


def test_texts_that_are_not_packed_are_looked_at() -> None:
    text = pa.array(["Share\na", None])
    assert unpack_entries(None, text) is None
    assert unpack_entries(pa.nulls(2, PACKED_TYPE), text) is None
    assert_same(unpack_lines(None, text, rule_table()), sequence(split_lines(text), rule_table()))


@pytest.mark.parametrize("template", TEMPLATES)
def test_learning_and_applying_find_the_same_with_packed_lines(template: str) -> None:
    pages = [*site(template, "recipe", 12), *site(template, "article", 12)]
    columns = [pa.array([getattr(page, name) for page in pages], pa.string()) for name in ("text", "url", "title")]
    text, urls, titles = columns
    packed = strip_column(text, DEFAULT, titles=titles, urls=urls, pack=True).packed
    tables = []
    for own in (None, packed):
        first = line_statistics(text, urls, DEFAULT, titles=titles, packed=own)
        known = LearnedTable(pa.concat_tables([learn_table(first, DEFAULT), titles_of(first)]))
        again = look_again(text, urls, known, DEFAULT, titles=titles, packed=own)
        tables.append(learn_table(merge_statistics([documents_of(first), again]), DEFAULT))
    assert tables[0].equals(tables[1])
    one, other = (apply_learned(text, urls, tables[0], DEFAULT, titles=titles, packed=own) for own in (None, packed))
    assert one.removed == other.removed
    assert one.removed
    assert pc.all(pc.equal(one.text, other.text)).as_py()
