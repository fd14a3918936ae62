"""Texts for the tests of quality rules: sentences of several languages, put together by a generator that is always the
same, with the repetitions, lists, cut-off lines and symbols that the rules look for."""

from __future__ import annotations

import re
from collections.abc import Iterator

SENTENCES = {
    "eng": (
        "The baker's daughter kept 12 bees and sold the honey to whoever came with a jar.",
        "It isn't far to the mill, but the road that they have built runs around the hill.",
        "With the rain of the last days the river rose to 3.5 metres, and nobody would be surprised by more.",
        '"Who has the key?" asked the old man; that was all he said.',
        "We sat on the wall and counted boats.",
    ),
    "deu": (
        "Der Schlüssel lag unter dem Stein, wo ihn schon der Großvater versteckt hatte.",
        "Im Frühjahr strichen wir die Fensterläden grün, und im Herbst waren sie wieder grau.",
        "»Wer kommt mit?«, fragte sie, aber keiner stand auf.",
    ),
    "fra": (
        "L'été dernier, nous avons repeint la barque et changé les deux rames.",
        "Qu'est-ce qu'il a dit ? Rien d'important, répondit-elle en riant.",
        "Le marché ouvre à sept heures ; il vaut mieux arriver tôt.",
    ),
    "rus": (
        "Старый мост закрыли на ремонт, и теперь все ездят через соседнюю деревню.",
        "Кошка спала на подоконнике, пока мы перебирали яблоки.",
        "Кто принёс эти письма? Никто не знает…",
    ),
    "ell": (
        "Το καράβι έφυγε το πρωί και γύρισε αργά το βράδυ.",
        "Ποιος ξέρει τον δρόμο; Κανείς από εμάς.",
    ),
    "zho": ("昨天我们在河边等了很久，可是船没有来。", "他把书放在桌子上，然后就走了。", "这条路通往哪里？没有人知道！"),
    "jpn": ("駅の前の店で新しい傘を買いました。", "雨がやんだので、庭で本を読みました。"),
    "tha": ("เมื่อวานเราไปตลาดและซื้อผลไม้หลายอย่าง", "แม่น้ำสูงขึ้นหลังฝนตกหนัก"),
    "ara": ("ذهبنا إلى السوق صباحا واشترينا خبزا وزيتونا.", "هل رأيت المفتاح؟ كان على الطاولة."),
    "hin": ("हम कल नदी के किनारे गए और देर तक बैठे रहे।", "क्या तुमने चाबी देखी? वह मेज़ पर थी।"),
}
FURNITURE = (
    "- bread",
    "• lamps and wicks",
    "Read the rest of this story...",
    "and then the lights went out…",
    "## Opening hours ##",
    "HOME NEWS SHOP CONTACT",
    "1 234",
    "3 likes",
    "12.5K Views",
    "Share",
    "   ",
    "Please switch JavaScript on to see the pictures.",
    "By going on you accept our privacy policy.",
    "Lorem ipsum stands here until the text is ready.",
    "if (open) { ring(); }",
    "The tower is the oldest part of the church.[12][citation needed]",
    "2 items in cart and nothing more",
    "About the lighthouse Read more...",
    "w" * 1004 + " is not a word that anybody would write.",
    "no-break\N{NO-BREAK SPACE}space and\tTAB",
    "== 2024 == 07 == 19 ==",
    "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT ONE} \N{BLACK RIGHT-POINTING POINTER} ´ ~~~ ___",
)
SEPARATORS = (" ", "\n", "\n\n", "\n\n\n")


def _numbers(seed: int) -> Iterator[int]:
    """A linear congruential generator: the same numbers with every Python."""
    state = seed * 2654435761 + 1
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


def texts() -> list[str]:
    """Return 120 texts: plain ones, ones with repeated parts, ones with furniture, and edge cases."""
    found = [
        "",
        "\n",
        "\n\n",
        "one",
        "two words\n",
        " \n \n",
        "...\n...",
        "\n\nfirst\n\nfirst\n\n",
        "# # # word",
        "1 2 3 4 5",
    ]
    languages = list(SENTENCES)
    for number in range(110):
        draw = _numbers(number)
        own = SENTENCES[languages[number % len(languages)]]
        parts: list[str] = []
        for _ in range(1 + next(draw) % 24):
            kind = next(draw) % 10
            if kind < 6 or number % 3 == 0:
                parts.append(own[next(draw) % len(own)])
            elif kind == 6 and len(parts) > 1:
                parts += parts[-2:]
            elif kind == 7:
                words = own[next(draw) % len(own)].split(" ")
                parts.append(" ".join(words[: 1 + next(draw) % len(words)]))
            else:
                parts.append(FURNITURE[next(draw) % len(FURNITURE)])
        found.append("".join(part + SEPARATORS[next(draw) % len(SEPARATORS)] for part in parts).strip("\n"))
    return found


def plain_words(text: str) -> list[str]:
    """Cut a text into words in the simplest way, to compare arithmetic on the same words."""
    return re.findall(r"[^\W_]+|[^\w\s]|_", text)


def plain_sentences(line: str) -> int:
    """Count sentences in the simplest way, to compare arithmetic on the same sentences."""
    return len([part for part in re.split(r"(?<=[.?!])\s+", line.strip()) if part])
