"""What pages of lists share: facets, the filters that are set, sorting, pages and exports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.explorer.api import Answer
from app.explorer.view import View
from app.query.parameters import Row, address

_CONTROLS = {"sort", "cursor", "limit", "facet", "fields", "include", "explain", "total", "rank"}


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the page without it."""

    name: str
    value: Markup
    href: str


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and the page with it added or removed."""

    label: Markup
    count: int
    selected: bool
    href: str


@dataclass(frozen=True)
class Facet:
    """A field with the values that can be chosen."""

    name: str
    title: str
    values: Sequence[Choice]
    asked: bool
    """Whether a filter on it is set."""


@dataclass(frozen=True)
class Order:
    """A column head: the page sorted by it, and how it is sorted now (as `aria-sort` says)."""

    href: str
    now: str | None


class Listing:
    """One page of a list of the API, as the reader asked for it."""

    def __init__(
        self, view: View, resource: str, answer: Answer, by_value: Collection[str]
    ) -> None:
        self.view, self.resource, self.answer = view, resource, answer
        self.rows = answer.rows
        counted = answer.meta["total"]
        self.total: int = answer.meta["total_at_least"] if counted is None else counted
        self._by_value = by_value
        self.more: list[Facet] = []
        """Facets that the page makes itself, after those of the API."""

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The filters that are set."""
        return [pair for pair in self.view.pairs if pair[0] not in _CONTROLS]

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set, each with the page without it."""
        return [self._chip(*pair) for pair in self.filters]

    @property
    def facets(self) -> list[Facet]:
        """The facets, in the order in which they were asked."""
        return [*(self._facet(*one) for one in self.answer.facets.items()), *self.more]

    @property
    def following(self) -> str | None:
        """The next page."""
        return self.view.page_of(self.answer.next) if self.answer.next else None

    @property
    def first(self) -> str | None:
        """The first page, where this is another."""
        asked = {name for name, _ in self.view.pairs}
        return self.view.here(but=("cursor",)) if "cursor" in asked else None

    def order(self, key: str, descending: bool = False) -> Order:
        """A column head that sorts by `key`, first in the direction that people look for."""
        asked = next((value for name, value in self.view.pairs if name == "sort"), "")
        ways = (f"-{key}", key) if descending else (key, f"-{key}")
        way = ways[1] if asked == ways[0] else ways[0]
        now = {key: "ascending", f"-{key}": "descending"}.get(asked)
        return Order(self.view.here(("sort", way), but=("sort", "cursor")), now)

    def export(self, form: str = "") -> str:
        """The address of all these rows in a form of the API; JSON without one."""
        chosen = [pair for pair in self.view.pairs if pair[0] not in ("cursor", "limit")]
        return address(f"/v1/{self.resource}", [*chosen, *([("format", form)] if form else [])])

    def _chip(self, name: str, value: str) -> Chip:
        view = self.view
        field, _, operator = name.partition("__")
        known = self.answer.facets.get(field, ())
        ref = next((one for one in known if str(one["value"]) == value), None)
        key = value if "state" in (field, operator) else f"{field}.{value}"
        told = view.field(value) if field == "field" else view.maybe(key, value)
        said = _told(view, field, ref) if ref else Markup("{}").format(told)
        title = view.field(field)
        if operator:
            title += f" {view.maybe(f'op.{operator}', operator)}"
        rest = [p for p in view.pairs if p != (name, value) and p[0] != "cursor"]
        if name == "near":
            rest = [pair for pair in rest if pair[0] != "within_km"]
        return Chip(title, said, view.link(view.request.url.path, *rest))

    def _facet(self, name: str, values: Sequence[Row]) -> Facet:
        view = self.view
        known = [one for one in values if one["value"] is not None]
        if name in self._by_value:
            known.sort(key=lambda one: one["value"])
        unknown = [one for one in values if one["value"] is None]
        shown = [
            Choice(
                label=_told(view, name, one),
                count=one["count"],
                selected=one["selected"],
                href=view.page_of(one["toggle"]),
            )
            for one in (*known, *unknown)
        ]
        asked = any(pair[0].partition("__")[0] == name for pair in view.pairs)
        return Facet(name, view.field(name), shown, asked)


def _told(view: View, name: str, value: Row) -> Markup:
    """What a value of a facet is called: as the API labels it, or by our own words."""
    if value["value"] is None:
        return Markup(view.t("unknown"))
    return Markup("{}").format(view.maybe(f"{name}.{value['value']}", view.label(value)))


async def read_list(
    view: View,
    resource: str,
    facets: Sequence[str],
    also: Sequence[str] = (),
    by_value: Collection[str] = (),
    own: Sequence[tuple[str, str]] = (),
) -> Listing:
    """The page of a list that the reader asks for, with facets beside it.

    Facets in `also` are shown where a filter on them is set. `own` is what the page adds, unless
    the reader says otherwise. The page's main API call is the reader's question without all that.
    """
    asked = {name.partition("__")[0] for name, _ in view.pairs}
    shown = [*facets, *(name for name in also if name in asked)]
    added = [*own, *([("facet", ",".join(shown))] if shown else [])]
    more = [pair for pair in added if pair[0] not in asked]
    view.main = address(f"/v1/{resource}", [p for p in view.pairs if p[0] != "cursor"])
    answer = await view.api.get(f"/v1/{resource}", [*view.pairs, *more])
    return Listing(view, resource, answer, by_value)
