"""Gates and small decisions: what they refuse in sound text, what they let through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake import c1, gates, punctuation, reverse


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("ºÎÈ°", "ºÎȰ"),
        ("IRMÃ² e mais", "IRMò e mais"),
        ("Üßª", "Üߪ"),
        ("well â€\x9d", "well �"),
        ("It shows “Ã©” here", "It shows “é” here"),
    ],
)
def test_a_repair_that_leaves_or_makes_what_no_text_holds_is_refused(line: str, repaired: str) -> None:
    assert gates.refuses(line, repaired)


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("cafÃ© and tÃ¢che", "café and tâche"),
        ("the â€œbestâ€\x9d day", "the “best” day"),
        ("'m','ï¿½'", "'m','�'"),
        ("MÃ\x9cNCHEN", "MÜNCHEN"),
    ],
)
def test_a_repair_of_damage_passes(line: str, repaired: str) -> None:
    assert not gates.refuses(line, repaired)


@pytest.mark.parametrize(
    "sound",
    [
        "“It’s — fine”, he said… 1990–2000 → “ok”™",
        "Il répondit : « câ-t-il ? » château",
        "в “Киеве” здравЂе",
        "α/β € 5, β€-blockers",
        "鈥 is a rare character; 你好？",
        "pâte, pâté? âge, â.",
    ],
)
def test_signs_of_sound_text_stay(sound: str) -> None:
    assert punctuation.restore(sound) == (sound, 0, "")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["â", "€", "”", '"', "?", "™", " ", "a", "œ", "вЂ", "鈥", "¤", "ï¸"]), max_size=8).map(
        "".join
    )
)
def test_restoring_signs_never_makes_a_gap_and_settles(text: str) -> None:
    once, count, _ = punctuation.restore(text)
    assert once.count("�") <= text.count("�")
    assert (count > 0) == (once != text)


@pytest.mark.parametrize(
    "sound",
    [
        "Ein Bär, über dem Fluß, grüßte schöne Mädchen und süße Vögel. Öl, Äpfel.",
        "Þú ert þýð og góð; það er þó ekki nóg, sagði hún við mæður sínar.",
        "Où çà ? Là-bas, à l’été, près d’un chêne où naît la forêt. Noël, Zoë, maïs.",
        "MÄ£ÄM ÌÑÌ Q £ÄGÌ GÄLÄW ÑÍCH SÖÄ£ ÑÝÄ $ÚÄMÌ Q £ÄGÌ",
        "±5 µm, 20 °C, ½ cup, £3, ¥5, §4, ¶2, ©, ®, ×, ÷, ¬, ¦, ¢",
        "¿Cómo está? ¡Así! Mañana el niño comerá piña en el jardín de Íñigo, señor.",
    ],
)
def test_sound_text_is_not_read_in_a_legacy_encoding(sound: str) -> None:
    found = reverse.repair(sound)
    assert found is None or not found.proven


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("le pr\x82sident a d\x82j\x85 parl\x82", "cp850"),
        ("Deja dos heridos un barco tur\x92stico", "mac-roman"),
        ("the \x93best\x94 day, don\x92t", "cp1252"),
        ("L\x92objectif d\x92aujourd\x92hui \x96 20 \x80", "cp1252"),
        ("\x95 item", "cp1252"),
        ("well\x85then", "cp1252"),
        ("pr\x82xzwq", ""),
    ],
)
def test_the_words_around_controls_tell_what_they_are(text: str, codec: str) -> None:
    assert c1.decide(text) == codec


def test_controls_that_are_no_text_are_left() -> None:
    assert c1.tables("a \x85 b \x80\x81\x82\x83 c \x93d\x94") == [(2, 3), (6, 10)]
