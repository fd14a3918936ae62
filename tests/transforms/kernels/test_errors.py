import pytest

from corpusmill.transforms.kernels.errors import CorpusmillError, DataRefusedError, UsageError, nearest_name


def test_exit_codes_are_those_that_the_help_names() -> None:
    codes = {error.__name__: error.exit_code for error in (CorpusmillError, UsageError, DataRefusedError)}
    assert codes == {"CorpusmillError": 1, "UsageError": 2, "DataRefusedError": 3}


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("lagn", ["lang", "url"], "; did you mean 'lang'?"),
        ("zzz", ["url", "lang", "url"], "; there are lang, url"),
        ("lang", ["lang"], ""),
        ("x", [], ""),
    ],
)
def test_the_nearest_name_ends_a_sentence(name: str, known: list[str], said: str) -> None:
    assert nearest_name(name, known) == said
