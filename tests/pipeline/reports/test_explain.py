from itertools import pairwise

from corpusmill.config import load_config
from corpusmill.reports.explain import clean_text

PAGE = "Tea &amp; cake, ann@pier.example\n\nGet link\nFacebook\nPinterest\n"


def test_the_steps_replay_the_cleaning() -> None:
    text, steps = clean_text(PAGE, load_config(None, ["personal_data.mask=[email]"]))
    assert text == "Tea & cake, <EMAIL>"
    assert steps[0].before == PAGE
    assert steps[-1].after == text
    assert all(one.after == other.before for one, other in pairwise(steps))
    assert {step.rule.split(".")[0] for step in steps} >= {"encoding", "personal-data", "boilerplate"}


def test_stages_that_are_off_do_nothing() -> None:
    text, steps = clean_text(PAGE, load_config(None, ["normalize.enabled=false", "boilerplate.enabled=false"]))
    assert (text, steps) == (PAGE, [])
