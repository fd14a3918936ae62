"""The tools that make data files can be started from a checkout."""

import importlib

import pytest


@pytest.mark.parametrize("name", ["mojibake.train", "wordpress_rules"])
def test_a_tool_can_be_started(name: str) -> None:
    tool = importlib.import_module(f"tests.tools.{name}")
    assert callable(tool.main)
    assert f"python -m tests.tools.{name} " in (tool.__doc__ or "")
