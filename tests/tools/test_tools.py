"""The tools that make data files can be started from a checkout."""

import importlib

import pytest

from tests.tools import month_names


@pytest.mark.parametrize("name", ["mojibake.train", "month_names", "wordpress_rules"])
def test_a_tool_can_be_started(name: str) -> None:
    tool = importlib.import_module(f"tests.tools.{name}")
    assert callable(tool.main)
    assert f"python -m tests.tools.{name} " in (tool.__doc__ or "")


def test_names_of_months_that_are_the_same_when_folded_are_one() -> None:
    wide = {1: "Januar", 2: "2", 3: "Mär."}
    months = {context: {"wide": wide, "abbreviated": {1: "JANUAR"}} for context in ("format", "stand-alone")}
    assert month_names.names_of(months)[:4] == [["Januar"], [], ["Mär."], []]
