"""What sites write in thirty-six languages: it goes where a site writes it, and stays where a text does."""

# ruff: noqa: E501 (a paragraph is one line, and has to be long)

import json
from importlib import resources

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate import strip_column
from tests.transforms.kernels.boilerplate.test_strip import DEFAULT

LANGUAGES = "en de fr es pt it nl pl cs ro hu sv da nb fi el tr ru uk bg ar fa he hi th vi id ko ja zh be kk ka hy lo km".split()
PARAGRAPHS = [
    "The ferry to the outer islands leaves at seven in the morning, and whoever misses it has to wait for the next day.",
    "In winter the crossing takes two hours longer, because the captain keeps to the lee of the land all the way out.",
    "The crew know every passenger by name, and they carry the post, the bread and the coffins without any difference.",
]
"""The language of the text does not matter to the rules."""

TITLES = {
    "ru": "Почему мосты такие дорогие", "uk": "Чому мости такі дорогі", "bg": "Защо мостовете са скъпи",
    "el": "Γιατί οι γέφυρες κοστίζουν", "ar": "لماذا ترتفع كلفة الجسور", "fa": "چرا پل‌ها گران هستند",
    "he": "מדוע גשרים יקרים כל כך", "hi": "पुल इतने महंगे क्यों होते हैं", "th": "ทำไมสะพานจึงแพงนัก",
    "be": "Чаму масты такія дарагія", "kk": "Көпірлер неге сонша қымбат", "ka": "რატომ არის ხიდები ძვირი",
    "hy": "Ինչու են կամուրջները թանկ", "lo": "ເປັນຫຍັງຂົວຈຶ່ງແພງ", "km": "ហេតុអ្វីស្ពានថ្លៃ",
    "ko": "다리는 왜 그렇게 비싼가", "ja": "橋はなぜ高いのかを考える", "zh": "桥梁为什么这么贵呢",
}  # fmt: skip
NAMES = {
    "ru": "Анна Ро",
    "ar": "سعاد كرم",
    "hi": "अनीता राय",
    "th": "สมชาย ใจดี",
    "ka": "ანა რო",
    "hy": "Աննա Ռո",
    "lo": "ສົມໃຈ ແກ້ວ",
    "km": "សុខ ដារា",
    "ko": "홍길동",
    "ja": "山田太郎",
    "zh": "王小明",
}


def lines_of(file: str, string: str, language: str) -> list[str]:
    data = json.loads(
        (resources.files("corpusmill.transforms.kernels.boilerplate") / "rules" / f"{file}.json").read_text(
            encoding="utf-8"
        )
    )
    found: list[str] = data["languages"].get(language, {}).get(string, [])
    return found


def title_in(language: str) -> str:
    return TITLES.get(language, "Why bridges cost so much")


def assert_stripped(texts: list[list[str]], wanted: list[str] | None = None) -> None:
    """Check that each text becomes the wanted one, or stays."""
    result = strip_column(pa.array(["\n".join(lines) for lines in texts]), DEFAULT)
    for lines, after in zip(texts, result.text.to_pylist(), strict=True):
        assert after.split("\n") == (lines if wanted is None else wanted), lines
    assert result.filtered == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_that_sends_the_reader_on_goes_with_its_title(language: str) -> None:
    stems = lines_of("read-on", "stem", language)
    assert len(stems) >= 3
    lines = [f"{stem}{mark}{title_in(language)}" for stem in stems for mark in (": ", " | ", " – ")]
    assert_stripped([[PARAGRAPHS[0], line, *PARAGRAPHS[1:]] for line in lines], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_heading_that_sends_the_reader_on_goes_with_the_title_under_it(language: str) -> None:
    heads = lines_of("read-on", "head", language)
    assert heads
    assert_stripped([[PARAGRAPHS[0], head, title_in(language), *PARAGRAPHS[1:]] for head in heads], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_a_photographer_goes(language: str) -> None:
    stems = lines_of("credits", "photo", language)
    assert stems
    name = NAMES.get(language, "Anna Roe")
    assert_stripped([[PARAGRAPHS[0], f"{stem}: {name}", *PARAGRAPHS[1:]] for stem in stems], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_file_a_text_go_after_it(language: str) -> None:
    stems = lines_of("credits", "tags", language)
    assert stems
    assert_stripped([[*PARAGRAPHS, f"{stem}: {NAMES.get(language, 'Anna')}"] for stem in stems], PARAGRAPHS)


ANYWHERE = [("site-words", "skip"), ("reading-time", "time"), ("advertising", "phrase")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("file", "string"), ANYWHERE, ids=lambda value: value)
def test_a_line_with_no_other_use_goes_wherever_it_stands(file: str, string: str, language: str) -> None:
    lines = lines_of(file, string, language)
    assert lines
    assert_stripped([[PARAGRAPHS[0], line, *PARAGRAPHS[1:]] for line in lines], PARAGRAPHS)


TAIL = [
    ("share-words", "phrase"), ("share-words", "on"), ("comments", "phrase"), ("sign-up", "box"), ("consent", "banner"),
    ("site-words", "legal"), ("site-words", "pages"), ("site-words", "top"), ("sections", "section"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("file", "string"), TAIL, ids=lambda value: value)
def test_a_line_of_the_site_goes_after_the_text(file: str, string: str, language: str) -> None:
    lines = lines_of(file, string, language)
    assert lines or (file, string) in {("sections", "section"), ("site-words", "top")}
    assert_stripped([[*PARAGRAPHS, line] for line in lines[:40]], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copyright_notice_goes(language: str) -> None:
    reserved = lines_of("copyright", "line", language)[0].rstrip(".。।")
    lines = (f"© 2024 Harbour. {reserved}", f"{reserved} © 2019-2024", f"© 2024 {NAMES.get(language, 'Harbour')}")
    assert_stripped([[*PARAGRAPHS, line] for line in lines], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_share_bar_in_words_goes_whole(language: str) -> None:
    words = lines_of("share-words", "word", language)[:2]
    assert_stripped([[*PARAGRAPHS, *words, "Facebook", "Twitter", "WhatsApp"]], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_of_markdown_are_read_as_their_words(language: str) -> None:
    words = lines_of("share-words", "word", language)[:1]
    bar = [
        *(f"[{word}](https://a.example/s?u=1)" for word in words),
        "* [Facebook](https://f.example/?u=x)",
        "- [X](#)",
    ]
    home = lines_of("site-words", "home", language)[0]
    contact = lines_of("site-words", "contact", language)[0]
    menu = [f"  * [{home}](/)", "  * [Boats and ropes](/boats)", "  * [The pilot](/pilot)", f"  * [{contact}](/c)"]
    assert_stripped([[*PARAGRAPHS, *bar], [*menu, *PARAGRAPHS]], PARAGRAPHS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_menus_in_one_line_and_paths_are_known(language: str) -> None:
    home = lines_of("site-words", "home", language)[0]
    contact = lines_of("site-words", "contact", language)[0]
    lines = [f"{home} | Boats | {contact}", f"{home} > Boats > Ropes", f"{home} » Boats » Ropes"]
    assert_stripped([["Nets", line, *PARAGRAPHS] for line in lines], ["Nets", *PARAGRAPHS])


WORDS = [
    ("share-words", "word"), ("comments", "action"), ("site-words", "home"), ("site-words", "contact"),
    ("site-words", "login"), ("consent", "button"), ("advertising", "label"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_texts_have_too_stay_as_headings_lists_and_refrains(language: str) -> None:
    words = [word for file, string in WORDS for word in lines_of(file, string, language)]
    by_itself = [word for word in words if word]
    headings = [part for word in by_itself[::3] for part in (word, PARAGRAPHS[0])]
    alone = [[PARAGRAPHS[0], word, PARAGRAPHS[1]] for word in by_itself]
    last = [[*PARAGRAPHS, word] for word in by_itself]
    refrain = [[part for line in PARAGRAPHS for part in (line, word)] for word in by_itself]
    short = [
        [part for line in ("the oar is long,", "the road is clay,", "the moon") for part in (line, word)]
        for word in by_itself
    ]
    assert_stripped([headings, *alone, *last, *refrain, *short])


@pytest.mark.parametrize("language", LANGUAGES)
def test_stems_stay_in_forms_lists_and_sentences(language: str) -> None:
    stems = [*lines_of("read-on", "stem", language)[:6], *lines_of("credits", "photo", language)]
    texts = []
    for stem in stems:
        texts.append([f"Name: {NAMES.get(language, 'Anna Roe')}", f"{stem}: {title_in(language)}", "Nr: 12"])
        texts.append([PARAGRAPHS[0], f"{stem}: it is so, she said, and went on.", PARAGRAPHS[1]])
        texts.append([PARAGRAPHS[0], "Nets", f"{stem}: {title_in(language)}", "Ropes", PARAGRAPHS[1]])
    assert_stripped(texts)
