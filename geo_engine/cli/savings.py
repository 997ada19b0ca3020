"""What a plan saves, as a person at a terminal reads it."""

from collections.abc import Mapping
from typing import Any

from geo_engine.words import Message

_OTHERS = {
    "given_order": Message("the given order"),
    "nearest": Message("nearest neighbour"),
    "last_month": Message("last month"),
}
_UNKNOWN = Message("not known")


def saving_lines(summary: Mapping[str, Any]) -> list[Message]:
    """Return a sentence for each way a plan is compared with, from the summary of its plan.json."""
    savings: Mapping[str, Any] = summary.get("savings", {})
    return [_line(other, savings[key], summary["currency"]) for key, other in _OTHERS.items() if key in savings]


def _line(other: Message, saving: Mapping[str, Any] | None, currency: str) -> Message:
    if saving is None:
        return Message("Saved against {other}: not known.", {"other": other})
    hours, money = saving["travel_s"], saving["money"]
    facts = {
        "other": other,
        "km": f"{saving['travel_m'] / 1000:.1f}",
        "hours": _UNKNOWN if hours is None else f"{hours / 3600:.1f}",
        "money": _UNKNOWN if money is None else f"{money:.2f} {currency}",
    }
    if saving["known_count"] < saving["visit_count"]:
        facts |= {"known": saving["known_count"], "count": saving["visit_count"]}
        return Message(
            "Saved against {other}: km {km}, hours {hours}, money {money} ({known} of {count} visits).", facts
        )
    return Message("Saved against {other}: km {km}, hours {hours}, money {money}.", facts)
