"""Looking at tracks: never without a purpose, never unseen, by nobody else's leave, and told to whom it is about."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from support.companies import NOW, SERVICE_ON
from support.databases import Databases
from support.pages import Pages, Person, login_of, pages_of_two
from support.tracked import HERE, ON_SHIFT, give_device
from support.tracked_days import keep_day, there_and_back, track_always

from geo_engine.audit import AuditEvent
from geo_engine.audit.store import list_events
from geo_engine.ids import WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tenancy.store import find_member_id
from geo_engine.tracks.looks import LOOK_LASTS, LookKind
from web.auditor.tokens import PURPOSE_LASTS

WORKER = WorkerId("W2")
LATER = NOW + timedelta(days=3)
PURPOSE = "Complaint <b>4711</b>"
LOOKS = {"look_for_passes", *LookKind}
BEFORE = SERVICE_ON - timedelta(days=1)


type Trail = Callable[[], list[AuditEvent]]


@contextmanager
def _tracked(databases: Databases, folder: Path) -> Iterator[Pages]:
    """Give the pages after the day on which W2 reported for two hours, with one phone much and with another little."""
    with pages_of_two(databases, cache_dir=folder, now=LATER) as (own, made):
        phone, tracker = (give_device(own.app, made.mine.tenant_id, WORKER, worn_from=NOW) for _ in range(2))
        track_always(own.app, phone, now=NOW)
        keep_day(own.app, phone, there_and_back(ON_SHIFT, fix_count=720, every_s=10.0))
        keep_day(own.app, tracker, there_and_back(ON_SHIFT, fix_count=60, every_s=60.0))
        yield made


@pytest.fixture(scope="module")
def pages(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Give the pages of a company that tracks, for tests that only look."""
    with _tracked(databases, tmp_path_factory.mktemp("tracks")) as made:
        yield made


@pytest.fixture
def own_pages(databases: Databases, tmp_path: Path) -> Iterator[Pages]:
    """Give such pages of a test's own."""
    with _tracked(databases, tmp_path) as made:
        yield made


@pytest.fixture
def trail(pages: Pages) -> Trail:
    """Return what gives the looks written down since the test began, newest first."""
    before = len(_looks(pages))
    return lambda: _looks(pages)[: len(_looks(pages)) - before]


def _open(person: Person, worker: str = "W2", day: date = SERVICE_ON, purpose: str = PURPOSE) -> str:
    """Say what a day is looked at for; give where it is opened."""
    answer = person.post("/tracks", worker=worker, date=day.isoformat(), purpose=purpose)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def _shell(page: str) -> dict[str, Any]:
    (told,) = re.findall(r'id="plan-data">(.*?)</script>', page, re.DOTALL)
    return dict(json.loads(told))


def _search(person: Person, **changed: str) -> str:
    """Ask who passed; give the answer's page."""
    form = {
        "lon": str(HERE.lon),
        "lat": str(HERE.lat),
        "radius_m": "100",
        "from": f"{SERVICE_ON}T08:00",
        "until": f"{SERVICE_ON}T18:00",
        "purpose": PURPOSE,
    }
    answer = person.post("/tracks/passes", **{**form, **changed})
    return person.get(answer.location).text if answer.status_code == 303 else answer.text


def _looks(pages: Pages) -> list[AuditEvent]:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        return [event for event in list_events(session, limit=10_000) if event.act in LOOKS]


def _member(pages: Pages, role: str) -> object:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        return find_member_id(session, login_of(role))


def test_without_a_purpose_nothing_opens_and_nothing_is_written(pages: Pages, trail: Trail) -> None:
    """The bare address asks what for; a form without it is refused beside its choices."""
    auditor = pages.person("auditor")

    bare = auditor.get(f"/tracks/W2/{SERVICE_ON}")
    refused = auditor.post("/tracks", worker="W2", date=SERVICE_ON.isoformat(), purpose="  ")

    assert bare.status_code == 200
    assert 'name="purpose"' in bare.text
    assert "plan-data" not in bare.text
    assert refused.status_code == 422
    assert "Say what you look at the track for" in refused.text
    assert re.search(r'<option value="W2"[^>]* selected', refused.text)
    assert trail() == []


def test_each_opening_is_written_down_once_and_its_data_not_again(pages: Pages, trail: Trail) -> None:
    """Opening, and loading again, are two looks with their purpose; thinned and whole data belong to one of them."""
    auditor = pages.person("auditor")
    url = _open(auditor)

    shell = _shell(auditor.get(url).text)
    first = auditor.get(shell["replay_url"])
    auditor.get(url)

    (again, once) = trail()
    assert first.json["fix_count"] == 720  # type: ignore[index]
    assert len(first.json["stops"]) == 4  # type: ignore[index]
    assert once == again
    assert (once.act, once.subject, once.member_id) == ("look_at_track", ("worker", "W2"), _member(pages, "auditor"))
    assert once.facts == {"service_on": SERVICE_ON.isoformat(), "purpose": PURPOSE}


def test_a_said_purpose_opens_one_day_of_one_worker_to_one_member(pages: Pages, trail: Trail) -> None:
    """Carried to another worker, day or member it opens nothing and writes nothing; nor does one that was changed."""
    auditor = pages.person("auditor")
    url = _open(auditor)

    others = [
        auditor.get(url.replace("/W2/", "/W1/")),
        auditor.get(url.replace(str(SERVICE_ON), str(BEFORE))),
        auditor.get(f"{url}x"),
        pages.person("manager").get(url),
        pages.person("administrator", pages.other).get(url),
    ]

    assert [answer.status_code for answer in others] == [200] * 5
    assert not any("plan-data" in answer.text for answer in others)
    assert trail() == []


def test_a_purpose_is_asked_for_again_after_a_day_at_work_but_not_lost(pages: Pages, trail: Trail) -> None:
    """Half a day later the page asks whether it is still for the same, and writes nothing before."""
    url = _open(pages.person("auditor"))
    later = pages.with_other(now=LATER + PURPOSE_LASTS + timedelta(seconds=1))

    page = later.person("auditor").get(url).text

    assert re.search(r'name="purpose"[^>]* value="Complaint &lt;b&gt;4711&lt;/b&gt;"', page)
    assert trail() == []


def test_a_purpose_is_not_said_anew_by_going_on_from_day_to_day(pages: Pages) -> None:
    """The links of a page last as long as the purpose that opened it."""
    url, nearly = _open(pages.person("auditor")), LATER + PURPOSE_LASTS - timedelta(minutes=1)

    page = pages.with_other(now=nearly).person("auditor").get(url).text
    before = unescape(re.search(r'href="(/tracks/W2/2026-11-24[^"]*)"', page)[1])  # type: ignore[index]
    at_once = pages.with_other(now=nearly).person("auditor").get(before).text
    later = pages.with_other(now=nearly + timedelta(minutes=2)).person("auditor").get(before).text

    assert 'name="purpose"' not in at_once
    assert 'name="purpose"' in later


def test_another_day_is_chosen_for_what_was_said_of_the_one_shown(pages: Pages, trail: Trail) -> None:
    """The form of an opened day leads on without asking, for the same purpose; a day's token is not another's."""
    auditor = pages.person("auditor")
    page = auditor.get(_open(auditor)).text
    form = dict(re.findall(r'type="hidden" name="(worker|shown|said)" value="([^"]*)"', page))

    led = auditor.post("/tracks", **form, date="2026-11-20")
    lied = auditor.post("/tracks", **(form | {"shown": "2026-11-19"}), date="2026-11-20")
    auditor.get(led.headers["Location"])

    assert (led.status_code, lied.status_code) == (303, 422)
    assert trail()[0].facts == {"service_on": "2026-11-20", "purpose": PURPOSE}


def test_nobodys_home_is_told_before_a_purpose(pages: Pages) -> None:
    """The map of a search is told in which area days start, to two kilometres."""
    page = pages.person("auditor").get("/tracks").text

    (told,) = re.findall(r'"box":\s*\[([^]]*)\]', page)
    assert all(float(figure) * 50 == round(float(figure) * 50) for figure in told.split(","))
    assert "116.397" not in page


def test_data_are_read_by_a_look_alone(pages: Pages) -> None:
    """What opens the page does not open its data; another member, another moment or a changed look reads nothing."""
    auditor = pages.person("auditor")
    url = _open(auditor)
    said = url.partition("said=")[2]
    data = _shell(auditor.get(url).text)["replay_url"]
    over = pages.with_other(now=LATER + LOOK_LASTS + timedelta(seconds=1))

    refused = [
        auditor.get(re.sub("look=[^&]*", f"look={said}", data)),
        auditor.get(re.sub("look=", "look=x", data)),
        pages.person("manager").get(data),
        over.person("auditor").get(data),
    ]

    assert auditor.get(data).status_code == 200
    assert [answer.status_code for answer in refused] == [403] * 4
    assert auditor.get(re.sub("device=[^&]*", "device=0", data)).status_code == 404


def test_what_a_browser_loads_ahead_is_no_look(pages: Pages, trail: Trail) -> None:
    """A page that nobody has seen yet is refused, and not written down."""
    auditor = pages.person("auditor")

    answer = auditor.get(_open(auditor), **{"Sec-Purpose": "prefetch;prerender"})

    assert answer.status_code == 503
    assert trail() == []


def test_a_teams_dispatcher_looks_at_the_team_alone(pages: Pages) -> None:
    """The workers to choose from, the days and the passes are those of the team and below."""
    dispatcher = pages.signed_in("shared@example.com")

    form = dispatcher.get("/tracks").text
    other = dispatcher.post("/tracks", worker="W1", date=SERVICE_ON.isoformat(), purpose=PURPOSE)
    passes = _search(dispatcher)

    assert re.findall(r'<option value="(W\d)"', form) == ["W2"]
    assert other.status_code == dispatcher.get(f"/tracks/W1/{SERVICE_ON}").status_code == 403
    assert "Li alpha" in passes
    assert "王芳" not in passes


def test_ones_own_day_needs_no_purpose_and_leaves_no_trace(pages: Pages, trail: Trail) -> None:
    """A worker replays the own day; a colleague's is not there for a worker."""
    worker = pages.person("worker")

    page = worker.get(_open(worker, purpose="")).text
    day = worker.get(_shell(page)["replay_url"])

    assert day.json["fix_count"] == 720  # type: ignore[index]
    assert worker.get(f"/tracks/W1/{SERVICE_ON}").status_code == 403
    assert trail() == []


def test_of_several_devices_the_one_that_told_most_is_shown(pages: Pages) -> None:
    """Each is named with how much it told, and shown when it is chosen."""
    auditor = pages.person("auditor")

    page = auditor.get(_open(auditor)).text
    options = [unescape(one) for one in re.findall(r'<option value="([^"]*)"[^>]*>phone · 60 fixes', page)]
    other = auditor.get(options[0]).text

    assert auditor.get(_shell(page)["replay_url"]).json["fix_count"] == 720  # type: ignore[index]
    assert auditor.get(_shell(other)["replay_url"]).json["fix_count"] == 60  # type: ignore[index]


def test_passes_lead_to_their_moment_and_those_found_are_told(pages: Pages, trail: Trail) -> None:
    """Who stood there twice is listed twice, nearest and in order; each link opens the day at that moment."""
    auditor = pages.person("auditor")

    page = _search(auditor)

    rows = re.findall(r'<tr role="row">\s*<th scope="row"[^>]*>(.*?)</th>.*?href="([^"]*)"', page, re.DOTALL)
    url, _, hash_ = unescape(next(url for name, url in rows if name == "Li alpha")).partition("#")
    day = _shell(auditor.get(url).text)
    told = [(event.act, event.subject[1]) for event in trail()]
    assert [name for name, _ in rows].count("Li alpha") == 4  # two stays, told by two devices
    assert hash_.startswith("t=2026-11-25T02:00:00.000Z&map=17/39.908000/116.397000")
    assert auditor.get(day["replay_url"]).status_code == 200
    assert sorted(told) == [
        ("find_near_place", "W1"),
        ("find_near_place", "W2"),
        ("look_at_track", "W2"),
        ("look_for_passes", ""),
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"purpose": ""}, "Say what you look at the track for"),
        ({"lon": "x"}, "This is no place on the map"),
        ({"lat": "91"}, "is not between"),
        ({"radius_m": "99999"}, "Choose one of the distances"),
        ({"until": f"{SERVICE_ON}T07:00"}, "must be later than"),
        ({"from": f"{SERVICE_ON - timedelta(days=60)}T07:00"}, "at most 31 days"),
        ({"from": "yesterday"}, "is not a moment"),
    ],
)
def test_a_search_that_cannot_be_asked_is_told_why(
    pages: Pages, trail: Trail, changed: Mapping[str, str], told: str
) -> None:
    """What was filled in stays, the reason stands beside it, and nothing is written."""
    page = _search(pages.person("auditor"), **changed)

    assert told in page
    assert f'value="{SERVICE_ON}T' in page
    assert trail() == []


def test_nobody_near_is_said_with_what_to_try(pages: Pages, trail: Trail) -> None:
    """An empty answer is a sentence, and still on record."""
    page = _search(pages.person("auditor"), lat="39.5")

    assert "Nobody passed here" in page
    assert [event.act for event in trail()] == ["look_for_passes"]


def test_workers_read_who_looked_when_and_what_for(own_pages: Pages) -> None:
    """A day opened twice is one entry, a search that found the worker another; looks at colleagues are not there."""
    auditor = own_pages.person("auditor")
    url = _open(auditor)
    for _ in range(2):
        auditor.get(url)
    auditor.get(_open(auditor, worker="W1"))
    _search(auditor)

    page = own_pages.person("worker").get("/my/track").text

    entries = re.findall(r"<li>\s*<p class=\"looker\">(.*?)</li>", page, re.DOTALL)
    assert len(entries) == 2
    assert "within 100 m of 116.39700, 39.90800" in entries[0]
    assert "Wed, Nov 25 08:00" in entries[0]
    assert "2 times" in entries[1]
    assert "Fri, Nov 27 16:00" in entries[1]
    assert "Your day, Wed, Nov 25" in entries[1]
    assert all("auditor &lt;b&gt;王&lt;/b&gt;" in one for one in entries)
    assert all("Complaint &lt;b&gt;4711&lt;/b&gt;" in one for one in entries)
    assert "Nobody has looked" in own_pages.person("worker", own_pages.other).get("/my/track").text


@pytest.mark.parametrize(
    ("worker", "day", "told"),
    [
        ("W2", SERVICE_ON + timedelta(days=9), "This day has not begun yet"),
        ("W2", SERVICE_ON - timedelta(days=200), "Nothing is kept of this day any more"),
        ("W2", BEFORE - timedelta(days=1), "Li alpha wore no device on this day"),
        ("W2", SERVICE_ON + timedelta(days=1), "No position arrived on this day"),
        ("W2", LATER.date(), "No position has arrived yet today"),
    ],
)
def test_an_empty_day_says_why_and_what_can_be_done(
    pages: Pages, trail: Trail, worker: str, day: date, told: str
) -> None:
    """A day of which nothing is known opens with a sentence, and is on record all the same."""
    auditor = pages.person("auditor")

    page = auditor.get(_open(auditor, worker, day)).text

    assert told in page
    assert "plan-data" not in page
    assert [event.act for event in trail()] == ["look_at_track"]


def test_a_day_off_shift_says_so(own_pages: Pages) -> None:
    """Where people are tracked in shifts only, a day without one tells that nothing is kept of it."""
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.SHIFT), by=OPERATOR, now=NOW)
    auditor = own_pages.person("auditor")

    page = auditor.get(_open(auditor, "W2", SERVICE_ON + timedelta(days=1))).text

    assert "Li alpha was off shift all day" in page


def test_sites_are_found_by_a_part_of_their_name_or_id(pages: Pages) -> None:
    """Whoever searches for a place gets sites of the own reach, the closest fit first."""
    auditor = pages.person("auditor")

    by_name = auditor.get("/tracks/sites?q=网点 3").json
    by_id = auditor.get("/tracks/sites?q=s00").json

    assert [one["value"] for one in by_name] == ["S003"]  # type: ignore[union-attr]
    assert [one["value"] for one in by_id] == [f"S{number:03d}" for number in range(8)]  # type: ignore[union-attr]
    assert by_id[3]["lon"] == pytest.approx(116.33)  # type: ignore[index]
    assert len(pages.signed_in("shared@example.com").get("/tracks/sites?q=s00").json) == 4  # type: ignore[arg-type]


def test_an_unknown_worker_is_told_beside_the_choices(pages: Pages) -> None:
    """A worker that is none, or none chosen, is a sentence of the form."""
    auditor = pages.person("auditor")

    unknown = auditor.post("/tracks", worker="W77", date=SERVICE_ON.isoformat(), purpose=PURPOSE)
    none = auditor.post("/tracks", date=SERVICE_ON.isoformat(), purpose=PURPOSE)

    assert (unknown.status_code, none.status_code) == (422, 422)
    assert "There is no worker W77." in unknown.text
    assert "Choose a worker." in none.text
