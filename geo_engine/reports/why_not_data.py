"""“Why not” as values for programs and for pages, and as a sheet."""

from collections.abc import Iterator, Mapping
from typing import Any

from geo_engine.ids import JobId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.explain.offers import BestPlace, Lever, Offer
from geo_engine.planning.explain.relaxation import best_offers
from geo_engine.planning.model import ViolationKind
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.names import site_name, worker_name
from geo_engine.reports.offer_words import change_words, hindrance_words, offer_words
from geo_engine.reports.page_words import reason_words
from geo_engine.tables.csv_sheets import render_sheet
from geo_engine.tables.formulas import inert
from geo_engine.words import Language, Message

_NOT_BY_MOVING = frozenset({Lever.SERVICE_SHORTER, Lever.SHIFT_EARLIER, Lever.WINDOW_EARLIER})
_HEADINGS = (
    Message("Job"),
    Message("Name"),
    Message("Address"),
    Message("Reason"),
    Message("Explanation"),
    Message("Worker"),
    Message("Place in the order"),
    Message("More travel (min)"),
    Message("More distance (km)"),
    Message("What prevents it"),
    Message("What would make room"),
)


def why_not_values(job_id: JobId, day: DayPlan, language: Language) -> dict[str, Any] | None:
    """Return a job's “why not” as plan.json holds it; None when it was not worked out."""
    why_not = day.why_nots.get(job_id)
    if why_not is None:
        return None
    return {
        "offers": [_offer(offer, day, language) for offer in best_offers(why_not)],
        "workers": [_place(place, job_id, day, language) for place in why_not.places],
        "unseen_worker_count": why_not.unseen_count,
    }


def _place(place: BestPlace, job_id: JobId, day: DayPlan, language: Language) -> dict[str, Any]:
    return {
        "worker_id": place.worker_id,
        "worker_name": worker_name(place.worker_id, day),
        "stop": place.position + 1,
        "cost": place.cost if _is_reached(place) else None,
        "travel_s": place.travel_s if _is_reached(place) else None,
        "travel_m": place.travel_m if _is_reached(place) else None,
        "detail": hindrance_words(place, job_id, day).render(language),
        "broken": [
            {"kind": found.kind.value, "job_id": found.job_id, "excess": found.excess} for found in place.broken
        ],
        "offers": [_offer(offer, day, language) for offer in place.offers],
    }


def _offer(offer: Offer, day: DayPlan, language: Language) -> dict[str, Any]:
    return {
        "worker_id": offer.worker_id,
        "stop": offer.position + 1,
        "leaves_out": offer.leaves_out,
        "relaxations": [
            {
                "lever": one.lever.value,
                "amount": one.amount,
                "job_id": one.job_id,
                "number": one.number + 1,
                "skills": list(one.skills),
                "to_at": None if one.to_at is None else local_iso(one.to_at, day.zone),
            }
            for one in offer.relaxations
        ],
        "cost": offer.cost,
        "travel_s": offer.travel_s,
        "travel_m": offer.travel_m,
        "detail": offer_words(offer, day).render(language),
    }


def why_not_page(job_id: JobId, day: DayPlan) -> dict[str, Any] | None:
    """Return a job's “why not” as a page shows it, every sentence in every language; None when it was not worked out.

    Notes
    -----
    An offer `is_move` when giving the visit to the worker is all that it takes: the plan then says what it breaks.
    """
    why_not = day.why_nots.get(job_id)
    if why_not is None:
        return None
    return {
        "offers": [
            {
                "worker_id": offer.worker_id,
                "stop": offer.position + 1,
                "is_move": _is_move(offer),
                "say": _everywhere(offer_words(offer, day)),
            }
            for offer in best_offers(why_not)
        ],
        "workers": [
            {
                "name": worker_name(place.worker_id, day),
                "worker_id": place.worker_id,
                "stop": place.position + 1,
                "travel_s": place.travel_s if _is_reached(place) else None,
                "travel_m": place.travel_m if _is_reached(place) else None,
                "say": _everywhere(hindrance_words(place, job_id, day)),
                "cheapest": _everywhere(change_words(place.offers[0], day)) if place.broken and place.offers else None,
            }
            for place in why_not.places
        ],
        "unseen_count": why_not.unseen_count,
    }


def _is_reached(place: BestPlace) -> bool:
    """Return whether a road leads there and on: the rest of a way with a hole in it is no figure to tell."""
    return all(one.kind is not ViolationKind.NO_PATH for one in place.broken)


def _is_move(offer: Offer) -> bool:
    return offer.leaves_out is None and not any(one.lever in _NOT_BY_MOVING for one in offer.relaxations)


def _everywhere(message: Message) -> Mapping[str, str]:
    return {language.value: message.render(language) for language in Language}


def render_left_sheet(day: DayPlan, language: Language) -> str:
    """Return the CSV of what a plan leaves out: a row per job and worker looked at, the one who comes closest first.

    Notes
    -----
    As `render_sheet` has it. A text that a spreadsheet would run as a formula is `inert`.
    """
    return render_sheet([[heading.render(language) for heading in _HEADINGS], *_rows(day, language)])


def _rows(day: DayPlan, language: Language) -> Iterator[tuple[str, ...]]:
    for left in day.plan.unassigned:
        site = day.sites.get(left.job_id)
        texts = (left.job_id, site_name(left.job_id, day), site.address if site else "")
        why = (reason_words(left.reason).render(language), left.detail.render(language))
        job = tuple(inert(text) for text in (*texts, *why))
        why_not = day.why_nots.get(left.job_id)
        if why_not is None or not why_not.places:
            yield (*job, "", "", "", "", "", "")
            continue
        for place in why_not.places:
            yield (*job, *_place_row(place, left.job_id, day, language))


def _place_row(place: BestPlace, job_id: JobId, day: DayPlan, language: Language) -> tuple[str, ...]:
    offer = offer_words(place.offers[0], day).render(language) if place.offers else ""
    return (
        inert(worker_name(place.worker_id, day)),
        str(place.position + 1),
        f"{place.travel_s / 60:.0f}" if _is_reached(place) else "",
        f"{place.travel_m / 1000:.1f}" if _is_reached(place) else "",
        inert(hindrance_words(place, job_id, day).render(language)),
        inert(offer),
    )
