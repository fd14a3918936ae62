"""Short texts in legacy charsets, and charsets that differ in few places."""

import pytest

from corpusmill.transforms.kernels.reading.decode import decode_document

SHORT = [
    ("José Muñoz", "cp1252"),
    ("naïve café", "cp1252"),
    ("Größe: 5 m²", "cp1252"),
    ("it’s “fine” – really", "cp1252"),
    ("São João, à noite", "cp1252"),
    ("Citroën, façade, œuvre", "cp1252"),
    ("smørbrød på Østerbro", "cp1252"),
    ("Þórður á Ísafirði", "cp1252"),
    ("perché no?", "cp1252"),
    ("½ cup at 180 °C", "cp1252"),
    ("© 2009 Acme", "cp1252"),
    ("£5 or 10 €", "cp1252"),
    ("Tere, kõik läheb hästi", "cp1252"),
    ("zażółć gęślą jaźń", "cp1250"),
    ("příliš žluťoučký kůň", "cp1250"),
    ("příliš žluťoučký kůň", "iso8859-2"),
    ("árvíztűrő tükörfúrógép", "cp1250"),
    ("şeker ağacı ve ışık", "cp1254"),
    ("širdžių žvaigždės naktį", "cp1257"),
    ("Доброе утро", "cp1251"),
    ("Доброе утро, друзья", "koi8-r"),
    ("Доброе утро, друзья", "cp866"),
    ("Καλημέρα σας", "cp1253"),
    ("בוקר טוב לכולם", "cp1255"),
    ("صباح الخير", "cp1256"),
    ("สวัสดีตอนเช้า", "cp874"),
    ("おはようございます", "cp932"),
    ("おはようございます", "euc_jp"),
    ("早上好，朋友们", "gb18030"),
    ("早安，朋友們", "big5"),
    ("좋은 아침입니다", "cp949"),
]


@pytest.mark.parametrize(("text", "codec"), SHORT)
def test_a_short_text_is_read_as_what_it_says(text: str, codec: str) -> None:
    assert decode_document(text.encode(codec)).text == text


@pytest.mark.parametrize(("text", "codec"), SHORT)
def test_a_short_text_between_long_stretches_of_ascii_is_read_likewise(text: str, codec: str) -> None:
    frame = "The rest of this report is written in plain letters and says nothing of interest. " * 40
    assert decode_document(f"{frame}\n{text}\n{frame}".encode(codec)).text == f"{frame}\n{text}\n{frame}"


LONG_FRENCH = (
    "La mère de Zoé a préféré rester près de la fenêtre, où elle espérait apercevoir le facteur. "
    "Déjà l'été s'achevait, et les élèves répétaient leurs leçons à l'école du château. "
)


@pytest.mark.parametrize(
    "text", ["Prix : 25 €, port 3 €.", "Ma sœur a le cœur gai et mange un bœuf.", "Monsieur Žižek vend sa Škoda."]
)
def test_the_euro_sign_tells_latin_9_from_windows_1252(text: str) -> None:
    whole = LONG_FRENCH * 3 + text
    assert decode_document(whole.encode("iso8859-15")).text == whole
    assert decode_document(whole.encode("cp1252")).text == whole


@pytest.mark.parametrize("text", ["Ajoutez ½ litre d'eau et ¼ de sel.", "« ¾ des élèves »"])
def test_fractions_do_not_make_it_latin_9(text: str) -> None:
    whole = LONG_FRENCH * 3 + text
    assert decode_document(whole.encode("cp1252")) == (whole, "cp1252", ())
