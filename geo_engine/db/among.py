"""How rows are found by many ids at once."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, any_, literal


def among[T: (str, UUID, bytes)](column: Any, ids: Iterable[T]) -> ColumnElement[bool]:  # noqa: ANN401 - SQLAlchemy's
    """Return the condition that a column holds one of the ids.

    Notes
    -----
    All ids are one parameter, an array: a statement takes 65,535 parameters at most.
    """
    found: ColumnElement[bool] = column == any_(literal(sorted(set(ids)), ARRAY(column.type)))
    return found
