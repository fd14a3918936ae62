"""Lists that only a site has: months back in time, weeks, calendars, topics with counts."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate import strip_column
from corpusmill.transforms.kernels.boilerplate.finders.archives import ARCHIVE
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT

MONTHS = "December November October September August July June May April March".split()
RU = "Декабрь Ноябрь Октябрь Сентябрь Август Июль Июнь Май Апрель Март".split()
TOPICS = ["Barley (12)", "Boats (3)", "Floods (41)", "Nets (7)", "Oats (2)", "Ropes (9)", "Tides (30)", "Weirs (1)"]
DAYS = [*"MTWTFSS", *map(str, range(1, 31))]

LISTS = {
    "months": [f"{month} 2012" for month in MONTHS],
    "months and the year before": [f"{month} {year}" for year in (2012, 2011) for month in MONTHS[:5]],
    "months with counts": [f"- {month} 2012 ({k})" for k, month in enumerate(MONTHS[:5], 2)],
    "months under their years": ["▼ 2012 (31)", "► November (4)", "► October (9)", "► 2011 (120)", "► 2010 (77)"],
    "месяцы": [f"{month} 2012" for month in RU],
    "meses": [f"{month} de 2012" for month in "diciembre noviembre octubre septiembre agosto julio junio mayo".split()],
    "月": [f"2012年{month}月" for month in range(12, 3, -1)],
    "월": [f"2012년 {month}월 (3)" for month in range(12, 7, -1)],
    "weeks": [f"{month:02}/01/2012 - {month:02}/08/2012" for month in range(12, 2, -1)],
    "weeks with counts": [f"{month:02}/01/12 - {month:02}/08/12 ({month})" for month in range(12, 7, -1)],
    "calendar": DAYS,
    "calendar with the days before": [*"MTWTFSS", "29", "30", "31", *map(str, range(1, 31)), "1", "2"],
}


def removed(lines: list[str], separator: str = "\n") -> list[str]:
    result = strip_column(pa.array([separator.join(lines)]), DEFAULT)
    assert result.filtered == {}
    return [line.text for line in result.removed]


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["close", "open"])
@pytest.mark.parametrize("name", LISTS)
def test_what_runs_back_in_time_or_counts_its_posts_goes_wherever_it_stands(name: str, separator: str) -> None:
    found = LISTS[name]
    for lines in ([*ARTICLE, *found], [ARTICLE[0], *found, *ARTICLE[1:]], [*ARTICLE[:5], *found, *ARTICLE[5:]]):
        assert removed(lines, separator) == found


def test_topics_with_counts_go_under_a_heading_of_the_site_and_behind_its_interface() -> None:
    assert removed([*ARTICLE, "Categories", *TOPICS]) == ["Categories", *TOPICS]
    assert removed([*ARTICLE, "Archives", *LISTS["months"][:5]]) == ["Archives", *LISTS["months"][:5]]
    assert set(TOPICS) <= set(removed([*ARTICLE, "Post Comment", "Crops", *TOPICS]))
    assert set(TOPICS) <= set(removed([*ARTICLE[:5], "Categories", *TOPICS, *ARTICLE[5:]]))


TEXTS = {
    "head of a table": [*(f"{month} 2012" for month in MONTHS), *map(str, range(20, 30))],
    "months forward": [f"{month} 2012" for month in reversed(MONTHS)],
    "five months": [f"{month} 2012" for month in MONTHS[:5]],
    "chronicle": [part for month in MONTHS for part in (f"{month} 2012", "The weir was mended.")],
    "prices": [part for k, month in enumerate(MONTHS) for part in (f"{month} 2012", f"{k + 3}.20")],
    "years of birth": ["1904", "1911", "1899", "1921", "1870", "1933"],
    "months": MONTHS,
    "days of a draw": ["M", "T", "W", *map(str, (4, 17, 23, 30, 31, 44, 45, 2, 9, 11))],
    "numbers of verses": [*map(str, range(1, 41))],
    "events of a month": [*"MTWTFSS", *(part for k in range(1, 31) for part in (str(k), "Fair"))],
    "weeks that are free": ["01/06/2024 - 08/06/2024", "08/06/2024 - 15/06/2024", "22/06/2024 - 29/06/2024"],
    "line-up": [
        f"{name} ({age})" for name, age in zip("Falk Birk Lind Krog Vass Horn".split(), range(20, 26), strict=True)
    ],
    "ages in order": [
        f"{name} ({age})" for name, age in zip("Aas Birk Falk Horn Krog Lind Roe Vass".split(), range(8), strict=True)
    ],
    "bibliography": [
        "References",
        *(f"{name} ({year})" for name, year in zip("ABCDEFGH", range(1960, 1968), strict=True)),
    ],
    "manual pages": ["ls (1)", "cat (1)", "open (2)", "read (2)", "write (2)", "printf (3)", "tidy (8)", "mill (8)"],
    "answers": ["Under 20 (12)", "20 to 40 (33)", "40 to 60 (21)", "Over 60 (9)", "No answer (2)"],
}


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["close", "open"])
@pytest.mark.parametrize("name", TEXTS)
def test_what_a_text_dates_and_counts_stays(name: str, separator: str) -> None:
    found = TEXTS[name]
    for lines in ([*ARTICLE, *found], [ARTICLE[0], *found, *ARTICLE[1:]], [*ARTICLE[:5], *found, *ARTICLE[5:]]):
        assert removed(lines, separator) == []


def test_topics_out_of_order_stay_between_paragraphs() -> None:
    assert removed([*ARTICLE[:5], "Categories", *TOPICS[::-1], *ARTICLE[5:]]) == []


def test_a_page_of_nothing_else_stays_and_the_rule_can_be_switched_off() -> None:
    assert removed(["Archive", *LISTS["months"]]) == []
    off = DEFAULT.model_copy(update={"disabled_rules": (ARCHIVE,)})
    assert strip_column(pa.array(["\n".join([*ARTICLE, *LISTS["months"]])]), off).removed == []
