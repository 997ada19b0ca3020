"""What a browser is told with every answer."""

from dataclasses import replace

import pytest
from support.pages import Pages

from web.app import create_app
from web.wiring import Wiring


@pytest.mark.parametrize(
    ("is_secure", "is_privately_signed", "told"),
    [(False, False, None), (True, False, "max-age=31536000"), (True, True, None)],
)
def test_https_alone_is_asked_of_hosts_of_the_internet(
    pages: Pages, *, is_secure: bool, is_privately_signed: bool, told: str | None
) -> None:
    """With a certificate of our own authority, other servers on localhost and on the machine's addresses stay open."""
    made: Wiring = pages.app.extensions["geo_engine"]
    app = create_app(replace(made, is_secure=is_secure, is_privately_signed=is_privately_signed))

    answer = app.test_client().get("/health")

    assert answer.headers.get("Strict-Transport-Security") == told
