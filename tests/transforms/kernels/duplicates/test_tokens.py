"""Tokens of whole columns against a plain reference that goes character by character."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.token_scan import MAX_MARKS
from corpusmill.transforms.kernels.duplicates.tokens import MAX_TOKEN_WINDOWS, WINDOW_BYTES, token_hashes

_MASK = (1 << 64) - 1
_SINGLE = regex.compile(
    r"[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Yi}\p{scx=Tangut}\p{scx=Nushu}"
    r"\p{scx=Khitan_Small_Script}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}"
    r"\p{scx=Tai_Tham}\p{scx=Tai_Viet}\p{scx=Ahom}]&&\p{L}]",
    regex.V1,
)


def fold(text: str) -> str:
    lower = pc.utf8_lower(pa.array([text]))[0].as_py()
    lower = regex.sub(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+", r"\1", lower)
    folded = pc.utf8_lower(pc.utf8_normalize(pa.array([lower]), "NFKD"))[0].as_py()
    found: str = folded.replace("ς", "σ")
    return found


def plain_tokens(text: str) -> list[str]:
    tokens: list[str] = []
    current, single = "", False
    for char in fold(text):
        if regex.match(r"\p{M}", char):
            current += char if current else ""
            continue
        letter = bool(_SINGLE.match(char))
        word = letter or bool(regex.match(r"[\p{L}\p{N}_]", char))
        if current and (letter or single or not word):
            tokens.append(current)
            current = ""
        if word:
            current, single = current + char, letter
    return [*tokens, current] if current else tokens


def plain_hash(token: str) -> int:
    data = token.encode()
    total = 0
    for place, begin in enumerate(range(0, len(data), 8)):
        value = int.from_bytes(data[begin : begin + 8], "little") ^ (place * 0x9E3779B97F4A7C15 & _MASK)
        value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
        total += value ^ value >> 31
    return total & _MASK


def by_row(texts: list[str | None], kind: pa.DataType | None = None) -> list[list[int]]:
    found = token_hashes(pa.array(texts, kind or pa.string()))
    return [found.hashes[a:b].tolist() for a, b in zip(found.offsets[:-1], found.offsets[1:], strict=True)]


SENTENCES = {
    "Afrikaans": "Die kat slaap op die mat, en die hond kyk.",
    "Albanian": "Macja fle mbi qilim çdo ditë.",
    "Amharic": "ድመቷ ምንጣፉ ላይ ተኝታለች። ውሻው ያያል።",
    "Arabic": "القِطَّةُ تَنَامُ عَلَى السَّجَّادَةِ، والكلبُ يَنظُر.",
    "Armenian": "Կատուն քնում է գորգի վրա։",
    "Assamese": "মেকুৰীটো দলিচাৰ ওপৰত শুই আছে।",
    "Azerbaijani": "Pişik İçərişəhərdə xalçanın üstündə yatır.",
    "Basque": "Katua alfonbraren gainean lo dago.",
    "Belarusian": "Кошка спіць на дыване, сабака глядзіць.",
    "Bengali": "বিড়ালটি মাদুরের উপর ঘুমাচ্ছে।",
    "Bulgarian": "Котката спи върху килима.",
    "Burmese": "ကြောင်လေးသည် ဖျာပေါ်တွင် အိပ်နေသည်။",
    "Catalan": "El gat dorm damunt l'estora; el col·legi és lluny.",
    "Cherokee": "ᏪᏌ ᎦᎵᎲ ᎠᏰᏍᏘ.",
    "Chinese, simplified": "猫在地毯上睡觉，狗在看着它。价格是100元。",
    "Chinese, traditional": "貓在地毯上睡覺，狗在看著牠。",
    "Croatian": "Mačka spava na tepihu, a ǆep je prazan.",
    "Czech": "Kočka spí na koberci, pes se dívá.",
    "Danish": "Katten sover på måtten, og hunden ser på.",
    "Dhivehi": "ބުޅާ ނިދަނީ ކުނާމަތީގައެވެ.",
    "Dutch": "De kat slaapt op de mat; ĳs is koud.",
    "English": "The cat's asleep on the mat — “really”, she said… 1½ hours, 20 m², Foo™.",
    "Esperanto": "La kato dormas sur la mato, ĉu ne?",
    "Estonian": "Kass magab vaibal, koer vaatab.",
    "Finnish": "Kissa nukkuu matolla, ja koira katselee.",
    "French": "Le chat dort sur le tapis ; où est le cœur de l’été ?",
    "Fulah": "𞤐𞤢𞤺𞥆𞤫 𞤳𞤮 𞤲𞤢𞤣𞤫",
    "Galician": "O gato dorme na alfombra.",
    "Georgian": "კატა ხალიჩაზე წევს. ᲙᲐᲢᲐ",
    "German": "Die Katze schläft auf der Matte. STRASSE, Straße, GROẞ.",
    "Greek": "Η γάτα κοιμάται στο χαλί. Ο ΔΡΟΜΟΣ, ο δρόμος, ΐ.",
    "Greek, polytonic": "Ἐν ἀρχῇ ἦν ὁ λόγος, καὶ ᾧ ᾗ.",
    "Gujarati": "બિલાડી સાદડી પર સૂઈ રહી છે.",
    "Hausa": "Kyanwa tana barci a kan tabarma, ɓera ya ƙi.",
    "Hawaiian": "Ke hiamoe nei ka pōpoki ma ka moena ʻō.",
    "Hebrew": "הַחָתוּל יָשֵׁן עַל הַשָּׁטִיחַ.",
    "Hindi": "बिल्ली क़ालीन पर सो रही है। सड़क १२३",
    "Hungarian": "A macska a szőnyegen alszik, űr.",
    "Icelandic": "Kötturinn sefur á mottunni; það er þögn.",
    "Igbo": "Nwamba na-arahụ ụra n'elu ute, ọ dị mma.",
    "Indonesian": "Kucing itu tidur di atas tikar.",
    "Inuktitut": "ᐳᓯ ᓯᓂᒃᑐᖅ.",
    "Irish": "Tá an cat ina chodladh ar an mata. ḃ ċ",
    "Italian": "Il gatto dorme sul tappeto, perché è stanco.",
    "Japanese": "猫はマットの上で寝ています。ﾈｺ、ネコ、々、コーヒー、が",
    "Kannada": "ಬೆಕ್ಕು ಚಾಪೆಯ ಮೇಲೆ ಮಲಗಿದೆ.",
    "Kazakh": "Мысық кілемде ұйықтап жатыр, ғажап.",
    "Khmer": "ឆ្មាកំពុងដេកលើកន្ទេល។",
    "Korean": "고양이가 매트 위에서 자고 있다. 한글",
    "Kurdish": "Pisîk li ser xalîçeyê radizê.",
    "Kyrgyz": "Мышык килемде уктап жатат.",
    "Lao": "ແມວນອນຢູ່ເທິງເສື່ອ. ນ້ຳ",
    "Latvian": "Kaķis guļ uz paklāja.",
    "Lithuanian": "Katė miega ant kilimo. Lū́pa, ė̃",
    "Macedonian": "Мачката спие на килимот. Ќе, ѓ.",
    "Malayalam": "പൂച്ച പായയിൽ ഉറങ്ങുന്നു. അവൻ",
    "Maltese": "Il-qattus rieqed fuq it-tapit, għax għajjien.",
    "Maori": "Kei te moe te ngeru i runga i te whāriki.",
    "Marathi": "मांजर चटईवर झोपले आहे.",
    "Mongolian": "Муур хивсэн дээр унтаж байна, өө.",
    "Mongolian, vertical": "ᠮᠤᠤᠷ ᠤᠨᠲᠠᠵᠤ ᠪᠠᠢᠨ᠎ᠠ᠃",
    "Navajo": "Mósí ałhosh, łééchąąʼí dóó ǫ́.",
    "Nepali": "बिरालो गुन्द्रीमा सुतिरहेको छ।",
    "Norwegian": "Katten sover på matta.",
    "Odia": "ବିଲେଇ ମସିଣା ଉପରେ ଶୋଇଛି।",
    "Pashto": "پيشو پر غالۍ ویده ده.",
    "Persian": "گربه روی قالی می‌خوابد.",
    "Polish": "Kot śpi na macie, a pies patrzy: żółć.",
    "Portuguese": "O gato dorme no tapete; a maçã não.",
    "Punjabi": "ਬਿੱਲੀ ਚਟਾਈ ਤੇ ਸੌਂ ਰਹੀ ਹੈ।",
    "Romanian": "Pisica doarme pe covor, așa și țara.",
    "Russian": "Кошка спит на ковре, ещё ёж, й.",
    "Sanskrit": "बिडालः कटे शेते।",
    "Serbian": "Мачка спава на тепиху, ђак.",
    "Sinhala": "පූසා පැදුර මත නිදාගෙන සිටී.",
    "Slovak": "Mačka spí na koberci, ľalia, ŕ.",
    "Slovene": "Mačka spi na preprogi.",
    "Somali": "Bisadu waxay ku hurudaa derinta.",
    "Spanish": "¿El gato duerme en la alfombra? ¡Sí, mañana!",
    "Sundanese": "ᮅᮎᮤᮀ ᮞᮛᮦ",
    "Swahili": "Paka amelala juu ya mkeka.",
    "Swedish": "Katten sover på mattan.",
    "Syriac": "ܫܘܢܪܐ ܕܡܟ ܥܠ ܡܪܕܥܐ܀",
    "Tagalog": "Natutulog ang pusa sa banig.",
    "Tamil": "பூனை பாயில் தூங்குகிறது.",
    "Telugu": "పిల్లి చాప మీద నిద్రపోతోంది.",
    "Thai": "แมวนอนอยู่บนเสื่อ น้ำ ๑๒๓ abcกขค",
    "Tibetan": "ཞི་མི་གདན་ཐོག་ལ་ཉལ་ཡོད། ཀྵ",
    "Tifinagh": "ⴰⵎⵓⵛⵛ ⵉⵟⵟⵙ.",
    "Turkish": "Kedi İstanbul'da halının üstünde uyuyor, ılık.",
    "Ukrainian": "Кішка спить на килимі, їжак, м'яч.",
    "Urdu": "بلی قالین پر سو رہی ہے۔",
    "Uzbek": "Mushuk gilamda uxlayapti, oʻzbek.",
    "Vietnamese": "Con mèo ngủ trên tấm thảm; tiếng Việt, Việt.",
    "Welsh": "Mae'r gath yn cysgu ar y mat, ŵy.",
    "Yiddish": "די קאַץ שלאָפֿט אויפֿן טעפּיך.",
    "Yoruba": "Ológbò ń sùn lórí ẹní, ọ̀rẹ́ mi.",
    "Yi": "ꀀꆈꌠ ꁱꂷ",
    "Zulu": "Ikati lilele phezu kocansi.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_tokens_of_a_language_are_those_of_the_reference(language: str) -> None:
    text = SENTENCES[language]
    expected = plain_tokens(text)
    assert by_row([text]) == [[plain_hash(token) for token in expected]]
    assert len(expected) >= 2


def test_all_languages_in_one_batch_have_the_tokens_each_has_alone() -> None:
    texts: list[str | None] = [part for text in SENTENCES.values() for part in (text, None, "", text.upper())]
    assert by_row(texts) == [by_row([text])[0] for text in texts]
    assert by_row(texts, pa.large_string()) == by_row(texts)


_CHARACTERS = st.one_of(
    st.sampled_from("aZ09_ .,'-\n\t"),
    st.sampled_from("’“”…–€™½²ﬁéÉßẞςΣσİıǆǅ\u00a0\u00ad\u200d\ufe0f\u20e3\u0301\u0323\u0338\u3099´¨Å①Ⅷ㈱㎏ﷺ﷽"),
    st.sampled_from("世界か゛がカｶﾞーไำกิ้ຳຂ្កမြ한글\u1112\u1161\u11ab𠀀😀👍🏽🇩🇪क़़्ख्ঁ"),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.text(_CHARACTERS, max_size=40)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=6))
def test_tokens_are_those_of_the_reference(texts: list[str | None]) -> None:
    expected = [[plain_hash(token) for token in plain_tokens(text or "")] for text in texts]
    assert by_row(texts) == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.data())
def test_a_slice_of_an_array_has_the_tokens_of_its_rows(texts: list[str], data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(texts)))
    end = data.draw(st.integers(begin, len(texts)))
    sliced = pa.array(texts, pa.string()).slice(begin, end - begin)
    found = token_hashes(sliced)
    assert [found.hashes[a:b].tolist() for a, b in zip(found.offsets[:-1], found.offsets[1:], strict=True)] == by_row(
        list(texts[begin:end])
    )


def test_every_character_is_folded_alike_with_and_without_an_unstable_one_beside_it() -> None:
    code_points = [c for c in range(0x20, 0x20000) if not 0xD800 <= c < 0xE000]
    alone = by_row([f"x {chr(c)} y" for c in code_points])
    beside = by_row([f"x {chr(c)} y é" for c in code_points])
    accent = by_row(["é"])[0]
    assert [row + accent for row in alone] == beside


def test_known_answers_of_token_hashes() -> None:
    assert by_row(["The Cat, internationalisation 世界 ½"]) == [KNOWN]


KNOWN = [
    14079674147953808513,
    16000178207359187138,
    9573646715587098890,
    2775867676147128406,
    9038700522251613311,
    7072182788822321375,
    5273935210954647344,
]


@pytest.mark.parametrize("length", [*range(1, 40), 127, 128, 129, 135, 136, 137, 1000, 600_003])
def test_tokens_of_any_length_are_hashed_as_in_the_reference(length: int) -> None:
    token = "".join(chr(97 + i * i % 23) for i in range(length))
    assert by_row([f"x {token} y"])[0][1] == plain_hash(token)


def test_canonically_equivalent_spellings_have_equal_tokens() -> None:
    rows = by_row(["Việt été ｶﾞ ﬁn", "Viê\u0323t e\u0301te\u0301 ガ fin", "vie\u0323\u0302t ÉTÉ カ\u3099 ＦＩＮ"])
    assert rows[0] == rows[1] == rows[2]


def test_numbers_stay_numbers() -> None:
    assert by_row(["profit 1986"])[0] != by_row(["profit 1987"])[0]


def test_a_long_row_is_cut_into_windows_without_changing_its_tokens() -> None:
    words = " ".join(f"word{i} étude{i} 世界 “q”" for i in range(WINDOW_BYTES // 12))
    assert len(words.encode()) > 2 * WINDOW_BYTES
    hashed = by_row(["before", words, "after"])[1]
    parts = words.split(" ")
    step = 1000
    expected = [h for i in range(0, len(parts), step) for h in by_row([" ".join(parts[i : i + step])])[0]]
    assert hashed == expected


def test_a_long_row_without_ascii_is_cut_between_its_letters() -> None:
    count = WINDOW_BYTES  # three bytes each
    hashed = by_row(["世界" * (count // 2)])[0]
    assert hashed == by_row(["世界"])[0] * (count // 2)


@pytest.mark.parametrize(
    ("piece", "tokens"),
    [("a", 1), ("é", 1), ("&", 0), ("\u0301", 0), ("a\u0301\u0323", 1), ("\n", 0), ("\u200d", 0), ("Ã", 1)],
)
def test_hostile_megabytes_are_scanned_in_one_go(piece: str, tokens: int) -> None:
    assert len(by_row(["x " + piece * (1_000_000 // len(piece.encode()))])[0]) == 1 + tokens


def test_a_token_longer_than_the_limit_is_cut_at_a_place_that_depends_on_its_row_only() -> None:
    long = "b" * (MAX_TOKEN_WINDOWS * WINDOW_BYTES + 5)
    alone = by_row([long])[0]
    assert len(alone) == 2
    assert by_row(["x y", long, "z"])[1] == alone


def test_a_column_that_is_not_text_is_refused() -> None:
    with pytest.raises(TypeError, match="int64"):
        token_hashes(pa.array([1]))
