from pathlib import Path

import pytest

from corpusmill.runs.signed_page import is_unchanged, sign


@pytest.mark.parametrize("content", [b"", b"# A card\n", "Straße\n".encode() * 5000])
def test_a_page_is_unchanged_as_it_was_written(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(sign(content))
    assert is_unchanged(str(path))
    path.write_bytes(b"x" + sign(content))
    assert not is_unchanged(str(path))
    path.write_bytes(sign(content) + b"more")
    assert not is_unchanged(str(path))


def test_a_page_without_a_signature_is_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"# My own\n")
    assert not is_unchanged(str(path))
