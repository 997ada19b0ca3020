"""The words on the map page, under the keys its script asks for them; ``{n}`` and the like are filled there."""

from collections.abc import Mapping

from geo_engine.planning import UnassignedReason
from geo_engine.words import Language, Message


def page_words(language: Language) -> Mapping[str, str]:
    """Return every word of the page in `language`, its placeholders kept for the script to fill."""
    return {key: _keep(message).render(language) for key, message in _WORDS.items()}


def reason_words(reason: UnassignedReason) -> Message:
    """Return the few words a list shows for a reason; the full sentence stands beside them."""
    return _REASONS[reason]


def _keep(message: Message) -> Message:
    return Message(message.template, {name: "{" + name + "}" for name in _PLACEHOLDERS})


_PLACEHOLDERS = ("n", "total", "km", "hours", "minutes", "line", "column", "score", "name")

_REASONS = {
    UnassignedReason.NO_WORKER: Message("No worker"),
    UnassignedReason.WORKER_UNKNOWN: Message("Unknown worker"),
    UnassignedReason.NO_SKILL: Message("Skill missing"),
    UnassignedReason.OUTSIDE_SHIFTS: Message("Outside shifts"),
    UnassignedReason.TOO_LONG: Message("Too long"),
    UnassignedReason.FAR_FROM_ROAD: Message("Far from any road"),
    UnassignedReason.NO_PATH: Message("No way there"),
    UnassignedReason.OVER_CAPACITY: Message("Over capacity"),
    UnassignedReason.OUT_OF_REACH: Message("Out of reach"),
    UnassignedReason.NO_ROOM: Message("No room left"),
    UnassignedReason.PENALTY_CHEAPER: Message("Cheaper to skip"),
    UnassignedReason.FITS: Message("Not placed"),
}

_WORDS = {
    "title": Message("Day plan"),
    "map": Message("Map of the day plan"),
    "language": Message("Language"),
    "plan": Message("Plan"),
    "placed": Message("Placed"),
    "unassigned": Message("Unassigned"),
    "workers": Message("Workers used"),
    "distance": Message("Distance"),
    "driving": Message("Driving"),
    "saved_against": Message("Saved against"),
    "given_order": Message("the given order"),
    "given_order_note": Message("Against each worker making the same visits in the order they were given in"),
    "nearest": Message("nearest stop first"),
    "saved_note": Message(
        "Against the same visits if each worker in turn drives to the nearest one still possible; "
        "the rest is fitted in where it can be; nobody minds what was promised"
    ),
    "last_month": Message("last month"),
    "last_month_note": Message(
        "Against how far people went to the same sites in the last 30 days, a visit in the mean: {n} of {total} visits"
    ),
    "last_month_unknown": Message("Of too few of these sites it is known how far people went in the last 30 days"),
    "not_known": Message("not known"),
    "money": Message("Money"),
    "prices_assumed": Message("Money by assumed prices, in {n}"),
    "of_total": Message("of {total}"),
    "km": Message("{km} km"),
    "metres": Message("{n} m"),
    "hours_minutes": Message("{hours} h {minutes} min"),
    "minutes": Message("{minutes} min"),
    "visits": Message("{n} visits"),
    "visit_one": Message("1 visit"),
    "estimate_title": Message("Travel is estimated"),
    "estimate": Message("Straight lines instead of roads: times and distances are rough, do not promise them."),
    "speeds_title": Message("Travel follows the hour of the day"),
    "speeds": Message("Each way takes as long as at the hour it begins. Speed compared with free roads:"),
    "speeds_of": Message("{name}: {total}"),
    "speed_run": Message("{hours} at {n} %"),
    "comma": Message(", "),
    "violations": Message("Broken rules"),
    "search": Message("Find a stop, address or worker"),
    "search_found": Message("{n} found"),
    "search_none": Message("Nothing matches “{name}”."),
    "routes": Message("Routes"),
    "show_all": Message("Show all"),
    "hide_all": Message("Hide all"),
    "show_route": Message("Show the route of {name} on the map"),
    "show_left": Message("Show unassigned sites on the map"),
    "zoom_route": Message("Zoom to the route of {name}"),
    "no_routes": Message("No visit could be placed. The reasons stand below."),
    "no_jobs": Message("There is nothing to plan: the list of sites has no readable row."),
    "arrival": Message("Arrival"),
    "service": Message("Service"),
    "learned": Message("{minutes} learned from {n} visits, given {total}"),
    "learned_title": Message("Planned with learned times"),
    "learned_service": Message(
        "What past visits took is used at {n} of {total} stops: {hours} of service in all, {minutes} as given."
    ),
    "learned_travel": Message("Driving takes {score} times as long as the roads say, learned from {n} ways."),
    "waiting": Message("Waiting"),
    "waits": Message("waits {minutes} min"),
    "break": Message("Break"),
    "travel": Message("Travel"),
    "start": Message("Start"),
    "end": Message("End"),
    "open_end": Message("Ends at the last stop"),
    "start_end": Message("Start and end"),
    "worker": Message("Worker"),
    "window": Message("Begin within"),
    "any_time": Message("any time"),
    "skills": Message("Skills"),
    "leave_at": Message("Leave"),
    "back_at": Message("Back"),
    "all_placed": Message("Every visit has its place."),
    "readable_placed": Message("Every visit that could be read has its place."),
    "why_not": Message("Why not?"),
    "offers": Message("What would make room"),
    "no_offers": Message("Nothing that could be relaxed makes room for it."),
    "best_stop": Message("Best place"),
    "stop_alone": Message("the only stop"),
    "stop_last": Message("stop {n}, the last"),
    "stop_before": Message("stop {n}, before {name}"),
    "more_travel": Message("More travel"),
    "prevents": Message("What prevents it"),
    "unseen": Message("{n} more workers were not looked at."),
    "unseen_one": Message("1 more worker was not looked at."),
    "worker_notes": Message("Workers to check"),
    "problems": Message("Rows to correct"),
    "problems_brief": Message("{n} rows to correct"),
    "problem_brief_one": Message("1 row to correct"),
    "problems_note": Message("What could not be read is not in this plan."),
    "show_problems": Message("Show these rows"),
    "place": Message("line {line}"),
    "place_column": Message("line {line}, {column}"),
    "geocoded": Message("Addresses to check"),
    "geocoded_note": Message("These positions were guessed from the address. Check them on the map."),
    "score": Message("{score} % sure"),
    "legend": Message("Legend"),
    "legend_route": Message("Route along roads"),
    "legend_estimate": Message("Straight line, no road"),
    "legend_stop": Message("Stop, in order"),
    "legend_start": Message("Start or end of a route"),
    "legend_left": Message("Unassigned"),
    "zoom_all": Message("Show the whole plan"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "close": Message("Close"),
    "expand": Message("Show the list"),
    "collapse": Message("Show the map"),
    "road_source": Message("Roads: {name}"),
    "failed": Message("The page could not be drawn. The same plan is in plan.json and the CSV sheets beside it."),
}
