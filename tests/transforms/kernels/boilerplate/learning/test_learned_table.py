"""What a table of learned lines says of lines and hosts."""

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import (
    GIVEN,
    KNOWN,
    MOST,
    OFTEN,
    OWN,
    PLAIN,
    PROVEN,
    SURE,
    VARIES,
    LearnedTable,
)
from corpusmill.transforms.kernels.boilerplate.lines.lines import line_keys


def test_a_row_that_a_person_adds_leaves_the_keys_of_the_others_whole() -> None:
    keys = np.array([2**63 + 1, 2**53 + 1], np.uint64)
    rows = {"host": ["a.example"] * 3, "kind": ["teaser", "gap", "line"], "sample": ["", "", "Ours"]}
    table = LearnedTable(pa.table({**rows, "line": pa.array([*keys.tolist(), None], pa.uint64())}))
    assert table.slots(keys, np.zeros(2, np.int64)).all()
    assert table.lines(line_keys(["Ours"]), np.zeros(1, np.int64))[0].all()


HOSTS = pa.array(["a.example", "b.example", None], pa.string())


def table_of(*rows: dict[str, object]) -> LearnedTable:
    return LearnedTable(pa.Table.from_pylist([{"kind": "line", **row} for row in rows], TABLE_SCHEMA))


def test_a_line_of_a_host_is_known_on_that_host_only() -> None:
    table = table_of({"host": "a.example", "sample": "Ring the bell"}, {"host": None, "sample": "To the quay"})
    numbers = table.hosts(HOSTS)
    assert numbers[0] >= 0
    assert numbers[1:].tolist() == [-1, -1]
    keys = line_keys(["ring the BELL!", "To the quay", "A line of the text"])
    for host, known in ((numbers[0], [True, False, False]), (numbers[1], [False, False, False])):
        own, everywhere = table.lines(keys, np.full(3, host))
        assert ((own & KNOWN) != 0).tolist() == known
        assert ((everywhere & KNOWN) != 0).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("row", "wanted", "unwanted"),
    [
        (
            {"independent_documents": 6, "host_documents": 10, "enclosed": 1.0},
            MOST | OFTEN | PROVEN | SURE | OWN,
            GIVEN,
        ),
        ({"independent_documents": 4, "host_documents": 10, "enclosed": 0.6}, OFTEN | PROVEN | OWN, MOST | SURE),
        ({"independent_documents": 2, "host_documents": 10, "enclosed": 0.0}, 0, MOST | OFTEN | PROVEN | SURE | OWN),
        ({"independent_documents": 3, "host_documents": 3, "enclosed": 0.0, "varies": True}, VARIES, MOST | PROVEN),
        ({}, GIVEN | PROVEN | SURE, VARIES | MOST),
    ],
)
def test_what_was_counted_says_how_sure_a_line_is(row: dict[str, object], wanted: int, unwanted: int) -> None:
    table = table_of({"host": "a.example", "sample": "Ring the bell", "hosts": 1, **row})
    (bits,) = table.lines(line_keys(["Ring the bell"]), table.hosts(HOSTS)[:1])[0].tolist()
    assert bits & (wanted | KNOWN) == wanted | KNOWN
    assert bits & unwanted == 0


def test_what_other_hosts_teach_is_not_for_a_plain_host_unless_a_person_says_so() -> None:
    plain = {"host": "a.example", "kind": PLAIN, "sample": "", "enclosed": 0.0}
    learned: dict[str, object] = {"host": None, "sample": "To the quay", "enclosed": 1.0, "hosts": 5}
    keys = line_keys(["To the quay"])
    for row, known in ((learned, False), ({**learned, "enclosed": None}, True)):
        table = table_of(plain, row)
        assert bool(table.lines(keys, table.hosts(HOSTS)[:1])[1][0]) is known
        assert table.lines(keys, table.hosts(HOSTS)[1:2])[1][0]
        assert not table.teaches(table.hosts(HOSTS)).any()


def test_documents_that_hold_nothing_of_the_table_are_left_alone() -> None:
    table = table_of({"host": "a.example", "sample": "Ring the bell"})
    text = pa.array(["Ring the bell\nx", "x", "Ring the bell", None], pa.string())
    host = table.hosts(pa.array(["a.example", "a.example", "b.example", "a.example"]))
    assert table.concerned(text, host).tolist() == [True, False, False, False]


def test_an_empty_table_knows_nothing() -> None:
    table = table_of()
    assert table.rows == 0
    assert table.hosts(HOSTS).tolist() == [-1] * 3
    assert not table.concerned(pa.array(["a", None, ""]), table.hosts(HOSTS)).any()
    assert not table.slots(line_keys(["a"]), np.zeros(1, np.int64)).any()
