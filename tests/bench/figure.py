"""A measured figure, its budget, and what the one says about the other."""

from collections.abc import Sequence
from dataclasses import dataclass

BEYOND = 2.0
"""A figure of more than this many times its budget fails the bench."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `budget` is None where the figure only explains others; `beside` is what was
    measured in the same run to compare it with."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    beside: str = ""

    @property
    def share(self) -> float | None:
        """How many times the budget it is."""
        if self.budget is None:
            return None
        if self.budget == 0:
            return 0.0 if self.value <= 0 else float("inf")
        return self.value / self.budget

    @property
    def fails(self) -> bool:
        """Whether it is beyond twice its budget."""
        return self.share is not None and self.share > BEYOND

    @property
    def verdict(self) -> str:
        """Say in a word how it stands."""
        if self.share is None:
            return ""
        if self.share <= 1:
            return "ok"
        return "FAILS" if self.fails else "missed"

    def line(self) -> str:
        """Write the line of the table."""
        budget = "" if self.budget is None else f"{written(self.budget)} {self.unit}"
        share = "" if self.share is None else f"{self.share:.2f}x"
        value = f"{written(self.value)} {self.unit}"
        return f"{self.what:<58}{value:>14}{budget:>14}{share:>8}  {self.verdict:<7}{self.beside}".rstrip()


HEAD = f"{'what':<58}{'figure':>14}{'budget':>14}{'share':>8}  {'':<7}measured beside it"


def written(value: float) -> str:
    """Write a number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def middle(values: Sequence[float]) -> float:
    """Give the median."""
    return at_share(values, 0.5)


def at_share(values: Sequence[float], share: float) -> float:
    """Give the value that this share of all is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
