"""Texts that tell of an interface keep the lines that they tell of."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import strip_column
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.manuals import (
    _NAMES,
    _PHRASES,
    _SPOKEN_OF,
    _WORD,
    is_code,
    speak,
)
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence
from tests.transforms.kernels.boilerplate.test_strip import DEFAULT

LONG = (
    "The ferry to the outer islands leaves at seven in the morning, and whoever misses it has to wait for the next day."
)
LATER = (
    "In winter the crossing takes two hours longer, because the captain keeps to the lee of the land all the way out."
)
STRINGS = ["Skip to content", "Leave a Reply", "Post Comment", "Share on Facebook", "Read more", "Get link"]
BUTTONS = ["Share", "Copy link", "Print", "Delete", "File", "Edit", "Log in", "Log out", "Sign up", "Home"]
PATCH = ["-Home", "+Start", "-Share", "+Share this", "-Log in", "+Sign in", "-Leave a Reply", "+Leave a comment"]

KEPT = {
    "buttons": [LONG, "Buttons", *BUTTONS, LATER],
    "a paragraph on buttons": [f"{LONG} The tool bar has these buttons.", *BUTTONS, LATER],
    "a section on buttons": ["Buttons", LONG, *BUTTONS, LATER],
    "strings": [LONG, "Strings of this release", *STRINGS, LATER],
    "labels at the end": [LONG, "Labels that must be translated", *STRINGS],
    "Schaltflächen": [LONG, "Schaltflächen", "Teilen", "Link kopieren", "Drucken", "Kommentar abschicken", LATER],
    "boutons": [LONG, "Les boutons", "Partager", "Copier le lien", "Imprimer", "Laisser un commentaire", LATER],
    "кнопки": [LONG, "Кнопки", "Поделиться", "Скопировать ссылку", "Оставить комментарий", LATER],
    "ボタン": [LONG, "画面のボタン", "シェアする", "コメントする", "リンクをコピー", LATER],
    "patch": [LONG, *PATCH, LATER],
    "patch at the end": [LONG, LATER, *PATCH],
    "code": [LONG, "share(post);", "skipToContent();", "leaveAReply();", LATER],
}


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["close", "open"])
@pytest.mark.parametrize("name", KEPT)
def test_what_a_text_lists_of_an_interface_stays(name: str, separator: str) -> None:
    text = separator.join(KEPT[name])
    assert strip_column(pa.array([text]), DEFAULT).text[0].as_py() == text


def test_it_is_not_learned_either() -> None:
    seq = sequence(split_lines(pa.array(["\n".join([LONG, "Buttons", *BUTTONS, *PATCH, LATER])])), rule_table())
    assert not seq.key[2 : 2 + len(BUTTONS) + len(PATCH)].any()
    assert seq.key[:2].all()
    assert seq.key[-1]


def test_the_same_lines_go_where_nothing_tells_of_them() -> None:
    lines = [LONG, LATER, "Share", "Facebook", "Copy link", "Leave a Reply", "Post Comment"]
    assert strip_column(pa.array(["\n".join(lines)]), DEFAULT).text[0].as_py() == f"{LONG}\n{LATER}"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["-Share", "+Share"], [True, True]),
        (["-Share", "plain", "plain", "plain", "plain", "+Share"], [False] * 6),
        (["- Share", "+ Share"], [False, False]),
        (["-Share", "-Home", "-Help"], [False] * 3),
        (["+1", "-1"], [False, False]),
        (["share();", "{", "Share"], [True, True, False]),
    ],
)
def test_lines_of_patches_stand_beside_lines_with_the_other_sign(lines: list[str], code: list[bool]) -> None:
    column = split_lines(pa.array(["\n".join(lines), "+Other"]))
    assert is_code(column, pa.array(range(len(column))).to_numpy()).tolist() == [*code, False]


_SAID = st.lists(
    st.sampled_from(
        ["button", "s ", " ", "tool bar", "strings", "string", "los botones", "ボタン", "x", "menu it", "em"]
    )
)


@given(st.lists(st.tuples(_SAID.map("".join), st.booleans()), min_size=1, max_size=6))
def test_lines_speak_together_as_each_alone(lines: list[tuple[str, bool]]) -> None:
    plain = [
        not _NAMES.isdisjoint(_WORD.findall(line))
        or any(phrase in line for phrase in ((*_PHRASES, *_SPOKEN_OF) if long else _PHRASES))
        for line, long in lines
    ]
    assert speak("\n".join(line for line, _ in lines), [long for _, long in lines]) == plain
