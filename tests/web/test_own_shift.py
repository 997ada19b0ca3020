"""The worker's own shift: begun and ended on the phone, and what the page says of what is recorded meanwhile."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from support.companies import NOW
from support.pages import Pages, Person
from support.tracked import Tracked, fix_at, give_device

from geo_engine.ids import WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import to_moment

AN_HOUR = timedelta(hours=1)
MORNING = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
"""Nine o'clock where the company is, of a day without a planned shift."""
PLANNED = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
"""Half an hour into the planned shift of a day, which nobody has begun otherwise."""
ME = WorkerId("W2")


def _at(pages: Pages, now: datetime) -> Person:
    return pages.with_other(now=now).person("worker")


def _follow(pages: Pages, rule: TrackingRule) -> None:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        set_tracking(session, rule, by=OPERATOR, now=NOW)


def _wear(pages: Pages) -> Tracked:
    return give_device(pages.mine.database, pages.mine.tenant_id, ME, worn_from=NOW)


def _card(page: str) -> str:
    """Return the words of the card of the shift; nothing when there is none."""
    found = re.search(r'<section class="panel-card shift.*?</section>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split()) if found else ""


def _recorded(pages: Pages, tracked: Tracked) -> list[datetime]:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        track = get_track(session, tracked.device_id, from_at=NOW, until_at=MORNING + 24 * AN_HOUR)[0]
    return [to_moment(int(one)) for one in track.times_us]


def test_a_shift_is_begun_and_ended_on_the_phone(own_pages: Pages) -> None:
    """The page says since when, offers what comes next, and a second press changes nothing."""
    begun = [_at(own_pages, MORNING + minutes).post("/field/shift/start") for minutes in (0 * AN_HOUR, AN_HOUR / 60)]
    during = _card(_at(own_pages, MORNING + AN_HOUR).get("/field").text)
    ended = [_at(own_pages, MORNING + hours).post("/field/shift/end") for hours in (2 * AN_HOUR, 3 * AN_HOUR)]
    after = _card(_at(own_pages, MORNING + 3 * AN_HOUR).get("/field").text)

    assert {(one.status_code, one.location) for one in (*begun, *ended)} == {(303, "/field")}
    assert during.startswith("On shift since 09:00 End shift I began earlier")
    assert after.startswith("You are off shift Start shift")


def test_a_start_takes_in_what_the_phone_sent_since_then(own_pages: Pages) -> None:
    """Whoever says “I began earlier” opens what was sealed from there on, and nothing from before."""
    tracked = _wear(own_pages)
    moments = [MORNING - 2 * AN_HOUR, MORNING - AN_HOUR / 2, MORNING - AN_HOUR / 4]
    arrivals = [tracked.arrival(fix_at(one), received_at=one) for one in moments]
    Ingest(own_pages.mine.database).commit(arrivals, now=MORNING)
    before = _recorded(own_pages, tracked)

    answer = _at(own_pages, MORNING).post("/field/shift/start", began="08:30")

    assert answer.status_code == 303
    assert before == []
    assert _recorded(own_pages, tracked) == moments[1:]
    live = own_pages.with_other(now=MORNING).person("dispatcher").get("/live").json["positions"]
    assert [(one["worker"], one["tracked_at"], one["on_shift"]) for one in live if one["worker"] == ME] == [
        (ME, moments[2].isoformat(), True)
    ]


def test_whose_company_does_not_ask_for_it_cannot_start_a_shift(own_pages: Pages) -> None:
    """There is no button, and what it would send is refused."""
    _follow(own_pages, TrackingRule())
    worker = _at(own_pages, MORNING)

    assert _card(worker.get("/field").text) == ""
    assert worker.post("/field/shift/start").status_code == 409


def test_a_shift_that_is_still_to_come_is_refused(own_pages: Pages) -> None:
    """In words, on the page."""
    answer = _at(own_pages, MORNING).post("/field/shift/start", began="09:01")

    assert answer.status_code == 422
    assert "Nobody clocks in or out in the future." in answer.text


SHIFT, ALWAYS = TrackingGate.SHIFT, TrackingGate.ALWAYS
NONE, PHONE = Attendance.NONE, Attendance.PHONE
IS, IS_NOT = "Your position is being recorded.", "Your position is not being recorded."
NOT_STARTED, OFF = "You have not started your shift", "You are off shift"
ONLY = "Your position is recorded from start to end of your shift only"
IN_PLANNED = "Your position is recorded in your planned shift only, with a quarter of an hour on both sides"


TOLD = (
    (ALWAYS, NONE, MORNING, [IS, "at all times, also outside your shifts"]),
    (SHIFT, NONE, PLANNED, [IS, f"{IN_PLANNED}: today 08:45–18:15."]),
    (SHIFT, NONE, MORNING, [IS_NOT, f"{IN_PLANNED}. No shift is planned for you today."]),
    (SHIFT, PHONE, PLANNED, [NOT_STARTED, IS, f"{ONLY}; unless you start it yourself, in your planned", "08:45–18:15"]),
    (SHIFT, PHONE, MORNING, [OFF, IS_NOT, f"{ONLY}.", "What your phone sends before you start is locked away"]),
)


def test_the_page_says_what_is_recorded(own_pages: Pages) -> None:
    """By the rule that decides it, with the hours of the day, whether it is so now, and for how long it is kept."""
    _wear(own_pages)

    for gate, attendance, now, told in TOLD:
        _follow(own_pages, TrackingRule(gate=gate, attendance=attendance, retention_days=30))
        card = _card(_at(own_pages, now).get("/field").text)
        assert [one for one in (*told, "Positions are deleted after 30 days.") if one not in card] == []


def test_on_shift_the_page_says_until_when(own_pages: Pages) -> None:
    """Until it is ended: the planned hours count no more."""
    _wear(own_pages)
    _at(own_pages, PLANNED).post("/field/shift/start")

    card = _card(_at(own_pages, PLANNED + AN_HOUR).get("/field").text)

    assert card.startswith(f"On shift since 09:30 End shift {IS} {ONLY}. ")


def test_who_wears_no_device_is_told_nothing_of_recording(own_pages: Pages) -> None:
    """With or without a button; what is known of visits, which check-ins alone may be, is another page."""
    page = re.sub(r'<p class="recorded-link">.*?</p>', "", _at(own_pages, MORNING).get("/field").text)

    assert "Start shift" in _card(page)
    assert "recorded" not in page


def test_the_shift_stands_on_the_page_of_today_alone(own_pages: Pages) -> None:
    """Another day's page is about its stops; whoever is no worker has none, and starts none."""
    worker = _at(own_pages, MORNING)

    assert _card(worker.get("/field?date=2026-11-28").text) == ""
    assert _card(own_pages.person("administrator").get("/field").text) == ""
    assert own_pages.person("administrator").post("/field/shift/start").status_code == 404
