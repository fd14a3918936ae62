"""What a text has lost, and what it has kept and so not lost."""

from __future__ import annotations

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings, repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import WORD
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.losses import Losses, losses_of
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lost_bytes import Reader

LOST = "\N{REPLACEMENT CHARACTER}"
NO_BREAK = "\N{NO-BREAK SPACE}"
CP1252 = INDEX["cp1252"]
GEORGIAN = (
    "და მზე ამოვიდა. ჩემი მეგობარი ქალაქში ცხოვრობს და კარგად მღერის. დღეს წვიმს, ხვალ კი თბილა იქნება.\n"
    "ბებია ბაღში დადის. ბიჭი და გოგო ერთად თამაშობენ, დედა კი წიგნს კითხულობს."
)
YORUBA = "ilà àti ọ̀nà wà ní ìlú wa, ilé àgbà àti ìyà dára, bàbá àti ọ̀rẹ́ àwa lọ sí ọjà ní àárọ̀"
GREEK = (
    "Ο ήλιος λάμπει σήμερα και τα παιδιά παίζουν στην αυλή. Το βιβλίο είναι πάνω στο τραπέζι, δίπλα στο παράθυρο. "
    "Αύριο θα πάμε όλοι μαζί στη θάλασσα, αν ο καιρός είναι καλός."
)


def shown(text: str, codec: str, gap: str | None = None) -> str:
    """A text's UTF-8 as a codec shows it; for bytes that it lacks, windows-1252's character or something else."""
    out = []
    for byte in text.encode():
        char = bytes([byte]).decode(codec, "ignore")
        if not char or "\x80" <= char <= "\x9f":
            char = gap if gap is not None else bytes([byte]).decode("cp1252", "ignore") or chr(byte)
        out.append(char)
    return "".join(out)


def straightened(text: str) -> str:
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


def invented(text: str, truth: str, damaged: str) -> set[str]:
    """Words of a text that are neither in the true nor in the damaged one, gaps aside."""
    sound = {word for part in text.split() if LOST not in part for word in WORD.findall(part)}
    return sound - set(WORD.findall(truth)) - set(WORD.findall(damaged))


def test_what_a_text_has_kept_it_has_not_lost() -> None:
    kept = losses_of(f"Ã{NO_BREAK} la gare, lâ€™Ã©tÃ© Ã’", CP1252)
    assert not kept.blanks
    assert kept.quotes == '"'
    lost = losses_of("Ã la gare Ã© Ã' Ã\" Ã'", CP1252)
    assert lost.blanks
    assert set(lost.quotes) == {"'", '"'}


def test_bytes_that_are_gone_without_a_trace_show_by_what_follows() -> None:
    assert losses_of("Ã© Ðа Ðб Ñв Ñ€", CP1252).traceless
    assert not losses_of("Ã© Ã\" Ã' Ã? Ã ", CP1252).traceless


def test_few_losses_do_not_tell_of_what_kind_they_are() -> None:
    assert losses_of("Ã© Ã' e", CP1252).dropped
    assert not losses_of("Ã© Ã' Ã' Ã' e", CP1252).dropped


def test_a_letter_that_one_of_two_quotes_makes_is_a_guess_and_a_sign_is_not() -> None:
    reader = Reader(CP1252, guess=True, losses=Losses(dropped=False))
    letters = [option for option in reader.options("Ð' and", 0) if option.size == 2]
    assert {chr(option.char) for option in letters} == {"Б", "В"}
    assert all(option.lost for option in letters)
    assert not any(option.lost for option in reader.options("ðŸ'¥ and", 0))


def test_a_blank_is_no_byte_where_no_break_spaces_are_kept() -> None:
    damaged = "".join(char for char in shown(GEORGIAN, "cp1252") if not "\x80" <= char <= "\x9f")
    assert NO_BREAK in damaged
    got = repair_text(damaged, RepairSettings())[0]
    assert got.count(LOST) > 0
    assert not invented(got, GEORGIAN, damaged)
    assert len(got.split()) >= len(GEORGIAN.split()) - 1


def test_a_single_blank_is_the_byte_where_two_stand_elsewhere() -> None:
    damaged = shown(YORUBA, "cp1252").replace(NO_BREAK, " ")
    assert repair_text(damaged, RepairSettings())[0] == YORUBA


def test_a_single_blank_is_byte_and_blank_where_blanks_were_joined() -> None:
    french = "Elle est allée à la gare à midi, puis à Paris où l’été était déjà là."
    damaged = shown(french, "cp1252").replace(NO_BREAK + " ", " ")
    assert repair_text(damaged, RepairSettings())[0] == french


@pytest.mark.parametrize("gap", ["?", LOST])
def test_what_a_codec_broke_off_is_not_read_through_another_one(gap: str) -> None:
    damaged = shown(GREEK, "iso8859-7", gap)
    got, repairs, suspects = repair_text(damaged, RepairSettings())
    assert {repair.codec for repair in repairs} == {"iso8859-7"}
    assert suspects >= got.count(LOST) > 0
    assert not invented(got, GREEK, damaged)


def test_a_long_text_with_losses_throughout_stays_in_part_and_says_so() -> None:
    syllables = [first + second for first in "бвгдзклмнпрстч" for second in "аеиоуыя"]
    words = ["".join(syllables[i * k % len(syllables)] for k in (1, 3, 7, 11)) for i in range(1, 1200)]
    text = "\n".join(" ".join(words[i : i + 12]) for i in range(0, len(words), 12))
    damaged = shown(text, "cp1252", LOST)
    outcome = repair_text(damaged, RepairSettings())
    assert any(repair.left for repair in outcome[1])
    assert outcome[2] > sum(repair.left for repair in outcome[1])


@pytest.mark.parametrize(
    "text",
    [
        "Le “bien‐être” de l’enfant – et ce rendez‐vous manqué – était déjà prévu.",
        "“Oui”—dit-il. ‘Non’ “c’est fini”… là où. 👨‍👩‍👧 fin”",
        "Il répond : “rien”, puis “tout”, déjà.",
    ],
)
def test_a_hyphen_joins_letters_a_quote_ends_a_word_and_a_joiner_follows_an_emoji(text: str) -> None:
    damaged = "".join(LOST if char in "\x8d\x90\x9d" else char for char in shown(text, "cp1252"))
    assert LOST in damaged
    assert repair_text(damaged, RepairSettings())[0] == text
