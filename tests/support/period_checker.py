"""What a period's visits must fulfil, read from the text of the files alone: a second opinion.

Nothing of `geo_engine` is used.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

type Row = Mapping[str, str]
type Windows = Sequence[tuple[int, int]]

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, kw_only=True)
class PeriodFacts:
    """The rows of the files that were given and of ``visits.csv``, and what else was asked for.

    Parameters
    ----------
    workdays
        Names as ``Mon``.
    made
        Per site, when it was visited before.
    today
        The first day that may have a visit.
    """

    sites: Sequence[Row]
    workers: Sequence[Row]
    rules: Sequence[Row]
    visits: Sequence[Row]
    first: date
    weeks: int
    workdays: Collection[str] = _WEEKDAYS[:5]
    holidays: Collection[date] = ()
    made: Mapping[str, Sequence[date]]
    today: date | None = None


def rows_of(text: str) -> list[Row]:
    """Return the rows of a sheet as it is written."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def check_period(facts: PeriodFacts) -> list[str]:
    """Return everything that breaks a rule, in words."""
    by_site: dict[str, list[Row]] = defaultdict(list)
    for visit in facts.visits:
        by_site[visit["site"]].append(visit)
    wrong = [words for site in facts.sites for words in _wrong_site(facts, site, by_site.pop(site["id"], []))]
    wrong += [f"{site} is in no file" for site in by_site]
    routes: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for visit in facts.visits:
        routes[visit["worker"], visit["date"]].append(visit)
    shifts = {worker["id"]: worker for worker in facts.workers}
    for (worker, on), route in routes.items():
        wrong += [f"{worker} on {on}: {words}" for words in _wrong_route(shifts[worker], route)]
    return wrong


def _wrong_site(facts: PeriodFacts, site: Row, visits: Sequence[Row]) -> Iterator[str]:
    rule = _rule(facts, site)
    days = sorted(date.fromisoformat(visit["date"]) for visit in visits)
    for visit, on in zip(visits, (date.fromisoformat(visit["date"]) for visit in visits), strict=True):
        name = _WEEKDAYS[on.weekday()]
        closed = [date.fromisoformat(day) for day in rule.get("closed", "").split(";") if day]
        if name != visit["weekday"] or name not in facts.workdays or on in facts.holidays or on in closed:
            yield f"{site['id']} is visited on {on}, which is not worked"
        if rule.get("weekdays") and name not in rule["weekdays"].split(";"):
            yield f"{site['id']} is visited on a {name}"
        if on < (facts.today or facts.first) or on >= facts.first + timedelta(weeks=facts.weeks):
            yield f"{site['id']} is visited on {on}, outside the period"
        if site.get("worker") and visit["worker"] not in site["worker"].split(";"):
            yield f"{site['id']} is visited by {visit['worker']}"
    yield from (f"{site['id']}: {words}" for words in _wrong_spacing(facts, rule, days, facts.made.get(site["id"], ())))
    yield from (f"{site['id']}: {words}" for words in _wrong_counts(facts, rule, days, facts.made.get(site["id"], ())))


def _rule(facts: PeriodFacts, site: Row) -> Row:
    own = [rule for rule in facts.rules if rule.get("site") == site["id"]]
    return own[0] if own else next(rule for rule in facts.rules if rule.get("level") == site["level"])


def _wrong_spacing(facts: PeriodFacts, rule: Row, days: Sequence[date], made: Sequence[date]) -> Iterator[str]:
    least, most = int(rule["min_days"]), int(rule["max_days"])
    known = [*sorted(made)[-1:], *days]
    for before, after in pairwise(known):
        if not least <= (after - before).days <= most:
            yield f"{(after - before).days} days lie between {before} and {after}"
    after_all = facts.first + timedelta(weeks=facts.weeks)
    if known and (after_all - known[-1]).days > most:
        yield f"nothing follows {known[-1]} in time"


def _wrong_counts(facts: PeriodFacts, rule: Row, days: Sequence[date], made: Sequence[date]) -> Iterator[str]:
    count, weeks = int(rule["visits"]), int(rule.get("weeks") or 1)
    for week in range(0, facts.weeks - weeks + 1, weeks):
        opens = facts.first + timedelta(weeks=week)
        closes = opens + timedelta(weeks=weeks)
        if facts.today is not None and facts.today >= closes:
            continue
        found = sum(opens <= day < closes for day in [*days, *made])
        if found != count:
            yield f"{found} visits from {opens} on, not {count}"


def _wrong_route(worker: Row, route: Sequence[Row]) -> Iterator[str]:
    opens, closes = (_clock(part) for part in (worker.get("shift") or "09:00-18:00").split("-"))
    free = opens
    for number, visit in enumerate(route, start=1):
        arrival, start, end = (_clock(visit[column]) for column in ("arrival", "start", "end"))
        if int(visit["number"]) != number:
            yield "is out of order"
        if arrival > start or start > end or arrival < free:
            yield f"arrives at {visit['site']} at {visit['arrival']}, before it is free"
        free = end
    if free > closes:
        yield "works longer than the shift"


def _clock(text: str) -> int:
    moment = datetime.strptime(text[:5], "%H:%M").replace(tzinfo=None)  # noqa: DTZ007 - a clock's time of no day
    return moment.hour * 60 + moment.minute
