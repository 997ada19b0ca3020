"""How a kept derivation goes on with a device's fixes, from its newest state or begun anew from an older one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from geo_engine.db.session import Session
from geo_engine.tracks.derived_store import Claim, DayState, KeptSpan, Span, find_state
from geo_engine.tracks.fix_store import find_first, get_track
from geo_engine.tracks.model import Flag, Gap, select_fixes, to_moment
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.running import Rows, RunningState, advance, open_rows, start
from geo_engine.tracks.running_json import pack, unpack

EVER = datetime(1970, 1, 1, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)

_PARAMS = DeriveParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """From where a derivation goes on.

    Parameters
    ----------
    running
        What it remembers; nothing yet where it begins anew.
    from_at
        The first moment whose fixes it has not seen.
    restart_at, final_until
        All that is not final began at the first or later, and ended after the second.
    gaps_until
        Up to here gaps are final as well, and so are verdicts on fixes.
    """

    running: RunningState
    from_at: datetime
    restart_at: datetime
    final_until: datetime
    gaps_until: datetime

    def may_change(self, kept: KeptSpan) -> bool:
        """Return whether what was derived before the claimed fixes came may be otherwise with them."""
        return kept.span.ended_at > (self.gaps_until if isinstance(kept.span, Gap) else self.final_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """What came of going on: what is final now, what is not, and the state after each day (UTC) that brought fixes."""

    final: list[Span] = field(default_factory=list)
    opened: list[Span] = field(default_factory=list)
    states: list[DayState] = field(default_factory=list)

    def newest_at(self, claim: Claim) -> datetime:
        """Return when the newest fix that counted was."""
        return self.states[-1].newest_at if self.states else claim.newest_at


def find_base(session: Session, claim: Claim, *, rules: str) -> Base:
    """Return the newest state that the claimed fixes leave as it is.

    For fixes later than all before that is the newest there is; else the one before the day (UTC) of the first of
    them, from whose restart on all is derived anew.
    """
    newest = find_state(session, claim.device_id, rules=rules)
    if newest is not None and claim.from_at <= newest.newest_at:
        return _anew(find_state(session, claim.device_id, rules=rules, before=claim.from_at.date()))
    running = None if newest is None or newest.state is None else unpack(newest.state, _PARAMS)
    if newest is None or running is None:
        return _anew(newest)
    return Base(
        running=running,
        from_at=newest.newest_at + A_MOMENT,
        restart_at=newest.restart_at,
        final_until=newest.final_until,
        gaps_until=max(newest.final_until, _moment(running.gaps.last_us)),
    )


def go_on(session: Session, claim: Claim, base: Base) -> Advanced:
    """Return what the fixes up to the newest claimed one say, gone through day by day (UTC)."""
    advanced, running, final_until = Advanced(), base.running, base.final_until
    for from_at, until_at in _days(session, claim, base.from_at):
        track, _, flags = get_track(session, claim.device_id, from_at=from_at, until_at=until_at)
        running, update = advance(running, select_fixes(track, (flags & Flag.FUTURE) == 0))
        advanced.final.extend(_later(update.final, base.final_until))
        final_until = max(final_until, _moment(running.final_until_us))
        if running.newest_us is not None and to_moment(running.newest_us) >= from_at:
            advanced.states.append(_state(running, final_until))
    if advanced.states:
        advanced.states[-1] = replace(advanced.states[-1], state=pack(running))
    advanced.opened.extend(_later(open_rows(running), base.final_until))
    return advanced


def _anew(state: DayState | None) -> Base:
    restart_at, final_until = (EVER, EVER) if state is None else (state.restart_at, state.final_until)
    return Base(
        running=start(_PARAMS),
        from_at=restart_at,
        restart_at=restart_at,
        final_until=final_until,
        gaps_until=final_until,
    )


def _days(session: Session, claim: Claim, from_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield for each day (UTC) with fixes up to the newest claimed one where it begins and ends."""
    first_at = find_first(session, claim.device_id, from_at=from_at)
    while first_at is not None and first_at <= claim.newest_at:
        day_ends_at = datetime.combine(first_at.date() + timedelta(days=1), time(tzinfo=UTC))
        yield first_at, min(day_ends_at, claim.newest_at + A_MOMENT)
        first_at = find_first(session, claim.device_id, from_at=day_ends_at)


def _state(running: RunningState, final_until: datetime) -> DayState:
    newest_at = _moment(running.newest_us)
    return DayState(
        derived_on=newest_at.date(),
        restart_at=_moment(running.restart_us),
        final_until=final_until,
        newest_at=newest_at,
    )


def _later(rows: Rows, moment: datetime) -> Iterator[Span]:
    spans: tuple[Span, ...] = (*rows.stops, *rows.trips, *rows.gaps)
    return (span for span in spans if span.ended_at > moment)


def _moment(time_us: int | None) -> datetime:
    return EVER if time_us is None else to_moment(time_us)
