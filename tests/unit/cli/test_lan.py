"""What is told about a certificate of one's own."""

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from geo_engine.certificates import OwnCertificate
from geo_engine.cli import lan
from geo_engine.words import Language

MADE = OwnCertificate(cert=Path("server.pem"), key=Path("key.pem"), authority=Path("ca.pem"), fingerprint="AA:01")


def test_who_trusted_an_earlier_authority_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Its fingerprint is named once it was replaced, and not otherwise."""
    said = []
    for made in (MADE, replace(MADE, superseded="BB:02")):
        lan.tell_how_to_trust(made, address="https://192.168.1.20:8080/", language=Language.EN)
        said.append(capsys.readouterr().err)

    assert ["BB:02" in text for text in said] == [False, True]
    assert "Remove the earlier one from every device" in said[1]


def test_an_address_without_a_certificate_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public address, for which the authority does not sign; the private ones go before it."""
    monkeypatch.setattr(lan, "_outgoing", lambda: iter([IPv4Address("198.51.100.7"), IPv4Address("127.0.0.1")]))
    monkeypatch.setattr(lan, "_interfaces", lambda: iter([IPv4Address("10.0.0.5"), IPv4Address("198.51.100.7")]))

    lan.tell_how_to_trust(MADE, address="https://10.0.0.5:8080/", language=Language.EN)

    assert "The certificate does not name 198.51.100.7:" in capsys.readouterr().err
    assert lan.lan_addresses() == (IPv4Address("10.0.0.5"), IPv4Address("198.51.100.7"))
