"""What a fleet does with a server that takes, fails, refuses or is away: nothing is lost, nothing waits for ever."""

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from support.ingest_server import IngestServer, ingest_server
from support.simulated_town import TOWN_PATH

from geo_engine.ids import WorkerId
from geo_engine.simulation import Halt, Truth, live_day
from geo_engine.simulation.days import SightParams, device_days
from geo_engine.simulation.delivering import NETWORKS, Network
from geo_engine.simulation.devices import Device
from geo_engine.simulation.fleet import DeviceDay, FleetParams, run_fleet
from geo_engine.simulation.ledger import Ledger
from geo_engine.simulation.noise import NOISES, Noise
from geo_engine.simulation.phones import PROTOCOLS, Phone
from geo_engine.simulation.truth import moved_by
from geo_engine.tracks.model import to_microseconds

PAST = live_day(
    TOWN_PATH,
    [Halt(service_s=300.0)] * 4,
    started_at=datetime(2026, 5, 4, 6, tzinfo=UTC),
    generator=np.random.default_rng(5),
)
SIGHT = SightParams(noise=NOISES[Noise.CITY], network=NETWORKS[Network.FLAKY], sampling_s=150.0)
AT_ONCE = FleetParams(speed=0.0, connections=8, first_retry_s=0.005, longest_retry_s=0.02, ends_within_s=1.0)


def _days(server: str, *, phones: tuple[Phone, ...] = tuple(Phone), truth: Truth = PAST) -> list[DeviceDay]:
    days = list[DeviceDay]()
    for number, phone in enumerate(phones):
        url = f"{server}/ingest/{PROTOCOLS[phone]}/acme.{number}"
        device = Device(name=f"van-{number}", worker_id=WorkerId(f"W{number}"), url=url, phone=phone)
        days += device_days(truth, [device], SIGHT, seed=number)
    return days


def _sent(days: list[DeviceDay]) -> Counter[tuple[str, int]]:
    return Counter(
        (f"acme.{number}", int(time_us))
        for number, day in enumerate(days)
        for time_us in day.track.times_us[day.delivery.rows]
    )


def _taken(server: IngestServer) -> Counter[tuple[str, int]]:
    return Counter((credential, to_microseconds(fix.tracked_at)) for credential, fix in server.taken)


@pytest.mark.parametrize(
    "status_of",
    [lambda _: 200, lambda number: 503 if number < 12 else 200, lambda number: 500 if number % 3 else 200],
    ids=["takes", "is away at first", "fails often"],
)
def test_nothing_is_lost(status_of: Callable[[int], int]) -> None:
    """Whatever a server fails with, each report of each app arrives in the end, as often as it was sent."""
    with ingest_server(status_of) as server:
        days = _days(server.url)

        tally = run_fleet(days, AT_ONCE)

        assert _taken(server) == _sent(days)
        assert tally.acknowledged_count == tally.due_count == _sent(days).total()
        assert tally.request_count == server.request_count
        assert not tally.refusals


def test_a_server_that_comes_late_gets_everything() -> None:
    """Where nobody listens yet, phones keep what they have."""
    with ingest_server() as gone:
        url = gone.url
    days = _days(url, phones=(Phone.TRACCAR_10, Phone.OVERLAND))

    tally = run_fleet(days, FleetParams(speed=0.0, for_s=0.3, first_retry_s=0.01, ends_within_s=0.5))

    assert tally.acknowledged_count == 0
    assert tally.retry_count > 0
    assert tally.due_count == _sent(days).total()


def test_a_refused_device_gives_up() -> None:
    """A wrong credential ends the device, not the run."""
    with ingest_server(lambda _: 403) as server:
        days = _days(server.url, phones=(Phone.OWNTRACKS, Phone.BATCH))

        tally = run_fleet(days, AT_ONCE)

        assert tally.refusals == {403: 2}
        assert server.request_count == 2


def test_apps_that_batch_ask_less() -> None:
    """Overland and our own batches bring a backlog in few requests."""
    with ingest_server() as server:
        days = _days(server.url, phones=(Phone.OVERLAND, Phone.BATCH))

        run_fleet(days, AT_ONCE)

        assert server.request_count == 2
        assert len(server.taken) == _sent(days).total()


def test_the_ledger_holds_what_was_acknowledged(tmp_path: Path) -> None:
    """Each acknowledged fix is in the ledger as its server read it."""
    with ingest_server(lambda number: 503 if number % 2 else 200) as server, Ledger(tmp_path / "acks.jsonl") as ledger:
        days = _days(server.url, phones=(Phone.OSMAND, Phone.OWNTRACKS))

        run_fleet(days, AT_ONCE, ledger=ledger)

    lines = [json.loads(line) for line in (tmp_path / "acks.jsonl").read_text().splitlines()]
    names = {f"acme.{number}": day.device.name for number, day in enumerate(days)}
    assert Counter((line["device"], line["tracked_at"], line["lon"], line["lat"]) for line in lines) == Counter(
        (names[who], fix.tracked_at.isoformat(), fix.position.lon, fix.position.lat) for who, fix in server.taken
    )


def test_no_fix_is_of_the_future() -> None:
    """Of a day that is half over, only the past half is reported at once, at whatever speed."""
    half_over = moved_by(
        PAST, datetime.now(UTC) - timedelta(seconds=len(PAST) / 2) - datetime(2026, 5, 4, 6, tzinfo=UTC)
    )
    with ingest_server() as server:
        days = _days(server.url, phones=(Phone.BATCH,), truth=half_over)

        tally = run_fleet(days, FleetParams(speed=100_000.0, for_s=0.4, ends_within_s=0.5))

        assert 0 < tally.acknowledged_count < tally.due_count
        assert max(fix.tracked_at for _, fix in server.taken) <= datetime.now(UTC)


def test_a_sped_up_day_passes_in_its_order() -> None:
    """A second is as long as the speed says: half of the time shows half of the day."""
    with ingest_server() as server:
        days = _days(server.url, phones=(Phone.TRACCAR_10,))
        lasting_s = (days[0].delivery.due_us[-1] - days[0].delivery.due_us[0]) / 1e6
        began_s = time.monotonic()

        run_fleet(days, FleetParams(speed=lasting_s / 0.4))

        assert time.monotonic() - began_s >= 0.4
        assert _taken(server) == _sent(days)


def test_whoever_asks_for_the_end_gets_it_soon() -> None:
    """A run that is told to stop ends although its day is not over, and tells what was done."""
    tomorrow = moved_by(PAST, datetime.now(UTC) + timedelta(days=1) - datetime(2026, 5, 4, 6, tzinfo=UTC))
    with ingest_server() as server:
        days = _days(server.url, phones=(Phone.BATCH,), truth=tomorrow)

        tally = run_fleet(days, FleetParams(), should_stop=lambda: True)

    assert tally.acknowledged_count == 0
    assert tally.elapsed_s < 5.0


def test_time_passes_while_a_fleet_is_made_ready() -> None:
    """A simulated clock that began before the run has passed meanwhile: what became due then is sent at once."""
    with ingest_server() as server:
        days = _days(server.url, phones=(Phone.BATCH,))

        tally = run_fleet(days, FleetParams(speed=1.0, began_s=time.time() - 2.0 * len(PAST), ends_within_s=0.5))

        assert tally.acknowledged_count == tally.due_count
        assert server.request_count == 1
