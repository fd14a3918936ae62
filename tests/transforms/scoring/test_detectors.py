"""Languages are identified, and what is missing is named with the remedy."""

import sys
import types
from pathlib import Path

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.scoring.detectors import identify, load_detector
from tests.sentences import SENTENCES

CODES = {"English": "eng", "French": "fra", "German": "deu", "Polish": "pol", "Russian": "rus", "Greek": "ell"}
CODES |= {"Hebrew": "heb", "Hindi": "hin", "Thai": "tha", "Chinese": "cmn", "Japanese": "jpn", "Korean": "kor"}


def test_cld2_names_languages_by_iso_639_3() -> None:
    pytest.importorskip("pycld2")
    detect = load_detector(LanguageSettings(enabled=True))
    column = pa.array([*(SENTENCES[name] for name in CODES), None, "", "12345"])
    found = identify(column, detect)
    assert found.code.to_pylist() == [*CODES.values(), None, None, None]
    assert all(0 < score <= 1 for score in found.score.to_pylist()[: len(CODES)])
    assert found.score.to_pylist()[len(CODES) :] == [None] * 3


def test_long_texts_are_in_the_language_of_their_sentences_whatever_the_batch() -> None:
    pytest.importorskip("pycld2")
    detect = load_detector(LanguageSettings(enabled=True))
    column = pa.array([f"{SENTENCES[name]}\n" * 200 for name in CODES])
    found = identify(column, detect)
    assert found.code.to_pylist() == list(CODES.values())
    for row in range(len(column)):
        alone = identify(column.slice(row, 1), detect)
        assert (alone.code[0], alone.score[0]) == (found.code[row], found.score[row])


@pytest.mark.parametrize("character", ["\x00", "\x85", "\ufdd0", "\uffff", "\U0001fffe"])
def test_characters_that_cld2_refuses_do_not_hide_the_language(character: str) -> None:
    pytest.importorskip("pycld2")
    detect = load_detector(LanguageSettings(enabled=True))
    assert detect(SENTENCES["German"] + character)[0] == "deu"


def test_a_package_that_is_not_there_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycld2", None)
    with pytest.raises(UsageError, match=r"pip install 'corpusmill\[language\]'"):
        load_detector(LanguageSettings(enabled=True))


def test_a_model_that_is_not_there_or_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def load_model(path: str) -> None:
        raise ValueError(f"{path} has wrong file format!")

    monkeypatch.setitem(sys.modules, "fasttext", types.SimpleNamespace(load_model=load_model))
    settings = LanguageSettings(enabled=True, detector="fasttext", model=str(tmp_path / "lid.bin"))
    with pytest.raises(UsageError, match="is not a file here"):
        load_detector(settings)
    (tmp_path / "lid.bin").write_bytes(b"no model")
    with pytest.raises(UsageError, match="cannot be loaded as a fastText model"):
        load_detector(settings)


def test_labels_of_fasttext_become_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Model:
        def predict(self, text: str, k: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
            assert "\n" not in text
            assert k == 1
            return (("__label__deu_Latn",), (1.0000371,)) if text else ((), ())

    monkeypatch.setitem(sys.modules, "fasttext", types.SimpleNamespace(load_model=lambda _: Model()))
    path = tmp_path / "lid.bin"
    path.write_bytes(b"a model")
    detect = load_detector(LanguageSettings(enabled=True, detector="fasttext", model=str(path)))
    assert detect("Ein Haus\nam Fluss") == ("deu", 1.0)
    assert detect("") == (None, 0.0)
