"""Where a page's map gets what lies under all else: the drawing of the company's own extract, where there is one."""

from flask import url_for

from geo_engine.roads.opening import GraphMissing
from geo_engine.roads.service import NoRoadsChosen, get_choice
from web.people import my_rows
from web.wiring import wiring


def find_background_url() -> str | None:
    """Return where the background is; None when the company has no extract, or none on this machine."""
    try:
        with my_rows() as session:
            choice = get_choice(session)
        roads = wiring().roads.get(choice)
    except (NoRoadsChosen, GraphMissing):
        return None
    return None if roads.extract is None else url_for("dispatch.background", key=choice.key)
