import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import line_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import built_in_rules, parse_rule_file
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    ANYWHERE,
    BRAND,
    PAGE,
    STRONG,
    UNSURE,
    WEAK,
    rule_table,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence
from tests.transforms.kernels.boilerplate.matching.test_rule_files import FILE


def bits_of(line: str, **options: object) -> int:
    lines = split_lines(pa.array([line]))
    return int(sequence(lines, rule_table(**options)).bits[0])


def test_numbers_alone_are_no_rule_but_for_pages() -> None:
    assert bits_of("404") & ~PAGE == 0


def test_every_rule_is_found_by_the_table() -> None:
    table = rule_table()
    lines = [r for r in built_in_rules() if r.anchoring == "line" and not fold_line(r.text).isdigit()]
    found = table.match(line_keys([r.text for r in lines]))
    assert (found != 0).all()
    for rule, bits in zip(lines, found.tolist(), strict=True):
        assert bits == table.forms[fold_line(rule.text)]
        if rule.strength == "strong" and rule.verified and rule.position != "page":
            assert bits & STRONG, rule


def test_other_lines_are_not_found() -> None:
    words = ["The harbour", "nothing of the kind", "Get links", "Shared", "漢字", "ключ", "x y"]
    assert rule_table().match(line_keys(words)).tolist() == [0] * len(words)
    assert rule_table(disabled=tuple({r.platform for r in built_in_rules()})).match(np.array([1], np.uint64))[0] == 0


@pytest.mark.parametrize(
    ("line", "wanted", "unwanted"),
    [
        ("Get link", STRONG, ANYWHERE | BRAND),
        ("Facebook", BRAND, STRONG),
        ("Flag as inappropriate", ANYWHERE, 0),
        ("Tagged with rope, tar", STRONG, ANYWHERE),
        ("RE: what next? (Score:5, Funny)", ANYWHERE, 0),
        ("Tags: rope, tar", STRONG, ANYWHERE),
        ("Tags：rope", STRONG, ANYWHERE),
        ("tags of rope and tar", 0, STRONG | WEAK),
        ("the new MuseScore 2.2", 0, STRONG | WEAK),
        ("So it goes (Score:3)", ANYWHERE, 0),
        ("Score: 3", 0, ANYWHERE),
        ("リンクを取得", UNSURE, STRONG),
        ("Vastaa", WEAK, STRONG | UNSURE),  # "Leave a reply" and "answer" in Finnish: one word of a vocabulary
        ("Hinterlasse eine Antwort", STRONG, 0),
        ("    Get link", 0, STRONG),  # code
    ],
)
def test_what_lines_stand_for(line: str, wanted: int, unwanted: int) -> None:
    bits = bits_of(line)
    assert bits & wanted == wanted
    assert bits & unwanted == 0


@pytest.mark.parametrize("off", ["blogger", "blogger.get-link", "blogger.get-link.en"])
def test_a_disabled_rule_matches_nothing(off: str) -> None:
    assert bits_of("Get link", disabled=(off,)) == 0
    assert bits_of("Link abrufen", disabled=("blogger.get-link.en",)) & STRONG


def test_rules_of_the_user_join_the_built_in_ones() -> None:
    extra = tuple(parse_rule_file(FILE))
    assert [rule.id for rule in extra] == ["mine.tell.en", "mine.filed.en", "mine.tell.eo"]
    assert bits_of("tell the village!", extra=extra) & ANYWHERE
    assert bits_of("Kept in drawer 7, left", extra=extra) & WEAK
    assert bits_of("Rakontu al la vilaĝo", extra=extra) & UNSURE
    assert bits_of("tell the village!") == 0


def test_a_trusted_platform_needs_no_neighbours() -> None:
    assert bits_of("リンクを取得", trusted="blogger") & STRONG
