"""How the devices to be simulated are read."""

import json
from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.simulation.devices import read_devices
from geo_engine.simulation.phones import Phone


def _line(**facts: str) -> str:
    plain = {"url": "http://one:8080/ingest/traccar/acme.s", "worker": "W1", "protocol": "traccar", "device": "p"}
    return json.dumps(plain | facts) + "\n"


def _file(folder: Path, text: str) -> Path:
    path = folder / "devices.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_device_runs_the_usual_app_of_its_protocol(tmp_path: Path) -> None:
    """Unless apps are named, a device runs the current one."""
    (device,) = read_devices(_file(tmp_path, "\n" + _line(worker="李娜")))

    assert (device.name, device.worker_id, device.phone) == ("p", "李娜", Phone.TRACCAR_10)
    assert device.url == "http://one:8080/ingest/traccar/acme.s"


def test_named_apps_are_run_in_turn_where_they_speak_the_protocol(tmp_path: Path) -> None:
    """Two generations of an app are both met; another protocol's device keeps its own."""
    lines = _line() + _line() + _line(protocol="owntracks") + _line()

    devices = read_devices(_file(tmp_path, lines), phones=[Phone.TRACCAR_8, Phone.TRACCAR_9])

    assert [device.phone for device in devices] == [
        Phone.TRACCAR_8,
        Phone.TRACCAR_9,
        Phone.OWNTRACKS,
        Phone.TRACCAR_9,
    ]


def test_another_server_gets_the_same_paths(tmp_path: Path) -> None:
    """The server is replaced, the credential in the path is not; a credential is not shown by accident."""
    (device,) = read_devices(_file(tmp_path, _line()), server="https://two:9443/")

    assert device.url == "https://two:9443/ingest/traccar/acme.s"
    assert "acme.s" not in repr(device)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_line() + "{}", "devices.jsonl:2: This is no device."),
        ("[]", "devices.jsonl:1: This is no device."),
        pytest.param("[" * 100_000, "devices.jsonl:1: This is no device.", id="deep"),
        ("hello", "devices.jsonl:1: This is no device."),
        (_line(protocol="smoke"), "devices.jsonl:1: This is no device."),
        (_line(worker=" "), "devices.jsonl:1: "),
        (_line(url="ftp://one/"), "devices.jsonl:1: Its address is none of HTTP."),
        (_line(url="http:///ingest"), "devices.jsonl:1: Its address is none of HTTP."),
        (_line(url="http://one/a\x00b"), "devices.jsonl:1: Its address is none of HTTP."),
        (_line(url="http://one:99999/"), "devices.jsonl:1: This is no device."),
        (_line(protocol="opengts"), "devices.jsonl:1: No app is simulated that speaks opengts."),
        ("", "devices.jsonl has no device."),
    ],
)
def test_what_is_no_device_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    """A file of devices that cannot be used is unusable input, and says where."""
    with pytest.raises(InvalidInput) as refused:
        read_devices(_file(tmp_path, text))

    assert str(refused.value).startswith(reason)
