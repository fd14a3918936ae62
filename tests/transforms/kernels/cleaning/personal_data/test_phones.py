import pytest

from corpusmill.transforms.kernels.cleaning.personal_data.phones import find_phones


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_phones(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Ring +44 20 7946 0018 after six", ["+44 20 7946 0018"]),
        ("Phone: 7946 0018", ["7946 0018"]),
        ("our office, (212) 555-0147, is open", ["(212) 555-0147"]),
    ],
)
def test_numbers_in_a_known_form_or_so_called_are_found(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "The years 1914-1918 and 1939-1945",
        "Order no. 79460018",
        "a population of 79460018",
        "on 2024-05-01 at 10:00",
        "ISBN 978-0-306-40615-7",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []
