"""What a plan saves: kilometres, hours and money beside other ways of making the same visits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.solver.baselines import Travel
from geo_engine.tenancy.travel_prices import TravelPrices, prices_document, read_said
from geo_engine.travel_modes import TravelMode

LEAST_KNOWN_SHARE = 0.75
"""Of the visits; where less is known of last month, it is not known."""

_VERSION = 1


class Against(StrEnum):
    """What a plan is compared with."""

    GIVEN_ORDER = "given_order"
    NEAREST = "nearest"
    LAST_MONTH = "last_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a plan takes less than another way of doing it; negative where it takes more.

    Parameters
    ----------
    travel_s
        None where it is not known.
    money
        None where a mode has no price, or it is not known who would have gone how far.
    visit_count, known_count
        How many visits the plan has, and of how many of them the other way is known: metres are those of these alone.
    """

    against: Against
    travel_m: int
    travel_s: int | None
    money: float | None
    visit_count: int
    known_count: int


def savings_of(day: DayPlan) -> Mapping[Against, Saving | None]:
    """Return what a plan saves against each other way; None where that is not known.

    Notes
    -----
    Against the given order and nearest neighbour the plan's whole routes are compared. Against last month it is the
    ways to those sites that are known, each as long as it was in the mean then, by the mode it is planned with now; the
    ways home are in neither sum.
    """
    return {
        Against.GIVEN_ORDER: _beside(day, Against.GIVEN_ORDER, day.by_list),
        Against.NEAREST: _beside(day, Against.NEAREST, day.nearest),
        Against.LAST_MONTH: _beside_last_month(day),
    }


def metres_by_mode(day: DayPlan) -> dict[TravelMode, int]:
    """Return how far a plan's workers go by each mode."""
    found: dict[TravelMode, int] = {}
    for route in day.plan.routes:
        mode = _mode_of(day, route.worker_id)
        found[mode] = found.get(mode, 0) + route.travel_m
    return found


def _beside(day: DayPlan, against: Against, other: Travel | None) -> Saving | None:
    if other is None:
        return None
    own_m, count = metres_by_mode(day), sum(len(route.planned_visits) for route in day.plan.routes)
    other_m = other.by_mode_m or (dict.fromkeys(own_m, other.travel_m) if len(own_m) == 1 else None)
    return Saving(
        against=against,
        travel_m=other.travel_m - day.plan.travel_m,
        travel_s=other.travel_s - day.plan.travel_s,
        money=None if other_m is None else _dearer(day.prices, other_m, own_m),
        visit_count=count,
        known_count=count,
    )


def _beside_last_month(day: DayPlan) -> Saving | None:
    visits = [(_mode_of(day, route.worker_id), visit) for route in day.plan.routes for visit in route.planned_visits]
    known = [(mode, visit) for mode, visit in visits if visit.job_id in day.driven_m]
    if not known or len(known) < LEAST_KNOWN_SHARE * len(visits):
        return None
    then_m = _sums((mode, day.driven_m[visit.job_id]) for mode, visit in known)
    now_m = _sums((mode, visit.travel_m) for mode, visit in known)
    return Saving(
        against=Against.LAST_MONTH,
        travel_m=sum(then_m.values()) - sum(now_m.values()),
        travel_s=None,
        money=_dearer(day.prices, then_m, now_m),
        visit_count=len(visits),
        known_count=len(known),
    )


def _sums(parts: Iterable[tuple[TravelMode, float]]) -> dict[TravelMode, int]:
    sums: dict[TravelMode, float] = {}
    for mode, metres in parts:
        sums[mode] = sums.get(mode, 0.0) + metres
    return {mode: round(metres) for mode, metres in sums.items()}


def _dearer(prices: TravelPrices, other_m: Mapping[Any, int], own_m: Mapping[Any, int]) -> float | None:
    other, own = prices.money(other_m), prices.money(own_m)
    return None if other is None or own is None else other - own


def _mode_of(day: DayPlan, worker_id: WorkerId) -> TravelMode:
    worker = day.workers.get(worker_id)
    return TravelMode.CAR if worker is None else worker.mode


# ---- kept with the plan ----------------------------------------------------------------------------------------------


def savings_document(day: DayPlan) -> dict[str, Any]:
    """Return what a plan's savings are told from, as JSON can hold it, beside the baselines' metres and seconds."""
    return {
        "version": _VERSION,
        "currency": day.prices.currency,
        "is_assumed": day.prices.is_assumed,
        "prices": prices_document(day.prices.by_mode),
        "nearest_m": {} if day.nearest is None else dict(day.nearest.by_mode_m),
        "by_list_m": {} if day.by_list is None else dict(day.by_list.by_mode_m),
        "driven_m": dict(day.driven_m),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSavings:
    """What `savings_document` kept."""

    prices: TravelPrices
    nearest_m: Mapping[str, int]
    by_list_m: Mapping[str, int]
    driven_m: Mapping[JobId, float]


def read_savings(document: Mapping[str, Any] | None) -> KeptSavings | None:
    """Return what a document says; None where there is none, or it is of a version not known here."""
    if document is None or document["version"] != _VERSION:
        return None
    prices = TravelPrices(
        currency=document["currency"],
        by_mode=read_said(document["prices"]),
        is_assumed=document["is_assumed"],
    )
    return KeptSavings(
        prices=prices,
        nearest_m=document["nearest_m"],
        by_list_m=document["by_list_m"],
        driven_m={JobId(job_id): metres for job_id, metres in document["driven_m"].items()},
    )
