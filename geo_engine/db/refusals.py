"""What a database that does not do as it is told means for the caller; it loads no driver, only codes are looked at."""

from geo_engine.errors import Conflict, GeoEngineError, InvalidInput, Unavailable
from geo_engine.words import Message

# PostgreSQL's codes, appendix A of its manual. Class 08 and 57P0x: the connection or the server ends.
_AWAY = ("08", "57P0")
_TRY_AGAIN = frozenset({"53300", "40001", "40P01"})  # too many connections, serialization failure, deadlock
_CANCELED = frozenset({"57014", "55P03"})  # by a time limit of statements, or of waiting for a lock
# Class 22 and what exceeds a limit of the server: an entry of an index, most of all.
_DATA = ("22", "54000")


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, does not let us in, or broke off before a commit was confirmed.

    What the server or the driver says of it is logged where somebody can do something about it.
    """

    def __init__(self) -> None:
        super().__init__(Message("The database cannot be reached; try again."))


class DatabaseTooSlow(Unavailable):
    """A statement took longer than statements may; trying again at once would take as long."""

    def __init__(self) -> None:
        super().__init__(Message("The database did not finish this in time; try again later, or with less at once."))


class ValueRefused(InvalidInput):
    """A value is none that the database can keep."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "The database cannot keep a value of this: a number or date is out of range, an id is too long, or a "
                "text has characters that cannot be kept."
            )
        )


class RowConflict(Conflict):
    """What was to be written contradicts what is there; `constraint` names the rule."""

    def __init__(self, constraint: str) -> None:
        super().__init__(Message("This contradicts what is already recorded ({rule}).", {"rule": constraint}))
        self.constraint = constraint


def as_told(sqlstate: str | None, *, is_broken: bool) -> GeoEngineError | None:
    """Return what to tell of a statement that failed; None when it is a defect of ours, which is raised as it is.

    Parameters
    ----------
    sqlstate
        The server's code, or the driver's where it refused before the server could; None where neither gave one.
    is_broken
        Whether there is no connection any more, or never was.

    Examples
    --------
    >>> as_told("40P01", is_broken=False)
    DatabaseUnavailable(Message(template='The database cannot be reached; try again.', facts={}))
    >>> type(as_told("55P03", is_broken=False)).__name__  # somebody else holds a lock
    'DatabaseTooSlow'
    >>> as_told("42601", is_broken=False) is None
    True
    """
    code = sqlstate or ""
    if is_broken or code.startswith(_AWAY) or code in _TRY_AGAIN:
        return DatabaseUnavailable()
    if code in _CANCELED:
        return DatabaseTooSlow()
    if code.startswith(_DATA):
        return ValueRefused()
    return None
