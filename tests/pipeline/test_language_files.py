from pathlib import Path

import pytest

from corpusmill.language_files import read_language_files

SETTINGS = "dup_line_frac: 0.2\nstopwords: [der, die]\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("deu_Latn.yml", "a: [", r"deu_Latn.yml is not valid YAML"),
        ("deu_Latn.yml", "[1, 2]", "it holds no keys and values"),
        ("settings.yml", SETTINGS, "settings.yml: "),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=rf"filter\.language_files: .*{message}"):
        read_language_files([str(tmp_path / name)])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot read .*No such file"):
        read_language_files([str(tmp_path / "deu_Latn.yml")])


def test_a_language_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "cmn_Hani.yml").write_text("stopwords: [的]\n", encoding="utf-8")
    assert "cmn" in read_language_files([str(tmp_path / "cmn_Hani.yml")])
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "cmn_Hani.yml").write_text("stopwords: [是]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="two files are for 'cmn'"):
        read_language_files([str(tmp_path / "cmn_Hani.yml"), str(tmp_path / "more" / "cmn_Hani.yml")])


def test_what_is_no_list_is_left_to_the_validation() -> None:
    assert read_language_files("deu_Latn.yml") == {}
    assert read_language_files([3]) == {}
