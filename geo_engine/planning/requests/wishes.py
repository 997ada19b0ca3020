"""How a request to replan is kept until it is worked off: where the day stood, as JSON can hold it."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from geo_engine.planning.versions.model import ReplanWish

_WISH = TypeAdapter(ReplanWish)


def wish_document(wish: ReplanWish) -> dict[str, Any]:
    """Return a wish as JSON can hold it."""
    kept: dict[str, Any] = _WISH.dump_python(wish, mode="json")
    return kept


def read_wish(document: Mapping[str, Any]) -> ReplanWish:
    """Return the wish of a document."""
    return _WISH.validate_python(document)
