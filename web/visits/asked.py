"""How the forms of the pages of visits are read: what is decided about which visit, as it was seen."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from geo_engine.errors import InvalidInput
from geo_engine.ids import DecisionId, SiteId, parse_id
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.overview import AsSeen, Word
from geo_engine.words import Message


def read_word(form: Mapping[str, str]) -> Word:
    """Return what a form says of a visit; another site than those it offers goes before the one it offers.

    Raises
    ------
    InvalidInput
        When it says nothing, or names no site.
    """
    kind = form.get("kind", "")
    if kind not in DecisionKind:
        raise InvalidInput(Message("Say whether the visit took place."))
    word = Word(kind=DecisionKind(kind), note=form.get("note", "").strip())
    if word.kind is not DecisionKind.ASSIGNED:
        return word
    chosen = form.get("other_site_id") or form.get("site_id", "")
    if not chosen:
        raise InvalidInput(Message("Choose the site the stay was at."))
    return Word(kind=word.kind, note=word.note, site_id=SiteId(parse_id(chosen)))


def seen_text(seen: AsSeen) -> str:
    """Return what was seen of a visit as a form carries it."""
    return f"{seen.derived_at.isoformat()}/{seen.decision_id or ''}"


def read_seen(text: str) -> AsSeen:
    """Return what a form says was seen of a visit.

    Raises
    ------
    InvalidInput
        When it says nothing that can be understood.
    """
    derived_at, _, decision_id = text.partition("/")
    try:
        found = datetime.fromisoformat(derived_at)
        decided = DecisionId(UUID(decision_id)) if decision_id else None
    except ValueError:
        raise InvalidInput(Message("The page is no longer valid: load it again.")) from None
    return AsSeen(derived_at=found, decision_id=decided)
