"""What can go wrong, arranged by what the caller can do about it.

::

    GeoEngineError
    ├── InvalidInput   the input cannot be used as it is: change it        (HTTP 422, exit 2)
    ├── Forbidden      this caller may not do this                         (HTTP 403)
    ├── NotFound       the thing named does not exist                      (HTTP 404)
    ├── Conflict       someone else was there first: look again, then act  (HTTP 409)
    └── Unavailable    something needed is missing now: try again later    (HTTP 503, exit 3)

Concrete errors live beside what raises them and carry data. Infeasibility is not an error:
it is `Unassigned` with its reason.
"""

from geo_engine.words import DEFAULT_LANGUAGE, Language, Message


class GeoEngineError(Exception):
    """Something the caller should hear about, in words a person understands."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message.render(DEFAULT_LANGUAGE)

    def render(self, language: Language) -> str:
        """Return the message in `language`."""
        return self.message.render(language)


class InvalidInput(GeoEngineError):
    """The input cannot be used as it is; changing it helps."""


class Forbidden(GeoEngineError):
    """The caller may not do this; asking someone who may helps."""


class NotFound(GeoEngineError):
    """The thing named does not exist."""


class Conflict(GeoEngineError):
    """Someone else was there first; looking again helps."""


class Unavailable(GeoEngineError):
    """Something needed is missing now; providing it, or trying again later, helps."""
