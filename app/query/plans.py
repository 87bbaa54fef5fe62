"""How a question is read: in which order, by which index, whether rows are gathered or met."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BinaryExpression, UnaryExpression, bindparam, not_
from sqlalchemy.sql import operators

from app.query.fields import Choice, Clause, Field, OneOf
from app.query.parameters import Condition, ListQuery
from app.query.tallied import tallies

COUNTED = 10_000
"""`total` is exact up to here; a count of everything would cost more than the answer."""
GATHERED = 50_000
"""Rows that are looked up by an index, rather than met among all others."""
Sort = list[tuple[Any, bool]]


@dataclass(frozen=True)
class Plan:
    """How a question is read, as far as its shape decides it."""

    placed: bool
    """Whether its order is that of the list, and the rows say their places in it."""
    at_once: bool
    """Whether there are few rows anyway, or an index that has those of a page in order."""
    indexed: bool
    """Whether there is an index of all rows in the order that is asked for."""
    choices: tuple[str, ...]
    """Those that leave out rows which are counted."""
    decides: bool
    """Whether each row either satisfies it or not."""

    @classmethod
    def of(cls, query: ListQuery) -> "Plan":
        """The plan of a question and all others of its shape."""

        def make() -> Plan:
            placed = is_placed(query)
            grows = hasattr(query.table, "place")
            operators_ = [c.parameter.operator for c in query.conditions.values()]
            return cls(
                placed=placed,
                at_once=not grows or not asks(query) or (placed and _is_in_order(query)),
                indexed=is_indexed(query),
                choices=tuple(
                    name
                    for name, field in query.fields.items()
                    if isinstance(field, Choice) and query.scalar(name) == field.default
                ),
                decides=not any(one and one.may_hold for one in operators_),
            )

        return query.of_shape("plan", make)


def is_long(query: ListQuery) -> bool:
    """Whether it is of a list that grows and has grown beyond what is counted."""
    whole: int = tallies(query.release, query.rows).get("", {}).get("total", 0)
    return whole > COUNTED and hasattr(query.table, "place")


def asks(query: ListQuery, but: Field | None = None) -> bool:
    """Whether there is any condition on the rows, those on the field `but` set aside."""
    return any(c.parameter.field not in (None, but) for c in query.conditions.values())


def ordering(sort: Sort) -> list[Any]:
    """Columns, each with whether it descends, as a SELECT is ordered by; unknown values last."""
    return [_ordered(column, descends) for column, descends in sort]


def _ordered(column: Any, descends: bool) -> Any:
    ordered = column.desc() if descends else column.asc()
    return ordered.nulls_last() if may_be_null(column) else ordered


def may_be_null(column: Any) -> bool:
    """Whether a key of an order can be unknown: what is worked out can."""
    return getattr(column, "nullable", True)


def gathered(column: Any) -> Any:
    """The column, but not as what an index is in the order of."""
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def is_placed(query: ListQuery) -> bool:
    """Whether its order is that of the list, and the rows say their places in it."""
    own = [(getattr(column, "key", None), descends) for column, descends in query.sort]
    default = type(query)(query.path, query.release, ()).sort
    return hasattr(query.table, "place") and own == [(c.key, d) for c, d in default]


def _is_in_order(query: ListQuery) -> bool:
    """Whether an index has the rows that are asked for in the order of the list: of one value."""

    def is_made(c: Condition) -> bool:
        field = c.parameter.field
        return not isinstance(field, Choice) or (
            c.values[0] == field.default and isinstance(c.holds(), BinaryExpression)
        )

    return any(map(is_one, query.narrowing)) and all(map(is_made, query.narrowing))


def is_one(condition: Condition) -> bool:
    """Whether it asks for one value of a field, no number."""
    return is_any(condition) and len(condition.values) == 1


def is_any(condition: Condition) -> bool:
    """Whether it asks for any of some values of a field, no numbers."""
    field, operator = condition.parameter.field, condition.parameter.operator
    return bool(field and not field.ranges and operator is OneOf.operators[0])


def is_indexed(query: ListQuery) -> bool:
    """Whether there is an index of all rows in the order that is asked for."""
    first, *rest = query.sort
    ranges = [field.sort_column for field in query.fields.values() if field.ranges]
    return len(rest) == 1 and not rest[0][1] and any(first[0] is column for column in ranges)


def fewest(query: ListQuery) -> int:
    """How many rows satisfy one of the conditions that a field has any of some values: the least.

    No fewer in any case.
    """
    known = tallies(query.release, query.rows)
    rows: list[int] = [known.get("", {}).get("total", 0)]
    for c in query.conditions.values():
        field = c.parameter.field
        counts = known.get(field.name, {}).get("most") if field and not field.ranges else None
        if field and counts and c.parameter.operator is field.operators[0]:
            told = [counts[value][0] for value in c.values if value in counts]
            rest = len(c.values) - len(told)  # of which each has no more than any that is told
            rows.append(sum(told) + (rest and rest * min(counts.values())[0]))
    return min(rows)


def left_out_of_all(query: ListQuery) -> dict[str, int]:
    """How many rows of the whole list each choice leaves out."""
    left_out: dict[str, int] = tallies(query.release, query.rows).get("", {}).get("left_out", {})
    return left_out


def by_index(index: str) -> str:
    """Has SQLite read a table by this index."""
    return f"INDEXED BY {index}"


def order_index(column: Any, descends: bool) -> str:
    """The index that has all rows in the order of this column."""
    return f"by_{column.class_.__tablename__}_in_order_of_{column.key}" + "_down" * descends


def left_out_index(choice: Any) -> str:
    """The index that has all that is asked of the rows which a choice leaves out."""
    return f"by_{choice.by.table.name}_left_out_by_{choice.name}"


def left_out(choice: Any) -> Clause:
    """What holds for the rows that a choice leaves out, written as their own index has it."""
    clause: Any = choice.clauses[choice.default]
    differs: Clause = not_(clause)
    if clause.operator is operators.eq:
        differs = clause.left != bindparam(None, clause.right.value, literal_execute=True)
    return differs
