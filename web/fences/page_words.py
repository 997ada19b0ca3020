"""The words of the page of fences that its script asks for."""

from collections.abc import Mapping

from geo_engine.reports.model import OSM_ATTRIBUTION
from geo_engine.words import Language, Message


def fence_words(language: Language) -> Mapping[str, str]:
    """Return the words in a language, their placeholders kept for the script to fill."""
    return {key: Message(one.template, _KEPT).render(language) for key, one in _WORDS.items()}


_KEPT = {
    name: "{" + name + "}" for name in ("n", "name", "km", "by", "at", "from", "until", "line", "added", "changed")
}
_KEPT |= {name: "{" + name + "}" for name in ("unchanged", "minutes", "percent", "metres")}
_WORDS = {
    "map": Message("Map of the fences"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "zoom_all": Message("Show all fences"),
    "drawing": Message("Drawing the map …"),
    "attribution": OSM_ATTRIBUTION,
    "km": Message("{km} km"),
    "metres": Message("{n} m"),
    "square_metres": Message("{n} m²"),
    "square_km": Message("{n} km²"),
    "seconds": Message("{n} s"),
    "found": Message("{n} found"),
    "none_found": Message("None found"),
    "count": Message("{n} fences"),
    "count_one": Message("1 fence"),
    "show_more": Message("Show more ({n})"),
    "circle": Message("Circle"),
    "area": Message("Area"),
    "corridor": Message("Corridor"),
    "automatic": Message("Site's own"),
    "automatic_note": Message("The site has it of itself: it is where the site is, and goes when you draw another."),
    "radius": Message("Radius"),
    "width": Message("Width"),
    "size": Message("Size"),
    "length": Message("Length"),
    "site": Message("Site"),
    "hours": Message("Hours"),
    "any_time": Message("At any time"),
    "dwell": Message("A stay counts after"),
    "usual": Message("as usual"),
    "found_measured": Message(
        "A visit of {minutes} minutes is found in {percent} % of cases at the accuracy of {metres} m seen here."
    ),
    "found_usual": Message(
        "A visit of {minutes} minutes is found in {percent} % of cases at a usual accuracy of {metres} m;"
        " how exact phones are here is not known yet."
    ),
    "make_wider": Message("Make it at least {metres} m wide for {percent} %."),
    "id": Message("Id"),
    "version": Message("Version"),
    "version_n": Message("Version {n}"),
    "history": Message("History"),
    "since": Message("since {from}"),
    "since_ever": Message("since ever"),
    "span": Message("{from} to {until}"),
    "span_ever": Message("until {until}"),
    "by": Message("by {by}"),
    "edit": Message("Edit"),
    "remove": Message("Delete …"),
    "draw_own": Message("Draw one for this site"),
    "back": Message("All fences"),
    "show": Message("Show on the map"),
    "new_circle": Message("New circle"),
    "new_area": Message("New area"),
    "new_corridor": Message("New corridor"),
    "editing": Message("Edit {name}"),
    "hint_circle": Message("Click on the map where its middle is; drag the point on its edge."),
    "hint_area": Message(
        "Click on the map corner by corner; drag corners, or the points between them; a double click removes one."
    ),
    "hint_corridor": Message("Click along the way on the map; drag its points; a double click removes one."),
    "hint_edit_circle": Message("Drag its middle, or the point on its edge."),
    "hint_edit_area": Message("Drag corners, or the points between them; a double click removes one."),
    "hint_edit_corridor": Message("Drag its points, or those between them; a double click removes one."),
    "corner": Message("Corner {n}"),
    "between": Message("New corner behind corner {n}"),
    "centre": Message("Middle of the circle"),
    "edge": Message("Edge of the circle"),
    "bad_line": Message("Line {line} is not a longitude and a latitude, such as 116.4, 39.9."),
    "choose_from_list": Message("Choose one from the list."),
    "too_few": Message("Draw it on the map first, or fill in its coordinates."),
    "saved": Message("“{name}” is saved."),
    "removed": Message("“{name}” is deleted."),
    "undo": Message("Undo"),
    "restored": Message("“{name}” is back."),
    "remove_title": Message("Delete “{name}”?"),
    "loading": Message("Loading the fences …"),
    "load_failed": Message("The fences could not be loaded."),
    "try_again": Message("Try again"),
    "empty": Message("There is no fence yet"),
    "empty_note": Message(
        "A fence tells who arrives and leaves. Import sites and each has one of itself, draw one, or import a file."
    ),
    "nothing_fits": Message("No fence fits the search."),
    "look_again": Message("Look at it as it is now"),
    "mon": Message("Mon"),
    "tue": Message("Tue"),
    "wed": Message("Wed"),
    "thu": Message("Thu"),
    "fri": Message("Fri"),
    "sat": Message("Sat"),
    "sun": Message("Sun"),
    "would": Message("{added} new, {changed} changed, {unchanged} unchanged"),
    "nothing_to_write": Message("No fence of the file can be written, or none is new or changed."),
    "wrong": Message("{n} that cannot be written"),
    "wrong_one": Message("1 that cannot be written"),
    "and_more": Message("and {n} more"),
    "line": Message("line {line}"),
    "imported": Message("Imported: {added} new, {changed} changed."),
}
