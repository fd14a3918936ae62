import random

import pytest

from corpusmill.transforms.kernels.reading.control_bytes import MAX_CONTROLS, MAX_CONTROLS_LEGACY, control_bytes


def test_padding_is_not_counted_unless_it_is_most_of_the_data() -> None:
    assert control_bytes(b"text" * 10 + b"\0" * 30).nuls == 0
    assert control_bytes(b"text" + b"\0" * 30).nuls == 30
    assert control_bytes(b"te\0xt" * 10).nuls == 10


def test_line_ends_and_terminal_escapes_are_of_text() -> None:
    found = control_bytes(b"a\tb\r\n\x1b[1mbold\x1b[0m\x0c\x08")
    assert (found.nuls, found.others) == (0, 0)


def test_random_bytes_have_too_many_controls_and_one_stray_is_no_evidence() -> None:
    noise = control_bytes(random.Random(3).randbytes(2000))
    assert noise.many_others(MAX_CONTROLS_LEGACY)
    stray = control_bytes(b"a\x01b")
    assert stray.others == 1
    assert not stray.many_others(MAX_CONTROLS_LEGACY)


@pytest.mark.parametrize(("nuls", "many"), [(1, False), (3, False), (4, True)])
def test_nuls_are_judged_by_their_share(nuls: int, many: bool) -> None:
    data = b"\0".join([b"x" * (100 // (nuls + 1))] * (nuls + 1))
    assert control_bytes(data.ljust(100, b"x")).many_nuls() == many


def test_only_the_beginning_is_looked_at() -> None:
    assert control_bytes(b"x" * (1 << 16) + b"\x01" * 50) == (0, 0, 1 << 16)
    assert not control_bytes(b"").many_others(MAX_CONTROLS)
