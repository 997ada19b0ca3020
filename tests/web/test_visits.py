"""The pages of visits: a day beside its plan, a file of evidence, the track only for a purpose, decisions as seen."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from support.companies import NOW, PASSWORD, SERVICE_ON, quickly_hashed
from support.databases import Databases
from support.pages import Pages, Person, pages_of_two
from support.photographed import as_jpeg, developed, photo_files, scene, sent_photo
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER
from support.visited import NEVER_AT, STAYED_AT, TWINS, ToldDay, check_in_at, tell_a_day

from geo_engine.audit.store import list_events
from geo_engine.geometry import Position
from geo_engine.ids import SiteId
from geo_engine.photos import PictureEvidence
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_language
from geo_engine.tenancy.sign_in import set_password_of
from geo_engine.tenancy.store import find_member_id
from geo_engine.tracks.looks import LookKind
from geo_engine.visits import CheckInKind
from geo_engine.visits.check_ins import state_check_in, take_photo
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.visit_store import list_day
from geo_engine.words import Language

A_DAY = f"/visits?on={SERVICE_ON}"
NOWHERE_AT = SiteId("S003")
PURPOSE = "Complaint <b>4711</b>"


@contextmanager
def _pages(databases: Databases, folder: Path) -> Iterator[tuple[Pages, ToldDay]]:
    with pages_of_two(databases, cache_dir=folder, now=OFF_SHIFT) as (own, made):
        yield made, tell_a_day(own.app, made.mine.tenant_id)


@pytest.fixture(scope="module")
def told(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, ToldDay]]:
    """Give the pages of a company on whose day much happened, for tests that only look."""
    with _pages(databases, tmp_path_factory.mktemp("visits")) as made:
        yield made


@pytest.fixture
def pages(told: tuple[Pages, ToldDay]) -> Pages:
    """Give those pages alone."""
    return told[0]


@pytest.fixture
def own_pages(databases: Databases, tmp_path: Path) -> Iterator[Pages]:
    """Give such pages of a test's own."""
    with _pages(databases, tmp_path) as (made, _):
        yield made


def _visit_url(pages: Pages, site_id: str) -> str:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        kept = list_day(session, SERVICE_ON, team_ids=None)
    return f"/visits/{next(one.visit.id for one in kept if one.visit.site_id == site_id)}"


def _photographer(pages: Pages) -> Person:
    """Return the worker whose photo is of the stay, signed in."""
    login = "w1@alpha"
    with quickly_hashed(), pages.mine.database.bound(pages.mine.tenant_id) as session:
        member_id = set_password_of(session, login, PASSWORD, by=OPERATOR, now=NOW)
        set_language(session, Language.EN, by=replace(OPERATOR, member_id=member_id))
    return pages.signed_in(login)


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _seen(html: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', html)
    assert found is not None
    return unescape(found[1])


def _decide(person: Person, url: str, seen: str, **form: str) -> tuple[int, str]:
    answer = person.post(f"{url}/decide", accept="application/json", seen=seen, **form)
    return answer.status_code, answer.text


def test_a_day_tells_late_missed_extra_and_why(pages: Pages) -> None:
    """Each with its verdict in words, the weightiest reasons, and bounds where a figure is not exact."""
    page = pages.person("dispatcher").get(A_DAY)

    said = _text(page.text)
    assert page.status_code == 200
    assert "2 h 00 min late" in said
    assert "Missed" in said
    assert "Not planned" in said
    assert "Site unclear" in said
    assert "Stayed 12 min inside the fence, by the phone's own track." in said
    assert re.search(r"The check-in names a place \d.\d km from where the phone's track was at that moment.", said)
    assert "<b>stayed</b>" not in page.text


def test_a_day_shows_what_is_asked_for(pages: Pages) -> None:
    """A team, a worker, one state; a team that is none, a worker that is none, a day that is none are told."""
    person = pages.person("dispatcher")

    south, w1, contradicted = (
        _text(person.get(f"{A_DAY}&{asked}").text) for asked in ("team=south", "worker=W1", "state=contradicted")
    )
    refused = [person.get(f"/visits?{asked}").status_code for asked in ("team=none", "worker=W404", "on=never")]

    assert "Li alpha" in south
    assert "王芳 alpha" not in south
    assert "王芳 alpha" in w1
    assert "Li alpha" not in w1
    assert "The check-in names a place" in contradicted
    assert "Stayed 12 min" not in contradicted
    assert refused == [404, 404, 422]


def test_planned_visits_whose_time_has_not_come_are_not_missed(pages: Pages) -> None:
    """On the morning of the day nobody has missed anything yet; on a day without any the page says so."""
    early = pages.with_other(now=NOW).person("dispatcher")

    said = _text(early.get(A_DAY).text)

    assert "Not yet" in said
    assert "Missed" not in said
    assert "This day has not begun yet" in _text(early.get("/visits?on=2026-12-31").text)
    assert "No visits on this day" in _text(early.get("/visits?on=2026-11-01").text)


def test_workers_see_their_own_day_alone(pages: Pages) -> None:
    """Led there from their day; nobody else's visits nor what waits for review are theirs to see."""
    worker = pages.person("worker")

    own = _text(worker.get(f"{A_DAY}&worker=W1").text)

    assert "What was recorded of your visits" in worker.get(f"/field?date={SERVICE_ON}").text
    assert "My visits" in _text(worker.get("/field").text)
    assert '<a href="/visits" aria-current="page">My visits</a>' in worker.get(A_DAY).text
    assert "Li alpha" in own
    assert "王芳" not in own
    assert worker.get(_visit_url(pages, STAYED_AT)).status_code == 403
    assert worker.get("/visits/review").status_code == 403


def test_a_file_shows_all_there_is_behind_a_visit(told: tuple[Pages, ToldDay]) -> None:
    """Weights for and against, bounds, the fence of then, three clocks, photos, and what was believed when."""
    pages, day = told
    page = pages.person("auditor").get(_visit_url(pages, STAYED_AT))

    said = _text(page.text)
    assert "speaks strongly for it +4.0" in said
    assert "10:00" in said
    assert "Version 1" in said
    assert "Received, by our clock" in said
    assert "Believed until now" in said
    assert f"/photos/{day.photo_id}" in page.text
    assert "Show the track around it" in said


def test_the_key_of_the_map_names_what_is_on_it(own_pages: Pages) -> None:
    """A check-in that came without a position is on no map."""
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        state_check_in(session, check_in_at(NOWHERE_AT, position=None), by=OPERATOR, now=OFF_SHIFT)
    derive_visits(
        own_pages.mine.database, own_pages.mine.tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT
    )
    person = own_pages.person("dispatcher")

    placed, nowhere = (person.get(_visit_url(own_pages, site_id)).text for site_id in (NEVER_AT, NOWHERE_AT))

    assert ("mark check-in" in placed, "mark check-in" in nowhere) == (True, False)
    assert "without a position" in _text(nowhere)


def test_a_visit_tells_when_and_where_its_photos_were_taken(own_pages: Pages) -> None:
    """By what each says of itself: one says both, one neither; each once, though check-in and check-out name it."""
    taken_at, place = ON_SHIFT + timedelta(minutes=3), Position(HERE.lon, HERE.lat + 0.0001)
    telling, silent = (
        sent_photo(WORKER, replace(developed(as_jpeg(scene(seed))), evidence=evidence))
        for seed, evidence in ((8, PictureEvidence(clock_at=taken_at, position=place)), (9, PictureEvidence()))
    )
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        for photo in (telling, silent):
            take_photo(session, photo_files(), photo, by=OPERATOR, now=OFF_SHIFT)
        for kind, stated_at in ((CheckInKind.IN, taken_at), (CheckInKind.OUT, taken_at + timedelta(minutes=5))):
            shown = check_in_at(NOWHERE_AT, stated_at, kind=kind, position=None, photo_ids=(telling.id, silent.id))
            state_check_in(session, shown, by=OPERATOR, now=OFF_SHIFT)
    derive_visits(
        own_pages.mine.database, own_pages.mine.tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT
    )

    page, without = (
        own_pages.person("dispatcher").get(_visit_url(own_pages, site_id)).text for site_id in (NOWHERE_AT, STAYED_AT)
    )

    captions = [_text(one).strip() for one in re.findall(r"<figcaption.*?</figcaption>", page)]
    assert captions == ["taken 2026-11-25 10:03, by its own clock", "does not say when it was taken"]
    assert f'"photos":[{{"lon":{place.lon},"lat":{place.lat}}}]' in page.replace(" ", "")
    assert ("mark photo" in page, "mark photo" in without) == (True, False)


def test_the_track_around_a_visit_is_shown_for_a_purpose_that_is_on_record(own_pages: Pages) -> None:
    """Before one is said nothing of it is there; each look is written down, what is fetched ahead is none."""
    person, url = own_pages.person("auditor"), _visit_url(own_pages, STAYED_AT)

    before = person.get(url).text
    without = person.post(f"{url}/look", purpose=" ")
    led = person.post(f"{url}/look", purpose=PURPOSE)
    ahead = person.get(led.location, **{"Sec-Purpose": "prefetch"})
    shown = person.get(led.location)
    foreign = own_pages.person("manager").get(led.location).text

    assert '"tracks":[]' in before.replace(" ", "")
    assert (without.status_code, ahead.status_code) == (422, 503)
    assert '"tracks":[[[' in shown.text.replace(" ", "")
    assert "Complaint &lt;b&gt;4711&lt;/b&gt;" in shown.text
    assert "/tracks/W1/2026-11-25?said=" in shown.text
    assert '"tracks":[]' in foreign.replace(" ", "")
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        looks = [event for event in list_events(session) if event.act == LookKind.DAY]
    assert [(event.facts["purpose"], event.subject) for event in looks] == [(PURPOSE, ("worker", "W1"))]


def test_ones_own_track_needs_no_purpose(pages: Pages) -> None:
    """A worker's own visit comes with what the phone told, and leaves no trace."""
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        own = next(one for one in list_day(session, SERVICE_ON, team_ids=None) if one.visit.worker_id == "W2")

    page = pages.person("worker").get(f"/visits/{own.visit.id}")

    assert page.status_code == 200
    assert "What for" not in page.text
    assert "Replay this moment" in page.text


def test_a_photo_is_sent_stamped_and_with_its_visit_alone(told: tuple[Pages, ToldDay]) -> None:
    """As JPEG, kept by one's own browser alone; another visit's address does not give it, nor is it anybody's."""
    pages, day = told
    person = pages.person("auditor")

    sent = person.get(f"{_visit_url(pages, STAYED_AT)}/photos/{day.photo_id}")
    others = [
        person.get(f"{_visit_url(pages, NEVER_AT)}/photos/{day.photo_id}"),
        person.get(f"{_visit_url(pages, STAYED_AT)}/photos/{uuid.uuid4()}"),
        pages.person("auditor", pages.other).get(f"{_visit_url(pages, STAYED_AT)}/photos/{day.photo_id}"),
    ]

    assert (sent.status_code, sent.mimetype) == (200, "image/jpeg")
    assert sent.data.startswith(b"\xff\xd8")
    assert sent.headers["Cache-Control"] == "private, no-cache"
    assert {one.status_code for one in others} == {404}


def test_who_looks_at_photos_is_told_to_the_worker(own_pages: Pages) -> None:
    """Opening a visit asks for no purpose, its photos are one look; what is loaded ahead is none, nor are one's own."""
    person, worker, url = own_pages.person("auditor"), _photographer(own_pages), _visit_url(own_pages, STAYED_AT)
    page = person.get(url).text
    photo = next(iter(re.findall(r'src="(/visits/[^"]+/photos/[^"]+)"', page)))

    ahead = person.get(photo, **{"Sec-Purpose": "prefetch;prerender"})
    before = _text(worker.get("/my/track").text)
    codes = [one.get(photo).status_code for one in (person, person, worker)]
    own_page, mine = worker.get(url).text, worker.get("/my/track").text

    assert ahead.status_code == 503
    assert "Nobody has looked at your track or photos." in before
    assert codes == [200] * 3
    assert "The worker can read who looked at the photos, and when." in _text(page)
    assert "The worker can read" not in _text(own_page)
    (entry,) = re.findall(r"<li>\s*<p class=\"looker\">(.*?)</li>", mine, re.DOTALL)
    assert "auditor &lt;b&gt;王&lt;/b&gt;" in entry
    assert "Photos of a visit of yours, Wed, Nov 25" in entry
    assert f'href="{url}"' in entry
    assert "blockquote" not in entry


def test_a_photo_is_drawn_again_when_its_stamp_says_something_else_alone(
    told: tuple[Pages, ToldDay], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has it is told so; who reads another language, or wants it small, is sent another."""
    pages, day = told
    person = pages.person("auditor")
    url = f"{_visit_url(pages, STAYED_AT)}/photos/{day.photo_id}"
    page = person.get(_visit_url(pages, STAYED_AT)).text

    whole, small = person.get(url), person.get(f"{url}?small")
    tags = {"If-None-Match": whole.headers["ETag"]}
    others = [person.get(f"{url}?small", **tags), pages.person("manager").get(url, **tags)]
    monkeypatch.setattr("web.visits.views.spoken", lambda: Language.ZH_CN)
    others.append(person.get(url, **tags))
    monkeypatch.undo()
    monkeypatch.delattr("web.visits.views.render_stamped")
    again = person.get(url, **tags)

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == whole.headers["ETag"]
    assert [one.status_code for one in others] == [200, 304, 200]
    assert len(small.data) < len(whole.data)
    assert f'href="{url}"' in page
    assert f'src="{url}?small"' in page


def test_what_waits_is_decided_and_the_second_of_two_reviewers_is_told(own_pages: Pages) -> None:
    """With a note, which the file shows with who wrote it; whoever saw what is no longer so is refused in words."""
    first, second = own_pages.person("dispatcher"), own_pages.person("manager")
    url = _visit_url(own_pages, NEVER_AT)
    waiting, seen = first.get("/visits/review").text, _seen(second.get(url).text)

    code, led = _decide(first, url, seen, kind="rejected", note="was <i>not</i>", back="review")
    late = _decide(second, url, seen, kind="accepted")
    after = first.get("/visits/review").text
    _decide(second, url, _seen(second.get(url).text), kind="accepted")
    file = first.get(url).text

    assert url in waiting
    assert (code, url.removeprefix("/visits/") in led) == (200, True)
    assert late[0] == 409
    assert "Somebody else has decided about this visit" in late[1]
    assert url not in after
    assert "was &lt;i&gt;not&lt;/i&gt;" in file
    assert "Accepted by manager" in _text(file)


def test_what_waits_goes_back_as_long_as_fixes_are_kept_and_the_page_says_so(pages: Pages) -> None:
    """A visit of the thirtieth day before is there, the next day it is not; both times it is told of which days."""
    url = _visit_url(pages, NEVER_AT)

    last, over = (
        pages.with_other(now=OFF_SHIFT + timedelta(days=days)).person("dispatcher").get("/visits/review").text
        for days in (30, 31)
    )

    assert (url in last, url in over) == (True, False)
    assert "Visits of the last 30 days for which the evidence is missing" in _text(last)
    assert "Nothing waits for review Visits of the last 30 days" in _text(over)


def test_a_stay_is_given_to_one_of_its_sites(own_pages: Pages) -> None:
    """The sites it may have been of are offered, each with how likely it is; another can be named."""
    person = own_pages.person("dispatcher")
    page = person.get("/visits/review").text
    url = next(_visit_url(own_pages, one) for one in TWINS if _is_visited(own_pages, one))
    seen = _seen(person.get(url).text)

    nothing = _decide(person, url, seen, kind="assigned")
    nowhere = _decide(person, url, seen, kind="assigned", other_site_id="S404")
    chosen = _decide(person, url, seen, kind="assigned", site_id=TWINS[1])

    assert all(f'value="{one}"' in page for one in TWINS)
    assert [nothing[0], nowhere[0], chosen[0]] == [422, 422, 200]


def test_a_stay_that_somebody_gave_to_a_site_is_not_said_to_have_had_no_fence(own_pages: Pages) -> None:
    """The chosen site may well have one: the stay was held against none, and the page says just that."""
    person, database, tenant_id = own_pages.person("dispatcher"), own_pages.mine.database, own_pages.mine.tenant_id
    url = _visit_url(own_pages, STAYED_AT)

    code, _ = _decide(person, url, _seen(person.get(url).text), kind="assigned", other_site_id=NOWHERE_AT)
    derive_visits(database, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT + timedelta(hours=1))
    said = _text(person.get(_visit_url(own_pages, NOWHERE_AT)).text)

    assert code == 200
    assert "Somebody chose this site; the stay was not held against its fence." in said
    assert "no fence then" not in said


@pytest.mark.parametrize(
    "form", [{"kind": "perhaps"}, {"kind": "accepted", "seen": "yesterday"}, {"kind": "accepted", "seen": ""}]
)
def test_what_is_no_decision_is_refused(pages: Pages, form: dict[str, str]) -> None:
    """Nothing is written."""
    url = _visit_url(pages, NEVER_AT)
    code, _ = _decide(pages.person("dispatcher"), url, **{"seen": f"{NOW.isoformat()}/", **form})

    assert code == 422


def test_everything_is_said_in_chinese(pages: Pages) -> None:
    """Day, file and queue, the reasons among it."""
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        member_id = find_member_id(session, "administrator@example.com")
        set_language(session, Language.ZH_CN, by=replace(OPERATOR, member_id=member_id))

    for path in (A_DAY, "/visits/review", _visit_url(pages, STAYED_AT)):
        said = _text(pages.person("administrator").get(path).text)
        assert re.search("已证实|有矛盾", said)
        assert ("近 30 天内" in said) is (path == "/visits/review")
        assert re.search("手机轨迹显示在电子围栏内停留了 12 分钟|签到的位置与手机轨迹", said)


def _is_visited(pages: Pages, site_id: str) -> bool:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        return site_id in {one.visit.site_id for one in list_day(session, SERVICE_ON, team_ids=None)}
