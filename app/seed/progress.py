"""How far a load is: what goes through its phases is counted, and a terminal shows it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Gives the items of a phase one by one, and notes that they are taken."""

    def __call__(self, items: Iterable[T], phase: str, unit: str, total: int, /) -> Iterable[T]:
        """`total` is how many items there will be."""


def silent(items: Iterable[T], _phase: str, _unit: str, _total: int) -> Iterable[T]:
    """No progress is shown."""
    return items


def bar(items: Iterable[T], phase: str, unit: str, total: int) -> Iterable[T]:
    """A bar with rate and time left on standard error, for a phase that takes a while."""
    from tqdm import tqdm

    return tqdm(items, phase, total, unit=f" {unit}", delay=0.2, leave=False, dynamic_ncols=True)
