"""Certificates of one's own: kept, renewed, trusted by clients, and of no use for anybody else's names."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from geo_engine.certificates import OwnCertificate, kept_certificate

NOW = datetime.now(UTC)  # what a client trusts depends on its clock
HOME = IPv4Address("192.168.1.20")


def _made(folder: Path, *addresses: IPv4Address, host_name: str = "Office", now: datetime = NOW) -> OwnCertificate:
    return kept_certificate(folder, host_name=host_name, addresses=addresses or (HOME,), now=now)


def _shake_hands(made: OwnCertificate, name: str) -> None:
    """Let a client that trusts the authority meet the server, without a socket."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.cert, made.key)
    client_side = ssl.create_default_context(cafile=str(made.authority))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(down, up, server_hostname=name)
    server = server_side.wrap_bio(up, down, server_side=True)
    waiting = [client, server, client, server]
    for side in waiting:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", ["office", "office.local", "localhost", "192.168.1.20", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_trusts_the_machine(tmp_path: Path, name: str) -> None:
    """Under every name and address it has, and on the machine itself."""
    _shake_hands(_made(tmp_path), name)


def test_nobody_elses_name_is_trusted(tmp_path: Path) -> None:
    """Another name is refused by the client."""
    made = _made(tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError, match=r"bank\.example"):
        _shake_hands(made, "bank.example")


def test_what_was_made_is_kept(tmp_path: Path) -> None:
    """The second time nothing is made anew; only its user can read a key."""
    first = _made(tmp_path)
    texts = [path.read_bytes() for path in (first.cert, first.key, first.authority)]

    second = _made(tmp_path, now=NOW + timedelta(days=300))

    assert second == first
    assert [path.read_bytes() for path in (second.cert, second.key, second.authority)] == texts
    assert {path.stat().st_mode & 0o077 for path in first.cert.parent.glob("*-key.pem")} == {0}


@pytest.mark.parametrize("case", ["address", "age"])
def test_a_new_certificate_needs_no_new_trust(tmp_path: Path, case: str) -> None:
    """In another private network, and when the old one is about to end, the same authority signs a new one."""
    first = _made(tmp_path)
    before = first.cert.read_bytes()

    later = NOW + timedelta(days=350)
    second = _made(tmp_path, now=later) if case == "age" else _made(tmp_path, IPv4Address("10.1.2.3"))

    assert second.fingerprint == first.fingerprint
    assert second.cert.read_bytes() != before


def test_an_authority_may_not_sign_for_the_world(tmp_path: Path) -> None:
    """For a public address or name that it was not made for, another authority is made."""
    prints = [
        _made(tmp_path).fingerprint,
        _made(tmp_path, IPv4Address("198.51.100.7")).fingerprint,
        _made(tmp_path, IPv4Address("198.51.100.7")).fingerprint,
        _made(tmp_path, host_name="office.example.com").fingerprint,
    ]

    assert len(set(prints)) == 3
    assert prints[1] == prints[2]
