"""The number of zones up to a time, counted from the base, beside the totals that are published.

Each difference is explained; a zone that gets a date, or a new total, changes a line here.
"""

from typing import NamedTuple

import httpx
import pytest

from tests.resources.test_knowledge import rows

PARK = (-1, "Suzhou Industrial Park, approved in 1994, is no high-tech zone by name; not counted")
"""Class 101 of GB/T 37028-2018; statistics count it with the zones from 2019 on (168 + 1)."""
BEIJING = (1, "Beijing, approved in 1988, is counted among the zones of 1991")
UNDATED = "of the zones without a date of approval fall into this time"
"""Which of them do is known only from the totals, so these numbers may only grow with time."""
MISSING = "zones of 2022 and 2023 that no source at hand names"


class Total(NamedTuple):
    """A published number of zones, and what leads to it from what is counted."""

    figure: str
    until: str
    counted: int
    differences: tuple[tuple[int, str], ...]
    since: str = "1988"


TOTALS = [
    Total("national-zones-1988-05-10", "1988-05-10", 1, ()),
    Total("national-zones-newly-approved-1991", "1991", 22, (BEIJING, (4, UNDATED)), "1991"),
    Total("national-zones-newly-approved-1992", "1992", 25, (), "1992"),
    Total("national-zones-newly-approved-1992-11-09", "1992-11-09", 25, (), "1992-11-09"),
    Total("national-zones-newly-approved-1991-1992", "1992", 47, ((4, UNDATED),), "1991"),
    Total("national-zones-2004", "2004", 50, (PARK, (4, UNDATED))),
    Total("national-zones-2005-08", "2005-08", 50, (PARK, (4, UNDATED))),
    Total("national-zones-2006", "2006", 50, (PARK, (4, UNDATED))),
    Total("national-zones-2006-11-12", "2006-11-12", 50, (PARK, (4, UNDATED))),
    Total("national-zones-2008-03", "2008-03", 51, (PARK, (4, UNDATED))),
    # Said of 2010 with the figures of 2009, before the zones of 2010 were counted.
    Total("national-zones-2010", "2009", 53, (PARK, (4, UNDATED))),
    Total(
        "national-zones-before-2010-11",
        "2009",
        53,
        (PARK, (4, UNDATED), (1, "the source counts one more, Yangling, it is thought")),
    ),
    Total("national-zones-2011-12-31", "2011-12-31", 71, (PARK, (18, UNDATED))),
    Total("national-zones-2012-105", "2012", 81, (PARK, (25, UNDATED))),
    Total("national-zones-2014-01", "2013", 90, (PARK, (25, UNDATED))),
    Total("national-zones-2014-08-02", "2014-08-02", 90, (PARK, (25, UNDATED))),
    # Before the ten new zones of that month.
    Total("national-zones-2017-02", "2016", 110, (PARK, (37, UNDATED))),
    Total("national-zones-2017-03-27", "2017-03-27", 117, (PARK, (40, UNDATED))),
    Total("national-zones-in-standard-2018", "2018", 129, (PARK, (40, UNDATED))),
    Total("national-zones-2019", "2019", 129, ((40, UNDATED),)),
    Total("national-zones-2020", "2020", 129, ((40, UNDATED),)),
    Total("national-zones-2021", "2021", 129, ((40, UNDATED),)),
    Total("national-zones-2022-09-14", "2022-09-14", 133, ((40, UNDATED),)),
    Total(
        "national-zones-2022-12-31",
        "2022-12-31",
        133,
        ((40, UNDATED), (1, "Ningxiang, which is dated until 2023 only"), (3, MISSING)),
    ),
    Total(
        "national-zones-2023-11", "2023-11", 133, ((40, UNDATED), (1, "Ningxiang"), (4, MISSING))
    ),
]


def approved(client: httpx.Client, since: str, until: str) -> int:
    """How many zones the base says were approved between two dates, both included."""
    query: dict[str, str | int] = {"approved_on__lte": until, "limit": 1}
    total: int = client.get("/v1/zones", params=query).json()["meta"]["total"]
    if since == "1988":
        return total
    before: dict[str, str | int] = {"approved_on__lt": since, "limit": 1}
    earlier: int = client.get("/v1/zones", params=before).json()["meta"]["total"]
    return total - earlier


@pytest.mark.parametrize("total", TOTALS, ids=lambda total: total.figure)
def test_what_is_counted_leads_to_what_is_published(total: Total, real: httpx.Client) -> None:
    published = real.get(f"/v1/statistics/{total.figure}").json()["data"]["value"]
    counted = approved(real, total.since, total.until)
    assert counted == total.counted
    assert counted + sum(number for number, _ in total.differences) == published


def test_every_published_total_is_reconciled(real: httpx.Client) -> None:
    published = {
        s["id"]
        for indicator in ("zones", "zones-newly-approved")
        for s in rows(real, "/v1/statistics", indicator=indicator, nature="observed")
        if s["coverage"] in ("whole", "zones_in_gbt_37028_2018")
    }
    apart = {
        # 57 and 13 more; neither counts the zones of September 2010.
        "national-zones-2010-11",
        # The same 173 as on 14 September.
        "national-zones-2022",
        "national-zones-2022-06-16",
    }
    assert published - apart == {total.figure for total in TOTALS}


def test_the_undated_zones_are_those_that_the_totals_leave(real: httpx.Client) -> None:
    undated = rows(real, "/v1/zones", approved_on__state="unknown")
    assert len(undated) == max(n for t in TOTALS for n, why in t.differences if why == UNDATED)
    left = [n for t in TOTALS for n, why in t.differences if why == UNDATED]
    assert left == sorted(left)


def test_the_batches_add_up(real: httpx.Client) -> None:
    """Batches whose size a source gives: 25 cities, nine, twelve and four zones."""
    sizes = {"1992-11-09": 25, "2013-12": 9, "2018-02-28": 12, "2022-06-16": 4}
    for batch, size in sizes.items():
        assert len(rows(real, "/v1/zones", batch=batch)) == size
    named = rows(real, "/v1/zones", batch="2015-09-29")
    assert {"ankang", "bishan", "jian"} < {zone["id"] for zone in named}
    for zone in named:
        assert zone["approved_on"].startswith("2015-09")
