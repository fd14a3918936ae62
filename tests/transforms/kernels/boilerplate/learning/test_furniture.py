"""What of a page is the site's, seen with what was learned of the host."""

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.boilerplate.learning.furniture import Furniture, bond_keys, look_with
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import OTHER, PROSE

URL = "https://a.example/ferry"


def look(lines: list[str], *, rows: list[dict[str, object]], title: str | None = None, url: str = URL) -> Furniture:
    table = LearnedTable(pa.Table.from_pylist([{"kind": "line", **row} for row in rows], TABLE_SCHEMA))
    return look_with(sequence_of(lines), pa.array([url]), pa.array([title], pa.string()), table)


def learned(sample: str, *, host: str | None = "a.example", **more: object) -> dict[str, object]:
    counted = {"independent_documents": 9, "hosts": 1, "host_documents": 10, "enclosed": 1.0, "varies": False}
    return {"host": host, "sample": sample, **counted, **more}


PAGE = ["Our village", "The ferry of the north", PROSE, OTHER, "Leave a comment", "Our village", "Boats for hire"]


def test_a_learned_line_is_known_on_pages_of_its_host_only() -> None:
    row = learned("Our village")
    furniture = look(PAGE, rows=[row])
    assert texts_of(furniture.seq, np.flatnonzero(furniture.known)) == ["Our village"] * 2
    assert not look(PAGE, rows=[row], url="https://b.example/").known.any()
    assert look(PAGE, rows=[learned("Our village", host=None, host_documents=None, hosts=9)]).known.any()


def test_lines_behind_an_interface_are_the_sites_beyond_doubt() -> None:
    furniture = look(PAGE, rows=[learned("Our village"), learned("Boats for hire", enclosed=0.0)])
    # "Boats for hire" is behind an interface here, but on no other page of the host
    assert texts_of(furniture.seq, np.flatnonzero(furniture.site))[-1:] == ["Our village"]
    assert "Boats for hire" not in texts_of(furniture.seq, np.flatnonzero(furniture.site))


def test_the_title_is_found_by_the_column_or_by_the_address() -> None:
    rows = [learned("Our village")]
    for title, url in (("The ferry of the north", URL), (None, "https://a.example/the-ferry-of-the-north")):
        furniture = look(PAGE, rows=rows, title=title, url=url)
        assert furniture.title.tolist() == [1]
        assert not furniture.may_be_title(np.zeros(len(PAGE), bool))[0]
        assert furniture.may_be_title(np.ones(len(PAGE), bool))[1]
    assert look(PAGE, rows=rows, url="https://a.example/7").title.tolist() == [-1]


def test_where_no_title_is_known_the_last_strange_lines_before_the_text_may_be_it() -> None:
    furniture = look(PAGE, rows=[learned("Our village")], url="https://a.example/7")
    found = furniture.may_be_title(np.ones(len(PAGE), bool))
    assert texts_of(furniture.seq, np.flatnonzero(found)) == ["The ferry of the north"]


def test_lines_beside_an_advertisement_are_bound_to_it_unless_a_blank_line_parts_them() -> None:
    rows = [learned("Advertisement")]
    for lines, bound in (
        ([PROSE, "On the second day", "Advertisement", OTHER], ["On the second day"]),
        ([PROSE, "Advertisement", "On the second day", OTHER], ["On the second day"]),
        ([PROSE, "On the second day", "", "Advertisement", OTHER], []),
    ):
        furniture = look(lines, rows=rows)
        assert texts_of(furniture.seq, np.flatnonzero(furniture.labels())) == ["Advertisement"]
        own = np.array([k for k, text in enumerate(texts_of(furniture.seq, range(4))) if text.startswith("On the")])
        entry, key, pair = furniture.bonds(own)
        assert texts_of(furniture.seq, entry) == bound
        assert key.tolist() == bond_keys(furniture.seq.key[entry]).tolist()
        assert len(pair) == len(entry)


def test_an_empty_page_has_nothing() -> None:
    furniture = look([], rows=[learned("Our village")])
    assert furniture.title.tolist() == [-1]
    assert furniture.open().tolist() == furniture.inner().tolist() == []
    assert len(furniture.gaps().size) == 0
