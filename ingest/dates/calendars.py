"""Years of other calendars -> days of ours: Buddhist, the Republic of China's (Minguo), Japan's eras, Persian.

Hijri dates are not converted: which day one is was seen, not computed, and computing is wrong by a day every other
month.
"""

import re
from datetime import date, timedelta

BUDDHIST_AHEAD = 543
BUDDHIST_YEARS = range(2500, 2643)
MINGUO_AHEAD = -1911
# era -> the year before its first
ERAS = {
    "民國": 1911,
    "民国": 1911,
    "中華民國": 1911,
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "大正": 1911,
    "明治": 1867,
}
PERSIAN_MONTHS = (
    "فروردين حمل", "ارديبهشت ثور", "خرداد جوزا", "تير سرطان", "مرداد اسد", "شهريور سنبله",
    "مهر ميزان", "ابان عقرب", "اذر قوس", "دي جدي", "بهمن دلو", "اسفند حوت",
)  # fmt: skip
PERSIAN_MONTH = {word: number for number, words in enumerate(PERSIAN_MONTHS, 1) for word in words.split()}
# 1990 to 2030: in these years no other calendar has such a number, but for Hijri years of before the web
PERSIAN_YEARS = range(1369, 1410)
# the first six months have 31 days, the next five 30
LONG_MONTHS = 6
# in a cycle of 33 years these leap; exact for the years 1178 to 1633
LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
NOWRUZ_1400 = date(2021, 3, 21)
HIJRI = re.compile("محرم|صفر|ربيع|جماد[يى]|رجب|شعبان|رمضان|شوال|ذ[وي]|القعدة|الحجة|هجرية?|هـ?")


def buddhist_to_common(year: int) -> int:
    """The common year of a Buddhist one, as Thailand counts; any other year stays."""
    return year - BUDDHIST_AHEAD if year in BUDDHIST_YEARS else year


def thai_two_digits(year: int) -> int:
    """The common year of two digits beside a Thai month: most are Buddhist (69 is 2569), some are not."""
    return year + 2500 - BUDDHIST_AHEAD if year >= 43 else 2000 + year


def persian_to_common(year: int, month: int, day: int) -> date:
    """The day of a Persian date. Raises ValueError where there is none."""
    lengths = [31] * LONG_MONTHS + [30] * 5 + [30 if _is_persian_leap(year) else 29]
    if not (1300 <= year < 1500 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
        raise ValueError("no such day in the Persian calendar")
    return _nowruz(year) + timedelta(days=sum(lengths[: month - 1]) + day - 1)


def _nowruz(year: int) -> date:
    step = 1 if year > 1400 else -1
    between = range(1400, year) if year > 1400 else range(year, 1400)
    return NOWRUZ_1400 + step * timedelta(days=sum(366 if _is_persian_leap(each) else 365 for each in between))


def _is_persian_leap(year: int) -> bool:
    return year % 33 in LEAP_REMAINDERS
