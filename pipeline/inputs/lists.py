"""Lists of hosts, addresses and words that the configuration names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from corpusmill.config import Config, ConfigError
from corpusmill.inputs.named_files import decode_text, files_of, read_bytes
from corpusmill.transforms.kernels.cleaning.block_lists import Lists, Names, normal_url, parse_list


@dataclass(frozen=True)
class ListFiles:
    """The lists of a run.

    Attributes:
        lists: What documents are looked up in.
        files: Key of the configuration -> the files.
        digest: Hash of what they hold.
    """

    lists: Lists
    files: dict[str, tuple[str, ...]]
    digest: str


def load_lists(config: Config) -> ListFiles | None:
    """Read the lists that the configuration names; None where it names none.

    Raises:
        ConfigError: A list is not there, cannot be read, or holds nothing.
    """
    settings = config.filter
    if not (settings.domain_lists or settings.url_lists or settings.word_lists):
        return None
    digest = hashlib.sha256()
    files: dict[str, tuple[str, ...]] = {}

    def entries(key: str, patterns: Iterable[str], member: str | None, normal: Callable[[str], str]) -> list[str]:
        files[key] = tuple(_found(patterns, key, member))
        found: list[str] = []
        for path in files[key]:
            content = decode_text(path, read_bytes(path, key), key)
            digest.update(hashlib.sha256(content.encode()).digest())
            own = parse_list(content, normal)
            if not own:
                raise ConfigError(f"{key}: {path!r} holds no entries; write one per line")
            found += own
        digest.update(b"|")
        return found

    lists = Lists(
        Names.of(entries("filter.domain_lists", settings.domain_lists, "domains", lambda line: normal_url(line)[0])),
        Names.of(entries("filter.url_lists", settings.url_lists, "urls", lambda line: "".join(normal_url(line)))),
        tuple(entries("filter.word_lists", settings.word_lists, None, str.lower)),
    )
    return ListFiles(lists, files, digest.hexdigest())


def _found(patterns: Iterable[str], key: str, member: str | None) -> Iterator[str]:
    """Yield the files; of a folder with subjects, as UT1 has it, those of the name."""
    for pattern in patterns:
        paths = files_of(pattern, key)
        if member is not None and os.path.isdir(pattern):
            named = [path for path in paths if os.path.basename(path).split(".")[0] == member]
            if not named:
                raise ConfigError(f"{key}: the folder {pattern!r} has no file {member!r}; name the files")
            paths = named
        yield from paths
