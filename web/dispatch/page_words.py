"""The words of the dispatcher's page that its script asks for, beside those of any plan's page."""

from collections.abc import Mapping

from geo_engine.words import Language, Message


def dispatch_words(language: Language) -> Mapping[str, str]:
    """Return the words in a language, their placeholders kept for the script to fill."""
    return {key: Message(one.template, _KEPT).render(language) for key, one in _WORDS.items()}


_KEPT = {name: "{" + name + "}" for name in ("n", "name", "total", "cost", "left")}

_WORDS = {
    "saved_against": Message("Saved against"),
    "nearest": Message("nearest neighbour"),
    "id_order": Message("the order of ids"),
    "id_order_note": Message("Against each worker making the same visits in the order of their ids"),
    "money": Message("Money"),
    "nothing_due": Message("No visit is due on this day."),
    "import_sites": Message("Import sites for this day"),
    "waiting": Message("Not planned yet"),
    "idle": Message("Without a route"),
    "read": Message("read"),
    "move": Message("Move …"),
    "before_stop": Message("{n}, before {name}"),
    "best_place": Message("Where it fits best"),
    "last_place": Message("Last"),
    "queued": Message("Waiting for a worker …"),
    "nothing_yet": Message("no plan yet"),
    "found": Message("cost {cost}, {left} left out"),
    "away": Message("The server cannot be reached; looking again …"),
    "elapsed": Message("{n} of {total} s"),
}
