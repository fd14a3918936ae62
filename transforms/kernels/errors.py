"""Errors for the person who gave the command: a sentence with the value and the remedy, and an exit code."""


class CorpusmillError(Exception):
    """Something that a person can mend; the message names the value and the remedy."""

    exit_code = 1


class UsageError(CorpusmillError):
    """The command, its options or the configuration ask for what cannot be done."""

    exit_code = 2


class DataRefusedError(CorpusmillError):
    """The data are not what the configuration says, so that a run would give a corpus of little or nothing."""

    exit_code = 3
