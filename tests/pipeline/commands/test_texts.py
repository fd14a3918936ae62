from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.commands.texts import read_text
from corpusmill.transforms.kernels.errors import UsageError


def test_a_text_is_cleaned_and_ends_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Fish &amp; chips")
    done = CliRunner().invoke(app, ["clean", str(tmp_path / "page.txt")])
    assert (done.exit_code, done.stdout) == (0, "Fish & chips\n")
    done = CliRunner().invoke(app, ["clean", "-"], input="Fish and chips\n")
    assert done.stdout == "Fish and chips\n"
    done = CliRunner().invoke(app, ["clean", "-", "--explain"], input="Fish and chips")
    assert done.stdout == "No step changes this text.\n"


def test_a_file_is_read_in_its_encoding_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes("Straße".encode("cp1252"))
    assert read_text(str(path), "cp1252") == "Straße"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(UsageError, match=r"is not text: .*input.encoding=NAME"):
        read_text(str(path), None)
    with pytest.raises(UsageError, match=r"cannot read .*check the path"):
        read_text(str(tmp_path / "nowhere.txt"), None)
