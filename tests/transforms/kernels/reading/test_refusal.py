import pytest

from corpusmill.transforms.kernels.reading.refusal import (
    Example,
    describe_missing_column,
    describe_refusal,
    earliest,
    is_refused,
)


def example(split: int, row: int) -> Example:
    return Example(split, row, "in.jsonl", 1234, "write one complete JSON object a line")


def test_the_example_that_comes_first_in_the_input_is_shown() -> None:
    one = {"read.no-text": example(1, 0), "read.bad-json": example(0, 9)}
    other = {"read.bad-json": example(0, 2), "read.too-deep": example(3, 3)}
    found = earliest(one, other)
    assert found == earliest(other, one)
    assert list(found) == ["read.bad-json", "read.no-text", "read.too-deep"]
    assert found["read.bad-json"] == example(0, 2)


@pytest.mark.parametrize(
    ("records", "rejected", "share", "refused"),
    [(1000, 501, 0.5, True), (1000, 500, 0.5, False), (20, 19, 0.1, False), (5, 5, 0.5, True), (5, 5, 1, False)],
)
def test_a_run_is_refused_by_the_share_and_by_enough_records(
    records: int, rejected: int, share: float, refused: bool
) -> None:
    assert is_refused(records, rejected, share) == refused


def test_a_refusal_names_the_reasons_the_most_frequent_first() -> None:
    shown = describe_refusal(
        4000,
        {"read.no-text": 1000, "read.bad-json": 2000},
        {"read.no-text": example(0, 0), "read.bad-json": example(0, 1)},
        0.5,
        of="records",
    ).splitlines()
    assert shown[0] == "3,000 of 4,000 records cannot be read, more than input.max_rejected_share = 0.5 accepts:"
    assert shown[1] == "  read.bad-json 2,000, such as in.jsonl at 1,234:"
    assert shown[3] == "  read.no-text 1,000, such as in.jsonl at 1,234:"
    assert "--set input.max_rejected_share=1" in shown[-1]


def test_a_column_without_values_is_described_with_what_helps() -> None:
    said = describe_missing_column("year", ["text"], {"found": 0, "unfit": 3, "example": "'soon'"}, key="dedup.keep")
    assert "3 have others, such as 'soon'; state another type" in said
    said = describe_missing_column("year", [], {"found": 0, "unfit": 0}, key="dedup.keep")
    assert "name a column that the records have, or leave dedup.keep out" in said
    assert describe_missing_column("year", [], {"found": 1, "unfit": 3}, key="dedup.keep") == ""
