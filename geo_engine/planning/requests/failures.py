"""How it is kept why something that was asked of the queue led to nothing."""

from collections.abc import Mapping
from typing import Any

from geo_engine.errors import Conflict, Forbidden, GeoEngineError, InvalidInput, NotFound, Unavailable
from geo_engine.planning.versions.model import Failure
from geo_engine.words import message_document, read_message

_FAMILIES: Mapping[str, type[GeoEngineError]] = {
    "invalid_input": InvalidInput,
    "forbidden": Forbidden,
    "not_found": NotFound,
    "conflict": Conflict,
    "unavailable": Unavailable,
}


def failure_values(failure: GeoEngineError) -> dict[str, object]:
    """Return why something led to nothing, as columns of a request."""
    family = next(name for name, family in _FAMILIES.items() if isinstance(failure, family))
    return {"failure": message_document(failure.message), "failure_family": family}


def read_failure(document: Any, family: str | None) -> Failure | None:  # noqa: ANN401 - a column of JSON
    """Return what `failure_values` wrote; None when nothing failed."""
    if document is None or family is None:
        return None
    return Failure(family=_FAMILIES[family], message=read_message(document))
