from corpusmill.config import load_config
from corpusmill.reports.fields import correct_fields, name_fields


def test_what_was_guessed_is_named_with_the_keys_that_name_others() -> None:
    guessed = {"text_column": "body", "url_column": "link"}
    assert name_fields(guessed) == "text: column body, address: column link"
    assert correct_fields(guessed) == "guessed; --set input.text_column=... or input.url_column=... names another"
    load_config(None, [f"input.{key}={name}" for key, name in guessed.items()])


def test_nothing_that_was_guessed_is_nothing_to_name() -> None:
    assert name_fields({}) == ""
