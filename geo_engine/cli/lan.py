"""How phones nearby reach the pages safely: this machine's addresses, its certificate, and how devices trust it."""

import fcntl
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

from geo_engine.certificates import OwnCertificate, is_private, kept_certificate
from geo_engine.cli.screen import say
from geo_engine.cli.tenants import now
from geo_engine.words import Language, Message

_SOMEWHERE_ELSE = ("192.0.2.1", 9)  # RFC 5737: nobody's; nothing is sent there
_SIOCGIFADDR = 0x8915  # netdevice(7)
_ADDRESS_BYTES = slice(20, 24)


def lan_addresses() -> tuple[IPv4Address, ...]:
    """Return this machine's IPv4 addresses that others may reach: private ones first, then as the world is reached."""
    found = (one for one in (*_outgoing(), *_interfaces()) if not (one.is_loopback or one.is_unspecified))
    return tuple(sorted(dict.fromkeys(found), key=is_private, reverse=True))


def lan_certificate(state_dir: Path) -> OwnCertificate:
    """Return this machine's certificate, made when it has none that will do."""
    return kept_certificate(state_dir, host_name=socket.gethostname(), addresses=lan_addresses(), now=now())


def tell_how_to_trust(made: OwnCertificate, *, address: str, language: Language) -> None:
    """Say, step by step, how phones and computers are brought to trust the certificate, and where it does not help."""
    public = [str(one) for one in lan_addresses() if not is_private(one)]
    facts = {
        "path": made.authority,
        "url": f"{address}ca.pem",
        "fingerprint": made.fingerprint,
        "address": address,
        "superseded": made.superseded,
        "public": ", ".join(public),
    }
    for step in (*((_SUPERSEDED,) if made.superseded else ()), *((_PUBLIC,) if public else ()), *_STEPS):
        say(Message(step.template, facts).render(language))


_SUPERSEDED = Message(
    "This machine's authority was made anew. Remove the earlier one from every device that trusts it, and have the "
    "devices trust the new one. The earlier one's SHA-256 fingerprint: {superseded}"
)
_PUBLIC = Message(
    "The certificate does not name {public}: our own authority signs for private addresses alone. For pages on the "
    "Internet, give --tls-cert and --tls-key."
)
_STEPS = (
    Message(
        "Position and camera work only where the browser trusts the certificate. Once on each device:\n"
        "  The file is {path}, and it is offered at {url} (go on past the browser's warning this one time).\n"
        "  Its SHA-256 fingerprint, to compare with what the device shows: {fingerprint}",
    ),
    Message(
        "  Android: open {url}, keep the file; Settings › Security › More › Encryption & credentials › "
        "Install a certificate › CA certificate, and choose the file."
    ),
    Message(
        "  iPhone, iPad: open {url} in Safari, allow the profile; Settings › Profile Downloaded › Install; then "
        "Settings › General › About › Certificate Trust Settings, and turn it on."
    ),
    Message(
        "  Windows: open {url}, save the file, double-click it › Install Certificate › Current User › "
        "Place all certificates in the following store › Trusted Root Certification Authorities."
    ),
    Message(
        "  macOS: open {url}, save the file, open it with Keychain Access, "
        "double-click geo-engine there › Trust › Always Trust."
    ),
    Message("  Then open {address}"),
)


def _outgoing() -> Iterator[IPv4Address]:
    """Yield the address from which the world would be spoken to."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_SOMEWHERE_ELSE)
        yield IPv4Address(probe.getsockname()[0])


def _interfaces() -> Iterator[IPv4Address]:
    """Yield the address of each network interface, or what the machine's name stands for."""
    if sys.platform != "linux":
        with suppress(OSError):
            yield from (IPv4Address(address) for address in socket.gethostbyname_ex(socket.gethostname())[2])
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                asked = struct.pack("256s", name.encode()[:15])
                yield IPv4Address(fcntl.ioctl(probe, _SIOCGIFADDR, asked)[_ADDRESS_BYTES])
