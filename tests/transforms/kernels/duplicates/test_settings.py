"""Settings of the duplicate stage."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.duplicates.bands import Banding
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings


def test_the_defaults_are_25_bands_of_5_rows() -> None:
    assert DedupSettings().banding == Banding(25, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0},
        {"threshold": 1.1},
        {"shingle_size": 0},
        {"recall": 1},
        {"keep": "newest"},
        {"similarity": "cosine"},
        {"max_bucket_all_pairs": 1},
        {"leaders": 0},
        {"thresold": 0.8},
    ],
)
def test_values_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        DedupSettings.model_validate(wrong)


def test_a_recall_that_the_permutations_cannot_reach_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"raise dedup\.num_perm or lower dedup\.recall"):
        DedupSettings(threshold=0.05, num_perm=16)


def test_a_length_ratio_out_of_reach_names_every_remedy() -> None:
    with pytest.raises(ValidationError, match=r"where one document is 20 times .* lower dedup\.max_length_ratio"):
        DedupSettings(similarity="containment", keep="longest", max_length_ratio=20)
    DedupSettings(similarity="containment", keep="longest", max_length_ratio=20, num_perm=256)


def test_containment_is_refused_where_the_whole_could_go_and_its_excerpt_stay() -> None:
    with pytest.raises(ValidationError, match="'longest'"):
        DedupSettings(similarity="containment")
    DedupSettings(similarity="containment", keep="sources [a, b]")


def test_containment_has_bands_for_the_least_jaccard_within_the_length_ratio() -> None:
    # 80 of the 100 shingles of the smaller set are in the larger one of 800.
    settings = DedupSettings(similarity="containment", keep="longest", max_length_ratio=8)
    assert settings.least_jaccard == pytest.approx(80 / 820)
    assert settings.banding == Banding(128, 1)
