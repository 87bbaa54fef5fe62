"""What short phrases publish: tables of real phrases, and properties over any text."""

from datetime import date
from decimal import Decimal

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from app.seed.phrases import Quantity, read_dates, read_nature, read_quantities
from app.vocabulary import Comparator, Nature

# A quantity is written `comparator value unit`, several are joined by `; `, exactly is left out.
# The figures of the five documents (shared/documents), in their order.
DOCUMENT_FIGURES = {
    "the first national high-tech zone in the Qinba Mountains": "1 rank",
    "the sixth national high-tech zone in Shaanxi Province": "6 rank",
    "nine connections and one leveling": "9; 1",
    "covers an area of 8.05 square kilometers": "8.05 km2",
    "over 2 percent of the provincial GDP growth": "over 2 percent",
    "more than 25 percent of Baiyin’s GDP over the next decade": "over 25 percent",
    "covering an area of two sq km": "2 km2",
    "220 million yuan ($36.1 million)": "220000000 CNY; 36100000 USD",
    "A total of nine projects": "9",
    "investment of 1.9 billion yuan": "1900000000 CNY",
    "4.03 billion yuan in industrial output value": "4030000000 CNY",
    "and 760 million yuan in taxes": "760000000 CNY",
    "5 billion yuan ($706.36 million) in investment": "5000000000 CNY; 706360000 USD",
    "over the past three years": "",
    "About 30 percent of the zone's major home appliances": "about 30 percent",
    "40 percent of the market share": "40 percent",
    "京公网安备 11010502032503号": "",
    "京ICP备13028878号-6": "",
    "paid over 20 visits to these zones": "over 20",
    "there are 173 national high-tech development zones": "173",
    "84 more than in 2012": "84",
    "established 23 indigenous innovation demonstration zones": "23",
    "20 more than in 2012": "20",
    "grew from CNY5.4 trillion in 2012": "5400000000000 CNY",
    "to CNY15.3 trillion in 2021": "15300000000000 CNY",
    "contributed 13.4% to China’s GDP in 2021": "13.4 percent",
    "only using 2.5% of the nation’s construction land": "2.5 percent",
    "From January to July, the 173 national high-tech": "173",
    "worth CNY17.5 trillion, an 8.1% growth": "17500000000000 CNY; 8.1 percent",
    "CNY27.4 trillion of revenue, a 7.1% increase": "27400000000000 CNY; 7.1 percent",
    "84% of China’s State Key Laboratories": "84 percent",
    "78% of the national technological innovation centers": "78 percent",
    "will invest CNY1 billion over the next three years": "1000000000 CNY",
    "annual revenue of more than CNY100 billion": "over 100000000000 CNY",
    "from 54 in 2012 to 97 last year": "54; 97",
    "over 4,400 research institutions": "over 4400",
    "over 5.63 million researchers": "over 5630000",
    "2.5 times higher than in 2012": "2.5 ratio",
    "more than tripled in the last decade": "over 3 ratio",
    "surpassing the CNY1 trillion milestone in 2021": "over 1000000000000 CNY",
    "less than 20,000 in 2012 to 115,000 last year": "under 20000; 115000",
    "the C919 passenger jet, 5G telecommunications": "",
    "first vaccines for Covid-19": "1 rank",
    "about 3.2% of China’s total exports": "about 3.2 percent",
    "increased to 24.4% in 2021": "24.4 percent",
    "More than 47,000 foreign researchers": "over 47000",
    "211,000 Chinese experts": "211000",
    "over 2,200 overseas research institutions": "over 2200",
    "a 4.6-fold increase compared to 2012": "4.6 ratio",
    "over 77% of them": "over 77 percent",
    "among the top 20 national high-tech zones": "at_most 20 rank",
    "more than 2,000 high-tech enterprises": "over 2000",
    "more than 100 working spaces": "over 100",
    "jump to 10 billion yuan ($1.48 billion)": "10000000000 CNY; 1480000000 USD",
    "as two driving forces": "2",
    "One measure": "1",
    "the 14th Five-Year Plan (2021-25)": "",
}

# `as_written` of shared/reference/facts.csv and national_statistics.csv, with the value of the row.
REFERENCE_FIGURES = {
    "当年就批准建设27家": "27",
    "二十五個城市": "25",
    "the following 21 development zones": "21",
    "截至去年年底,国家高新区总数已达88家": "88",
    "目前国家高新区总数已达114家": "114",
    "国家级开发区552家": "552",
    "包括2543家开发区": "2543",
    "169家国家高新区": "169",
    "had reached 178 as of the end of November": "178",
    "By 2004, there had been over 30,000 high-tech enterprises": "over 30000",
    "企业总计5.96万家": "59600",
    "属于高技术产业的企业达90129家": "90129",
    "占高新区企业总数的54.5%": "54.5 percent",
    "more than 1,600 listed companies": "over 1600",
    "provide employment to over 8 million people": "over 8000000",
    "从业人员达1059.3万人": "10593000",
    "was 5.1 million in 2020": "5100000",
    "created 12.2 trillion yuan in output": "12200000000000 CNY",
    "Their GDP reached CNY13.6 trillion": "13600000000000 CNY",
    "a year-on-year increase of 7.11 percent": "7.11 percent",
    "contributed at least 6 percent": "at_least 6 percent",
    "占全国GDP比重达10%以上": "at_least 10 percent",
    "about 13 percent of China's GDP": "about 13 percent",
    "Estimated at 284,000 yuan": "284000 CNY",
    "with only 0.1 percent of the country's land area": "0.1 percent",
    "2013年实现营业总收入20.3万亿元": "20300000000000 CNY",
    "is expected to exceed 48 trillion yuan": "over 48000000000000 CNY",
    "149547.80亿元": "14954780000000 CNY",
    "83463.76亿元": "8346376000000 CNY",
    "第二产业增加值比重16%": "16 percent",
    "净利润7672亿元": "767200000000 CNY",
    "上交税额1.1万亿元": "1100000000000 CNY",
    "出口总额3700亿美元": "370000000000 USD",
    "22.05 percent of the country’s export": "22.05 percent",
    "Some 16,020 patents were granted": "about 16020",
    "每万名从业人员拥有发明专利107件": "107",
    "nearly 80 percent of key national laboratories": "about 80 percent",
    "面積23.9平方公里": "23.9 km2",
    "面积为14.3607平方公里": "14.3607 km2",
    "an area of 46.79-square-kilometre": "46.79 km2",
    "The total construction area planned is 15.9 km2": "15.9 km2",
    "about 500 square kilometers": "about 500 km2",
    "上海张江高新技术产业开发区 | 1991.03 | 4211.7": "4211.7",
    "(State Letter No. 175) in September 2015": "",
    "国函〔2018〕42号": "",
    # Two numbers of other languages: 5,4 is German, and 万 is read in Japanese too.
    "5,4 Billionen Yuan": "",
    "4万社近くの企業": "40000",
}

FIGURES = {
    # comparators, before and after
    "over $5bn": "over 5000000000 USD",
    "above 5%": "over 5 percent",
    "exceeding 300 sq km": "over 300 km2",
    "超过人民币5亿元": "over 500000000 CNY",
    "超2万家": "over 20000",
    "逾3000亿美元": "over 300000000000 USD",
    "5000多家": "over 5000",
    "20多亿元": "over 2000000000 CNY",
    "3亿多元": "over 300000000 CNY",
    "10万余人": "over 100000",
    "三千多家": "over 3000",
    "2,000+ firms": "over 2000",
    "fewer than 20": "under 20",
    "below 5%": "under 5 percent",
    "不足10%": "under 10 percent",
    "不到1000人": "under 1000",
    "no less than 30": "at_least 30",
    "至少30个": "at_least 30",
    "不少于100家": "at_least 100",
    "100 or more zones": "at_least 100",
    "no more than 5": "at_most 5",
    "not exceeding 3%": "at_most 3 percent",
    "up to 20": "at_most 20",
    "不超过5%": "at_most 5 percent",
    "300亿元以内": "at_most 30000000000 CNY",
    "approximately 2.5 million": "about 2500000",
    "roughly 40": "about 40",
    "约500家": "about 500",
    "近2000家": "about 2000",
    "占10%左右": "about 10 percent",
    "节约20%": "20 percent",
    "目前53家": "53",
    # number words and magnitudes
    "zero": "0",
    "twenty-five zones": "25",
    "two hundred and fifty": "250",
    "two hundred million yuan": "200000000 CNY",
    "over a million people": "over 1000000",
    "one of the first": "1 rank",
    "1.5万亿": "1500000000000",
    "5630万": "56300000",
    "千亿元": "100000000000 CNY",
    "三千万元": "30000000 CNY",
    "一亿二千万元": "120000000 CNY",
    "三万五千人": "35000",
    "两千家": "2000",
    "十余家": "over 10",
    "５６３０万": "56300000",
    "１５．３万亿元": "15300000000000 CNY",
    "-5%": "-5 percent",
    # units
    "RMB 1.5bn": "1500000000 CNY",
    "¥10 billion": "10000000000 CNY",
    "US$5.5 billion": "5500000000 USD",
    "3 million US dollars": "3000000 USD",
    "500万欧元": "5000000 EUR",
    "868.18 hectares": "8.6818 km2",
    "4211.7公顷": "42.117 km2",
    "1500亩": "1 km2",
    "3,000 mu": "2 km2",
    "50万平方米": "0.5 km2",
    "1,000,000 square meters": "1 km2",
    "28 km²": "28 km2",
    "百分之十二": "12 percent",
    "近八成": "about 80 percent",
    "提高3.2个百分点": "3.2 percentage_point",
    "2.5倍": "2.5 ratio",
    "twofold": "2 ratio",
    "nearly doubled": "about 2 ratio",
    "quadrupled": "4 ratio",
    "翻了一番": "2 ratio",
    "6th": "6 rank",
    "第六个": "6 rank",
    "top ten": "at_most 10 rank",
    "前20名": "at_most 20 rank",
    "50强": "at_most 50 rank",
    # four digits: a quantity when something says so
    "2000 sq km": "2000 km2",
    "more than 2000 companies": "over 2000",
    "2000多家": "over 2000",
    "2012年25家": "25",
    # not read, since not certain
    "2-3 million": "",
    "10%-20%": "",
    "5亿元-6亿元": "",
    "$5-$6 billion": "",
    "1万5千家": "",
    "1,23": "",
    "5.5.5": "",
    ".5 million": "",
    "$36m": "",
    "HK$5 billion": "",
    "half a million": "",
    "数十家": "",
    "5‰": "",
    "5千瓦": "",
    # no quantities: fractions, durations, periods, numbers of documents, names, words
    "two-thirds": "",
    "2/3": "",
    "三分之一": "",
    "over 20 years": "",
    "近十年": "",
    "三个月": "",
    "from 2021 to 2012": "",
    "the first half of 2022": "",
    "Web3.0, PM2.5 and 3D": "",
    "Fortune 500": "",
    "世界500强企业8家": "8",
    "一带一路": "",
    "千人计划": "",
}

# Periods are joined by `; `.
DOCUMENT_DATES = {
    "Approval (Before 2015)": "../2015",
    "as early as the early 21st century": "20XX",
    "In 2009, Ankang High-tech": "2009",
    "Initial Stage (2015 - Around 2018)": "2015/2018~",
    "On September 29, 2015, with the formal approval": "2015-09-29",
    "Clustering Stage (2018 - Around 2021)": "2018/2021~",
    "Upgrade Stage (2021 to Present)": "2021/..",
    "Updated: 2013-11-29": "2013-11-29",
    "Shenzhen Hi-Tech Fair in Oct 2001": "2001-10",
    "July the following year": "XXXX-07",
    "hi-tech development zone in July 2006": "2006-07",
    "approval of the State Council in Sep 2010": "2010-09",
    "over the next decade": "",
    "Copyright © 2013 China Daily": "2013",
    "Updated: Jun 10, 2020": "2020-06-10",
    "Copyright©2024 China Daily": "2024",
    "Since 2012, President Xi": "2012/..",
    "As of 2022, there are 173": "2022",
    "CNY5.4 trillion in 2012 to CNY15.3 trillion in 2021": "2012; 2021",
    "From January to July, the 173": "XXXX-01/XXXX-07",
    "from 54 in 2012 to 97 last year": "2012",
    "By the end of 2021": "2021",
    "Updated: Jul 27, 2022": "2022-07-27",
    "established in 1988 and then approved": "1988",
    "by the State Council in 1991": "1991",
    "By 2023, the Shenyang High-Tech Zone": "2023",
    "the 14th Five-Year Plan (2021-25)": "2021/2025",
}

DATES = {
    # reference/facts.csv
    "于1988年5月10日经国务院正式批准成立": "1988-05-10",
    "1988: Zhongguancun Science Park, China's first": "1988",
    "一九九二年十一月九日": "1992-11-09",
    "二○一○年八月十一日": "2010-08-11",
    "認定 1992年11月": "1992-11",
    "是1991年3月經國務院批准建立的": "1991-03",
    "March 6, 1991": "1991-03-06",
    "上海张江高新技术产业开发区 | 1991.03 | 4211.7": "1991-03",
    "国函[2015]25号": "2015",
    "was established around 2004": "2004~",
    "成文日期: 2018年02月28日": "2018-02-28",
    "in April,1992": "1992-04",
    "On Aug 28, the State Council officially approved": "XXXX-08-28",
    "by the State Council in early 2015": "2015",
    "a statement released Friday": "",
    # days and months
    "Nov 29, 2013": "2013-11-29",
    "29 September 2015": "2015-09-29",
    "the 5th of May, 2021": "2021-05-05",
    "Sept. 5, 2001": "2001-09-05",
    "2013/11/29": "2013-11-29",
    "2015年9月29日": "2015-09-29",
    "２０１５年９月": "2015-09",
    "2013-11": "2013-11",
    "8月28日": "XXXX-08-28",
    "in May": "XXXX-05",
    "May I": "",
    "Long March rockets": "",
    "2015年2月30日": "",
    # periods
    "2021–25": "2021/2025",
    "2012—2021年": "2012/2021",
    "from 2012 to 2021": "2012/2021",
    "between 2012 and 2021": "2012/2021",
    "in 2010 and 2012": "2010; 2012",
    "the 11th Five-Year Plan (2006-10)": "2006/2010",
    "2006-10": "2006-10",
    "From January to July 2022": "2022-01/2022-07",
    "2022年1-7月": "2022-01/2022-07",
    "2022年1月至7月": "2022-01/2022-07",
    "Nov 2014 to Feb 2015": "2014-11/2015-02",
    "May 10-12, 2020": "2020-05-10/2020-05-12",
    "2021年1月1日至12月31日": "2021-01-01/2021-12-31",
    "from 2021 to 2012": "",
    "the first half of 2022": "2022-01/2022-06",
    "first seven months of 2022": "2022-01/2022-07",
    "Q3 2023": "2023-07/2023-09",
    "2023年前三季度": "2023-01/2023-09",
    "2023年下半年": "2023-07/2023-12",
    # open and approximate ones, decades, centuries
    "since July 2006": "2006-07/..",
    "自2012年以来": "2012/..",
    "2021年至今": "2021/..",
    "after 2015": "2015/..",
    "until 2020": "../2020",
    "2015年以前": "../2015",
    "around 2018": "2018~",
    "2015年前后": "2015~",
    "约2018年": "2018~",
    "the 1980s": "198X",
    "mid-1990’s": "199X",
    "20世纪80年代": "198X",
    "21世纪初": "20XX",
    # no dates
    "2000家": "",
    "more than 2000 companies": "",
    "2015 sq km": "",
    "$2015": "",
    "2012.5": "",
    "12012": "",
    "over 5.63 million researchers": "",
}

NATURES = {
    "expected to generate 4.03 billion yuan": Nature.FORECAST,
    "is expected to be responsible": Nature.FORECAST,
    "projected to reach 5 trillion": Nature.FORECAST,
    "预计达到5000亿元": Nature.FORECAST,
    "總體規劃面積25平方公里": Nature.PLANNED,
    "a short-term development target": Nature.TARGET,
    "aims to become": Nature.TARGET,
    "will be built into a high-tech park": Nature.TARGET,
    "is to jump to 10 billion yuan": Nature.TARGET,
    "It is to be home to more than 2,000": Nature.TARGET,
    "力争达到1万家": Nature.TARGET,
    "will invest CNY1 billion": Nature.PLANNED,
    "It plans to have an area": Nature.PLANNED,
    "规划面积为9.81平方公里": Nature.PLANNED,
    "grew from CNY5.4 trillion": None,
    "there are 173 national high-tech development zones": None,
    "the 14th Five-Year Plan": None,
    "is to the north": None,
}


def written(quantity: Quantity) -> str:
    """A quantity as the tables write it."""
    comparator = "" if quantity.comparator is Comparator.EXACTLY else quantity.comparator
    return " ".join(filter(None, [comparator, f"{quantity.value:f}", quantity.unit]))


@pytest.mark.parametrize(
    ("phrase", "expected"), (DOCUMENT_FIGURES | REFERENCE_FIGURES | FIGURES).items()
)
def test_quantities_of_a_phrase(phrase: str, expected: str) -> None:
    assert "; ".join(written(quantity) for quantity in read_quantities(phrase)) == expected


@pytest.mark.parametrize(("phrase", "expected"), (DOCUMENT_DATES | DATES).items())
def test_dates_of_a_phrase(phrase: str, expected: str) -> None:
    assert "; ".join(found.edtf for found in read_dates(phrase)) == expected


@pytest.mark.parametrize("expected", sorted({*DOCUMENT_DATES.values(), *DATES.values()} - {""}))
def test_every_period_is_edtf(expected: str) -> None:
    for edtf in expected.split("; "):
        assert str(parse_edtf(edtf)) == edtf


@pytest.mark.parametrize(("phrase", "expected"), NATURES.items())
def test_nature_of_a_phrase(phrase: str, expected: Nature | None) -> None:
    assert read_nature(phrase) is expected


@pytest.mark.parametrize(
    ("phrase", "text", "number", "magnitude", "published_unit"),
    [
        ("worth CNY17.5 trillion, an", "CNY17.5 trillion", "17.5", 10**12, "CNY trillion"),
        ("of 220 million yuan (", "220 million yuan", "220", 10**6, "million yuan"),
        ("($36.1 million)", "$36.1 million", "36.1", 10**6, "$ million"),
        ("total over 5.63 million", "over 5.63 million", "5.63", 10**6, "million"),
        (
            "surpassing the CNY1 trillion",
            "surpassing the CNY1 trillion",
            "1",
            10**12,
            "CNY trillion",
        ),
        ("企业总计5.96万家", "5.96万家", "5.96", 10**4, "万家"),
        ("共20多亿元以上", "20多亿元以上", "20", 10**8, "亿元"),
        ("约１５．３万亿元。", "约１５．３万亿元", "15.3", 10**12, "万亿元"),
        ("area of two sq km,", "two sq km", "2", 1, "sq km"),
        ("a 4.6-fold increase", "4.6-fold", "4.6", 1, "fold"),
        ("there are 173 zones", "173", "173", 1, None),
        ("占10%左右", "10%左右", "10", 1, "%"),
    ],
)
def test_quantity_is_kept_as_printed(
    phrase: str, text: str, number: str, magnitude: int, published_unit: str | None
) -> None:
    [found] = read_quantities(phrase)
    assert (found.text, found.published_unit) == (text, published_unit)
    assert (str(found.number), found.magnitude) == (number, magnitude)
    assert phrase[found.start : found.end] == text


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("Stage (2015 - Around 2018)", "2015 - Around 2018"),
        ("Approval (Before 2015)", "Before 2015"),
        ("since 2012, he", "since 2012"),
        ("自2012年以来，", "自2012年以来"),
        ("in Oct. 2001.", "Oct. 2001"),
        ("From January to July, the", "From January to July"),
    ],
)
def test_a_period_covers_the_words_that_bound_it(phrase: str, text: str) -> None:
    [found] = read_dates(phrase)
    assert found.text == phrase[found.start : found.end] == text


COMPARATORS = {
    "": Comparator.EXACTLY,
    "over ": Comparator.OVER,
    "less than ": Comparator.UNDER,
    "at least ": Comparator.AT_LEAST,
    "up to ": Comparator.AT_MOST,
    "about ": Comparator.ABOUT,
    "超过": Comparator.OVER,
    "不足": Comparator.UNDER,
    "至少": Comparator.AT_LEAST,
    "不超过": Comparator.AT_MOST,
    "约": Comparator.ABOUT,
}
# Around the number: before, after, multiplier, unit.
SCALES = [
    ("", "%", "1", "percent"),
    ("", " percent", "1", "percent"),
    ("CNY", " trillion", "1e12", "CNY"),
    ("$", "bn", "1e9", "USD"),
    ("", " million yuan", "1e6", "CNY"),
    ("", "万亿元", "1e12", "CNY"),
    ("", "亿美元", "1e8", "USD"),
    ("", "万家", "1e4", None),
    ("", "人", "1", None),
    ("", " thousand", "1e3", None),
    ("", " square kilometers", "1", "km2"),
    ("", "公顷", "0.01", "km2"),
    ("", "平方米", "0.000001", "km2"),
    ("", "-fold", "1", "ratio"),
    ("", "倍", "1", "ratio"),
]
NUMBERS = st.decimals(0, 999_999_999, places=3) | st.integers(0, 999_999_999).map(Decimal)
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


@given(NUMBERS, st.sampled_from(list(COMPARATORS)), st.sampled_from(SCALES), st.sampled_from("nwt"))
@settings(deadline=None)
def test_a_written_number_reads_back(
    number: Decimal, comparator: str, scale: tuple[str, str, str, str | None], form: str
) -> None:
    before, after, multiplier, unit = scale
    digits = f"{number:,}" if form == "t" else f"{number}"
    digits = digits.translate(FULL_WIDTH) if form == "w" else digits
    [found] = read_quantities(f"共 {comparator}{before}{digits}{after}，")
    assert (found.number, found.unit) == (number, unit)
    assert found.value == number * Decimal(multiplier)
    assert found.comparator is COMPARATORS[comparator]


def in_chinese(number: int) -> str:
    """Write 1 to 9999 as a Chinese numeral: 二十五, 一百零五, 三千零二十."""
    words, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            words += ("零" if gap and words else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return words.removeprefix("一") if 10 <= number < 20 else words


@given(st.integers(1, 9999), st.sampled_from([("家", 1), ("万人", 10**4), ("亿元", 10**8)]))
def test_a_chinese_numeral_reads_back(number: int, unit: tuple[str, int]) -> None:
    [found] = read_quantities(f"共有{in_chinese(number)}{unit[0]}")
    assert found.value == number * unit[1]


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_a_written_date_reads_back(day: date) -> None:
    month, year = f"{day:%B}", day.year
    forms = {
        day.isoformat(): [
            day.isoformat(),
            f"{month} {day.day}, {year}",
            f"{day.day} {month} {year}",
            f"on {month[:3]} {day.day}, {year}",
            f"于{year}年{day.month}月{day.day}日",
            f"{year}年{in_chinese(day.month)}月{in_chinese(day.day)}日",
        ],
        f"{day:%Y-%m}": [f"in {month} {year}", f"{month[:3]}. {year}", f"{year}年{day.month}月"],
        f"{year}": [f"in {year}", f"{year}年", f"by the end of {year}"],
    }
    for edtf, phrases in forms.items():
        for phrase in phrases:
            assert [found.edtf for found in read_dates(phrase)] == [edtf]
            assert not read_quantities(phrase)


FRAGMENTS = (
    "over |more than |about |since |before |until |from |between | to | and |-|–|—|~|/|.|,|:|$|CNY"
    "|million|billion yuan|亿|万|元|家|多|以上|左右|2012|2021|25|5.5|1,234|000|July|May |29|1st"
    "|年|月|日|至|第|前|一|十|百|千|零|twenty|-one|hundred |a |first |half of |quarter|century"
    "|1980s|世纪|上半年|季度|Present|%|fold|sq km|plan (|(|)|\0| |\n|三|亩|成|强|２|，|以来|起"
)


@given(st.text() | st.lists(st.sampled_from(FRAGMENTS.split("|"))).map("".join))
@settings(deadline=None, max_examples=500)
def test_any_text_is_read_and_offsets_hold(text: str) -> None:
    for found in (read_quantities(text), read_dates(text)):
        ends = [0]
        for item in found:
            assert text[item.start : item.end] == item.text
            assert ends[-1] <= item.start < item.end
            ends.append(item.end)
    read_nature(text)


HOSTILE = (
    "1|1,|1,111|1.|2012-|2012 to |5月|一|万|一万|前一|十五| |\t|over |over the |twenty-|May 5 |$|-"
    "|one hundred and |between 2012 and |5 to 5 |5 million or |first three |plan (|人民币 |surpass"
)


@pytest.mark.parametrize("fragment", HOSTILE.split("|"))
def test_hostile_input_does_not_explode(fragment: str) -> None:
    """A pattern that backtracked exponentially would not end: it hangs here, and is seen."""
    text = fragment * (4000 // len(fragment))
    read_quantities(text)
    read_dates(text)
    read_nature(text)
