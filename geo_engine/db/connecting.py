"""How a lasting connection is opened, the pool's and the queue's alike: what its session is set to, when it is lost."""

from collections.abc import Mapping

_SETTINGS = {
    "timezone": "UTC",
    # Unless it is named it comes first: a temporary table that an earlier request left on the connection would stand
    # before the one of its name, and no policy binds its rows.
    "search_path": "public,pg_temp",
    "statement_timeout": "60000",
    "idle_in_transaction_session_timeout": "60000",
}
_CONNECT_TIMEOUT_S = 5
# What was sent and not confirmed for so long is lost; and who waits for an answer asks the other end for a sign.
_UNHEARD_AFTER_MS = 10_000
_SIGN_AFTER_S, _SIGN_EVERY_S, _SIGN_COUNT = 10, 5, 3


def connection_arguments(
    *, connect_timeout_s: int = _CONNECT_TIMEOUT_S, settings: Mapping[str, str] | None = None
) -> dict[str, str | int]:
    """Return what a connection is opened with beside its address, by libpq's names.

    Parameters
    ----------
    connect_timeout_s
        How long one attempt to open it may take.
    settings
        What its session is set to beside what every session is.

    Notes
    -----
    Without them a connection whose other end vanished, machine and all, is waited on for hours: the system's own
    first sign comes after two.
    """
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in (_SETTINGS | dict(settings or {})).items()),
        "connect_timeout": connect_timeout_s,
        "tcp_user_timeout": _UNHEARD_AFTER_MS,
        "keepalives_idle": _SIGN_AFTER_S,
        "keepalives_interval": _SIGN_EVERY_S,
        "keepalives_count": _SIGN_COUNT,
    }
