import json
from importlib import resources

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, parse_rule_file, strip_column, strip_text
from corpusmill.transforms.kernels.boilerplate.packs import RULES as PACKS
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


def rules_of(name: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    file = resources.files("corpusmill.transforms.kernels.boilerplate") / "rules" / f"{name}.json"
    found: dict[str, dict[str, dict[str, list[str]]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def blogger_blocks() -> list[tuple[str, list[str]]]:
    found = []
    data = rules_of("blogger")
    for part in ("languages", "unverified"):
        for language, strings in data[part].items():
            if "get-link" in strings:
                link, email = strings["get-link"][0], strings.get("email", ["Email"])[0]
                rest = strings.get("other-apps", ["Other Apps"])[:1]
                found.append((f"{language} menu", [link, "Facebook", "X", "Pinterest", email, *rest]))
                found.append((f"{language} labels", [link, "Facebook", "BlogThis!", "Twitter", "Pinterest", email]))
    return found


def strip_lines(lines: list[str], separator: str = "\n\n") -> list[str]:
    return strip_text(separator.join(lines), DEFAULT)[0].split(separator)


@pytest.mark.parametrize(("name", "block"), blogger_blocks(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_share_block_goes_whole_in_every_language_place_and_form(name: str, block: list[str]) -> None:
    for added in (block, [" ".join(block)]):
        assert strip_lines([*ARTICLE, *added]) == ARTICLE, name
        assert strip_lines([ARTICLE[0], *added, *ARTICLE[1:]]) == ARTICLE, name
        assert strip_lines([*ARTICLE, TITLE.rstrip("💥 "), *added]) == ARTICLE, name


@pytest.mark.parametrize("language", rules_of("wordpress")["languages"])
def test_a_comment_form_goes_whole_in_every_language_of_wordpress(language: str) -> None:
    data = rules_of("wordpress")
    strings = {**data["ambiguous"].get(language, {}), **data["languages"][language]}
    names = ("leave-a-reply", "email-not-published", "required-fields", "cancel-reply", "post-comment")
    form = [strings[name][0] for name in names if name in strings]
    if len(form) >= 3:
        assert strip_lines([*ARTICLE, *form]) == ARTICLE


@pytest.mark.parametrize(
    "block",
    [
        ["Zumilo kareta", "Facebook", "X", "Pinterest", "Letero"],
        ["ลิงก์ใหม่", "Facebook", "Twitter", "Pinterest", "จดหมาย", "แอปต่าง"],
    ],
)
def test_names_of_sites_teach_the_words_around_them_in_a_language_that_no_list_covers(block: list[str]) -> None:
    assert strip_lines([*ARTICLE, *block]) == ARTICLE
    assert strip_lines([ARTICLE[0], *block, *ARTICLE[1:]]) == ARTICLE


def test_the_title_and_get_link_at_the_end_go_with_and_without_the_emoji() -> None:
    for title in (TITLE, TITLE.replace("💥", "").strip(), TITLE.upper()):
        text, removed, _ = strip_text("\n\n".join([*ARTICLE, title, "Get link"]), DEFAULT)
        assert text == "\n\n".join(ARTICLE)
        assert [(line.line, line.rule, line.text) for line in removed] == [
            (22, "boilerplate.title-repeat", title),
            (24, "boilerplate.site-line", "Get link"),
        ]


@pytest.mark.parametrize(
    "line", ["Get link", "Link abrufen", "Leave a comment", "Obtenir le lien", "Получить ссылку", "3 comments"]
)
def test_a_line_with_no_other_use_goes_alone_at_the_end_only(line: str) -> None:
    assert strip_lines([*ARTICLE, line]) == ARTICLE
    inside = [*ARTICLE[:3], line, *ARTICLE[3:]]
    assert strip_lines(inside) == inside


@pytest.mark.parametrize(
    "tail",
    [
        ["Diesen Post per E-Mail versendenBlogThis!In Twitter freigebenIn Facebook freigebenAuf Pinterest teilen"],
        ["Get linkFacebookXPinterestEmailOther Apps"],
        ["Share this:", "Click to share on X (Opens in new window)", "Like this:", "Like Loading..."],
        ["Teilen mit:", "Klick, um auf Facebook zu teilen (Wird in neuem Fenster geöffnet)", "Gefällt mir:"],
        ["No comments:", "Post a Comment", "Newer Post", "Older Post", "Home", "Subscribe to: Post Comments (Atom)"],
        ["Share", "Facebook", "Twitter", "Email"],
        ["Tags: boats, brothers", "Leave a Reply"],
        ["Home | About | Contact | Archives"],
        ["Please enable JavaScript to view the comments powered by Disqus."],
        ["Sign up for our newsletter", "Email address", "Subscribe"],
        ["Get link", "* * *", "Facebook", "X", "Pinterest"],
    ],
)
def test_other_tails_go_whole(tail: list[str]) -> None:
    assert strip_text("\n".join([*ARTICLE, *tail]), DEFAULT)[0] == "\n".join(ARTICLE)


def test_lines_under_every_comment_go_and_the_comments_stay() -> None:
    comments = ["Ann wrote this much and no more.", "Bert did not agree with any of it.", "Cay had been there."]
    thread = [part for comment in comments for part in (comment, "[Reply]", "Flag as inappropriate")]
    assert strip_lines([*ARTICLE, *thread]) == ARTICLE + comments


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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Get link\nFacebook\nX\nPinterest\nEmail", "filter.boilerplate-only"),
        ("404 Not Found\n\nThe requested URL /a.html was not found on this server.", "filter.error-page"),
        ("Please enable JavaScript to continue.", "filter.error-page"),
        ("Seite nicht gefunden\n\nDie angeforderte Seite gibt es nicht.", "filter.error-page"),
        ("This website uses cookies.\nAccept all\nReject all\nCookie settings", "filter.error-page"),
    ],
)
def test_pages_without_text_are_filtered_with_a_reason(text: str, reason: str) -> None:
    result = strip_column(pa.array([text, "\n".join(ARTICLE)]), DEFAULT)
    assert result.filtered == {0: reason}
    assert result.text[0].as_py() == text
    off = strip_column(pa.array([text]), DEFAULT.model_copy(update={"drop_pages": False}))
    assert set(off.filtered.values()) <= {"filter.boilerplate-only"}


def test_blank_lines_close_up_and_other_texts_keep_their_bytes() -> None:
    text = "\n\n".join(ARTICLE[:3]) + "\n\n\nGet link\n\nFacebook\nX\nPinterest\n\n" + "\n\n".join(ARTICLE[3:])
    assert strip_text(text, DEFAULT)[0] == "\n\n".join(ARTICLE[:3]) + "\n\n\n" + "\n\n".join(ARTICLE[3:])
    odd = " \n\n\n" + PROSE + " \t\n\n\n\nHome \n "
    assert strip_column(pa.array([odd, None]), DEFAULT).text.to_pylist() == [odd, None]


def test_no_more_than_the_allowed_share_goes_and_a_block_goes_whole_or_not_at_all() -> None:
    tail = ["Leave a Reply", "Your email address will not be published. Required fields are marked *", "Post Comment"]
    text = "\n".join(["Short note", "It rained all day, and so nobody came to the fair.", *tail])
    for share in (0.0, 0.2, 0.5):
        assert strip_text(text, DEFAULT.model_copy(update={"max_removed_share": share}))[0] == text
    parted = "\n".join([*ARTICLE[:2], "Skip to content", *ARTICLE[2:3], *tail])
    limited = DEFAULT.model_copy(update={"max_removed_share": 0.1})
    assert strip_text(parted, limited)[0] == "\n".join([*ARTICLE[:3], *tail])
    assert strip_text(text, DEFAULT.model_copy(update={"max_removed_share": 1.0}))[0].split("\n")[2:] == []


@pytest.mark.parametrize(
    "block",
    [
        ["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"],
        ["Share", "Facebook", "Twitter"],
        ["Get link Facebook X Pinterest Email Other Apps"],
        ["Teilen", "Facebook", "Twitter", "E-Mail"],
        ["分享到：", "微信", "微博", "QQ空间", "豆瓣"],
    ],
)
def test_a_share_block_that_can_be_nothing_else_goes_whole_whatever_its_share_is(block: list[str]) -> None:
    for note in ("Gulls over the harbour.", "It rained."):
        assert strip_lines([note, *block]) == [note]


def test_hosts_of_blogger_vouch_for_its_strings() -> None:
    text = "\n".join([*ARTICLE, "リンクを取得"])
    assert strip_text(text, DEFAULT, url="https://example.org/")[0] == text
    assert strip_text(text, DEFAULT, url="https://boats.blogspot.co.uk/2020/x.html")[0] == "\n".join(ARTICLE)


def test_the_title_may_come_from_elsewhere() -> None:
    lines = [*ARTICLE[1:], OTHER + " " + PROSE, TITLE]
    assert strip_lines(lines) == lines
    assert strip_text("\n".join(lines), DEFAULT, title=TITLE.lower())[0] == "\n".join(lines[:-1])


@pytest.mark.parametrize(
    ("line", "title", "gone"),
    [
        ("A day at the harbour with my brother", "A day at the harbour with my brother - The Quay Letters", True),
        ("A day at the harbour with my brother πŸ’₯", None, True),
        ("A day at the harbour with my mother", None, False),
        ("A day at the", "A day at the harbour with my brother", False),
    ],
)
def test_a_title_is_known_with_the_name_of_the_site_or_unrepaired_letters(
    line: str, title: str | None, gone: bool
) -> None:
    text = "\n".join([*ARTICLE, line])
    after = strip_text(text, DEFAULT, title=title)[0]
    assert after == ("\n".join(ARTICLE) if gone else text)


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
    free = DEFAULT.model_copy(update={"max_removed_share": 1.0})
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
