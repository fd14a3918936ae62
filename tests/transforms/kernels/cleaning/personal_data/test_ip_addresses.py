import pytest

from corpusmill.transforms.kernels.cleaning.personal_data.ip_addresses import find_ip_addresses


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_ip_addresses(text)]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("The host 81.2.69.142 answers", ["81.2.69.142"]),
        ("ping 5.6.7.9 from here", ["5.6.7.9"]),
        ("from 2a00:1450:4001:81b::200e to 81.2.69.142", ["2a00:1450:4001:81b::200e", "81.2.69.142"]),
    ],
)
def test_public_addresses_are_found(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.20, 10.0.0.7 and 127.0.0.1",
        "the resolver 8.8.8.8",
        "the network 81.2.69.0/24",
        "the documentation says 203.0.113.9",
        "version 81.2.69.142",
        "see 1.2.3.4 below",
        "81.2.69.142.7",
        "2007::2009",
    ],
)
def test_other_numbers_with_dots_and_colons_are_left_alone(text: str) -> None:
    assert found(text) == []
