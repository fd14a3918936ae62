"""Learned lines go from the pages of their site, and from nothing else."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.learning.apply import Before, apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.strip import strip_column
from corpusmill.transforms.kernels.schema import REMOVED_LINES_TYPE
from tests.transforms.kernels.boilerplate.learning.test_learn import DOCUMENTS, MENU, WORDS, learn, page, paragraph
from tests.transforms.kernels.boilerplate.test_strip import DEFAULT


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


def test_without_evidence_the_texts_come_back_as_they_are() -> None:
    texts = pa.array([page(1, MENU), None, ""], pa.string())
    urls = pa.array(["http://a.example/1", "http://a.example/2", None], pa.string())
    table = learn([page(k, MENU) for k in range(6)], ["http://b.example"] * 6)
    for known in (table, LearnedTable(table.slice(0, 0)), table.slice(0, 0)):
        result = apply_learned(texts, urls, known, DEFAULT)
        assert result.text.equals(texts)
        assert result.removed == []


def test_lines_that_rules_took_before_count_as_evidence() -> None:
    whole = page(9, [*MENU[1:], "Leave a Reply", *MENU[1:]])
    gone = whole.split("\n").index("Leave a Reply")
    left = "\n".join(line for k, line in enumerate(whole.split("\n")) if k != gone)
    url = pa.array(["http://a.example/9"])
    table = learn([page(k, MENU) for k in range(6)], ["http://a.example"] * 6)
    before = Before(
        pa.array([whole], pa.string()),
        pa.array([[{"line": gone, "rule": "boilerplate.site-line", "text": "Leave a Reply"}]], REMOVED_LINES_TYPE),
    )
    found = apply_learned(pa.array([left]), url, table, DEFAULT, before=before)
    assert gone not in {removed.line for removed in found.removed}
    assert {removed.line for removed in found.removed} >= set(range(gone + 1, gone + len(MENU)))
    assert whole.split("\n")[:3] == found.text[0].as_py().split("\n")[:3]


BOXES = {
    "actions": ["Jump to Recipe", "Print", "Share", "Pin", "Save"],
    "goods": ["Add to cart", "Add to wishlist", "Share", "Print"],
    "video": ["Play Video", "0 seconds of 1 minute, 24 seconds", "Watch on YouTube"],
    "letter": ["Get our newsletter", "Your email", "Sign up", "Privacy Policy"],
    "comments": ["12 comments", "Leave a comment", "1.2K shares"],
    "German": ["In den Warenkorb", "Auf die Wunschliste", "Teilen", "Drucken"],
    "Japanese": ["カートに入れる", "お気に入りに追加", "シェア", "印刷する"],
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_text_goes_on_behind_a_box_in_short_lines_of_its_own(box: list[str]) -> None:
    texts, forms = [], []
    for k in range(12):
        needed = [
            f"{1 + (k + n) % 4} {WORDS[(k + n) % len(WORDS)]} {WORDS[(3 * k + n) % len(WORDS)]}" for n in range(6)
        ]
        steps = [
            f"Leave the {WORDS[(2 * k + n) % len(WORDS)]} by the {WORDS[(k + 4 * n) % len(WORDS)]}." for n in range(5)
        ]
        forms.append(["What it takes", *needed, "How it is made", *steps, "Worth knowing", "Keep it dry!"])
        head, tail = ["Skip to content", "Home", "Log in"], ["Leave a comment", "Our mill", "Terms of Use"]
        texts.append("\n".join([*head, f"Number {k}", paragraph(k), *box, *forms[-1], *tail]))
    urls = ["http://mill.example"] * len(texts)
    table = learn(texts, urls)
    kept = apply_learned(pa.array(texts), pa.array(urls), table, DEFAULT).text.to_pylist()
    for form, text in zip(forms, kept, strict=True):
        assert [line for line in form if line not in text.split("\n")] == []
        assert "Our mill" not in text.split("\n")


def test_a_refrain_behind_an_interface_line_is_of_the_song() -> None:
    songs, texts = [], []
    for k in range(12):
        verse = [
            [
                f"{WORDS[(k + n) % 12]} and {WORDS[(k * n + 5) % 12]} and a {word}"
                for n, word in enumerate(WORDS[m : m + 4])
            ]
            for m in (0, 4, 8)
        ]
        refrain = ["[Refrain]", f"Row for the {WORDS[k % 12]}, row", "Row for the shore"]
        first = ["[Verse]", *verse[0], *refrain, "[Verse]", *verse[1]]
        last = [*refrain, "[End]", f"Till the {WORDS[k % 12]} is still", f"And the {WORDS[(k + 1) % 12]} too"]
        songs.append([*first, *last])
        texts.append(
            "\n".join(
                [
                    "Home",
                    "Songs",
                    "Search",
                    f"Song {k}",
                    *first,
                    "You might also like",
                    *last,
                    "Embed",
                    "About",
                    "Privacy Policy",
                ]
            )
        )
    urls = ["http://songs.example"] * len(texts)
    table = learn(texts, urls)
    kept = apply_learned(pa.array(texts), pa.array(urls), table, DEFAULT).text.to_pylist()
    for song, text in zip(songs, kept, strict=True):
        assert [line for line in song if line not in text.split("\n")] == []
