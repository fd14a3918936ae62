"""Share blocks, comment forms and lines of a site go by their company."""

import json
from importlib import resources

import pytest

from corpusmill.transforms.kernels.boilerplate.finders.blocks import find_blocks
from corpusmill.transforms.kernels.boilerplate.strip import strip_text
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT, OTHER, PROSE, TITLE, strip_lines


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


def taken(lines: list[str]) -> list[str]:
    seq = sequence_of(lines)
    return texts_of(seq, find_blocks(seq).gone)


def test_a_block_is_found_whole_and_is_certain_only_if_a_line_of_it_is() -> None:
    block = ["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"]
    seq = sequence_of([*ARTICLE, *block])
    found = find_blocks(seq)
    assert texts_of(seq, found.gone) == block
    assert found.certain == set(found.gone)
    single = sequence_of([*ARTICLE, "Get link"])
    assert texts_of(single, find_blocks(single).gone) == ["Get link"]
    assert find_blocks(single).certain == set()


@pytest.mark.parametrize(
    "lines",
    [
        [PROSE, "They asked for these buttons:", "Get link", "Facebook", "X", "Pinterest", OTHER],
        [PROSE, "Facebook", "Twitter", "Pinterest", OTHER],
        [PROSE, "- Facebook", "- Twitter", "- Email", "- A letter by post", OTHER],
        [PROSE, "Home"],
        [PROSE, OTHER],
        ["", " "],
        [],
    ],
)
def test_a_list_of_the_texts_own_is_no_block(lines: list[str]) -> None:
    assert taken(lines) == []


def test_blocks_of_different_documents_have_nothing_to_do_with_each_other() -> None:
    seq = sequence_of([PROSE, "Share"], ["Facebook", "X", PROSE])
    assert texts_of(seq, find_blocks(seq).gone) == []
    joined = sequence_of([PROSE, "Share", "Facebook", "X", PROSE])
    assert texts_of(joined, find_blocks(joined).gone) == ["Share", "Facebook", "X"]
