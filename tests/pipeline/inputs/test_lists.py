"""Whole runs with lists of hosts, addresses and words."""

from pathlib import Path

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.inputs.lists import load_lists
from corpusmill.runs.run_folder import OutputError
from tests.support import check_accounts, decisions, run_corpus, write_jsonl


def _ut1(tmp_path: Path) -> Path:
    folder = tmp_path / "ut1" / "games"
    folder.mkdir(parents=True)
    (folder / "domains").write_text("dice.example\n# comment\n81.2.69.142\n")
    (folder / "urls").write_text("blog.example/dice\n")
    (folder / "usage").write_text("black\n")
    return tmp_path / "ut1"


@pytest.mark.beam
def test_listed_documents_are_filtered_each_by_its_rule(tmp_path: Path) -> None:
    lists = _ut1(tmp_path)
    (tmp_path / "en").write_text("ruddy\nblast it\n")
    source = write_jsonl(
        tmp_path / "in.jsonl",
        [
            {"id": "host", "url": "https://www.dice.example/a", "text": "The boats are in before the fog comes down."},
            {"id": "path", "url": "https://blog.example/dice/4", "text": "The pilots wait on the pier for the tide."},
            {"id": "word", "url": "https://blog.example/tea", "text": "A ruddy sail on the horizon, said the mate."},
            {"id": "kept", "url": "https://blog.example/tea", "text": "A kettle sings on the stove of the harbour."},
            {"id": "none", "text": "Nobody knows where this page was found, or when."},
        ],
    )
    sets = [f"filter.domain_lists=['{lists}']", f"filter.url_lists=['{lists}']"]
    words = f"filter.word_lists=['{tmp_path / 'en'}']"
    manifest = run_corpus(source, tmp_path / "out", *sets, words, "output.keep_state=true")
    check_accounts(tmp_path / "out", 5)
    assert {name: found[:2] for name, found in decisions(tmp_path / "out").items()} == {
        "host": ("filtered", "filter.listed-domain"),
        "path": ("filtered", "filter.listed-url"),
        "word": ("filtered", "filter.listed-words"),
        "kept": ("kept", None),
        "none": ("kept", None),
    }
    assert manifest["reasons"]["filter.listed-domain"] == 1
    (tmp_path / "en").write_text("kettle\n")
    with pytest.raises(OutputError, match="other lists"):
        run_corpus(source, tmp_path / "out", *sets, words)


def test_files_and_folders_are_read_and_none_is_nothing(tmp_path: Path) -> None:
    lists = _ut1(tmp_path)
    found = load_lists(load_config(None, [f"filter.domain_lists=['{lists / 'games' / 'domains'}']"]))
    assert found is not None
    assert sorted(found.lists.domains.names.to_pylist()) == ["81.2.69.142", "dice.example"]
    assert load_lists(load_config(None)) is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty", "# nothing\n", "holds no entries"),
        (None, "", "does not exist"),
        ("folder/other", "x", "has no file 'd"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_with_the_remedy(
    tmp_path: Path, name: str | None, content: str, message: str
) -> None:
    path = tmp_path / "lists" / (name or "nowhere")
    path.parent.mkdir(parents=True)
    if name:
        path.write_text(content)
    asked = path.parent if name and "/" in name else path
    with pytest.raises(ConfigError, match=f"filter.domain_lists: .*{message}"):
        load_lists(load_config(None, [f"filter.domain_lists=['{asked}']"]))
