import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_column, strip_text
from corpusmill.transforms.kernels.boilerplate.finders.packs import RULES
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT

PACKS = tuple(RULES)


def with_packs(*packs: str) -> BoilerplateSettings:
    return BoilerplateSettings.model_validate({**DEFAULT.model_dump(), "packs": packs})


def strip_with(pack: str, lines: list[str]) -> list[str]:
    return strip_text("\n".join(lines), with_packs(pack))[0].split("\n")


@pytest.mark.parametrize(
    ("pack", "before", "after"),
    [
        ("mail", ["From: Ann Roe <ann@a.example>", "Sent: 4 May 2021 09:12", "To: Bert", "Subject: Nets"], []),
        ("mail", ["Von: Anna", "Gesendet: Dienstag", "An: Bert", "Betreff: AW: Netze"], []),
        ("mail", ["Fra: Mette <m@a.example>", "Til: Jens", "Emne: SV: Broen"], []),
        ("mail", ["От: Анна", "Кому: Борис", "Тема: Re: Сети"], []),
        ("mail", ["差出人: 山田", "宛先: 佐藤", "件名: 網"], []),
        ("mail", [], ["-----Original Message-----", "> the nets", "> are dry"]),
        ("mail", [], ["On 4 May 2021, at 09:12, Ann Roe wrote:", "> the nets", ">> and the boat"]),
        ("mail", [], ["-- ", "Ann Roe", "12 Quay Street"]),
        ("mail", [], ["Sent from my iPhone"]),
        ("mail", [], ["Envoyé de mon iPhone"]),
        ("forum", ["Joined: Tue May 04, 2010 9:12 pm", "Posts: 1204", "Location: Norhaven"], []),
        ("forum", ["Post by ann » Mon May 10, 2010 8:01 am"], ["Top"]),
        ("forum", ["Beiträge: 12", "Registriert: 4. Mai 2010"], ["Zitieren"]),
        ("forum", ["Joined: May 2010", "Posts: 12"], ["_________________", "Life is a beach."]),
        ("pdf", [], ["Page 3 of 10"]),
        ("pdf", ["Seite 3 von 10"], ["第 4 页"]),
        ("gutenberg", ["The Nets, by Ann Roe", "*** START OF THIS PROJECT GUTENBERG EBOOK THE NETS ***"], []),
        ("gutenberg", [], ["*** END OF THE PROJECT GUTENBERG EBOOK THE NETS ***", "Updated editions follow."]),
        ("gutenberg", [], ["底本：「網の話」河辺書房", "1998年4月10日初版発行"]),
    ],
)
def test_what_a_program_writes_goes_with_its_pack_and_stays_without(
    pack: str, before: list[str], after: list[str]
) -> None:
    lines = [*before, *ARTICLE, *after]
    assert strip_with(pack, lines) == ARTICLE
    others = tuple(name for name in PACKS if name != pack)
    assert strip_text("\n".join(lines), with_packs(*others))[0].split("\n") == lines
    assert strip_text("\n".join(lines), DEFAULT)[0] == "\n".join(lines)


@pytest.mark.parametrize("pack", PACKS)
def test_a_disabled_rule_of_a_pack_never_shows(pack: str) -> None:
    lines = [
        "*** START OF THIS PROJECT GUTENBERG EBOOK ***", *ARTICLE[:3], "From: a", "To: b", "Page 3 of 10", "Posts: 3",
        "Joined: May 2010", "run it", "Copy", "Nets[edit]", *ARTICLE[3:],
    ]  # fmt: skip
    found = {step.rule for step in strip_text("\n".join(lines), with_packs(*PACKS))[2]}
    assert RULES[pack] in found
    off = with_packs(*PACKS).model_copy(update={"disabled_rules": (RULES[pack],)})
    assert RULES[pack] not in {step.rule for step in strip_text("\n".join(lines), off)[2]}


def test_page_numbers_that_count_up_go() -> None:
    parts = [line for at, part in enumerate((ARTICLE[:4], ARTICLE[4:8], ARTICLE[8:])) for line in (*part, str(at + 7))]
    assert strip_with("pdf", parts) == ARTICLE


def test_buttons_under_code_go() -> None:
    lines = [ARTICLE[1], "pip install nets", "Copy", ARTICLE[2], "nets --dry", "content_copy", ARTICLE[3]]
    kept = [line for line in lines if line not in {"Copy", "content_copy"}]
    assert strip_with("code", lines) == kept


def test_marks_of_wikis_go_out_of_the_lines_and_code_keeps_its_brackets() -> None:
    text = "Nets[edit]\nThey were tarred in 1901.[12][citation needed] Then not.[a 3]\nx[12] = y[3](z)\nmen[who?] said"
    column = pa.array([text, None, "no marks"])
    result = strip_column(column, with_packs("wiki"))
    after = "Nets\nThey were tarred in 1901. Then not.\nx[12] = y[3](z)\nmen said"
    assert result.text.to_pylist() == [after, None, "no marks"]
    assert result.findings.by_rule() == {"boilerplate.wiki-mark": 5}
    steps = strip_text(text, with_packs("wiki"))[2]
    assert [(step.rule, step.count) for step in steps] == [("boilerplate.wiki-mark", 5)]
    assert steps[-1].after == after


SOUND = {
    "mail": [
        ["From: the sea", ARTICLE[1], "To: the town", ARTICLE[2]],
        ["She wrote:", ARTICLE[1]],
        ["Subject: history", ARTICLE[1], "Date: 1066", ARTICLE[2]],
        [ARTICLE[1], "--", *ARTICLE[2:]],
    ],
    "forum": [
        ["Like", "the rain on the field", "Like", "the wind on the sea", "Quote", "the stone"],
        ["Posts: the ones that hold the net", ARTICLE[1], "Location: by the quay", ARTICLE[2]],
        ["MODERATOR", ARTICLE[1], "Top", ARTICLE[2]],
    ],
    "pdf": [["7", ARTICLE[1], ARTICLE[2], ARTICLE[3], "12", *ARTICLE[4:8], "3"], ["1", "2", "3", "4", ARTICLE[1]]],
    "code": [[ARTICLE[1], "Copy", ARTICLE[2]], ["The words are these:", "Copy", "Raw", ARTICLE[1]]],
    "gutenberg": [
        ["Project Gutenberg was begun in 1971.", ARTICLE[1]],
        [ARTICLE[1], "The end of the Project", ARTICLE[2]],
    ],
    "wiki": [["a[12] = b", "[Chorus]", "[see note below]", "list[int]", "[edit](https://a.example)"]],
}


@pytest.mark.parametrize(("pack", "lines"), [(pack, lines) for pack, texts in SOUND.items() for lines in texts])
def test_the_same_words_as_content_stay(pack: str, lines: list[str]) -> None:
    assert strip_with(pack, lines) == lines


def test_an_unknown_pack_is_refused() -> None:
    with pytest.raises(ValueError, match="packs"):
        with_packs("fax")


@given(
    lines=st.lists(
        st.sampled_from(
            ["", ARTICLE[1], "From: a", "To: b", "> c", "-- ", "_____", "Top", "Posts: 3", "7", "8", "9", "Copy"]
        ),
        max_size=25,
    )
)
@settings(deadline=None, max_examples=60)
def test_packs_take_whole_lines_and_report_each(lines: list[str]) -> None:
    text = "\n".join(lines)
    after, removed, steps = strip_text(text, with_packs(*PACKS))
    gone = {line.line for line in removed}
    assert all(lines[line.line] == line.text for line in removed)
    if after != text:
        kept = [line.rstrip() for at, line in enumerate(lines) if at not in gone and line.strip()]
        assert [line.rstrip() for line in after.split("\n") if line.strip()] == kept
        assert steps[-1].after == after
