"""Texts that tell of an interface: manuals list buttons, translators strings, patches the lines that they change.

What such a text lists are lines of interfaces word for word, and yet they are its content. It says so itself: a heading
or a paragraph right above speaks of buttons or strings; code ends in a semicolon; in a patch lines with a plus stand
beside lines with a minus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from corpusmill.transforms.kernels.boilerplate.lines import Lines

if TYPE_CHECKING:
    from corpusmill.transforms.kernels.boilerplate.sequence import Sequence

_REACH: Final = 4  # lines from one of a patch to one with the other sign
_SIGNS: Final = (0x2B, 0x2D)
_CODE_ENDS: Final = np.frombuffer(b";{}", np.uint8)
_FIRST_LETTER: Final = 0x41
_FEWEST: Final = 2  # lines of an interface, to be a list of them
_HEADING_LETTERS: Final = 60

_WORDS: Final = (
    # Words of people who write about programs: buttons, menu items, tool bars, dialogs, strings, labels, tool tips.
    "buttons?", "menu (?:items?|entries|commands?)", "tool ?bars?", "tool ?tips?", "dialog(?:ue)? box(?:es)?",
    "check ?box(?:es)?", "text fields?", "(?:ui|interface|user.visible) (?:strings?|labels?|texts?)",
    "strings (?:of|for|in|to|that|which)", "labels (?:of|for|in|to|that|which)", "strings", "localizable",
    "keyboard shortcuts",
    "schaltflächen?", "menüpunkte?n?", "menübefehle?", "symbolleisten?", "beschriftungen", "zeichenketten",
    "boutons?", "barres? d[’']outils", "libellés", "chaînes de caractères", "éléments? de menu",
    "bot[oó]n(?:es)?", "barras? de herramientas", "opciones del menú", "cadenas de texto", "etiquetas de la interfaz",
    "botão", "botões", "barras? de ferramentas", "itens do menu", "rótulos",
    "pulsant[ei]", "barr[ae] degli strumenti", "voc[ei] di menu", "stringhe", "etichette dell[’']interfaccia",
    "knoppen", "werkbalk(?:en)?", "menu-?opties", "tekenreeksen",
    "przycisk(?:i|ów|ami)?", "pas(?:ek|ki) narzędzi", "pozycj[ae] menu", "ciągi znaków",
    "tlačít(?:ko|ka|ek|kem)", "tlačid(?:lo|lá|iel)", "panel nástrojů", "položky (?:menu|nabídky)", "řetězce",
    "butoan(?:e|ele)", "bar[aă] de instrumente", "șiruri de caractere",
    "gombok", "eszköztár", "menüpontok", "knappar(?:na)?", "verktygsfält", "menyalternativ", "knapper(?:ne)?",
    "værktøjslinjen?", "verktøylinjen?", "painikkeet", "työkalurivi", "gumb(?:i|ovi|a)", "alatna traka",
    "κουμπιά", "γραμμή εργαλείων", "düğme(?:ler|leri)?", "araç çubuğu", "кнопк[аиу]", "кнопок", "панел[ьи] инструментов",
    "пункты меню", "строки интерфейса", "панель інструментів", "бутон(?:и|ите)", "лента с инструменти", "батырмалар",
    "кнопкі", "ღილაკები", "կոճակներ(?:ը)?", "أزرار", "الأزرار", "شريط الأدوات", "دکمه‌?ها", "نوار ابزار", "כפתורים",
    "לחצנים", "סרגל הכלים", "बटन", "टूलबार", "বোতাম", "ปุ่ม", "แถบเครื่องมือ", "ປຸ່ມ", "ប៊ូតុង", "các nút", "thanh công cụ",
    "tombol", "bilah alat", "버튼", "도구 모음", "ボタン", "ツールバー", "メニュー項目", "按钮", "按鈕", "工具栏", "工具列", "菜单项",
)  # fmt: skip
_SPEAKS: Final = rf"(?i)(?:^|[^\pL\pM])(?:{'|'.join(word for word in _WORDS if ord(word[0]) < 0xE00)})(?:$|[^\pL\pM])"
_SPEAKS_WIDE: Final = "|".join(word for word in _WORDS if ord(word[0]) >= 0xE00)
"""The same for scripts that do not part words."""


def is_code(lines: Lines, line: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which lines are code by how they end, or lines of a patch.

    Args:
        lines: The lines of a batch.
        line: Which of them, in order; none may be blank.
    """
    code: npt.NDArray[np.bool_] = np.isin(lines.data[lines.end[line] - 1], _CODE_ENDS)
    sign, row = _signs(lines, line), lines.row[line]
    signed, last = np.flatnonzero(sign), len(line) - 1
    for step in (*range(-_REACH, 0), *range(1, _REACH + 1)):
        other = np.clip(signed + step, 0, last)
        code[signed] |= (row[other] == row[signed]) & (sign[other] == -sign[signed])
    return code


def _signs(lines: Lines, line: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return 1 for lines with a plus right before a letter, -1 for those with a minus, 0 for others."""
    data, start = lines.data, lines.start[line]
    first, second = data[start], data[np.minimum(start + 1, len(data) - 1)]
    found = np.zeros(len(line), np.int8)
    for mark, value in zip(_SIGNS, (1, -1), strict=True):
        found[(first == mark) & (second >= _FIRST_LETTER)] = value
    return found


def told_of(seq: Sequence) -> npt.NDArray[np.int64]:
    """Return the entries that a text which tells of an interface lists.

    They follow a heading, or between paragraphs a paragraph, that speaks of buttons or strings; up to the next
    paragraph, or after the text, where the heading is of the same paragraph, to the next blank line.

    Args:
        seq: Lines that hold text.
    """
    hit = seq.bits != 0
    count = len(hit)
    starts = np.flatnonzero(hit[1:] & ~hit[:-1] & (seq.row[1:] == seq.row[:-1])) + 1
    if not len(starts):
        return starts
    opening, closing = seq.long_lines
    after_text = (opening[seq.row[starts]] >= 0) & (starts > opening[seq.row[starts]])
    starts = starts[after_text]
    above = starts - 1
    inside = starts < closing[seq.row[starts]]
    long = seq.size[above] > _HEADING_LETTERS
    # The heading of the paragraph, where it is a paragraph that stands above.
    entry = np.arange(count)
    heading = np.maximum.accumulate(np.where(~hit & (seq.size <= _HEADING_LETTERS), entry, -1))[above]
    of_row = heading >= seq.first[seq.row[starts]]
    spoken = np.zeros(len(starts), bool)
    for wanted, lines in ((~long | inside, above), (inside & long & of_row, heading)):
        at = np.flatnonzero(wanted & ~spoken)
        spoken[at] = _speaks(seq, lines[at])
    found: list[int] = []
    opens, stop_of = seq.opens, seq.first[1:]
    for start, between in zip(starts[spoken].tolist(), inside[spoken].tolist(), strict=True):
        stop, at, close = int(stop_of[seq.row[start]]), start, not (opens[start] or between)
        while at < stop and (hit[at] or seq.size[at] <= _HEADING_LETTERS) and not (close and opens[at]):
            at += 1
        if hit[start:at].sum() >= _FEWEST:
            found += range(start, at)
    return np.unique(np.array(found, np.int64))


def _speaks(seq: Sequence, entries: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    texts = seq.lines.texts(seq.line[entries])
    found = pc.or_(pc.match_substring_regex(texts, _SPEAKS), pc.match_substring_regex(texts, _SPEAKS_WIDE))
    spoken: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(bool)
    return spoken
