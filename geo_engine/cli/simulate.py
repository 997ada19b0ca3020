"""`geo-engine simulate`: workers who drive, and phones that report it to a server."""

import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event

import click
import numpy as np

from geo_engine.children import end_with_parent
from geo_engine.cli.dates import day_option, moment_option
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.screen import CountBar, first_interrupt, say
from geo_engine.cli.simulated_days import DaysRequest, LivedDay, planned_days, random_days
from geo_engine.cli.tenants import now
from geo_engine.cli.writing import NewFile
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.ids import WorkerId
from geo_engine.simulation.conduct import statements_of
from geo_engine.simulation.days import SightParams, device_days
from geo_engine.simulation.delivering import NETWORKS, Network
from geo_engine.simulation.devices import Device, read_devices
from geo_engine.simulation.fleet import DeviceDay, FleetParams, FleetTally, pace_of, run_fleet
from geo_engine.simulation.ledger import Ledger, TruthFiles
from geo_engine.simulation.noise import NOISES, Noise
from geo_engine.simulation.phones import Phone
from geo_engine.simulation.stating import StatedBy, stating
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.words import Language, Message

_FILE = click.Path(path_type=Path, dir_okay=False)


def _named_option[F: Callable[..., object]](*names: str, kind: type[StrEnum], **facts: object) -> Callable[[F], F]:
    """Return an option that is one of the values of an enumeration, or several."""

    def member(_context: click.Context, _option: click.Parameter, value: str | tuple[str, ...]) -> object:
        return kind(value) if isinstance(value, str) else tuple(kind(one) for one in value)

    values = click.Choice([one.value for one in kind])
    return click.option(*names, type=values, callback=member, **facts)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command was asked for, by the names of its options."""

    devices_file: Path
    code: str | None
    service_on: date | None
    extract: Path | None
    most_workers: int | None
    server: str | None
    phones: tuple[Phone, ...]
    noise: Noise
    network: Network
    sampling_s: float
    start_at: datetime | None
    speed: float
    for_s: float | None
    connections: int
    seed: int
    has_check_ins: bool
    truth_folder: Path | None
    ledger_file: Path | None
    with_parent: bool


@click.command()
@click.option(
    "--devices", "devices_file", type=_FILE, required=True, help="One JSON object a line, as devices add prints them."
)
@click.option("--tenant", "code", metavar="TENANT", help="Whose published plan is driven.")
@day_option("--date", "service_on", about="The service day of that plan.")
@click.option("--extract", type=_FILE, help="Instead of a plan: random days on the roads of this extract (.osm.pbf).")
@click.option("--workers", "most_workers", type=click.IntRange(1), help="So many of the devices' workers.")
@click.option("--server", help="Such as http://127.0.0.1:8080, instead of the one that the devices name.")
@_named_option("--phone", "phones", kind=Phone, multiple=True, help="Apps, where a protocol has several.")
@_named_option("--noise", kind=Noise, default=Noise.CITY.value, show_default=True)
@_named_option("--network", kind=Network, default=Network.GOOD.value, show_default=True)
@click.option(
    "--every",
    "sampling_s",
    type=NumberRange(1.0, 3600.0),
    default=10.0,
    show_default=True,
    help="Seconds from fix to fix.",
)
@moment_option("--start", "start_at", about="When the day begins; as planned, or now, unless given.")
@click.option(
    "--speed",
    type=NumberRange(0.0),
    default=1.0,
    show_default=True,
    help="How fast the day passes until it has come to now, and in real time from then on; 0: come to now at once.",
)
@click.option("--for", "for_s", type=NumberRange(0.0), help="Seconds after which it ends, if not before.")
@click.option("--connections", type=click.IntRange(1, 1000), default=64, show_default=True, help="Requests at once.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="The same seed gives the same days."
)
@click.option(
    "--check-ins",
    "has_check_ins",
    is_flag=True,
    help="Have workers of a plan check in where they go, and the first five go about it otherwise than planned.",
)
@click.option(
    "--truth",
    "truth_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for what was true: stays.jsonl, ways.geojsonl.",
)
@click.option(
    "--ledger", "ledger_file", type=NewFile(), help="Gets a JSON line for each acknowledged fix, at once on disk."
)
@click.option("--with-parent", is_flag=True, help="End when the program that started it does.")
@click.pass_obj
def command(language: Language, /, **options: object) -> None:
    """Have workers drive the published routes of a day, or random days, and their phones report it to a server.

    No fix is of the future: a day that is to begin later is waited for. Where a company tracks by shift the server
    keeps what is within one; --start moves the day, not the shifts. Whatever a server takes later, on errors or when
    it is away, is kept and sent again. Ctrl-C ends it, with the summary. Where it took nothing at all the exit code
    is 3.
    """
    asked, began_s = _Asked(**options), now().timestamp()  # type: ignore[arg-type]
    if asked.with_parent:
        end_with_parent(signal.SIGTERM)
    devices = _chosen(read_devices(asked.devices_file, server=asked.server, phones=asked.phones), asked.most_workers)
    stopping = Message("Stopping …").render(language)
    with ExitStack() as files, first_interrupt(stopping) as stopped:
        truth_files = files.enter_context(TruthFiles(asked.truth_folder)) if asked.truth_folder else None
        ledger = files.enter_context(Ledger(asked.ledger_file)) if asked.ledger_file else None
        days, stated = _days(asked, devices, truth_files, language, stopped)
        if not stopped.is_set():
            _tell_beginning(days, language)
        params = FleetParams(speed=asked.speed, began_s=began_s, for_s=asked.for_s, connections=asked.connections)
        tally = _report(days, stated, params, ledger, language, stopped)
    _tell_refusals(tally, language)
    click.echo(json.dumps(_summary(days, tally, is_stopped=stopped.is_set())))
    if tally.request_count and not tally.acknowledged_count:
        facts = {"count": tally.request_count}
        raise Unavailable(Message("Nothing was delivered: the server took none of {count} request(s).", facts))


def _chosen(devices: Sequence[Device], most_workers: int | None) -> Mapping[WorkerId, list[Device]]:
    """Return the devices of each worker, of the first workers only where not all are wanted."""
    by_worker: dict[WorkerId, list[Device]] = {}
    for device in devices:
        by_worker.setdefault(device.worker_id, []).append(device)
    return dict(list(by_worker.items())[:most_workers])


def _days(
    asked: _Asked,
    devices: Mapping[WorkerId, list[Device]],
    truth_files: TruthFiles | None,
    language: Language,
    stopped: Event,
) -> tuple[list[DeviceDay], list[StatedBy]]:
    """Return what each device is to report, and what workers state; what was made until somebody stops it."""
    sight = SightParams(noise=NOISES[asked.noise], network=NETWORKS[asked.network], sampling_s=asked.sampling_s)
    days, stated = list[DeviceDay](), list[StatedBy]()
    with closing(CountBar(len(devices), Message("Days made up"), language)) as bar:
        for count, lived in enumerate(_true_days(asked, list(devices), language), start=1):
            own = device_days(lived.truth, devices[lived.worker_id], sight, seed=asked.seed)
            days += own
            stated += _stated(lived, own[0], asked.seed) if asked.has_check_ins else ()
            if truth_files is not None:
                truth_files.write(lived.worker_id, lived.truth)
            bar.show(count)
            if stopped.is_set():
                break
    return days, stated


def _stated(lived: LivedDay, first: DeviceDay, seed: int) -> Iterator[StatedBy]:
    """Yield what a worker states on a day, by the first of the worker's phones."""
    if lived.route is None:
        return
    generator = np.random.default_rng([seed, 3])
    for statement in statements_of(lived.route, lived.conduct, lived.truth, first.track, generator=generator):
        yield StatedBy(device=first.device, statement=statement)


def _true_days(asked: _Asked, worker_ids: Sequence[WorkerId], language: Language) -> Iterator[LivedDay]:
    request = DaysRequest(
        worker_ids=worker_ids,
        start_at=asked.start_at,
        seed=asked.seed,
        language=language,
        has_odd_ones=asked.has_check_ins,
    )
    if asked.extract is not None and asked.code is None and asked.service_on is None:
        return random_days(request, asked.extract)
    if asked.extract is None and asked.code is not None and asked.service_on is not None:
        return planned_days(request, asked.code, asked.service_on)
    raise InvalidInput(
        Message("Say whose plan of which day is driven (--tenant, --date), or for random days --extract.")
    )


def _report(  # noqa: PLR0917
    days: Sequence[DeviceDay],
    stated: Sequence[StatedBy],
    params: FleetParams,
    ledger: Ledger | None,
    language: Language,
    stopped: Event,
) -> FleetTally:
    total = sum(len(day.delivery) for day in days)
    with closing(CountBar(total, Message("Fixes reported"), language)) as bar:

        def show(tally: FleetTally) -> None:
            facts = {"time": _local(tally.shown_s), "count": tally.retry_count}
            bar.show(tally.acknowledged_count, Message("simulated {time}, tried again {count} times", facts))

        with stating(stated, pace_of(days, params), timeout_s=params.timeout_s):
            return run_fleet(days, params, ledger=ledger, on_progress=show, should_stop=stopped.is_set)


def _tell_beginning(days: Sequence[DeviceDay], language: Language) -> None:
    first_us = min((int(day.delivery.due_us[0]) for day in days if len(day.delivery)), default=0)
    if first_us > to_microseconds(now()):
        facts = {"time": _local(first_us / MICROSECONDS_PER_S)}
        say(Message("The day begins at {time}; until then nothing is sent.", facts).render(language))


def _tell_refusals(tally: FleetTally, language: Language) -> None:
    for status, count in sorted(tally.refusals.items()):
        facts = {"status": status, "count": count}
        say(Message("{count} device(s) gave up, as the server refused them: HTTP {status}.", facts).render(language))


def _local(moment_s: float) -> str:
    return datetime.fromtimestamp(moment_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _summary(days: Sequence[DeviceDay], tally: FleetTally, *, is_stopped: bool) -> dict[str, object]:
    """Return what was done, for the one line on stdout."""
    return {
        "workers": len({day.device.worker_id for day in days}),
        "devices": len(days),
        "fixes": sum(len(day.track) for day in days),
        "due": tally.due_count,
        "acknowledged": tally.acknowledged_count,
        "unsent": tally.due_count - tally.acknowledged_count,
        "requests": tally.request_count,
        "retries": tally.retry_count,
        "refused_devices": sum(tally.refusals.values()),
        "elapsed_s": round(tally.elapsed_s, 1),
        "acknowledged_per_s": round(tally.acknowledged_count / max(tally.elapsed_s, 0.001), 1),
        "p50_ms": tally.latency_ms(50.0),
        "p99_ms": tally.latency_ms(99.0),
        "is_interrupted": is_stopped,
    }
