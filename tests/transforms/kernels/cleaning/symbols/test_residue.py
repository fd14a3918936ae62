"""What PDF extraction and Word leave in texts, and the sound texts that hold the same characters."""

import unicodedata

import pytest

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text


def _clean(text: str, **symbols: object) -> str:
    settings = NormalizeSettings.model_validate({"symbols": symbols})
    return normalize_text(text, settings)[0]


def _forms(word: str) -> str:
    """Write an Arabic word in the presentation forms that its letters take, as a PDF does."""
    by_shape = {}
    for point in range(0xFE80, 0xFEFD):
        shape, _, letters = unicodedata.decomposition(chr(point)).partition(" ")
        by_shape[chr(int(letters.split()[0], 16)), shape[1:-1]] = chr(point)
    made, joined = [], False
    for index, letter in enumerate(word):
        follows = index + 1 < len(word) and (letter, "initial") in by_shape
        shapes = {(False, False): "isolated", (False, True): "initial", (True, True): "medial", (True, False): "final"}
        made.append(by_shape[letter, shapes[joined, follows]])
        joined = follows
    return "".join(made)


MENDED = [
    # ligatures
    ("We deﬁne the ﬂow as ﬁnite and the eﬀect as small.", "We define the flow as finite and the effect as small."),
    ("The ﬁ eld was ﬂat and the ﬂ owers were ﬁne.", "The field was flat and the flowers were fine."),
    ("Die Auﬂage ist groß, die Oﬀerte ﬁel kleiner aus.", "Die Auflage ist groß, die Offerte fiel kleiner aus."),
    ("The /uniFB01 sher found the /uniFB02 ag on the /uniFB01 eld.", "The fisher found the flag on the field."),
    ("The a/uni03B2b test and/or the coe/uniFB03cient", "The aβb test and/or the coeﬃcient"),
    # Arabic presentation forms
    (f"{_forms('مدرسة')} {_forms('كبيرة')}", "مدرسة كبيرة"),
    (f"{_forms('البيت')} و {_forms('الباب')}", "البيت و الباب"),
    (f"{_forms('سلام')} world", "سلام world"),
    # accents before their letters
    ("Les cong´es pr´elev´es ont ´et´e rembours´es.", "Les congés prélevés ont été remboursés."),
    ("Matem´\natica aplicada", "Matemática aplicada"),
    ("Jos´e Mart´ın vive en M´erida.", "José Martín vive en Mérida."),
    ("A situa¸c˜ao em S˜ao Paulo", "A situação em São Paulo"),
    ("S˜ao Paulo e Ant˜ao", "São Paulo e Antão"),
    ("f¨ur die gr¨oßten M¨obel", "für die größten Möbel"),
    # behind them
    ("fu¨r die gro¨ßten Mo¨bel", "für die größten Möbel"),
    # the Symbol font
    ("n \uf03d 35 and p \uf03c 0.05", "n = 35 and p < 0.05"),
    ("x\uf0b12 \uf0b3 4", "x±2 ≥ 4"),
    ("(a \uf02b b) \uf0b4 3\nTotal \uf03d sum of rows", "(a + b) × 3\nTotal = sum of rows"),
    ("\uf0b7 first point\n\uf0b7\tsecond point\n\uf0a7 third", "• first point\n•\tsecond point\n▪ third"),
]


@pytest.mark.parametrize(("text", "expected"), MENDED)
def test_residue_becomes_what_was_meant(text: str, expected: str) -> None:
    framed = f"A plain line.\n\n{text}\n\nAnother plain line."
    assert _clean(framed) == f"A plain line.\n\n{expected}\n\nAnother plain line."


KEPT = [
    # one or two ligatures, and texts about type
    "the ﬁrst oﬃce",
    "The ligatures ﬁ, ﬂ and ﬀ are set in ﬁsh, ﬂag and oﬀer.",
    "| ﬀ | U+FB00 |\n| ﬁ | U+FB01 |\n| ﬂ | U+FB02 |\n| ﬁsh | ﬂag | oﬀ |",
    "Here ﬁ is one sign: ﬁsh, ﬁn and ﬁg show it.",
    "ﬁne and ﬂat, but first, fish, flag, offer, and office are spelled out.",
    "Printed as ﬁrst, ﬂow, oﬀer by this font.",
    "```\nﬁx ﬂow oﬀset ﬁle\n```",
    "Vrei a ﬁ bun ori a ﬁ liber, spune ﬁul în ﬁrea lui și pleacă.",
    "/uniFB01 /uniFB02 /fi /fl",
    "/uniFB01 glyphshow draws what the other one draws",
    "see path/uniFB01 of the four listed ones",
    # Arabic charts, signs, text in visual order
    "ﺏ ﺑ ﺒ ﺐ",
    "ﺑﺒﺐ ﻫﻬﻪ",
    "ﺍﺏﺕﺙ",
    "محمد ﷺ ﷲ ﷽ ﴾١﴿",
    f"{_forms('مدرسة')[::-1]} {_forms('كبيرة')[::-1]}",
    f"initial {_forms('بيت')[0]} of {_forms('بيت')}",
    # apostrophes, quotes and other uses of accents
    "C´est l´eau d´une source, aujourd´hui.",
    "Dell´amore e dell´odio, un´altra volta quest´anno.",
    "I don´t think it´s John´s.",
    "O´Brien and O´Ahern, rock ´n´ roll",
    "K´anka, t´anta, p´unchay, ch´aki",
    "o´zbek tili, g´oza, ma´lumot",
    "mba´e, ka´aguy, mbo´ehára",
    "¨entre comillas¨ dijo, y ¨otra vez¨.",
    "10˚ and 20˚C, 5˚ east",
    "ˆx is the estimate of x, ˜y that of y",
    "the accents ´, ¨ and ˆ stand alone",
    "'naïve' ~ `café` ^ ˜",
    "a´ b´ c´ are primes",
    # icons
    "Follow us \uf099 Twitter \uf03d Video",
    "Cart 3 \uf03d 5",
    # compatibility characters that carry meaning
    "x² + ½ ™ ① ㎏ Ⅳ ａｂｃ １２３ ｶﾅ ﬁ",
]


@pytest.mark.parametrize("text", KEPT)
def test_sound_text_with_the_same_characters_stays(text: str) -> None:
    framed = f"A plain line.\n\n{text}\n\nAnother plain line."
    assert _clean(framed, private_use="keep") == framed


@pytest.mark.parametrize("key", ["ligatures", "arabic_forms", "spacing_accents", "symbol_font"])
def test_each_policy_can_be_switched_off(key: str) -> None:
    text = f"deﬁne ﬂow eﬀect\n{_forms('مدرسة')}\nAm´erica, f´acil\nn \uf03d 35"
    off = _clean(text, **{key: "keep"}, private_use="keep").split("\n")
    on = _clean(text, private_use="keep").split("\n")
    changed = [a != b for a, b in zip(off, on, strict=True)]
    index = ["ligatures", "arabic_forms", "spacing_accents", "symbol_font"].index(key)
    assert changed == [line == index for line in range(4)]


def test_icons_still_go() -> None:
    assert _clean("Call \uf095 us now") == "Call us now"
