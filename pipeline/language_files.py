"""Files of settings for single languages, laid into a configuration."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.language.names import single_language
from corpusmill.transforms.kernels.quality.fineweb2 import language_of, read_settings
from corpusmill.yaml_files import load_yaml


def read_language_files(paths: object) -> dict[str, object]:
    """Read files in the form of FineWeb-2: settings by language, for `filter.languages`.

    Args:
        paths: `filter.language_files` as it was given; what is no list of strings is left to the validation.

    Raises:
        ValueError: A file cannot be read, is named otherwise or holds something else; the message names it.
    """
    found: dict[str, object] = {}
    if not isinstance(paths, list | tuple):
        return found
    for path in filter(lambda path: isinstance(path, str), paths):
        name = path.replace("\\", "/").rsplit("/", 1)[-1]
        try:
            language = single_language(language_of(name))
            values = load_yaml(storage.read_small(path))
            if not isinstance(values, Mapping):
                raise ValueError("it holds no keys and values")
            settings = read_settings(values)
        except OSError as error:
            raise ValueError(f"filter.language_files: cannot read {path!r}: {error.strerror or error}") from None
        except yaml.YAMLError as error:
            raise ValueError(f"filter.language_files: {path} is not valid YAML: {error}") from None
        except ValueError as error:
            raise ValueError(f"filter.language_files: {path}: {error}") from None
        if language in found:
            raise ValueError(f"filter.language_files: two files are for {language!r}; name one of them")
        found[language] = settings
    return found
