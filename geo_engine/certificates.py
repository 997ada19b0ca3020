"""Certificates of this machine in its own network, and the authority that signs them: phones need HTTPS.

The authority may sign for private addresses and for names of private zones alone: who holds its key cannot pass for
any host of the Internet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from geo_engine.private_files import write_at_once

type Address = IPv4Address | IPv6Address

_AUTHORITY_LASTS = timedelta(days=3650)
_SERVER_LASTS = timedelta(days=397)  # Apple's limit is 398
_RENEWED_BEFORE = timedelta(days=60)
_CLOCKS_DIFFER_BY = timedelta(days=1)
_PRIVATE_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(one)
    for one in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fe80::/10", "fc00::/7"),
    )
)
_PRIVATE_ZONES = ("localhost", "local", "lan", "home.arpa", "internal")  # nobody's in the DNS: RFC 6761, 6762, 8375
_PERMITTED: tuple[x509.GeneralName, ...] = (
    *(x509.DNSName(zone) for zone in _PRIVATE_ZONES),
    *(x509.IPAddress(network) for network in _PRIVATE_NETWORKS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """Where a server's certificate lies, and who signed it.

    Parameters
    ----------
    cert, key
        PEM files, as a server loads them; only the user can read the key.
    authority
        The certificate that devices have to trust.
    fingerprint
        The authority's SHA-256 fingerprint, as devices show it.
    superseded
        The fingerprint of an earlier authority that this one has just taken the place of.
    """

    cert: Path
    key: Path
    authority: Path
    fingerprint: str
    superseded: str | None = None


def is_private(address: Address) -> bool:
    """Whether an address is of a network that nobody has on the Internet, so that our authority may sign for it."""
    return any(address in network for network in _PRIVATE_NETWORKS)


def authority_path(state_dir: Path) -> Path:
    """Return where an installation's authority lies, if it has one."""
    return state_dir / "tls" / "ca.pem"


def is_own_certificate(path: Path, state_dir: Path) -> bool:
    """Whether a file is the certificate that an installation's own authority signed."""
    own = _server_path(state_dir)
    return own.exists() and path.exists() and path.samefile(own)


def kept_certificate(state_dir: Path, *, host_name: str, addresses: Iterable[Address], now: datetime) -> OwnCertificate:
    """Return the certificate of a machine, made when there is none or it is for others, or will soon be too old.

    Parameters
    ----------
    host_name
        What the machine is called: its first label in ``.local``, and the whole of it in a private zone, are named.
    addresses
        Its addresses; the private ones are named.
    now
        When the certificates begin to hold.
    """
    folder = authority_path(state_dir).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = _alternative_names(host_name, addresses)
    before = _read_certificate(folder / "ca.pem")
    authority, authority_key = _kept_authority(folder, before, host_name, now)
    cert, key = _server_path(state_dir), folder / "server-key.pem"
    if not _still_serves(cert, authority, wanted, now):
        chain, key_text = _sign_server(authority, authority_key, wanted, host_name, now)
        write_at_once(key, key_text)
        write_at_once(cert, chain, mode=0o644)
    return OwnCertificate(
        cert=cert,
        key=key,
        authority=authority_path(state_dir),
        fingerprint=_fingerprint(authority),
        superseded=None if before is None or before == authority else _fingerprint(before),
    )


def _server_path(state_dir: Path) -> Path:
    return authority_path(state_dir).with_name("server.pem")


def _alternative_names(host_name: str, addresses: Iterable[Address]) -> list[x509.GeneralName]:
    """Return the names and addresses of the machine that are private; a bare name could cover a top-level domain."""
    whole = host_name.lower()
    first = whole.partition(".")[0]
    names = ("localhost", *((f"{first}.local", whole) if first and whole.isascii() else ()))
    here = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
    return [
        *(x509.DNSName(name) for name in dict.fromkeys(names) if name == "localhost" or _is_in_private_zone(name)),
        *(x509.IPAddress(address) for address in dict.fromkeys((*here, *addresses)) if is_private(address)),
    ]


def _is_in_private_zone(name: str) -> bool:
    return any(name.endswith(f".{zone}") for zone in _PRIVATE_ZONES)


def _kept_authority(
    folder: Path, found: x509.Certificate | None, host_name: str, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return the authority and its key, making both when they are no pair, or it may sign for anything else."""
    cert_path, key_path = folder / "ca.pem", folder / "ca-key.pem"
    key = None if found is None else _read_key(key_path, of=found)
    if found is not None and key is not None:
        still_holds = found.not_valid_after_utc - now > _SERVER_LASTS
        if still_holds and _is_limited(found):
            return found, key
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign_authority(key, host_name, now)
    write_at_once(key_path, _key_text(key))
    write_at_once(cert_path, authority.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return authority, key


def _read_certificate(path: Path) -> x509.Certificate | None:
    """Return the first certificate of a file; None when there is none, or none that can be read."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _read_key(path: Path, *, of: x509.Certificate) -> ec.EllipticCurvePrivateKey | None:
    """Return the key of a certificate; None when it cannot be read or is another's, as a crash may leave it."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        is_pair = key.public_key() == of.public_key()
    except (FileNotFoundError, TypeError, ValueError, UnsupportedAlgorithm):
        return None
    return key if is_pair and isinstance(key, ec.EllipticCurvePrivateKey) else None


def _is_limited(authority: x509.Certificate) -> bool:
    """Whether an authority may sign for private addresses and names, and for nothing else."""
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return set(limits.permitted_subtrees or ()) == set(_PERMITTED)


def _sign_authority(key: ec.EllipticCurvePrivateKey, host_name: str, now: datetime) -> x509.Certificate:
    name = _subject(f"geo-engine {host_name}"[:64])
    return (
        _builder(name, name, key.public_key(), now, _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.NameConstraints(permitted_subtrees=_PERMITTED, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _sign_server(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    wanted: list[x509.GeneralName],
    host_name: str,
    now: datetime,
) -> tuple[bytes, bytes]:
    """Return a new certificate, with the authority's behind it, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    cert = (
        _builder(_subject(host_name[:64] or "geo-engine"), authority.subject, key.public_key(), now, _SERVER_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (cert, authority))
    return chain, _key_text(key)


def _still_serves(path: Path, authority: x509.Certificate, wanted: list[x509.GeneralName], now: datetime) -> bool:
    """Whether a certificate has its key and the authority's signature, names just what is wanted, and holds long."""
    cert = _read_certificate(path)
    if cert is None or _read_key(path.with_name("server-key.pem"), of=cert) is None:
        return False
    named = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    identifier = cert.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    signer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return identifier == signer and set(named) == set(wanted) and cert.not_valid_after_utc - now > _RENEWED_BEFORE


def _fingerprint(cert: x509.Certificate) -> str:
    return cert.fingerprint(hashes.SHA256()).hex(":").upper()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER_BY)
        .not_valid_after(now - _CLOCKS_DIFFER_BY + lasts)
    )


def _subject(common_name: str) -> x509.Name:
    names = {NameOID.ORGANIZATION_NAME: "geo-engine", NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(which, value) for which, value in names.items()])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, plain)
