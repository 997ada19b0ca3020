"""Use cases of roads."""

from datetime import datetime
from pathlib import Path

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput, NotFound
from geo_engine.ids import GraphKey
from geo_engine.roads import store
from geo_engine.roads.graph import RoadGraph
from geo_engine.roads.model import RoadChoice
from geo_engine.roads.opening import GraphMissing, chosen_graph
from geo_engine.tenancy import Access, Act
from geo_engine.words import Message


class NoRoadsChosen(InvalidInput):
    """The company has not said which roads it plans on."""

    def __init__(self) -> None:
        super().__init__(Message("The company has not chosen the roads it plans on: geo-engine tenant roads."))


class NeverChosen(NotFound):
    """The company never planned on these roads."""

    def __init__(self) -> None:
        super().__init__(Message("There is no such map."))


def use_roads(session: Session, choice: RoadChoice, *, by: Access, now: datetime) -> None:
    """Say which roads the company's routes are planned on from now on.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)

    store.save_choice(session, choice, now=now)
    record_act(session, "use_roads", ("road_graph", choice.key), by=by.member_id, now=now)


def get_choice(session: Session) -> RoadChoice:
    """Return which roads the company plans on.

    Raises
    ------
    NoRoadsChosen
        When it never chose any.
    """
    choice = store.find_choice(session)
    if choice is None:
        raise NoRoadsChosen
    return choice


def get_chosen(session: Session, key: GraphKey) -> RoadChoice:
    """Return roads that the company has chosen, now or before.

    Raises
    ------
    NeverChosen
        When it never chose them.
    """
    choice = store.find_graph(session, key)
    if choice is None:
        raise NeverChosen
    return choice


def find_chosen_graph(session: Session, *, cache_dir: Path) -> RoadGraph | None:
    """Return the graph that the company has chosen; None when it has chosen none, or only estimates, or it is not here.

    Raises
    ------
    InvalidInput
        When the graph's files are broken.
    """
    choice = store.find_choice(session)
    if choice is None:
        return None
    try:
        return chosen_graph(choice, cache_dir=cache_dir)
    except GraphMissing:
        return None
