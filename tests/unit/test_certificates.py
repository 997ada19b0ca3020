"""Certificates of one's own: kept, renewed, trusted by clients, and of no use for anybody else's names."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from cryptography import x509

from geo_engine import certificates
from geo_engine.certificates import OwnCertificate, is_own_certificate, kept_certificate

NOW = datetime.now(UTC)  # what a client trusts depends on its clock
HOME = IPv4Address("192.168.1.20")
SHARED = IPv4Network("100.64.0.0/10")  # RFC 6598: of a provider and its customers


def _made(folder: Path, *addresses: IPv4Address, host_name: str = "Office", now: datetime = NOW) -> OwnCertificate:
    return kept_certificate(folder, host_name=host_name, addresses=addresses or (HOME,), now=now)


def _limits(made: OwnCertificate) -> set[x509.GeneralName]:
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    return set(authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or ())


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


@pytest.mark.parametrize("name", ["office.local", "localhost", "192.168.1.20", "127.0.0.1", "::1"])
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


@pytest.mark.parametrize(
    ("host_name", "names"),
    [
        ("dev", {"localhost", "dev.local"}),
        ("Office.lan", {"localhost", "office.local", "office.lan"}),
        ("office.local", {"localhost", "office.local"}),
        ("office.example.com", {"localhost", "office.local"}),
        ("localhost", {"localhost", "localhost.local"}),
        ("办公室", {"localhost"}),
    ],
)
def test_a_machine_is_named_in_private_zones_alone(tmp_path: Path, host_name: str, names: set[str]) -> None:
    """Never by its bare name, which may be a top-level domain, and never by a name of the Internet."""
    cert = x509.load_pem_x509_certificate(_made(tmp_path, host_name=host_name).cert.read_bytes())

    named = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert set(named.get_values_for_type(x509.DNSName)) == names


def test_an_authority_may_not_sign_for_the_world(tmp_path: Path) -> None:
    """Whatever the machine is called and whichever addresses it has, the limits are the same private ones."""
    limits = [
        _limits(_made(tmp_path / "plain")),
        _limits(_made(tmp_path / "suffix", host_name="dev")),
        _limits(_made(tmp_path / "public", IPv4Address("198.51.100.7"), host_name="office.example.com")),
    ]

    assert limits[0] == limits[1] == limits[2]
    names = {one.value for one in limits[0] if isinstance(one, x509.DNSName)}
    assert names == {"localhost", "local", "lan", "home.arpa", "internal"}
    assert all(one.value.is_private or one.value == SHARED for one in limits[0] if isinstance(one, x509.IPAddress))


def test_an_authority_with_wider_limits_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that may sign for a bare name is used no longer, and whoever trusted it is told which it was."""
    with monkeypatch.context() as earlier:
        earlier.setattr(certificates, "_PERMITTED", (x509.DNSName("dev"), x509.DNSName("local")))
        wide = _made(tmp_path, host_name="dev")

    narrow = _made(tmp_path, host_name="dev")
    again = _made(tmp_path, host_name="dev")

    assert x509.DNSName("dev") not in _limits(narrow)
    assert (narrow.superseded, again.superseded) == (wide.fingerprint, None)
    assert again.fingerprint == narrow.fingerprint != wide.fingerprint
    _shake_hands(narrow, "dev.local")


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"])
@pytest.mark.parametrize("case", ["another's", "unreadable", "empty", "missing"])
def test_what_a_crash_left_is_made_anew(tmp_path: Path, name: str, case: str) -> None:
    """A certificate without the key it was made with, or the other way round, does not stay; clients trust the new."""
    (tmp_path / "other").mkdir()
    other = _made(tmp_path / "other").cert.parent
    broken = _made(tmp_path).cert.parent / name
    if case == "missing":
        broken.unlink()
    else:
        left = {"another's": (other / name).read_bytes(), "unreadable": b"-----BEGIN", "empty": b""}
        broken.write_bytes(left[case])

    healed = _made(tmp_path)

    _shake_hands(healed, "office.local")
    signed_later = _made(tmp_path, IPv4Address("10.1.2.3"))
    _shake_hands(signed_later, "10.1.2.3")
    assert signed_later.fingerprint == healed.fingerprint


def test_only_what_our_authority_signed_is_our_own_certificate(tmp_path: Path) -> None:
    """By whichever path it is named; not another's file, and nothing where there is no authority."""
    made = _made(tmp_path)
    link, other = tmp_path / "link.pem", tmp_path / "other.pem"
    link.symlink_to(made.cert)
    other.write_bytes(made.cert.read_bytes())

    assert [is_own_certificate(path, tmp_path) for path in (made.cert, link, other)] == [True, True, False]
    assert not is_own_certificate(made.cert, tmp_path / "elsewhere")
