import pytest

from corpusmill.reports.figures import counted, human_bytes, percent


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (15.4, "15 bytes"),
        (999.6, "1.0 kB"),
        (1e6, "1.0 MB"),
        (2.5e9, "2.5 GB"),
        (1234e12, "1,234.0 TB"),
    ],
)
def test_sizes_have_the_unit_that_fits(size: float, shown: str) -> None:
    assert human_bytes(size) == shown


def test_one_is_singular() -> None:
    assert [counted(count, "documents") for count in (0, 1, 2000)] == ["0 documents", "1 document", "2,000 documents"]


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0.0 %"), (1e-6, "<0.1 %"), (0.5, "50.0 %"), (0.9999, ">99.9 %"), (1, "100.0 %")]
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share: float, shown: str) -> None:
    assert percent(share) == shown
