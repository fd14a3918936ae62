"""A tiny model of plausible text: what a character costs after the one before it, in eighths of a bit.

Character pairs where they were seen often enough, else class pair and character within its class. All costs are
integers, so sums do not depend on the order of addition or on the machine. `tests/tools/mojibake` makes `model.npz`.
"""

from __future__ import annotations

import functools
import importlib.resources
import io

import numpy as np

UNITS = 8
"""Cost units in a bit."""
LETTER_CLASS = ("-upper", "-letter", "-mark", "-common", "-rare", "-extension", "-jamo", "-half-width")


def _script_of_class(name: str) -> str:
    if name in ("lower", "upper"):
        return "Latin"
    return name.split("-", 1)[0] if name.endswith(LETTER_CLASS) and name[0].isupper() else ""


def _view(table: np.ndarray) -> memoryview[int]:
    return table.data


class Model:
    """The tables of `model.npz`, spread out for look-up by code point.

    Attributes:
        classes: uint8, shape (0x110000,): class of each code point; 0 unassigned, 1 private use.
        names: Class names.
        letter_number: uint16, shape (0x110000,): a number from 1 for each letter that `languages.py` knows, else 0.
        letter_costs: uint8, shape (languages, letters): what each letter costs among those of a language.
        script: int16, shape (classes,): a number for each script whose letters or marks the class holds, -1 for others.
    """

    def __init__(self) -> None:
        data = importlib.resources.files(__package__).joinpath("model.npz").read_bytes()
        with np.load(io.BytesIO(data)) as arrays:
            self.names = tuple(map(str, arrays["class_names"]))
            starts = arrays["class_starts"].astype(np.int64)
            self.classes = np.repeat(arrays["class_ids"], np.diff(starts, append=0x110000))
            count = len(self.names)
            self._class_pair = arrays["class_pair"].astype(np.uint16).reshape(count * count)
            self._width = np.uint16(count)
            self._char = arrays["class_default"][self.classes]
            self._char[np.cumsum(arrays["char_codes"])] = arrays["char_costs"]
            vocabulary = np.cumsum(arrays["vocabulary"])
            size = len(vocabulary) + 1
            self._size = np.uint32(size)
            self._number = np.zeros(0x110000, dtype=np.uint16)
            self._number[vocabulary] = np.arange(1, size)
            self._back_off = np.zeros(size, dtype=np.uint16)
            self._back_off[1:] = arrays["back_off"]
            self._pair = np.zeros(size * size, dtype=np.uint8)
            first, second = np.divmod(np.cumsum(arrays["pair_gaps"]).astype(np.int64), size - 1)
            self._pair[(first + 1) * size + second + 1] = arrays["pair_costs"]
            # views for `step`: looking up one number in an array is slow
            self._numbers, self._backs = _view(self._number), _view(self._back_off)
            self._kinds, self._chars = _view(self.classes), _view(self._char)
            self._pairs, self._class_pairs = _view(self._pair), _view(self._class_pair)
            self.letter_costs = arrays["letter_costs"]
            self.letter_number = np.zeros(0x110000, dtype=np.uint16)
            self.letter_number[np.cumsum(arrays["letters"])] = np.arange(1, len(arrays["letters"]) + 1)
        scripts = [_script_of_class(name) for name in self.names]
        known = sorted(set(scripts) - {""})
        self.script = np.array([known.index(s) if s in known else -1 for s in scripts], dtype=np.int16)
        self.script_names = tuple(known)

    def steps(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Costs of each character of `after` following the one in `before`.

        Args:
            before: Code points, any integer dtype and shape.
            after: Code points of the same shape.

        Returns:
            int64 of that shape, in units of 1/8 bit.
        """
        pair = self._pair[self._number[before].astype(np.uint32) * self._size + self._number[after]]
        base = self._class_pair[self.classes[before].astype(np.uint16) * self._width + self.classes[after]]
        base = base + self._char[after] + self._back_off[self._number[before]]
        cost: np.ndarray = np.where(pair > 0, pair, base).astype(np.int64)
        return cost

    def step(self, before: int, after: int) -> int:
        """Cost of one character following another one: what `steps` gives, faster for a single pair."""
        number = self._numbers[before]
        pair = self._pairs[number * int(self._size) + self._numbers[after]]
        if pair:
            return pair
        base = self._class_pairs[self._kinds[before] * int(self._width) + self._kinds[after]]
        return base + self._chars[after] + self._backs[number]

    def kind(self, code: int) -> int:
        """Class of a code point: what `classes` gives, faster for a single one."""
        return self._kinds[code]

    def price(self, text: str) -> int:
        """What a text costs, its end included, in units of 1/8 bit."""
        codes = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return int(self.steps(codes[:-1], codes[1:]).sum())


MODEL = Model()

step = functools.lru_cache(maxsize=1 << 17)(MODEL.step)
"""`MODEL.step`, keeping what it found."""
