"""What each codec explains in some texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.proposals import Scored, found_in, propose

ALL = (1 << len(NAMES)) - 1
DAMAGED = "voilÃ\xa0 trois jours, dÃ©jÃ\xa0 fatiguÃ©"


def proposals(*texts: str, codecs: int = ALL) -> tuple[lattice.Batch, list[Scored]]:
    batch = lattice.lay_out([lattice.as_codes(text) for text in texts])
    return batch, propose(batch, codecs)


def test_the_codec_of_the_damage_is_proposed_and_scores_for_its_text_only() -> None:
    batch, scored = proposals("plain", DAMAGED, "déjà vu")
    by_codec = {NAMES[one.codec]: one for one in scored}
    assert by_codec["cp1252"].score.tolist()[::2] == [0, 0]
    assert by_codec["cp1252"].score[1] > 0
    found = found_in(batch, by_codec["cp1252"], 1)
    assert found.start.tolist() == [at for at, char in enumerate(DAMAGED) if char == "Ã"]
    assert "".join(map(chr, found.char.tolist())) == "àéàé"
    assert found.left == 0


def test_only_codecs_that_are_allowed_are_asked() -> None:
    assert {NAMES[one.codec] for one in proposals(DAMAGED, codecs=1 << INDEX["cp1252"])[1]} == {"cp1252"}
    assert proposals(DAMAGED, codecs=0)[1] == []


@pytest.mark.parametrize("text", ["", "plain words", "déjà vu, là-bas", "漢字の本", "Всё хорошо"])
def test_sound_texts_are_no_ground_for_any_codec(text: str) -> None:
    assert [NAMES[one.codec] for one in proposals(text)[1]] == []


@given(
    texts=st.lists(
        st.sampled_from([DAMAGED, "plain", "Boom πŸ’₯", "РџСЂРёРІРµС‚, РјРёСЂ", "├┤a"]), min_size=1, max_size=4
    )
)
@settings(deadline=None, max_examples=30)
def test_scores_do_not_depend_on_the_other_texts(texts: list[str]) -> None:
    together = {one.codec: one.score.tolist() for one in proposals(*texts)[1]}
    for row, text in enumerate(texts):
        alone = {one.codec: int(one.score[0]) for one in proposals(text)[1]}
        assert alone == {codec: score[row] for codec, score in together.items() if score[row]}
