import gzip
from pathlib import Path

import pytest

from corpusmill.config import ConfigError
from corpusmill.inputs import named_files
from corpusmill.inputs.named_files import decode_text, files_of, read_bytes


def test_a_pattern_means_files_and_a_remote_one_is_a_name(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    assert files_of(f"{tmp_path}/*.txt", "some.key") == [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    assert files_of("gs://bucket/*.txt", "some.key") == ["gs://bucket/*.txt"]
    with pytest.raises(ConfigError, match=r"some\.key: input '.*nowhere' does not exist"):
        files_of(str(tmp_path / "nowhere"), "some.key")


def test_a_file_is_read_whole_and_decompressed(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"Rain.\n" * 1000))
    assert read_bytes(str(tmp_path / "a.gz"), "some.key") == b"Rain.\n" * 1000


def test_what_cannot_be_read_names_the_key_and_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"some\.key: cannot read .*check the file and its permissions"):
        read_bytes(str(tmp_path / "nowhere"), "some.key")
    (tmp_path / "large").write_bytes(b"x" * 100)
    monkeypatch.setattr(named_files, "_MAX_BYTES", 99)
    with pytest.raises(ConfigError, match=r"some\.key: .*large' has more than 0 GiB; split it"):
        read_bytes(str(tmp_path / "large"), "some.key")


def test_bytes_become_text_or_an_error_with_the_remedy() -> None:
    assert decode_text("a.txt", "Straße".encode(), "some.key") == "Straße"
    with pytest.raises(ConfigError, match=r"some\.key: 'a\.txt' is not text: .*convert it to UTF-8"):
        decode_text("a.txt", bytes(range(256)) * 8, "some.key")
