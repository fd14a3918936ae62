from pathlib import Path

import pytest

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.quality.conditions import OwnFunction
from corpusmill.transforms.scoring.user_functions import load_function, shown


def own(module: str, name: str) -> OwnFunction:
    return OwnFunction(module, name, None)


def test_a_function_is_imported_by_its_module_and_name() -> None:
    assert load_function(own("os.path", "basename"))("a/b") == "b"


def test_what_cannot_be_imported_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torn_module.py").write_text("raise RuntimeError('torn')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=r"'torn_module' cannot be imported \(RuntimeError: torn\); name the folder"):
        load_function(own("torn_module", "score"))
    with pytest.raises(UsageError, match="'os' has no function 'score'"):
        load_function(own("os", "score"))
    with pytest.raises(UsageError, match="'os' has no function 'sep'"):
        load_function(own("os", "sep"))


def test_an_error_is_shown_with_its_type() -> None:
    assert shown(ValueError("x")) == "ValueError: x"
    assert shown(KeyError()) == "KeyError"
