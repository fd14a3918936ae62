import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpusmill.transforms.kernels.boilerplate.matching.sequence as sequence_module
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, parse_rule_file, strip_column, strip_text
from corpusmill.transforms.kernels.boilerplate.finders.packs import RULES as PACKS
from corpusmill.transforms.kernels.boilerplate.strip import RULES

DEFAULT = BoilerplateSettings()
TITLE = "A day at the harbour with my brother 💥💥💥"
ARTICLE = [
    TITLE,
    "We left early, when the fog still hung over the quays and the first boats were coming in with their catch.",
    "Nobody spoke much, and the coffee from the flask had gone cold by the time the sun was up over the breakwater.",
    "Later we walked back through the old town.",
    "In the evening he told me that he would sell the boat, and that he had known it for a year without saying so.",
    "Since then I have often thought of that walk, of the wet stones and of the way in which he said it, softly.",
    "I have thought of the gulls that kept on screaming above the roofs of the fish market as if nothing had happened.",
    "The boat went in spring to a teacher from the north who paints it every year in another colour.",
    "He once wrote to ask what the small brass plate under the tiller was for, since nobody could tell him.",
    "My brother never answered, but he kept the letter in the drawer with the charts, and there we found it.",
    "It lay between a tide table and a photograph of the two of us in the snow, which I had never seen before.",
]
PROSE = ARTICLE[1]
OTHER = ARTICLE[2]


def strip_lines(lines: list[str], separator: str = "\n\n") -> list[str]:
    return strip_text(separator.join(lines), DEFAULT)[0].split(separator)


def test_the_title_and_get_link_at_the_end_go_with_and_without_the_emoji() -> None:
    for title in (TITLE, TITLE.replace("💥", "").strip(), TITLE.upper()):
        text, removed, _ = strip_text("\n\n".join([*ARTICLE, title, "Get link"]), DEFAULT)
        assert text == "\n\n".join(ARTICLE)
        assert [(line.line, line.rule, line.text) for line in removed] == [
            (22, "boilerplate.title-repeat", title),
            (24, "boilerplate.site-line", "Get link"),
        ]


CONTENT = {
    "menu announced by a colon": [
        PROSE,
        "The menu has these entries:",
        "Get link",
        "Facebook",
        "X",
        "Pinterest",
        OTHER,
    ],
    "list with bullets": [PROSE, "- Facebook", "- Twitter", "- Pinterest", "- A forum for anglers", "- Email", OTHER],
    "numbered steps": [PROSE, "1. Leave a Reply", "2. Post Comment", "3. Cancel reply", OTHER],
    "headings of sections": [TITLE, *["Share", PROSE, "Reply", OTHER] * 4],
    "headings once": [TITLE, "Share to Facebook", PROSE, "Get link", OTHER, "Email This", PROSE],
    "one word at the end": [TITLE, PROSE, OTHER, "Home"],
    "signs on doors": [TITLE, PROSE, OTHER, "Home", "About", "Contact", "Search"],
    "names at the end": [
        TITLE,
        PROSE,
        "They named these, in this order:",
        "Facebook",
        "Twitter",
        "Reddit",
        "Pinterest",
    ],
    "names only": [TITLE, PROSE, "Facebook", "Twitter", "Reddit", OTHER],
    "licence": [TITLE, PROSE, "Copyright 2020 The authors.", "All rights reserved.", OTHER, "All rights reserved."],
    "code": [TITLE, PROSE, "<ul>", "    Leave a Reply", "\tPost Comment", "    Cancel reply", "</ul>", OTHER],
    "verse": [
        "Far away",
        "Tom was a piper's son,",
        "He played when he was young,",
        "And all he played",
        "Was this:",
        "Far away",
    ],
    "dialogue": [TITLE, "ANNA", "Reply.", "BERT", "To what?", "ANNA", "Reply!", "BERT", "No.", "ANNA", "Reply.", PROSE],
    "table": [TITLE, PROSE, "Facebook", "31", "Twitter", "12", "Pinterest", "8", "Email", "77", OTHER],
    "row of a table": [TITLE, PROSE, "| Facebook | Twitter | Pinterest |", "| 31 | 12 | 8 |", OTHER],
    "title as a question": [TITLE, PROSE, OTHER, PROSE, TITLE + "?..."],
    "title in speech": ["We will open in spring", PROSE, OTHER, PROSE, "“We will open in spring.”"],
    "cookies that one eats": [
        TITLE,
        "We use cookies to teach children fractions, as half of one is remembered.",
        OTHER,
    ],
    "recipe": ["Hefezopf", PROSE, "Teilen", OTHER, "Drucken", PROSE],
    "names in a row": [TITLE, PROSE, "Facebook, Twitter, Instagram, Pinterest, Email"],
    "sentence of names": [TITLE, "Facebook Twitter Pinterest were the names that the pupils wrote down.", PROSE],
    "error pages as a subject": [
        "Page not found: a history",
        "The requested page could not be found, it says.",
        PROSE,
        OTHER,
    ],
}


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
@pytest.mark.parametrize("name", CONTENT)
def test_content_that_looks_like_a_widget_stays(name: str, separator: str) -> None:
    text = separator.join(CONTENT[name])
    column = pa.array([text])
    result = strip_column(column, DEFAULT)
    assert (result.removed, result.filtered) == ([], {})
    assert result.text[0].as_py() == text


def test_hosts_of_blogger_vouch_for_its_strings() -> None:
    text = "\n".join([*ARTICLE, "リンクを取得"])
    assert strip_text(text, DEFAULT, url="https://example.org/")[0] == text
    assert strip_text(text, DEFAULT, url="https://boats.blogspot.co.uk/2020/x.html")[0] == "\n".join(ARTICLE)


def test_lines_of_the_users_own_file_are_removed() -> None:
    content = {
        "platform": "mine",
        "source": "my own pages",
        "strings": {"bell": {"role": "share", "strength": "strong", "position": "any"}},
        "languages": {"en": {"bell": ["Ring the bell"]}},
    }
    text = "\n".join([ARTICLE[0], "Ring the bell!", *ARTICLE[1:]])
    assert strip_text(text, DEFAULT)[0] == text
    assert strip_text(text, DEFAULT, extra_rules=tuple(parse_rule_file(content)))[0] == "\n".join(ARTICLE)


SAMPLES = {
    "boilerplate.share-block": [*ARTICLE, "Share", "Facebook", "X", "Email"],
    "boilerplate.site-line": [*ARTICLE, "Get link"],
    "boilerplate.taught-line": [*ARTICLE, "Zumilo kareta", "Facebook", "X", "Pinterest", "Letero"],
    "boilerplate.comment-widget": [*ARTICLE, "One.", "[Reply]", "Two.", "[Reply]", "Three.", "[Reply]", "Four."],
    "boilerplate.slot-line": [*ARTICLE[:3], "Read more: The gulls of the north", *ARTICLE[4:]],
    "boilerplate.teaser": [*ARTICLE[:3], "Lesen Sie auch", "Warum die Möwen bleiben", *ARTICLE[4:]],
    "boilerplate.joined-block": [*ARTICLE, "Get link Facebook X Pinterest Email"],
    "boilerplate.menu-line": [*ARTICLE[:3], "Home | About | Contact", *ARTICLE[3:]],
    "boilerplate.breadcrumb": [ARTICLE[0], "Home > Boats > Sold", *ARTICLE[1:]],
    "boilerplate.site-section": [*ARTICLE, "Recent Posts", "The gulls of the north", "Nine ropes"],
    "boilerplate.archive-list": [*ARTICLE, *(f"May {year} ({year - 2000})" for year in range(2012, 2006, -1))],
    "boilerplate.copyright-footer": [*ARTICLE, "© 2020 The Quay Letters"],
    "boilerplate.title-repeat": [*ARTICLE, TITLE],
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in PACKS.values()])
def test_a_disabled_rule_never_shows(rule: str) -> None:
    text = "\n".join(SAMPLES[rule])
    assert rule in {removed.rule for removed in strip_text(text, DEFAULT)[1]}
    off = DEFAULT.model_copy(update={"disabled_rules": (rule,)})
    assert rule not in {removed.rule for removed in strip_text(text, off)[1]}


CERTAIN = {  # no share bounds these
    "boilerplate.share-block", "boilerplate.taught-line", "boilerplate.joined-block", "boilerplate.archive-list",
}  # fmt: skip

LINES = st.lists(
    st.sampled_from(
        [
            "", "", PROSE, OTHER, "A short line", "Get link", "Facebook", "X", "Twitter", "Pinterest", "Email", "Share",
            "Other Apps", "Leave a Reply", "Post Comment", "Reply", "Home", "Home | About | Contact", "* * *", "12",
            "Get link Facebook X Pinterest Email", "Flag as inappropriate", "Tags: a, b", "The title of it all", "  x",
            "404 Not Found", "Zumilo", "- Facebook", "such as:", "3 comments",
        ]
    ),
    max_size=30,
)  # fmt: skip


@given(texts=st.lists(LINES.map("\n".join) | st.none(), max_size=6), cut=st.integers(0, 6))
@settings(deadline=None, max_examples=80)
def test_each_row_is_treated_by_itself(texts: list[str | None], cut: int) -> None:
    column = pa.array(texts, pa.string())
    whole = strip_column(column, DEFAULT)
    parts = [strip_column(column[:cut], DEFAULT), strip_column(column[cut:], DEFAULT)]
    assert whole.text.to_pylist() == [text for part in parts for text in part.text.to_pylist()]
    assert len(whole.removed) == sum(len(part.removed) for part in parts)
    for row, text in enumerate(texts):
        if text is not None:
            alone, removed, _ = strip_text(text, DEFAULT)
            assert alone == whole.text[row].as_py()
            assert [line[1:] for line in removed] == [line[1:] for line in whole.removed if line.row == row]


@given(text=LINES.map("\n".join))
@settings(deadline=None, max_examples=120)
def test_what_is_removed_is_reported_and_nothing_else_goes(text: str) -> None:
    after, removed, steps = strip_text(text, DEFAULT)
    lines = text.split("\n")
    assert all(lines[line.line] == line.text for line in removed)
    assert [line.line for line in removed] == sorted({line.line for line in removed})
    gone = {line.line for line in removed}
    kept = [line.rstrip() for k, line in enumerate(lines) if k not in gone and line.strip()]
    if after != text:
        assert [line.rstrip() for line in after.split("\n") if line.strip()] == kept
        unsure = [line for line in removed if line.rule not in CERTAIN and any(map(str.isalnum, line.text))]
        assert sum(len(line.text) for line in unsure) <= DEFAULT.max_removed_share * len(text)
    state = text
    if after != text:
        for step in steps:
            assert step.before == state
            state = step.after
        assert state == after


@given(text=LINES.map("\n".join))
@settings(deadline=None, max_examples=120)
def test_a_second_cleaning_finds_nothing(text: str) -> None:
    """Lines that take turns apart: they no longer do when others are gone."""
    free = DEFAULT.model_copy(update={"max_removed_share": 1.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence_module, "turns_of", lambda *_: np.zeros(0, np.int64))
        once = strip_text(text, free)[0]
        assert strip_text(once, free)[0] == once


@pytest.mark.parametrize(
    "text",
    [
        "Get link\n" * 30_000,
        "Facebook\nTwitter\nx\n" * 10_000,
        "\n" * 200_000,
        "Re: (Score:2, Funny)\n" * 5_000,
        "| " * 100_000,
    ],
    ids=["hits", "names", "newlines", "ends", "bars"],
)
def test_hostile_texts_are_survived(text: str) -> None:
    result = strip_column(pa.array([text, PROSE + "\n" + text]), DEFAULT)
    assert len(result.text) == 2
