import hashlib

import numpy as np
import pytest

from corpusmill.transforms.kernels.hashing import digest128, key_classes, mix64

MASK = (1 << 64) - 1


def split_mix(value: int) -> int:
    """Mix one number in plain Python."""
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def test_mixing_is_split_mix_with_and_without_room_to_work_in() -> None:
    numbers = [0, 1, 2**63, MASK, 0x9E3779B97F4A7C15]
    wanted = list(map(split_mix, numbers))
    for scratch in (None, np.empty(len(numbers), np.uint64)):
        assert mix64(np.array(numbers, np.uint64), scratch).tolist() == wanted


@pytest.mark.parametrize("entries", [1, 7, 1000])
def test_classes_hold_every_row_once_and_equal_keys_together(entries: int) -> None:
    keys = mix64(np.arange(300, dtype=np.uint64) // np.uint64(3))
    classes = list(key_classes(keys, entries))
    assert sorted(np.concatenate(classes).tolist()) == list(range(300))
    held = [set(keys[rows].tolist()) for rows in classes]
    assert sum(map(len, held)) == len(set.union(*held))
    assert (len(classes) == 1) == (entries == 1000)
    assert len(classes) <= 256


def test_a_digest_is_of_16_bytes_of_blake2b() -> None:
    assert digest128(memoryview(b"ferry")) == hashlib.blake2b(b"ferry", digest_size=16).digest()
