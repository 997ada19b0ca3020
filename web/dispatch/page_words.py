"""The words of the dispatcher's page that its script asks for, beside those of any plan's page."""

from collections.abc import Mapping

from geo_engine.words import Language, Message


def dispatch_words(language: Language) -> Mapping[str, str]:
    """Return the words in a language, their placeholders kept for the script to fill."""
    return {key: Message(one.template, _KEPT).render(language) for key, one in _WORDS.items()}


_KEPT = {name: "{" + name + "}" for name in ("n", "name", "total", "left", "age", "time", "before", "after")}

_WORDS = {
    "nothing_due": Message("No visit is due on this day."),
    "import_sites": Message("Import sites for this day"),
    "waiting": Message("Not planned yet"),
    "plan_placed": Message("Every visit of this plan has its place. Not planned yet: {n}"),
    "idle": Message("Without a route"),
    "read": Message("read"),
    "changes": Message("Changes against what the workers have"),
    "change_moved": Message("{name}: from {before} to {after}"),
    "change_retimed": Message("{name}: {before} → {after}"),
    "change_dropped": Message("No longer planned; it was {name}"),
    "change_added": Message("New: {name}"),
    "changed_moved": Message("{n} to another worker"),
    "changed_retimed": Message("{n} at another time"),
    "changed_dropped": Message("{n} dropped"),
    "changed_added": Message("{n} added"),
    "later": Message("{n} min later"),
    "earlier": Message("{n} min earlier"),
    "fits": Message("Where would it fit?"),
    "fits_looking": Message("Looking …"),
    "fits_none": Message("Nobody may make this visit."),
    "fits_take": Message("Take"),
    "fits_extra": Message("{n} min more driving"),
    "fits_nobody_late": Message("nobody late"),
    "fits_late": Message("{name}: {n} min late"),
    "fits_lates": Message("{n} visits late, by up to {total} min"),
    "fits_broken": Message("{n} rules broken"),
    "fits_broken_one": Message("1 rule broken"),
    "lock": Message("Lock …"),
    "locked": Message("Locked"),
    "move": Message("Move …"),
    "stays_done": Message("Already made: it stays."),
    "stays_under_way": Message("Under way: it stays."),
    "stays_driven_to": Message("Somebody is driving there: it stays."),
    "take": Message("Place it there"),
    "take_note": Message("The next version says which rules it breaks."),
    "before_stop": Message("{n}, before {name}"),
    "best_place": Message("Where it fits best"),
    "last_place": Message("Last"),
    "queued": Message("Waiting for a worker …"),
    "nothing_yet": Message("no plan yet"),
    "found": Message("best plan so far: {left} left out"),
    "away": Message("The server cannot be reached; looking again …"),
    "elapsed": Message("{n} of {total} s"),
    "live": Message("Live"),
    "show_live": Message("Show on the map where people are"),
    "on_shift": Message("On shift"),
    "off_shift": Message("Off shift"),
    "just_now": Message("just now"),
    "ago": Message("{age} ago"),
    "position": Message("Position"),
    "received": Message("Received"),
    "speed": Message("Speed"),
    "km_per_hour": Message("{n} km/h"),
    "heading": Message("Heading"),
    "north": Message("north"),
    "north_east": Message("north-east"),
    "east": Message("east"),
    "south_east": Message("south-east"),
    "south": Message("south"),
    "south_west": Message("south-west"),
    "west": Message("west"),
    "north_west": Message("north-west"),
    "accuracy": Message("Accuracy"),
    "battery": Message("Battery"),
    "percent": Message("{n} %"),
    "to_route": Message("Show the route"),
    "people_here": Message("{n} people are here"),
    "show_more": Message("Show more ({n})"),
    "show_fewer": Message("Show fewer"),
    "legend_live": Message("Worker, now"),
    "legend_late": Message("5 min ago or more"),
    "live_away": Message("No connection: this is how it was at {time}. Trying again …"),
    "live_unknown": Message("No connection: positions are not known yet. Trying again …"),
    "live_nobody": Message("Nobody has reported a position in the last 12 hours."),
    "live_begin": Message(
        "Phones report with an app such as OwnTracks or Traccar Client. For each worker whoever runs geo-engine makes "
        "the code that the app scans:"
    ),
    "live_gate": Message(
        "Unless your company tracks people always, only what they report in a published or begun shift is kept."
    ),
}
