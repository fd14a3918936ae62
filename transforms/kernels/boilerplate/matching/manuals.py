"""Texts that tell of an interface: manuals list buttons, translators strings, patches the lines that they change.

What such a text lists are lines of interfaces word for word, and yet they are its content. It says so itself: a heading
or a paragraph right above speaks of buttons or strings; code ends in a semicolon; in a patch lines with a plus are
beside lines with a minus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines

if TYPE_CHECKING:
    from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

_REACH: Final = 4  # lines from one of a patch to one with the other sign
_SIGNS: Final = (0x2B, 0x2D)
_CODE_ENDS: Final = np.frombuffer(b";{}", np.uint8)
_FIRST_LETTER: Final = 0x41
_FEWEST: Final = 2  # lines of an interface, to be a list of them
_HEADING_LETTERS: Final = 60

_LAST_LETTERS: Final = 400  # of a paragraph above a list, in which it may tell of it
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_NAMES: Final = frozenset(
    "button buttons toolbar toolbars tooltip tooltips checkbox checkboxes strings localizable "
    "schaltfläche schaltflächen menüpunkt menüpunkte menüpunkten menübefehle symbolleiste symbolleisten beschriftungen "
    "zeichenketten bouton boutons libellés botón boton botones botão botões rótulos pulsante pulsanti stringhe knoppen "
    "werkbalk werkbalken menuopties tekenreeksen przycisk przyciski przycisków przyciskami tlačítko tlačítka tlačítek "
    "tlačidlo tlačidlá tlačidiel řetězce butoane butoanele gombok eszköztár menüpontok knappar knapparna verktygsfält "
    "menyalternativ knapper knapperne værktøjslinje værktøjslinjen verktøylinje verktøylinjen painikkeet työkalurivi "
    "gumbi gumbovi gumba κουμπιά düğme düğmeler düğmeleri кнопка кнопки кнопку кнопок бутони бутоните батырмалар "
    "кнопкі կոճակներ կոճակները أزرار الأزرار دکمهها כפתורים לחצנים बटन टूलबार বোতাম tombol".split()
)
_PHRASES: Final = (
    "menu item", "menu entr", "menu command", "tool bar", "tool tip", "dialog box", "dialogue box", "check box",
    "text field", "keyboard shortcut", "ui string", "ui label", "interface string", "interface text", "labels of",
    "labels for", "labels in", "labels that", "labels which", "user-visible", "barre d'outils", "barres d'outils",
    "chaînes de caractères", "éléments de menu", "barra de herramientas", "opciones del menú", "cadenas de texto",
    "barra de ferramentas", "itens do menu", "barra degli strumenti", "voci di menu", "menu-opties", "pasek narzędzi",
    "pozycje menu", "ciągi znaków", "panel nástrojů", "položky menu", "položky nabídky", "bara de instrumente",
    "șiruri de caractere", "alatna traka", "γραμμή εργαλείων", "araç çubuğu", "панель инструментов", "пункты меню",
    "строки интерфейса", "панель інструментів", "лента с инструменти", "ღილაკები", "شريط الأدوات", "نوار ابزار",
    "סרגל הכלים", "ปุ่ม", "แถบเครื่องมือ", "ປຸ່ມ", "ប៊ូតុង", "các nút", "thanh công cụ", "bilah alat", "버튼", "도구 모음",
    "ボタン", "ツールバー", "メニュー項目", "按钮", "按鈕", "工具栏", "工具列", "菜单项",
)  # fmt: skip
"""What people who write about programs call the parts of an interface: buttons, menu items, tool bars, strings."""

_SPOKEN_OF: Final = (
    "icons", "widget", "social network", "social media", "share bar", "symbole ", "icônes", "iconos", "ícones",
    "icone ", "pictogrammen", "ikony", "ikonki", "ikonok", "ikoner", "εικονίδια", "simgeler", "иконки", "значки",
    "іконки", "أيقونات", "نمادها", "סמלים", "soziale netzwerke", "sozialen netzwerke", "sozialer netzwerke",
    "réseaux sociaux", "redes sociales", "redes sociais", "reti sociali", "sociale netwerken", "społecznościow",
    "sociální sítě", "sociálních sít", "социальные сети", "социальных сетей", "соцсет", "соцмереж", "sosyal ağ",
    "mạng xã hội", "media sosial", "شبكات التواصل", "شبکه‌های اجتماعی", "רשתות חברתיות", "सोशल", "โซเชียล",
    "소셜", "社交", "アイコン", "图标", "圖示", "아이콘", "ไอคอน", "आइकन", "biểu tượng",
)  # fmt: skip
"""What paragraphs say of icons and networks before they list them; as a heading a site writes it, too."""


def is_code(lines: Lines, line: Int64s) -> Bools:
    """Return which lines are code by how they end, or lines of a patch.

    Args:
        lines: The lines of a batch.
        line: Which of them, in order; none may be blank.
    """
    code: Bools = np.isin(lines.data[lines.end[line] - 1], _CODE_ENDS)
    sign, row = _signs(lines, line), lines.row[line]
    signed, last = np.flatnonzero(sign), len(line) - 1
    for step in (*range(-_REACH, 0), *range(1, _REACH + 1)):
        other = np.clip(signed + step, 0, last)
        code[signed] |= (row[other] == row[signed]) & (sign[other] == -sign[signed])
    return code


def _signs(lines: Lines, line: Int64s) -> npt.NDArray[np.int8]:
    """Return 1 for lines with a plus right before a letter, -1 for those with a minus, 0 for others."""
    data, start = lines.data, lines.start[line]
    first, second = data[start], data[np.minimum(start + 1, len(data) - 1)]
    found = np.zeros(len(line), np.int8)
    for mark, value in zip(_SIGNS, (1, -1), strict=True):
        found[(first == mark) & (second >= _FIRST_LETTER)] = value
    return found


def told_of(seq: Sequence) -> Int64s:
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
    # The heading of the paragraph, where it is a paragraph that is above.
    entry = np.arange(count)
    heading = np.maximum.accumulate(np.where(~hit & (seq.size <= _HEADING_LETTERS), entry, -1))[above]
    of_row = heading >= seq.first[seq.row[starts]]
    spoken = np.zeros(len(starts), bool)
    for wanted, lines in ((~long | inside, above), (inside & long & of_row, heading)):
        at = np.flatnonzero(wanted & ~spoken)
        spoken[at] = _speaks(seq, lines[at])
    found: list[int] = []
    opens, stop_of = seq.opens, seq.first[1:]
    end = 0
    for start, between in zip(starts[spoken].tolist(), inside[spoken].tolist(), strict=True):
        if start < end:
            continue  # of the list before
        stop, end, close = int(stop_of[seq.row[start]]), start, not (opens[start] or between)
        while end < stop and (hit[end] or seq.size[end] <= _HEADING_LETTERS) and not (close and opens[end]):
            end += 1
        if hit[start:end].sum() >= _FEWEST:
            found += range(start, end)
    return np.unique(np.array(found, np.int64))


def _speaks(seq: Sequence, entries: Int64s) -> list[bool]:
    """Return which lines speak of the parts of an interface; of a paragraph the end counts."""
    said = "\n".join(seq.lines.text(line)[-_LAST_LETTERS:] for line in seq.line[entries].tolist())
    return speak(said.casefold(), (seq.size[entries] > _HEADING_LETTERS).tolist()) if len(entries) else []


def speak(said: str, long: list[bool]) -> list[bool]:
    """Return which lines of a casefolded text speak of the parts of an interface; `long` says which are no headings.

    Most of the names and phrases are nowhere in the text, which is one search for each.
    """
    said = said.replace("\N{ZERO WIDTH NON-JOINER}", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    names = [name for name in _NAMES if name in said]
    phrases = [phrase for phrase in _PHRASES if phrase in said]
    spoken = [*phrases, *(phrase for phrase in _SPOKEN_OF if phrase in said)]
    return [
        any(phrase in line for phrase in (spoken if no_heading else phrases))
        or (any(name in line for name in names) and not _NAMES.isdisjoint(_WORD.findall(line)))
        for line, no_heading in zip(said.split("\n"), long, strict=True)
    ]
