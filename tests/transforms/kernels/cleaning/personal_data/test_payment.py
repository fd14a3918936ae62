import pytest

from corpusmill.transforms.kernels.cleaning.personal_data.payment import find_cards, find_ibans, passes_luhn


def cards(text: str) -> list[str]:
    return [text[start:end] for start, end in find_cards(text)]


def ibans(text: str) -> list[str]:
    return [text[start:end] for start, end in find_ibans(text)]


@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005"])
def test_cards_are_found_in_the_groupings_that_cards_print(number: str) -> None:
    assert cards(f"My card is {number}.") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails the check
        "41 11 11 11 11 11 11 11",  # no card prints pairs
        "4111 1111-1111 1111",  # two kinds of joints
        "order number 4111111111111111",
        "9111111111111111",  # no issuer
        "0.4111111111111111",
    ],
)
def test_other_long_numbers_are_no_cards(text: str) -> None:
    assert cards(text) == []


def test_every_digit_of_a_number_counts_in_the_check() -> None:
    number = "79927398713"
    changed = [number[:k] + str((int(number[k]) + 1) % 10) + number[k + 1 :] for k in range(len(number))]
    assert passes_luhn(number)
    assert not any(map(passes_luhn, changed))


def test_an_iban_has_the_pattern_of_its_country_and_its_check_digits() -> None:
    text = "Pay to GB82 WEST 1234 5698 7654 32 or DE89370400440532013000"
    assert ibans(text) == ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"]
    assert ibans(text.replace("GB82", "GB83").replace("DE89", "DE88")) == []
    assert ibans("DE893704004405320130001") == []
