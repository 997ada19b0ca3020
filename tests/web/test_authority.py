"""The certificate that devices have to trust, and what the pages say where there is none."""

from dataclasses import replace
from pathlib import Path

from support.pages import Pages, Person

from web.app import create_app
from web.wiring import Wiring

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def _nobody(pages: Pages, authority: Path) -> Person:
    made: Wiring = pages.app.extensions["geo_engine"]
    return Person(client=create_app(replace(made, authority=authority)).test_client())


def test_anybody_is_given_the_certificate_as_phones_want_it(pages: Pages, tmp_path: Path) -> None:
    """Before sign-in, of the type that makes a phone offer to install it, under a name Windows knows."""
    path = tmp_path / "ca.pem"
    path.write_text(CERTIFICATE, encoding="ascii")

    answer = _nobody(pages, path).get("/ca.pem")

    assert (answer.status_code, answer.text) == (200, CERTIFICATE)
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert answer.headers["Content-Disposition"] == "inline; filename=geo-engine-ca.crt"


def test_where_there_is_none_there_is_no_such_page(pages: Pages, tmp_path: Path) -> None:
    """An installation without an authority of its own answers as for any unknown address."""
    answers = [_nobody(pages, tmp_path / "ca.pem").get("/ca.pem"), pages.nobody().get("/ca.pem")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_field_page_can_say_that_there_is_no_secure_context(pages: Pages) -> None:
    """The sentence is on the page in the reader's language, hidden until the browser knows better."""
    page = pages.person("worker").get("/field").text

    assert 'id="insecure" role="alert" hidden>Position and camera do not work here' in page
