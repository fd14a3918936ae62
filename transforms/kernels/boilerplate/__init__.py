"""Removal of what a site puts around a text: share blocks, comment forms, navigation, repeated titles, error pages."""

from corpusmill.transforms.kernels.boilerplate.cutting import RemovedLine, Stripped
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import LineRule, parse_rule_file
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings, LearnedSettings
from corpusmill.transforms.kernels.boilerplate.strip import strip_column, strip_text

__all__ = [
    "BoilerplateSettings",
    "LearnedSettings",
    "LineRule",
    "RemovedLine",
    "Stripped",
    "parse_rule_file",
    "strip_column",
    "strip_text",
]
