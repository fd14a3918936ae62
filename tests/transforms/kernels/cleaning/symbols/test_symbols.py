"""What each policy of symbol noise does, and what it must leave alone."""

from typing import get_args

import pytest

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text
from corpusmill.transforms.kernels.cleaning.symbols import SymbolSettings


def _clean(text: str, **symbols: object) -> str:
    settings = NormalizeSettings.model_validate(
        {"symbols": symbols, "repair": {"wide": False, "ftfy": False, "lossy": False, "multibyte": False}}
    )
    return normalize_text(text, settings)[0]


def _rules(text: str) -> list[str]:
    return [step.rule for step in normalize_text(text, NormalizeSettings())[1]]


KEPT = [
    # emoji and their sequences
    "We won 🎉🎉🎉 today",
    "so many 🌹🌹🌹🌹🌹 roses",
    "the 👩‍👩‍👦‍👦 and the 👨🏿‍🚀",
    "🇪🇸🇵🇹🇮🇹 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "press 3️⃣ or *️⃣",
    "☎️ ✈️ ☂️ and ☂︎",
    "rated ⭐⭐⭐⭐⭐⭐⭐⭐ of ten",
    "⬛⬛⬛⬛⬛⬛🟩🟩🟩🟩🟩🟩",
    "dial 5️⃣5️⃣5️⃣5️⃣5️⃣5️⃣",
    "a lone 🇫 letter, a lone 🏽 tone",
    "Acme™ © 2020 ® ‼ ↔ №",
    # scripts that need invisible characters
    "نمی‌دانم که می‌آید، ه‍",
    "র‍্যাপ ক্‌ষ क्‌ष ශ්‍රී ക്‍",
    "ខ្ញុំ\u200bស្រឡាញ់\u200bភាសា, ผม\u200bชอบ\u200bPython",
    "ᠮᠣᠩᠭᠣᠯ᠋ ᠪᠢᠴᠢᠭ",
    "מחיר: \u200e50$\u200f בערך \u2068note\u2069 סוף",
    "葛󠄀飾区 ∩︀ ㊙️",
    # marks
    "Tiếng Việt ơ̛ ấ ộ",
    "בְּרֵאשִׁ֖ית בָּרָ֣א",
    "x̂ ȳ̈ ẽ̞ ɔ̃ː",
    "རྒྱལ་རབས་ཀྱི་བསྒྲུབས",
    "น้ำ ที่ ปี่",
    # letters
    "𝑓(𝑥) = 𝑎𝑏𝑐 + 𝐀",
    "Let 𝔄𝔅ℭ ∈ ℝ",
    "𝒮𝒾𝓃(𝑥) 𝑠𝑖𝑛(𝑥)",
    "ＡＢＣ　１２３ Ⅳ ½ ﬁ ② ㎏ ﷺ",
    "from \uf8ff to the wordword",
    # punctuation
    "Well... hm..... so!!!!! really?????",
    "Contents ............ 3",
    "Preface............12",
    "ls img????.png ????-??-??",
    '`!!!!!!` and "????????" as such',
    "x = !!!!!!(y); a !!!!!!= b",
    "https://example.org/find??????=1!!!!!! and www.example.org/!!!!!!",
    "他……！！！！！ 真的？？？",
    "soooooo goooood",
    "    indented!!!!!!!! code",
    "```\nwhat!!!!!!\n```",
    # lines that are no separators
    "★★★☆☆",
    "★★★★★",
    "▰▰▰▰▱▱",
    "Rating: ★★★★★★★★",
    "▁▂▃▅▆▇█",
    "• • •",
    "……",
    "・・・",
    "♪ ♫ ♪",
    "---\n\n***\n\n___\n\n=====",
    "Title\n=====\nText\n-----",
    "┏━━━┓\n┃ a ┃\n┗━━━┛",
    "a  │ b\n═══╪═══\n1  │ 2",
    "Name    Value\n──────  ──────\nx       1",
    "  ◆◆◆◆◆",
    "```\n★★★★★★★★\n```",
    "☆  ☆\n ☆☆☆\n☆  ☆",
    "| --- | :---: |",
    "(born ??????, died 1802)",
    "a word ?????? lost",
    "ls img??????.png ??????-??-??",
    "gains / issues\n──────────────\nlosses / issues",
    "avg\n═══════\n4.5",
    "    ~~~~^~~~~",
    "-*- mode: org -*-",
    "+-=-+-=-+",
    "＿＿＿＿＿＿＿＿",
    "♥♥♥♥♥",
    "💥💥💥",
]


@pytest.mark.parametrize("text", KEPT)
def test_meaning_is_kept(text: str) -> None:
    framed = f"A plain line.\n\n{text}\n\nAnother plain line."
    assert _clean(framed) == framed


def test_what_is_kept_alone_is_kept_together() -> None:
    text = "A plain line.\n\n" + "\n\nA plain line.\n\n".join(t for t in KEPT if "```" not in t)
    # The Hebrew and Persian lines make it a text with right-to-left letters.
    assert _clean(text) == text


CLEANED = [
    ("go 🎈🎈🎈🎈🎈🎈 go", "go 🎈🎈🎈 go", "symbols.collapse-emoji-run"),
    ("👏🏾" * 9, "👏🏾" * 3, "symbols.collapse-emoji-run"),
    ("🇯🇵" * 6 + "🇰🇷", "🇯🇵" * 3 + "🇰🇷", "symbols.collapse-emoji-run"),
    ("👨‍👩‍👧" * 6, "👨‍👩‍👧" * 3, "symbols.collapse-emoji-run"),
    ("❤" * 8, "❤" * 3, "symbols.collapse-emoji-run"),
    ("❤️" * 7, "❤️" * 3, "symbols.collapse-emoji-run"),
    ("⭐" * 11, "⭐" * 3, "symbols.collapse-emoji-run"),
    ("One.\n◆◇◆◇◆◇\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n━━━━━━━━\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n——————————\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n✿ ✿ ✿\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n*:･ﾟ✧*:･ﾟ✧\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n➖➖➖➖➖\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One.\n★★★★★★★★\n════════\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("in\u200bvis\u200cib\u200dle", "invisible", "symbols.strip-zero-width"),
    ("漢\u200b字", "漢字", "symbols.strip-zero-width"),
    ("می\u200c\u200cروم", "می\u200cروم", "symbols.strip-zero-width"),
    ("🔥\u200d and 🔥\u200dx", "🔥 and 🔥x", "symbols.strip-zero-width"),
    ("b\ufeffo\u2060m", "bom", "symbols.strip-order-marks"),
    ("syl\u00adla\u00adble", "syllable", "symbols.soft-hyphen"),
    ("hyphen\u00ad\nated words", "hyphenated words", "symbols.soft-hyphen"),
    ("1939\u00ad1945", "1939-1945", "symbols.soft-hyphen"),
    ("one \u00ad two", "one - two", "symbols.soft-hyphen"),
    ("End\u00ad\n\nNext", "End\n\nNext", "symbols.soft-hyphen"),
    ("x\ufe0f y\ufe0e", "x y", "symbols.strip-variation-selector"),
    ("❤\ufe0f\ufe0f", "❤\ufe0f", "symbols.strip-variation-selector"),
    ("see\U000e0053\U000e0045\U000e0045 this", "see this", "symbols.strip-tags"),
    ("file\u202efdp.exe", "filefdp.exe", "symbols.strip-bidi"),
    ("עברית \u202bא\u202c ב\u202e ג\u2069", "עברית \u202bא\u202c ב ג", "symbols.strip-bidi"),
    ("אב \u202a\nגד\u202c", "אב\nגד", "symbols.strip-bidi"),
    ("\uf099 Follow \uf0e0 Mail", "Follow Mail", "symbols.strip-private-use"),
    ("𝐬𝐚𝐥𝐞 𝐨𝐟 𝐚 𝐥𝐢𝐟𝐞𝐭𝐢𝐦𝐞!", "sale of a lifetime!", "symbols.fold-fancy-letters"),
    ("Ⓒⓞⓞⓛ 🅒🅞🅞🅛 🄲🄾🄾🄻", "Cool COOL COOL", "symbols.fold-fancy-letters"),
    ("z\u0336\u0321\u0316\u0301\u0302\u0303o", "z\u0336\u0321\u0316o", "symbols.trim-zalgo"),
    ("ấ\u0316\u0317\u0318\u0319", "ấ\u0316", "symbols.trim-zalgo"),
    ("No!!!!!!", "No!!!", "symbols.collapse-punctuation"),
    ('"Why???????"', '"Why???"', "symbols.collapse-punctuation"),
    ("One.\n-=-=-=-=-=-\nTwo.", "One.\n\nTwo.", "symbols.drop-separator"),
    ("One\n\n*~*~*~*~*~*\n\nTwo", "One\n\nTwo", "symbols.drop-separator"),
    ("One\n\n────────\nTwo", "One\n\nTwo", "symbols.drop-separator"),
    ("Quoi ??????", "Quoi ???", "symbols.collapse-punctuation"),
    ("Quoi !!!!!!", "Quoi !!!", "symbols.collapse-punctuation"),
    ("等等！！！！！！", "等等！！！", "symbols.collapse-punctuation"),
    ("so........ what", "so... what", "symbols.collapse-punctuation"),
]


@pytest.mark.parametrize(("text", "expected", "rule"), CLEANED)
def test_noise_goes_and_says_by_which_rule(text: str, expected: str, rule: str) -> None:
    text, expected = f"Line one.\n\n{text}\n\nLast line.", f"Line one.\n\n{expected}\n\nLast line."
    assert _clean(text) == expected
    assert rule in _rules(text)


@pytest.mark.parametrize(
    ("key", "value", "text", "expected"),
    [
        ("enabled", False, "a\u200bb!!!!! 🎈🎈🎈🎈🎈🎈🎈", "a\u200bb!!!!! 🎈🎈🎈🎈🎈🎈🎈"),
        ("order_marks", "keep", "a\ufeffb", "a\ufeffb"),
        ("soft_hyphens", "keep", "a\u00adb", "a\u00adb"),
        ("zero_width", "keep", "a\u200bb", "a\u200bb"),
        ("bidi", "keep", "a\u202eb", "a\u202eb"),
        ("bidi", "strip", "א\u2067b\u2069", "אb"),
        ("variation_selectors", "keep", "a\ufe0f", "a\ufe0f"),
        ("tags", "keep", "a\U000e0041b", "a\U000e0041b"),
        ("private_use", "keep", "a \uf099 b", "a \uf099 b"),
        ("fancy_letters", "keep", "𝐬𝐚𝐥𝐞", "𝐬𝐚𝐥𝐞"),
        ("zalgo", "keep", "q\u0321\u0316\u0301\u0302\u0303", "q\u0321\u0316\u0301\u0302\u0303"),
        ("replacement_character", "strip", "caf\ufffd au", "caf au"),
        (
            "shortcodes",
            "emojize",
            "so :fire: at 10:30:45, std::size::of :nosuchname:",
            "so 🔥 at 10:30:45, std::size::of :nosuchname:",
        ),
        ("emoji", "keep", "🎈" * 9, "🎈" * 9),
        ("emoji", "strip", "a 👍🏽 b 🇫🇷🇩🇪 1️⃣ © ★ 5 ❤️.", "a b © ★ 5 ."),
        ("emoji", "strip", "A♠ K♥ ☀ 🇫 ↔ 🏳\u200d🌈!", "A♠ K♥ ☀ 🇫 ↔ !"),
        ("emoji", "describe", "a 💥 b 🇫🇷", "a :collision: b :France:"),
        ("emoji_run", 4, "🎈🎈🎈🎈", "🎈🎈🎈"),
        ("emoji_mixed_run", 2, "x 🎈🎉🎁 y", "x 🎈🎉 y"),
        ("regional_indicators", "strip", "🇫🇷🇩 x 🇫", "🇫🇷 x"),
        ("punctuation", "keep", "No!!!!!!", "No!!!!!!"),
        ("punctuation_run", 4, "No!!!! Why???? So.....", "No!!! Why??? So..."),
        ("elongation", "collapse", "soooooo wwwww", "sooo wwwww"),
        ("separators", "keep", "a\n◆◆◆◆\nb", "a\n◆◆◆◆\nb"),
        ("separators", "rule", "a\n◆◆◆◆\nb", "a\n***\nb"),
        ("separator_length", 5, "a\n◆◆◆◆\nb", "a\n◆◆◆◆\nb"),
        ("ascii_separators", True, "a\n\n+ + + +\n\nb", "a\n\nb"),
    ],
)
def test_each_policy_has_its_effect(key: str, value: int | str, text: str, expected: str) -> None:
    assert _clean(text, **{key: value}) == expected


@pytest.mark.parametrize("language", get_args(SymbolSettings.model_fields["emoji_language"].annotation))
def test_emoji_are_described_in_every_language_offered(language: str) -> None:
    described = _clean("x 🐈", emoji="describe", emoji_language=language)
    assert described.startswith("x :")
    assert (described == "x :cat:") == (language == "en")


def test_markdown_rules_are_no_separators_even_when_ascii_lines_count() -> None:
    text = "a\n\n------\n\nb\n\n******\n\nc\n\n______\n\nd\nHeading\n~~~~~~~\ne"
    assert _clean(text, ascii_separators=True) == text


def test_a_text_in_private_letters_is_not_taken_for_icons() -> None:
    text = " ".join("\ue001\ue002" for _ in range(40))
    assert _clean(text) == text
