"""The whole stage in memory against brute force over all pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.cover import Cover
from corpusmill.transforms.kernels.duplicates.keep_order import priorities
from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    words = regex.findall(r"\w+", text.lower())
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))} if words else set()


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b)


def drafts(families: int, versions: int, words: int, changes: int, seed: int) -> list[str]:
    """Families of texts that differ from each other in a few words."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    for _ in range(families):
        original = [f"w{x}" for x in rng.integers(0, 3000, words)]
        for _ in range(versions):
            version = list(original)
            for place in rng.integers(0, words, rng.integers(0, changes + 1)):
                version[place] = f"w{rng.integers(0, 3000)}"
            texts.append(" ".join(version))
    return [texts[i] for i in rng.permutation(len(texts))]


def as_dict(cover: Cover) -> dict[int, tuple[int, float]]:
    triples = zip(cover.removed.tolist(), cover.partner.tolist(), cover.similarity.tolist(), strict=True)
    return {doc: (partner, similarity) for doc, partner, similarity in triples}


@pytest.mark.parametrize("threshold", [0.6, 0.8, 0.9])
@pytest.mark.parametrize("keep", ["first", "longest"])
def test_no_two_kept_are_similar_and_every_removed_is_similar_to_a_kept_one(threshold: float, keep: str) -> None:
    texts = drafts(families=60, versions=8, words=150, changes=6, seed=3)
    settings = DedupSettings(threshold=threshold, keep=keep)
    column = pa.array(texts)
    removed = as_dict(find_duplicates(column, settings, priorities(settings.keep_policy, column)))
    sets = [shingles(text) for text in texts]
    for doc, (partner, similarity) in removed.items():
        assert partner not in removed
        assert similarity == jaccard(sets[doc], sets[partner]) >= threshold
    kept = [doc for doc in range(len(texts)) if doc not in removed]
    missed = [pair for pair in itertools.combinations(kept, 2) if jaccard(sets[pair[0]], sets[pair[1]]) >= threshold]
    # A pair at the threshold is missed once in 10,000; there are 60 * 28 pairs: more than 3 has a chance below 1e-4.
    assert len(missed) <= 3
    assert 60 <= len(kept) < len(texts)


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.none(), st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)), max_size=14))
def test_equal_sets_go_for_the_first_and_nothing_else_does_at_threshold_one(texts: list[str | None]) -> None:
    removed = as_dict(find_duplicates(pa.array(texts, pa.string()), DedupSettings(threshold=1)))
    first: dict[object, int] = {}
    expected = {}
    for i, text in enumerate(texts):
        if text is not None:
            key = frozenset(shingles(text)) or text
            if key in first:
                expected[i] = (first[key], 1.0)
            first.setdefault(key, i)
    assert removed == expected


def test_the_families_do_not_depend_on_the_order_of_the_rows_beyond_who_comes_first() -> None:
    texts = drafts(families=40, versions=5, words=120, changes=2, seed=5)
    priority = np.random.default_rng(1).permutation(len(texts))
    column = pa.array(texts)
    expected = as_dict(find_duplicates(column, DedupSettings(), priority))
    order = np.random.default_rng(2).permutation(len(texts))
    shuffled = as_dict(find_duplicates(column.take(pa.array(order)), DedupSettings(), priority[order]))
    assert {int(order[doc]): (int(order[partner]), s) for doc, (partner, s) in shuffled.items()} == expected


def test_copies_of_a_hot_template_cost_linear_pairs_and_are_all_found() -> None:
    """5,000 pages share three quarters of their text; each tenth is a near copy of its neighbour."""
    rng = np.random.default_rng(9)
    template = " ".join(f"t{i}" for i in range(120))
    texts: list[str] = []
    for page in range(5000):
        body = [f"b{x}" for x in rng.integers(0, 100_000, 60)]
        if page % 10 == 9:
            body = [*texts[-1].split()[120:-3], *body[-3:]]
        texts.append(f"{template} {' '.join(body)}")
    removed = as_dict(find_duplicates(pa.array(texts), DedupSettings()))
    assert {doc: partner for doc, (partner, _) in removed.items()} == {page: page - 1 for page in range(9, 5000, 10)}


def test_of_a_large_family_only_the_best_stays_whatever_the_policy() -> None:
    """The bucket is too large for all pairs, so the document to keep must be among its leaders."""
    texts = drafts(families=1, versions=600, words=300, changes=4, seed=2)
    priority = np.random.default_rng(3).permutation(len(texts))
    cover = find_duplicates(pa.array(texts), DedupSettings(threshold=0.7), priority)
    assert cover.removed.tolist() == [doc for doc in range(len(texts)) if priority[doc] != 0]
    assert set(priority[cover.partner.astype(np.int64)].tolist()) == {0}


@pytest.mark.parametrize(
    "sentence",
    [
        "猫在地毯上睡觉，狗在旁边看着它，天气很好，大家都很高兴，晚上我们一起吃饭。",
        "แมวนอนอยู่บนเสื่อและสุนัขก็มองดูมันอยู่ข้างๆ วันนี้อากาศดีมาก",
        "猫はマットの上で寝ています。犬はそれを見ています。今日はとても天気がいいです。",
        "ឆ្មាកំពុងដេកលើកន្ទេល ហើយឆ្កែកំពុងមើលវា ថ្ងៃនេះអាកាសធាតុល្អណាស់",
    ],
)
def test_near_duplicates_in_scripts_without_spaces_are_found_without_a_language(sentence: str) -> None:
    texts = [sentence * 3, sentence * 2 + sentence[:-3], "完全に違う文章です" * 5 + "ไม่เหมือนกัน"]
    assert as_dict(find_duplicates(pa.array(texts), DedupSettings())).keys() == {1}


def test_an_article_inside_a_longer_page_goes_by_containment() -> None:
    article = " ".join(f"w{i}" for i in range(80))
    page = " ".join([*(f"x{i}" for i in range(200)), article, *(f"y{i}" for i in range(200))])
    column = pa.array([article, page])
    settings = DedupSettings(similarity="containment", keep="longest")
    assert as_dict(find_duplicates(column, settings, priorities(settings.keep_policy, column))) == {0: (1, 1.0)}
    assert as_dict(find_duplicates(column, DedupSettings())) == {}


def test_a_whole_is_not_said_to_go_for_an_excerpt_of_it() -> None:
    """The middle one goes for the longest one, although the excerpt, which is no excerpt of the longest, is nearer."""
    words = [f"word{k}" for k in range(400)]
    middle = words[:100]
    longest, excerpt = words[:85] + words[200:350], words[40:100]
    texts = pa.array([" ".join(longest), " ".join(middle), " ".join(excerpt)])
    policy = DedupSettings(similarity="containment", keep="longest")
    cover = find_duplicates(texts, policy, priorities(policy.keep_policy, texts))
    assert (cover.removed.tolist(), cover.partner.tolist()) == ([1], [0])
    assert cover.similarity[0] == pytest.approx(81 / 96)
