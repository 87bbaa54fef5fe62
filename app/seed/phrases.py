"""The phrase reader: what a short quoted phrase publishes, in English and Chinese.

The words stand in tables: a line adds a unit, a comparator, a form of date. What is not certain
(`2-3 million`, `5,4`, `2/3`) is not read, and a number in a date, a duration, a fraction or a name
(`5G`, `C919`, `No. 175`) is no quantity. Two conventions: `nearly` and 近 are *about*, and a bare
1800 to 2099 is a year unless a unit follows or a comparator or currency precedes. Folding keeps
every offset; patterns are ASCII, so that a Chinese character is no word character, and their
repeats are bounded or possessive, so that reading takes linear time.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from app.vocabulary import Comparator, Nature

T = TypeVar("T")
_FLAGS = re.ASCII | re.IGNORECASE
READ_AT_MOST = 2**16
"""Phrases that are remembered as they were read: each is asked for when it is checked, and again
when its row is made."""


@dataclass(frozen=True)
class Quantity:
    """A published figure: `value` in the base unit, `number` and `published_unit` as printed."""

    text: str
    start: int
    end: int
    number: Decimal
    magnitude: int
    value: Decimal
    unit: str | None
    published_unit: str | None
    comparator: Comparator


@dataclass(frozen=True)
class DatePhrase:
    """A published date or period; an open side (`../2015`) and doubt (`2018~`) stand in `edtf`."""

    text: str
    start: int
    end: int
    edtf: str


class _Unit(NamedTuple):
    code: str | None
    per_base: Decimal = Decimal(1)
    comparator: Comparator | None = None


def _any(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


_KNOWN: dict[tuple[int, str], Any] = {}
"""What words mean by a table, once that was looked for."""


def _meaning(table: Mapping[str, T], text: str) -> T:
    key = id(table), text
    if key not in _KNOWN:
        _KNOWN[key] = next(table[one] for one in table if re.fullmatch(one, text, _FLAGS))
    meaning: T = _KNOWN[key]
    return meaning


# Full-width, traditional and variant forms; the full-width comma parts clauses, not thousands.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code != 0xFF0C} | str.maketrans(
    "\t\n\r\u3000\xa0￥‐‑−―─’○〇億萬兩個約過號畝頃餘幾圓後紀規劃計",
    "     ¥---——'零零亿万两个约过号亩顷余几元后纪规划计",
)

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_SMALL += " fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NTH = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_HAN = "零 一 二 三 四 五 六 七 八 九"
_NAMES = "January February March April May June July August September October November December"
_MONTHS = {name[:n].lower(): i for i, name in enumerate(_NAMES.split(), 1) for n in (3, 4, 9)}
_TIMES = {"twice": 2, "doubled": 2, "tripled": 3, "quadrupled": 4}
_TIMES |= {"翻番": 2, "翻一番": 2, "翻了一番": 2, "翻两番": 4, "翻了两番": 4}
_POWERS = {"hundred": 100, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_VALUES = {word: n for words in (_SMALL, _NTH, _HAN) for n, word in enumerate(words.split())}
_VALUES |= {word: n * 10 for n, word in enumerate(_TENS.split(), 2)} | _TIMES
_VALUES |= _MONTHS | {"a": 1, "an": 1, "两": 2, "上": 1, "下": 2}
_VALUES |= {"half": 6, "半年": 6, "h": 6, "quarter": 3, "季度": 3, "q": 3, "month": 1, "月": 1}


def _number(text: str) -> Decimal:
    """Read digits, English words, and Chinese numerals by power (一千九百) or digit (一九九二)."""
    if text[-1].isdecimal():
        return Decimal(text.replace(",", ""))
    text = text.lower()
    words = [text] if text in _VALUES else re.findall("[a-z]+|[^a-z -]", text)
    if len(words) > 1 and all(word in _HAN for word in words):
        return Decimal("".join(str(_VALUES[word]) for word in words))
    total = section = digit = 0
    for word in words:
        digit, power = digit + _VALUES.get(word, 0), _POWERS.get(word, 1)
        if power >= 10**4:
            total, section, digit = total + (section + digit) * power, 0, 0
        elif power > 1:
            section, digit = section + (digit or 1) * power, 0
    return Decimal(total + section + digit)


_small, _tens, _nth = (words.replace(" ", "|") for words in (_SMALL, _TENS, _NTH))
_CARDINAL = rf"(?:(?:{_tens})(?:[ -](?:{_small}))?|(?:{_small}))"
_ENGLISH = rf"(?:(?:{_CARDINAL}|an?) hundred(?: and {_CARDINAL})?|{_CARDINAL}(?!(?<=one) of\b)"
_ENGLISH += r"|(?<!half )an?(?= (?:thousand|million|billion|trillion)\b))(?!(?!fold)\w)"
_D, _H = "[一二两三四五六七八九]", "零一二两三四五六七八九十百千"
_RUN = rf"(?:(?:{_D}千零?)?(?:{_D}百零?)?(?:{_D}?十)?{_D}?(?<=[{_H}])|[百千](?=[万亿]))"
_CHINESE = rf"(?<![{_H}数几])(?:{_RUN}(?:[万亿]零?{_RUN})+万?|{_RUN})(?![{_H}])"
_DIGITS = r"(?<![万亿千百])(?:(?<![^ (])-)?(?>\d{1,3}(?:,\d{3}){1,4}|\d{1,15})"
_DIGITS += r"(?>(?:\.\d{1,10})?)(?![.,，:/]?\d)"
_POWER = {12: "万亿|trillions?|trn|tn", 11: "千亿", 10: "百亿", 9: "billions?|bln|bn", 8: "亿"}
_POWER |= {7: "千万", 6: "百万|millions?|mln|mn", 4: "万", 3: "千(?![米瓦克伏])|thousand"}
_MAGNITUDE = {words: 10**power for power, words in _POWER.items()}
_RANK, _TOP = _Unit("rank"), _Unit("rank", comparator=Comparator.AT_MOST)
_UNIT = {
    "yuan|cny|rmb|renminbi|元人民币|元|人民币": _Unit("CNY"),
    "(?:us )?dollars?|usd|美元": _Unit("USD"),
    "euros?|eur|欧元": _Unit("EUR"),
    r"sq\.? ?km|square[ -]k(?:m|ilomet(?:er|re)s?)|km2|km²|平方公里|平方千米": _Unit("km2"),
    "hectares?|ha|公顷": _Unit("km2", Decimal(100)),
    r"sq\.? ?m|square[ -]met(?:er|re)s?|m2|m²|㎡|平方米": _Unit("km2", Decimal(10**6)),
    "mu|亩": _Unit("km2", Decimal(1500)),
    "percentage points?|个百分点": _Unit("percentage_point"),
    "per ?cent|%": _Unit("percent"),
    "成(?![为立])": _Unit("percent", Decimal("0.1")),
    "times|fold|倍": _Unit("ratio"),
    "st|nd|rd|th": _RANK,
    "强": _TOP,
    "人次|[家个人名项件所座位条种户处台]": _Unit(None),
}
_PREFIX = {"cny|rmb|人民币|¥": _Unit("CNY"), r"us\$|usd|\$": _Unit("USD"), "eur|€": _Unit("EUR")}
_PREFIX |= {"百分之": _Unit("percent"), "第": _RANK, "top-?": _TOP, "(?<![目此之以])前": _TOP}
_WORD = {_any(_TIMES): _Unit("ratio"), rf"(?:(?:{_tens})-)?(?:{_nth})": _RANK}
_BEFORE = {
    "not? more than|not exceeding|at most|up to|≤|至多|最多|不超过|不[多高]于": Comparator.AT_MOST,
    "not? less than|no fewer than|at least|≥|至少|最少|不[少低]于": Comparator.AT_LEAST,
    r"over|more than|above|surpass\w*|exceed\w*|>|超过?|逾|突破|[多高大]于": Comparator.OVER,
    "less than|fewer than|under|below|<|不足|不到|未满|[低少小]于": Comparator.UNDER,
    "about|around|approximately|roughly|some|nearly|almost|close to|~": Comparator.ABOUT,
    "(?<![节公条合])约|大约|将近|(?<![最附])近|接近": Comparator.ABOUT,
}
_AFTER = {
    r"\+(?! ?\d)|[多余几]": Comparator.OVER,
    "or more|or above|and above|以上": Comparator.AT_LEAST,
    "or less|or fewer|and below|以内|以下": Comparator.AT_MOST,
    "左右|上下": Comparator.ABOUT,
}
_END = r"(?!(?<=\w)\w)"  # the end of a word; holds after any Chinese character or sign
_SCALE = rf"(?: {{0,2}}{_any(_MAGNITUDE)}{_END}|[ -]{{0,2}}{_any(_UNIT)}{_END})"
_QUANTITY = re.compile(
    rf"(?:(?<!\w)(?P<before>{_any(_BEFORE)}) {{0,2}}(?:the )?)?+"
    r"(?<!\w)(?<![^ (][-–~])(?<!\d—)(?<!\.)(?<!\d[,，:/])"
    rf"(?:(?P<prefix>{_any(_PREFIX)}) ?|(?<![$£€¥]))(?P<number>{_DIGITS}|(?P<word>{_any(_WORD)})"
    rf"|{_ENGLISH}|{_CHINESE}(?(prefix)|(?=[多余]?{_SCALE})))(?P<more>[多余几])?+"
    rf"(?: {{0,2}}(?P<magnitude>{_any(_MAGNITUDE)}){_END})?+(?P<more2>[多余])?+"
    rf"(?:[ -]{{0,2}}(?P<unit>{_any(_UNIT)}){_END})?+(?:[ -]?(?P<after>{_any(_AFTER)}))?+"
    rf"{_END}(?![-–—~][$¥€]?\d|‰)(?!(?<=[万亿千百])\d|(?<=\d)[十百千])",
    _FLAGS,
)
_FEW = rf"(?:(?<![\w.,])\d{{1,9}}(?:[.,]\d{{1,9}})?|\b{_CARDINAL}|[{_H}]{{1,9}})[多余几]?"
_NO_QUANTITY = re.compile(
    rf"{_FEW}[ -](?:(?:to|or) {_FEW} )?(?:year|month|week|day|hour|minute|decade)s?\b"
    rf"|{_FEW}个?(?:年|月|周|季度|小时|分钟|岁|天(?!然)|日(?!元))"
    rf"|\d{{1,2}}th five-year|\b(?:{_nth}) (?:five-year|half|quarter)\b"
    rf"|\b(?:a|{_CARDINAL})[ -](?:thirds?|quarters?|(?:{_nth})s|half|halves)\b"
    r"|(?-i:\bNo)\.? ?\d{1,9}|(?<!\d)\d{1,20}号|第[一二三]产业|(?:fortune (?:global )?|世界)500强?",
    _FLAGS,
)


@lru_cache(maxsize=READ_AT_MOST)
def read_quantities(phrase: str) -> tuple[Quantity, ...]:
    """Read the quantities of a phrase in order; numbers of dates, durations and names are none."""
    folded = _DATE.sub(lambda m: "\0" * len(m[0]) if m["first"] else m[0], phrase.translate(_FOLD))
    folded = _NO_QUANTITY.sub(lambda m: "\0" * len(m[0]), folded)
    return tuple(_quantity(phrase, match) for match in _QUANTITY.finditer(folded))


def plain_number(number: Decimal) -> int | float:
    """A number as JSON and YAML write it."""
    return int(number) if number == number.to_integral_value() else float(number)


def _quantity(phrase: str, match: re.Match[str]) -> Quantity:
    groups = {name: text for name, text in match.groupdict().items() if text}
    number = _number(groups["number"])
    magnitude = _meaning(_MAGNITUDE, groups["magnitude"]) if "magnitude" in groups else 1
    tables = {"unit": _UNIT, "prefix": _PREFIX, "word": _WORD}
    units = [_meaning(table, groups[name]) for name, table in tables.items() if name in groups]
    unit = next((unit for unit in units if unit.code), _Unit(None))
    value = number * magnitude / unit.per_base
    value = value if value % 1 else value.to_integral_value()
    scale = phrase[match.end("number") : max(match.end("magnitude"), match.end("unit"), 0)]
    printed = [phrase[slice(*match.span("prefix"))], re.sub("[多余餘几幾]", "", scale).strip(" -")]
    signs = {"before": _BEFORE, "after": _AFTER, "more": _AFTER, "more2": _AFTER}
    comparators = [_meaning(table, groups[name]) for name, table in signs.items() if name in groups]
    comparators += [unit.comparator for unit in units if unit.comparator]
    comparator = next(iter(comparators), Comparator.EXACTLY)
    published = " ".join(filter(None, printed)) or None
    text, span = phrase[slice(*match.span())], match.span()
    return Quantity(text, *span, number, magnitude, value, unit.code, published, comparator)


_MONTH = rf"(?P<m>(?-i:(?=[A-Z]))(?:{'|'.join(_MONTHS)})\b)"
_Y = rf"(?P<y>(?:1[89]|20)\d\d(?!\d)|[一二][零八九](?:零|{_D}){{2}}(?=年))"
_YEAR = rf"(?:{_Y}年 ?)?"
_M = rf"(?P<m>1[0-2]|0?[1-9]|十[一二]?|{_D})"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:[-–](?P<d2>3[01]|[12]\d|[1-9]))?"
_HAN_DAY = rf"3[01]|[12]\d|0?[1-9]|三十一?|二?十{_D}?|{_D}"
_NO_AMOUNT = rf"(?! ?(?!左右|上下){_any(_AFTER)}|{_SCALE})"
_POINTS = (
    rf"{_Y}[-/.](?P<m>1[0-2]|0?[1-9])[-/.](?P<d>\d{{1,2}})(?!\d)",
    rf"(?<=plan \(){_Y}[-–—](?P<y2>\d\d)(?!\d)",
    rf"{_Y}(?:[–—/]|-(?=1[3-9]|[2-9]\d))(?P<y2>\d\d)(?![\d-])年?",
    rf"{_Y}[-.](?P<m>0[1-9]|1[0-2])(?![-.]?\d){_NO_AMOUNT}",
    rf"{_YEAR}(?P<nth>[上下])(?P<span>半年)",
    rf"{_YEAR}第?(?P<nth>[一二三四1-4])(?P<span>季度)",
    rf"{_YEAR}前(?P<n>1[0-2]|[1-9]|十[一二]?|{_D})个?(?P<span>季度|月)",
    rf"{_YEAR}{_M}月(?P<d>{_HAN_DAY})[日号]?[-–—~至到](?P<d2>{_HAN_DAY})[日号]",
    rf"{_YEAR}{_M}(?=[-–—~至到](?:1[0-2]|[1-9]|十[一二]?|{_D})月)",
    rf"{_YEAR}{_M}月(?:(?P<d>{_HAN_DAY})[日号])?",
    r"(?P<century>1\d|2[01]|二十一?)(?:世纪(?:(?P<tens>[1-9])0年代)?|(?:st|th)[ -]century\b)",
    rf"{_MONTH}\.? {_DAY}(?:, ?| ){_Y}",
    rf"{_DAY}(?: of)? {_MONTH}\.?,? {_Y}",
    rf"{_MONTH}\.?(?:, ?| (?:of )?){_Y}",
    rf"{_MONTH}\.? {_DAY}(?!\w|[.,-]?\d){_NO_AMOUNT}",
    rf"{_DAY}(?: of)? {_MONTH}",
    rf"(?!Ma[yr])(?:{_MONTH})",
    rf"(?:(?<=[-–])|(?<=\b(?:in|of|by|to) )|(?<=\b(?:from|late|last) )){_MONTH}",
    r"(?P<nth>first|second|third|fourth) (?:(?P<n>\d{1,2}|[a-z]{3,6}) )?"
    rf"(?P<span>half|quarter|month)s? of (?:{_Y}|(?:the|this|last) year)",
    rf"(?P<span>[qh])(?P<nth>[1-4]) {_Y}",
    r"(?P<y>(?:1[89]|20)\d)0'?s\b",
    rf"{_Y}(?:年|(?!,?\d|\.\d|[-–—/]\d(?!\d{{3}}(?!\d))){_NO_AMOUNT})",
)
_BOUND = {"before|prior to|until": "../{}", "since|after|自从?": "{}/..", "around|circa|约": "{}~"}
_TAIL = {"前后|左右": "{}~", f"[之以]?前(?![\\d{_H}])": "../{}", "以来|起|[之以]?后": "{}/.."}
_TAIL |= {r"(?:[-–—]|to|until) ?(?:the )?(?:present|now|date|today)\b|至今|onwards?": "{}/.."}
_POINT = re.sub(r"\?P<\w+>", "?:", "|".join(_POINTS))
_DATE = re.compile(
    # An amount such as `more than 2000` is taken first, so that it is no date.
    rf"(?<!\w)(?!around){_any(_BEFORE | _PREFIX)} {{0,2}}(?>[$¥€]?\d[\d,.]{{0,20}})(?! ?[年月])"
    rf"|(?:(?<!\w)(?:(?P<between>between)|from|从|(?P<bound>{_any(_BOUND)})) ?)?+"
    rf"(?<!\w)(?<!\d[-–—.,/:])(?P<first>(?>{_POINT})){_END}"
    r"(?:(?(between) and |(?: ?[-–—~/至到]{1,2} ?| (?:to|through|until|till) ))"
    rf"(?P<near>(?:around|circa|约) ?)?(?P<last>(?>{_POINT})){_END})?+"
    rf"(?: ?(?P<tail>{_any(_TAIL)}){_END})?+",
    _FLAGS,
)


@lru_cache(maxsize=READ_AT_MOST)
def read_dates(phrase: str) -> tuple[DatePhrase, ...]:
    """Read the dates and periods of a phrase in order, as EDTF; an unstated year is XXXX."""
    folded = phrase.translate(_FOLD)
    found = [(match, _period(folded, match)) for match in _DATE.finditer(folded) if match["first"]]
    return tuple(DatePhrase(phrase[slice(*m.span())], *m.span(), e) for m, e in found if e)


def _period(folded: str, match: re.Match[str]) -> str:
    points = [_parts(folded, match.start(name)) for name in ("first", "last") if match[name]]
    year = next((point["y"] for point in points if "y" in point), 0)  # 2022年1月至7月
    first, *last = [_edtf({"y": year} | point) for point in points]
    before = _meaning(_BOUND, match["bound"]) if match["bound"] else "{}"
    after = _meaning(_TAIL, match["tail"]) if match["tail"] else "{}"
    if not last:
        template = after if before == "{}" else before
        return first and template.format(first if template == "{}" else first.partition("/")[0])
    about, near = "~" * (before == "{}~"), "~" * (after == "{}~" or bool(match["near"]))
    ordered = "/" not in first + last[0] and "" < first < last[0]
    return f"{first}{about}/{last[0]}{near}" if ordered else ""


def _parts(folded: str, start: int) -> dict[str, int]:
    matches = (re.compile(row, _FLAGS).match(folded, start) for row in _POINTS)
    groups = next(filter(None, matches)).groupdict()
    return {name: int(_number(text)) for name, text in groups.items() if text}


def _edtf(parts: Mapping[str, int]) -> str:
    """Write the parts of a date as EDTF; empty for what the calendar does not have."""
    year, month, day = (parts.get(name, 0) for name in ("y", "m", "d"))
    if "century" in parts:
        year = int(f"{parts['century'] - 1}{parts.get('tens', '')}")
    last_year = year - year % 100 + parts.get("y2", year % 100)
    days = [(year, month, day), (last_year, month, parts.get("d2", day))]
    if "span" in parts:
        before = (parts.get("nth", 1) - 1) * parts["span"]
        days = [(year, before + n, 0) for n in (1, parts.get("n", 1) * parts["span"])]
    known = all(m <= 12 and d <= monthrange(y if y > 999 else 2000, m or 1)[1] for y, m, d in days)
    stamps = ["-".join([f"{y or '':X<4}", *(f"{n:02}" for n in rest if n)]) for y, *rest in days]
    return "/".join(dict.fromkeys(stamps)) if known and days == sorted(days) else ""


_NATURE = {
    Nature.FORECAST: r"\b(?:expected|forecasts?|project(?:ed|ions?)|predicted)\b|预[计期测]|有望",
    Nature.TARGET: r"\b(?:targets?|targeted|aim(?:s|ed|ing)?|goals?|strives?|will (?:be|reach)"
    r"|(?:is|are) to(?! the))\b|力争|目标|将达",
    Nature.PLANNED: r"\b(?:will invest|(?<!five-year )plan(?:s|ned|ning)?)\b|计划|规划|拟",
}


def read_nature(phrase: str) -> Nature | None:
    """Read what marks a figure as forecast, else as target, else as planned; None is no mark."""
    folded = phrase.translate(_FOLD)
    return next((n for n, words in _NATURE.items() if re.search(words, folded, _FLAGS)), None)
