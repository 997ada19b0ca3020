"""`geo-engine visits learn`: what the days behind tell of service and travel times, a JSON line each."""

import json
from collections.abc import Iterable, Iterator, Mapping

import click

from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.screen import say
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.planning.travel.learned import HoldOut, LearnedHour, LearnedTimes
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.learned import LOOKED_BACK_DAYS, LearnRules, learn_times, look_back
from geo_engine.visits.learning import LearnParams
from geo_engine.visits.shrinking import ShrinkParams
from geo_engine.words import Language, Message

_KINDS = {
    "service": Message("service per site"),
    "service_by_hour": Message("service per site and hour"),
    "travel": Message("travel"),
    "travel_by_hour": Message("travel by hour"),
}


@click.command()
@tenant_argument
@click.option(
    "--days",
    type=click.IntRange(2, 730),
    default=LOOKED_BACK_DAYS,
    show_default=True,
    help="From how many days before today.",
)
@click.option(
    "--quantile",
    type=NumberRange(0.05, 0.95),
    default=0.5,
    show_default=True,
    help="Which of what was seen is learned: 0.5 is right as often too long as too short.",
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Print what would be learned; the next plans have it not.")
@click.pass_obj
def command(language: Language, code: str, *, days: int, quantile: float, is_dry: bool) -> None:
    """Learn from TENANT's confirmed and likely visits how long services and ways take, for the next plans.

    Prints what was learned, each with what was given, and how far off both are on the last days, told by the days
    before them.
    """
    rules = LearnRules(days=days, params=LearnParams(shrink=ShrinkParams(quantile=quantile)))
    with open_tenant(code) as tenant, tenant.transaction() as session:
        found = (look_back if is_dry else learn_times)(session, rules, by=OPERATOR, now=now())
    for line in (*_times(found.times), *map(_held_out, found.held_out)):
        click.echo(json.dumps(line, ensure_ascii=False))
    for one in found.held_out:
        say(_told(one, language).render(language))


def _times(times: LearnedTimes) -> Iterator[Mapping[str, object]]:
    for site_id, one in sorted(times.services.items()):
        yield {
            "kind": "service",
            "site": site_id,
            "given_s": one.given_s,
            "learned_s": one.service_s,
            "visits": one.visit_count,
            "hours": _hours(one.hours, "learned_s", "visits"),
        }
    if times.travel is not None:
        yield {
            "kind": "travel",
            "factor": times.travel.factor,
            "legs": times.travel.leg_count,
            "hours": _hours(times.travel.hours, "factor", "legs"),
        }


def _hours(hours: Iterable[LearnedHour], value: str, count: str) -> list[Mapping[str, float]]:
    return [{"hour": one.hour, value: one.value, count: one.count} for one in hours]


def _held_out(one: HoldOut) -> Mapping[str, object]:
    return {
        "kind": "hold_out",
        "of": one.kind,
        "learned_from": one.learned_count,
        "told": one.count,
        "given_off_s": one.given_off_s,
        "learned_off_s": one.learned_off_s,
    }


def _told(one: HoldOut, language: Language) -> Message:
    kind = _KINDS[one.kind].render(language)
    if one.given_off_s is None or one.learned_off_s is None:
        return Message("{kind}: too little is known to tell how well it is learned.", {"kind": kind})
    facts = {
        "kind": kind,
        "count": one.count,
        "given": round(one.given_off_s),
        "learned": round(one.learned_off_s),
    }
    return Message("{kind}: {count} of the last days, off by {given} s as given, by {learned} s as learned.", facts)
