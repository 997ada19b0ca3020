"""Taking what “why not” offers, and asking `evaluate` whether it keeps its word."""

from collections.abc import Iterable, Mapping

from geo_engine.ids import JobId
from geo_engine.planning.evaluate import Orders, evaluate
from geo_engine.planning.explain.offers import Offer, WhyNot
from geo_engine.planning.explain.relaxation import relaxed, worsened
from geo_engine.planning.model import Violation, ViolationKind
from geo_engine.planning.problem import Problem


def offers_of(why_nots: Mapping[JobId, WhyNot]) -> list[Offer]:
    """Return all offers of all workers."""
    return [offer for why_not in why_nots.values() for place in why_not.places for offer in place.offers]


def broken_promises(problem: Problem, orders: Orders, offers: Iterable[Offer]) -> list[tuple[Offer, object]]:
    """Return the offers that, taken on the whole problem, leave the job out, break something new or cost otherwise."""
    before = evaluate(problem, orders)
    penalties = {job.id: penalty for job, penalty in zip(problem.jobs, problem.penalties, strict=True)}
    broken: list[tuple[Offer, object]] = []
    for offer in offers:
        taken = {**orders, offer.worker_id: offer.order(orders.get(offer.worker_id, []))}
        after = evaluate(relaxed(problem, offer.worker_id, offer.relaxations), taken)
        given_up = 0 if offer.leaves_out is None else penalties[offer.leaves_out]
        if offer.job_id in after.unassigned_ids:
            broken.append((offer, "left out"))
        elif worse := worsened(_rules(before.violations), _rules(after.violations)):
            broken.append((offer, worse))
        elif after.cost - before.cost != offer.cost - penalties[offer.job_id] + given_up:
            broken.append((offer, after.cost - before.cost))
    return broken


def _rules(violations: Iterable[Violation]) -> list[Violation]:
    """Return what a route breaks: leaving out what must be visited is not its fault."""
    return [violation for violation in violations if violation.kind is not ViolationKind.REQUIRED]
