from collections.abc import Callable

import pyarrow as pa

from corpusmill.transforms.kernels.cleaning.rules import Change, Rule, counting_rule, in_one
from corpusmill.transforms.kernels.columns import matches
from corpusmill.transforms.kernels.unicode.charsets import points


def _swap(old: str, new: str) -> Callable[[str], tuple[str, int]]:
    return lambda text: (text.replace(old, new), text.count(old))


def test_a_counting_rule_reports_only_what_it_changes() -> None:
    apply = counting_rule("x.swap", _swap("ä", "a"), "Swap.", among=points("ä")).apply
    assert apply("bär") == [Change("x.swap", "bar", 1)]
    assert apply("bar") == []
    same = counting_rule("x.same", lambda text: (text, 3), "Same.").apply
    assert same("bar") == []


def test_a_text_without_the_characters_is_not_even_looked_at() -> None:
    seen = []

    def look(text: str) -> tuple[str, int]:
        seen.append(text)
        return text, 0

    apply = counting_rule("x.look", look, "Look.", among=points("☃")).apply
    apply("plain")
    apply("a ☃")
    assert seen == ["a ☃"]


def test_the_proof_of_a_rule_on_some_characters_is_that_one_is_there() -> None:
    rule = counting_rule("x.swap", _swap("ä", "a"), "Swap.", among=points("ä\N{GRINNING FACE}"))
    assert [matches(pa.array([text]), rule.proof[0]).tolist() for text in ("bär", "\N{GRINNING FACE}", "bar")] == [
        [True],
        [True],
        [False],
    ]
    assert counting_rule("x.swap", _swap("ä", "a"), "Swap.").proof == ()
    assert counting_rule("x.swap", _swap("ä", "a"), "Swap.", among=points("ä"), proof=("bä",)).proof == ("bä",)


def test_rules_in_one_see_what_those_before_them_left() -> None:
    first = counting_rule("x.one", _swap("ä", "ö"), "One.", proof=("ä",), inert=True)
    second = counting_rule("x.two", _swap("ö", "o"), "Two.", proof=("ö",), ascii=True)
    both = in_one("x.both", (first, second), "[äö]")
    assert list(both.apply("bär")) == [Change("x.one", "bör", 1), Change("x.two", "bor", 1)]
    assert (both.ascii, both.inert, both.why) == (True, False, "One. Two.")
    only = in_one("x.only", (first,), "ä")
    assert list(only.apply("plain")) == []


def test_several_texts_go_through_the_quicker_way_where_there_is_one() -> None:
    plain = counting_rule("x.one", _swap("ä", "a"), "One.", proof=("ä",))
    assert [list(changes) for changes in plain.run(["bär", "bar"])] == [[Change("x.one", "bar", 1)], []]
    quick = Rule(
        "x.one", plain.apply, "One.", ("ä",), apply_all=lambda texts: [[Change("x.all", "", 1)] for _ in texts]
    )
    assert [list(changes) for changes in quick.run(["bär"])] == [[Change("x.all", "", 1)]]
