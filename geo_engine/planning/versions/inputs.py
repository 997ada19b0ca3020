"""What a plan was made from and what it says, kept with it: sites, workers and reasons, without what names a person.

Names, addresses, phone numbers and notes are not kept: they come from the rows of today, so that a correction shows
everywhere. Positions are kept, and where a worker starts and ends may be a home. The app role cannot change a plan, so
erasing a person takes the owner role, which has to reach `plan.inputs`, `route.start_geom` and `route.end_geom` too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from geo_engine.customers import Site
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.explain.offers import WhyNot
from geo_engine.planning.model import Violation, ViolationKind, WorkerNames
from geo_engine.planning.travel.learned import LearnedTimes
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message, message_document, plain_fact, read_message
from geo_engine.workforce import Worker

_SITES = TypeAdapter(tuple[Site, ...])
_WORKERS = TypeAdapter(tuple[Worker, ...])
_WHY_NOT = TypeAdapter(WhyNot)
_LEARNED = TypeAdapter(LearnedTimes)
_WHY_NOT_VERSION = 1
_SPEEDS = "speeds"
_OF_TODAY = ("name", "address", "phone", "notes")
_NOT_KEPT = {*_OF_TODAY, "line"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What sites and workers are called today: sites as they are known now, names by worker."""

    sites: Mapping[SiteId, Site]
    workers: Mapping[WorkerId, str]


def inputs_document(day_plan: DayPlan) -> dict[str, Any]:
    """Return a plan's sites and workers as JSON can hold them, in their order, and its speeds where it has any."""
    kept = {"__all__": _NOT_KEPT}
    return times_document(day_plan.learned, day_plan.speeds) | {
        "sites": _SITES.dump_python(tuple(day_plan.sites.values()), mode="json", exclude=kept),
        "workers": _WORKERS.dump_python(tuple(day_plan.workers.values()), mode="json", exclude=kept),
    }


def times_document(learned: LearnedTimes | None, speeds: SpeedsByMode) -> dict[str, Any]:
    """Return what a plan was made with beside what was given, as `read_learned` and `read_speeds` read it."""
    told = {} if learned is None else {"learned": _LEARNED.dump_python(learned, mode="json", exclude_defaults=True)}
    if speeds:
        told[_SPEEDS] = {mode: list(percents) for mode, percents in speeds.items()}
    return told


def read_inputs(document: Mapping[str, Any], names: Names) -> tuple[tuple[Site, ...], tuple[Worker, ...]]:
    """Return the sites and workers of a document; one that is known no more is called by its id."""
    sites = [_named_site(site, names) for site in document["sites"]]
    workers = [worker | {"name": names.workers.get(worker["id"], worker["id"])} for worker in document["workers"]]
    return _SITES.validate_python(sites), _WORKERS.validate_python(workers)


def read_learned(document: Mapping[str, Any]) -> LearnedTimes | None:
    """Return what a plan was made with beside what was given; None when it was made with given times."""
    kept = document.get("learned")
    return None if kept is None else _LEARNED.validate_python(kept)


def kept_mode(document: Mapping[str, Any], worker_id: str) -> TravelMode:
    """Return how a worker of a document travels; plans made before there were modes are the car's."""
    kept = (worker.get("mode", TravelMode.CAR) for worker in document["workers"] if worker["id"] == worker_id)
    return TravelMode(next(kept, TravelMode.CAR))


def read_speeds(document: Mapping[str, Any]) -> SpeedsByMode:
    """Return how fast one gets on at which hour in the plan of a document."""
    return {mode: tuple(percents) for mode, percents in document.get(_SPEEDS, {}).items()}


def sentence_document(sentence: Message) -> dict[str, Any]:
    """Return a sentence of a plan as JSON can hold it, the workers in it as their ids."""
    return message_document(sentence, keep=_kept_fact)


def read_sentence(document: Mapping[str, Any], names: Names) -> Message:
    """Return the sentence of a document, its workers called as they are today."""

    def read(fact: Any) -> object:  # noqa: ANN401 - whatever JSON held
        if isinstance(fact, dict):
            return WorkerNames(tuple((one, names.workers.get(one, one)) for one in map(WorkerId, fact["worker_ids"])))
        return plain_fact(fact)

    return read_message(document, read=read)


def violation_document(violation: Violation) -> list[Any]:
    """Return a violation as JSON can hold it."""
    return [violation.kind.value, violation.worker_id, violation.job_id, violation.excess]


def read_violation(document: Sequence[Any]) -> Violation:
    """Return the violation of a document."""
    kind, worker_id, job_id, excess = document
    return Violation(kind=ViolationKind(kind), worker_id=worker_id, job_id=job_id, excess=excess)


def why_not_document(why_not: WhyNot | None) -> dict[str, Any]:
    """Return what is kept of a job's “why not” beside the sentence that says why; nothing when there is none."""
    if why_not is None:
        return {}
    kept = _WHY_NOT.dump_python(why_not, mode="json", exclude_defaults=True)
    return {"why_not": {"version": _WHY_NOT_VERSION, "of": kept}}


def read_why_not(document: Mapping[str, Any]) -> WhyNot | None:
    """Return the “why not” kept beside a sentence; None when there is none, or it is of a version not known here."""
    kept = document.get("why_not")
    if kept is None or kept["version"] != _WHY_NOT_VERSION:
        return None
    return _WHY_NOT.validate_python(kept["of"])


def _kept_fact(fact: object) -> object:
    if isinstance(fact, WorkerNames):
        return {"worker_ids": [worker_id for worker_id, _ in fact.names]}
    return plain_fact(fact)


def _named_site(site: Mapping[str, Any], names: Names) -> dict[str, Any]:
    today = names.sites.get(site["id"])
    if today is None:
        return {**site, "name": site["id"]}
    return {**site, **{what: getattr(today, what) for what in _OF_TODAY}}
