"""The examples in docstrings run."""

import doctest
import importlib

import pytest

from tests.packaging.test_layers import MODULES


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
