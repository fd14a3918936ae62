from corpusmill.transforms.kernels.cleaning.personal_data.spans import CONTEXT, before


def test_only_the_own_line_is_looked_at() -> None:
    text = "Tel.\nCall 555"
    assert before(text, text.index("555")) == "Call "
    assert before(text, 0) == ""


def test_a_long_line_is_cut_to_the_context() -> None:
    text = "x" * 500 + "42"
    assert before(text, 500) == "x" * CONTEXT
