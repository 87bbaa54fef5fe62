"""The changes: what was added, changed or deleted from one release to another, and why."""

import asyncio
import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Response
from markupsafe import Markup

from app.explorer.api import Api
from app.explorer.listing import Listing
from app.explorer.view import LINKED, View, Viewed
from app.query.parameters import Row, address

router = APIRouter(include_in_schema=False)
KINDS = ("added", "changed", "deleted")
PAGE = ("limit", "200")
FIRST = ("zones", "milestones", "statistics", "relations", "platforms", "statements")
DERIVED = ("citations", "coverage")
"""What changes with nearly every fact: shown last, and closed."""


@router.get("/changes")
async def show_changes(view: Viewed) -> Response:
    """Show what changed since an older release: the one before, unless the reader names another."""
    # The list of releases is of no release, so what the reader pins must not be asked with it.
    kept = (await Api(view.request).get("/v1/releases")).rows
    asked = dict(view.pairs)
    pinned = dict(view.hidden).get("release")
    newer = next((one for one in kept if one["id"] == pinned), kept[0])
    older = [one["id"] for one in kept[kept.index(newer) + 1 :]]
    since = asked.get("since", next(iter(older), newer["id"]))
    others = [pair for pair in view.pairs if pair[0] not in ("since", "kind", "cursor")]
    pairs = [("since", since), *(pair for pair in view.pairs if pair[0] != "since")]
    view.main = address("/v1/changes", [pair for pair in pairs if pair[0] != "cursor"])
    answer, *by_kind = await asyncio.gather(
        view.api.get("/v1/changes", [*pairs, *([] if "limit" in asked else [PAGE])]),
        *(
            view.api.get("/v1/changes", [("since", since), ("kind", kind), *others])
            for kind in KINDS
        ),
    )
    return await view.render(
        "changes.html",
        kept=kept,
        newer=newer,
        since=since,
        listing=Listing(view, "changes", answer, ()),
        counts=dict(zip(KINDS, (one.meta["total"] for one in by_kind), strict=True)),
        groups=_groups(answer.rows),
        derived=DERIVED,
        page=_page,
        fields=_fields,
    )


def _groups(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """The changes by resource, as the API gives them; what matters most comes first."""
    groups = [(name, list(group)) for name, group in groupby(rows, key=lambda r: r["resource"])]
    order = {name: at for at, name in enumerate(FIRST)}
    return sorted(groups, key=lambda one: order.get(one[0], 99 if one[0] in DERIVED else 50))


def _page(view: View, change: Row, since: str) -> str:
    """Where a row that changed is shown: what is gone, as it was."""
    gone = change["kind"] == "deleted"
    if change["resource"] in LINKED and not gone:
        return view.link(f"/{change['id']}")
    return address(f"/v1/{change['id']}", [("release", since)] if gone else [])


def _fields(view: View, change: Row) -> list[tuple[str, Markup, Markup]]:
    """Each field with what stood there and what stands there now; of a list, what left and came."""
    told = []
    for name, field in change["fields"].items():
        if field["added"] or field["removed"]:
            told.append((name, _tell(view, field["removed"]), _tell(view, field["added"])))
        elif _keyed(field["old"]) and _keyed(field["new"]):
            for key in sorted(field["old"].keys() | field["new"].keys()):
                old, new = field["old"].get(key), field["new"].get(key)
                if old != new:
                    told.append((f"{name}.{key}", _tell(view, old), _tell(view, new)))
        else:
            told.append((name, _tell(view, field["old"]), _tell(view, field["new"])))
    return told


def _keyed(value: Any) -> bool:
    return isinstance(value, dict) and "label_en" not in value


def _tell(view: View, value: Any) -> Markup:
    """A value of the API in words: a reference by its label, a list one after another."""
    if value is None:
        return Markup('<span class="soft">{}</span>').format(view.t("unknown"))
    if isinstance(value, list):
        return Markup("<br>").join(_tell(view, one) for one in value) or Markup("—")
    if isinstance(value, dict) and "label_en" in value:
        return view.label(value)
    if isinstance(value, str):
        return Markup("{}").format(value)
    return Markup("{}").format(json.dumps(value, ensure_ascii=False))
