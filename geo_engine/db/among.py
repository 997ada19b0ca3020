"""How rows are found by many ids at once."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal


def among(column: Any, ids: Iterable[str]) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy's
    """Return the condition that a column holds one of the ids.

    Notes
    -----
    All ids are one parameter, an array: a statement takes 65,535 parameters at most.
    """
    found: ColumnElement[bool] = column == any_(literal(sorted(set(ids)), ARRAY(Text)))
    return found
