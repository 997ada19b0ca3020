"""What systemd and compose are told of an installation: it is tried for ever, in order, and ends in its own time."""

import re
import subprocess
from pathlib import Path

import pytest

from geo_engine.cli.serve import _ENDS_WITHIN_S

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "scripts" / "systemd"
DEMO = ROOT / "scripts" / "demo"
KEYS = ("Wants", "After")


def _lines(name: str) -> list[str]:
    return (UNITS / f"geo-engine-{name}.service").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["migrate", "web", "worker"])
def test_a_service_is_tried_for_ever(name: str) -> None:
    """However long the database is away, systemd does not give up."""
    lines = _lines(name)
    first_of_service = lines.index("[Service]")

    assert "StartLimitIntervalSec=0" in lines[:first_of_service]
    assert {"Restart=always", "Restart=on-failure"} & set(lines[first_of_service:])


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_tables_are_made_before(name: str) -> None:
    """Whoever starts the pages or a worker has the tables brought to this version first, once."""
    wanted = {key: line.split("=")[1].split() for line in _lines(name) if (key := line.partition("=")[0]) in KEYS}

    assert all("geo-engine-migrate.service" in wanted[key] for key in KEYS)
    assert "RemainAfterExit=yes" in _lines("migrate")


def test_the_pages_are_given_the_time_to_end() -> None:
    """Both wait for longer than the server waits for its processes, else these would be killed from outside."""
    systemd = next(line for line in _lines("web") if line.startswith("TimeoutStopSec="))
    web = (ROOT / "compose.yaml").read_text(encoding="utf-8").partition("\n  web:")[2].partition("\n\n")[0]
    compose = re.search(r"stop_grace_period: (\d+)s", web)

    assert compose is not None
    assert min(int(systemd.partition("=")[2]), int(compose[1])) >= 2 * _ENDS_WITHIN_S


def test_only_what_the_image_copies_is_sent_to_its_maker() -> None:
    """Nothing made on this machine enters: all is ignored but the sources that the Dockerfile names."""
    rules = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    copied = set[str]()
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--"):
            copied |= set(words[1:-1])

    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
    assert {"**/node_modules", "**/__pycache__"} <= set(rules)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port"], "--port needs a number"),
        (["--no-serve", "--port", "eighty"], "--port needs a number"),
        (["--port", "8123", "--extract"], "--extract needs a file"),
        (["--port", "8123", "--nothing"], "usage: scripts/demo [--no-serve] [--extract FILE.osm.pbf] [--port N]"),
    ],
)
def test_the_demonstration_has_the_port_that_is_asked_for_where_one_is_taken(arguments: list[str], said: str) -> None:
    """A taken port is refused with “choose another: --port”, which has to be there; what is said wrong is told."""
    ended = subprocess.run([DEMO, *arguments], capture_output=True, text=True, check=False, timeout=10)

    assert ended.returncode != 0
    assert said in ended.stderr
