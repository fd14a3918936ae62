import pytest

from corpusmill.transforms.kernels.cleaning.personal_data.email_addresses import find_emails


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_emails(text)]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Write to ann.lee+news@pier.example.org, please", ["ann.lee+news@pier.example.org"]),
        ("one@pier.example; two@quay.example", ["one@pier.example", "two@quay.example"]),
        ("Contact ........mara@pier.example", ["mara@pier.example"]),
        ("mara@pier.example.Then we left", ["mara@pier.example"]),
        ("住所はmara\N{FULLWIDTH COMMERCIAL AT}pier.exampleです", ["mara\N{FULLWIDTH COMMERCIAL AT}pier.example"]),
    ],
)
def test_addresses_are_found_as_they_are_written(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "git@forge.example:team/harbour.git",
        "ssh mara@pier.example",
        "https://mara@pier.example/notes",
        "@mara@pier.example",
        "left-pad@1.3.0-beta.rc",
        "icon@2x.png",
        "root@printer.local",
        f"{'a' * 65}@pier.example",
    ],
)
def test_what_only_looks_like_an_address_is_left_alone(text: str) -> None:
    assert found(text) == []
