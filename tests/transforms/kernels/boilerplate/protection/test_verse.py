"""Texts of short lines keep the words of an interface that they hold; menus and boxes beside them go."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_text
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence
from corpusmill.transforms.kernels.boilerplate.protection.verse import in_verse

DEFAULT = BoilerplateSettings()

SOUND = {
    "an erasure poem": """advertisement
for a vanished town
advertisement
for the drowned
skip to content
said the stone
sign up
for the long haul
unsubscribe
from the sea""",
    "verse in Vietnamese, where a word has two syllables": """Chia sẻ
miếng cơm manh áo,
Tìm kiếm
dấu chân trên cát,
Trả lời
cho gió,
Trang chủ
của đời người,""",
    "verse in Persian": """جستجو
در پی کلید گمشده،
پاسخ
باران را که داد؟
اشتراک گذاری
نان و نمک،
بعدی
فصل درو،""",
    "a stanza that ends in a phrase of sites": """the ferry waits where the reeds are thin,
the lamp is low and the night comes in,
and somebody under the stairs has said
sign up

for the long way home and the narrow bed,
for bread, for salt, and for nothing instead,
the tide goes out and the tide comes in,
back to top""",
    "words of an interface before the first line": """Contact
Follow
Leave a comment
these are the verbs the harbour taught me
before I had a boat,
and after the boat was gone
I went on saying them,
to the gulls, and to the grey water that never answered""",
    "labels and figures": """The word above the picture differed from paper to paper, \
so did the number of readers who ever noticed it.

Advertisement
71 %
Sponsored
54 %
Promoted
33 %
Paid content
29 %

We recommend the first, also the oldest, and the one which the code of the press council gives as an example.""",
    "figures at the end": """Nous avons demandé à deux cents élèves ce qu'ils y lisaient, \
et voici ce que tous ensemble ont répondu.

Météo
12
Partager
7 %
Les plus lus
28 %
Imprimer
14 kg""",
    "speakers": """ANNA
Weiter
BERT
bis zum Fluss
ANNA
Newsletter abonnieren
BERT
sagst du jeden Abend
ANNA
Seite drucken
BERT
und dann gehst du""",
    "items under headings of Markdown": """# Notes

## 1.3.0
### Added
- Newsletter
- Privacy policy
### Removed
- Facebook
- Twitter
- Share
### Fixed
- Skip to content""",
    "items of which others are known": """Changes of this week, as the keeper wrote them on the board \
beside the door of the old boat house of our pier.

- Search in the archive
- Log out
- Leave a comment
- A darker sky""",
    "a notice that a contract prescribes": """The publisher shall send six copies to the author and one to each \
of the libraries that the law names. The notice reads:

© 1998 by the author
All rights reserved""",
    "quoted banners": """The court looked at the three lines that stood in the defendant's \
banner, and at the colour of the ground behind it.
"Skip to main content"
“Imprimer la recette”
«Cookie-Einstellungen»
An ordinary reader could not tell from these that he was free to say no, so the consent was void from the beginning.""",
    "a list that Japanese announces without a colon": """この画面の言葉を調べると、利用者が間違えるものは三つあった。\
それは次の通りです。

ページの先頭へ
トップページへ
この記事をシェア

調査の結果、三つ目の言葉は若い人にもよく知られていましたが、ほかの二つはあまり知られていないことが分かりました。""",
}

FURNITURE = {
    "a menu of known words and names": (["Home", "Boats", "Contact us", "Ropes", "Privacy policy", "Tides"], "Home"),
    "a share block": (["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"], "Other Apps"),
    "a footer": (["Back to top", "Terms of use", "Privacy policy", "© 2019 Harbour News"], "Back to top"),
}
PROSE = "The ferry across the estuary stopped for good on a wet Tuesday in March, and nobody came to see it off at all."


@pytest.mark.parametrize("name", SOUND)
def test_texts_of_short_lines_stay(name: str) -> None:
    assert strip_text(SOUND[name], DEFAULT)[0] == SOUND[name]


@pytest.mark.parametrize("name", FURNITURE)
def test_what_a_site_writes_goes_after_prose(name: str) -> None:
    lines, telling = FURNITURE[name]
    left = strip_text("\n".join([PROSE, PROSE, "", *lines]), DEFAULT)[0]
    assert telling not in left.split("\n")
    assert left.startswith(PROSE)


def test_a_share_block_goes_from_verse_too() -> None:
    lines = "\n".join(["the ferry waits where the reeds are thin,", "the lamp is low and the night comes in,"] * 4)
    assert strip_text(f"{lines}\n\n" + "\n".join(FURNITURE["a share block"][0]), DEFAULT)[0] == lines


@pytest.mark.parametrize("line", ["Get link", "Leave a comment", "Skip to content"])
def test_a_title_repeated_beside_a_line_of_sites_makes_no_verse_of_it(line: str) -> None:
    poem = "Forty kites\n\nthey say the wind is fine,\n\nbring gloves,\n\nthe line cuts, the wind does not ask."
    assert strip_text(f"{poem}\n\nForty kites\n{line}", DEFAULT)[0] == poem


def _sequence(*texts: str) -> Sequence:
    return sequence(split_lines(pa.array(texts, pa.large_string())), rule_table())


def test_names_and_long_lines_are_no_verse() -> None:
    verse = "Share\nof the bread,\nand of all that was said"
    seq = _sequence(
        verse, "Share\nBoats\nRopes and Sails\nTides", f"{verse}\n{PROSE}", verse.replace("Share\n", "Share\n\n")
    )
    marked = in_verse(seq, seq.bits)
    assert [bool(marked[seq.row == row].any()) for row in range(4)] == [True, False, False, False]
