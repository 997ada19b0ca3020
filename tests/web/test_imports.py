"""Imports in the browser's words: a file is sent, looked at, corrected, and written once."""

import csv
import io
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import delete, text
from support.companies import NOW, PASSWORD, SERVICE_ON, Company
from support.day_plans import HOSTILE_NAMES
from support.monaco_day import EXTRACT
from support.pages import Pages, Person
from support.tracked import HERE
from werkzeug.test import TestResponse

from geo_engine.basemap.places import read_places
from geo_engine.customers import Site
from geo_engine.customers.store import get_sites, list_sites_due
from geo_engine.geometry.measure import geodesics_m
from geo_engine.ids import RoleId, SiteId, WorkerId
from geo_engine.imports.store import list_drafts
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.settings import read_settings
from geo_engine.tables import Table, TableFile
from geo_engine.tables import read as tables
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.sign_in import set_password
from geo_engine.tenancy.store import MemberRow
from geo_engine.words import Language, Message
from geo_engine.workforce.store import get_workers
from web.imports import views

type Cells = Mapping[str, object]

GOOD = [
    {
        "id": f"N{number:02d}",
        "name": f"新网点 {number}",
        "lon": 116.3 + number / 100,
        "lat": 39.9,
        "windows": "09:00-11:00",
    }
    for number in range(30)
]
BAD = [
    {"id": "", "name": "no id", "lon": 116.4, "lat": 39.9, "windows": ""},
    {"id": "B2", "name": "late", "lon": 116.4, "lat": 39.9, "windows": "25:99"},
    {"id": "B3", "name": "nowhere", "lon": 116.4, "lat": 99.5, "windows": ""},
]


def _csv(rows: Sequence[Cells], encoding: str = "utf-8") -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def _send(person: Person, content: bytes, name: str = "sites.csv", **choices: str) -> str:
    """Send a file, and return where its draft is."""
    form = {"kind": "sites", "crs": "wgs84", "file": (io.BytesIO(content), name), **choices}
    answer = person.post("/imports", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def _seen(page: str) -> str:
    """Return what the button of a page says that was seen."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def _confirm(person: Person, at: str) -> TestResponse:
    """Look at a draft, and write it."""
    return person.post(f"{at}/confirm", seen=_seen(person.get(at).text))


def _second_administrator(pages: Pages) -> Person:
    company, login = pages.mine, "second@example.com"
    new = NewMember(login=login, name="n", role_id=RoleId("administrator"), language=Language.EN)
    with company.database.bound(company.tenant_id) as session:
        member = tenancy.add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW)
        set_password(session, member.id, PASSWORD, by=OPERATOR, now=NOW)
    return pages.signed_in(login)


def _counts(page: str) -> list[int]:
    """Return how many rows are ready, to correct, and to place."""
    return [int(found) for found in re.findall(r"<strong>(\d+)</strong>", page)][:3]


def _cells(page: str, table: str) -> list[list[str]]:
    """Return the texts of a table's body."""
    body = re.search(rf'<table class="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in rows]


def _map_data(page: str) -> dict[str, object]:
    found = re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def _sites(company: Company, *ids: str) -> dict[str, Site]:
    with company.database.bound(company.tenant_id) as session:
        return {site.id: site for site in get_sites(session, map(SiteId, ids))}


def test_good_rows_are_written_and_bad_ones_named(own_pages: Pages) -> None:
    """Of 33 rows 30 are written and due; each of the three others is named by line, column and reason."""
    person = own_pages.person("administrator")
    at = _send(person, _csv([*GOOD, *BAD]), due=SERVICE_ON.isoformat())

    page = person.get(at).text
    answer = _confirm(person, at)
    after = person.get(answer.location).text

    assert _counts(page) == [30, 3, 0]
    assert [row[:2] for row in _cells(page, "problems")] == [["32", "id"], ["33", "windows"], ["34", "lat"]]
    assert len(_cells(page, "rows")) == 30
    assert "30 sites were written." in after
    assert f'href="/dispatch?date={SERVICE_ON}"' in after
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        due = {site.id for site in list_sites_due(session, SERVICE_ON)}
    assert {str(row["id"]) for row in GOOD} <= due


def test_reasons_are_in_the_readers_language(own_pages: Pages) -> None:
    """Whoever reads Chinese reads why a row is bad in Chinese."""
    person = own_pages.person("administrator")
    person.post("/language", language="zh-CN")

    page = person.get(_send(person, _csv(BAD))).text

    reasons = [row[2] for row in _cells(page, "problems")]
    assert reasons[0] == Message("The id is missing.").render(Language.ZH_CN)
    assert "25:99" in reasons[1]


def test_columns_that_are_not_used_are_named_before_anything_is_written(own_pages: Pages) -> None:
    """In the reader's language; the rows are ready all the same."""
    person = own_pages.person("administrator")
    at = _send(person, _csv([{**row, "分店": "一"} for row in GOOD]))

    english = person.get(at).text
    person.post("/language", language="zh-CN")

    assert _counts(english) == [30, 0, 0]
    assert "Columns that are not used: 分店." in english
    assert "以下列未使用：分店。" in person.get(at).text


def test_workbooks_are_read(own_pages: Pages) -> None:
    """The first sheet of an XLSX file with Chinese headings becomes workers."""
    book = Workbook()
    book.active.append(["工号", "姓名", "经度", "纬度", "班次"])
    book.active.append(["W9", "赵敏", 116.4, 39.9, "08:00-17:00"])
    content = io.BytesIO()
    book.save(content)
    person = own_pages.person("administrator")

    at = _send(person, content.getvalue(), "人员.xlsx", kind="workers")
    page = person.get(at).text
    _confirm(person, at)

    assert _cells(page, "rows")[0][:3] == ["new", "2", "W9"]
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        assert [worker.name for worker in get_workers(session, [WorkerId("W9")])] == ["赵敏"]


def test_features_are_read(own_pages: Pages) -> None:
    """Each feature of a GeoJSON file is a row with the number of the feature."""
    feature = {
        "type": "Feature",
        "properties": {"id": "G1", "name": "Geo"},
        "geometry": {"type": "Point", "coordinates": [116.41, 39.91]},
    }
    person = own_pages.person("administrator")

    page = person.get(
        _send(person, json.dumps({"type": "FeatureCollection", "features": [feature]}).encode(), "a.geojson")
    )

    assert _cells(page.text, "rows")[0][:5] == ["new", "1", "G1", "Geo", "116.410000, 39.910000"]


def test_text_as_chinese_excel_writes_it_is_read(own_pages: Pages) -> None:
    """GB18030 is recognised."""
    person = own_pages.person("administrator")

    page = person.get(_send(person, _csv(GOOD[:1], "gb18030"))).text

    assert "新网点 0" in page


def test_coordinates_of_chinese_maps_are_converted(own_pages: Pages) -> None:
    """A GCJ-02 coordinate in Beijing is kept some 500 m from where it would be as WGS 84, shown as it is kept."""
    person = own_pages.person("administrator")
    at = _send(person, _csv([{"id": "GCJ", "lon": 116.404, "lat": 39.915}]), crs="gcj02")

    page = person.get(at).text
    _confirm(person, at)

    kept = _sites(own_pages.mine, "GCJ")["GCJ"].position
    (moved_m,) = geodesics_m(*([value] for value in (116.404, 39.915, kept.lon, kept.lat)))  # type: ignore[arg-type]
    assert 300 < moved_m < 800
    assert f"{kept.lon:.6f}, {kept.lat:.6f}" in page


def test_names_are_shown_and_never_run(own_pages: Pages) -> None:
    """Names, ids and file names with markup are text in the tables and in the map's data."""
    rows = [
        {"id": f"H{n} {name}"[:60], "name": name, "lon": 116.4, "lat": 39.9} for n, name in enumerate(HOSTILE_NAMES)
    ]
    person = own_pages.person("administrator")

    answer = person.get(_send(person, _csv(rows), "<b onclick=x>.csv"))

    scripts = re.findall(r"<script[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    assert not any("window.ran = 1</script>" in script for script in scripts)
    assert "<img" not in answer.text
    assert "<b onclick" not in answer.text
    assert {row[3] for row in _cells(answer.text, "rows")} == set(HOSTILE_NAMES)
    assert {row[2] for row in _map_data(answer.text)["ready"]} == set(HOSTILE_NAMES)  # type: ignore[union-attr]
    assert "style=" not in answer.text


def test_a_draft_is_its_authors_alone(own_pages: Pages) -> None:
    """Neither another administrator of the company nor another company's sees or touches it."""
    author = own_pages.person("administrator")
    at = _send(author, _csv(GOOD[:2]))
    stranger = own_pages.person("administrator", own_pages.other)
    colleague = _second_administrator(own_pages)

    for somebody in (stranger, colleague):
        assert somebody.get(at).status_code == 404
        for act in ("place", "unplace", "crs", "confirm", "discard"):
            assert (
                somebody.post(f"{at}/{act}", line="2", column="address", lon="1", lat="1", crs="bd09").status_code
                == 404
            )
        assert "sites.csv" not in somebody.get("/imports").text
    assert author.get(at).status_code == 200
    assert "sites.csv" in author.get("/imports").text


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_file_that_is_too_large_is_told(pages: Pages, accept: str) -> None:
    """21 MB are refused with the limit in the sentence, to a page and to a script."""
    person = pages.person("administrator")
    form = {"kind": "sites", "crs": "wgs84", "file": (io.BytesIO(b"x" * 21_000_000), "sites.csv")}

    answer = person.post("/imports", accept=accept, **form)

    assert answer.status_code == 413
    assert "at most 20 MB" in answer.text


def test_a_file_just_over_the_limit_is_told_with_the_form(pages: Pages) -> None:
    """A file above 20 MB within a request that is let through is told of on the page."""
    answer = pages.person("administrator").post(
        "/imports", kind="sites", crs="wgs84", file=(io.BytesIO(b"x" * 20_000_001), "sites.csv")
    )

    assert answer.status_code == 422
    assert "at most 20 MB" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("photo.png", b"\x89PNG", "photo.png is not a table that can be read"),
        ("sites.xlsx", b"PK\x03\x04 broken", "is not a readable XLSX workbook"),
        ("sites.csv", b"", "is empty"),
        ("sites.csv", b"a,b\n1,2\n", "needs id"),
    ],
)
def test_an_unreadable_file_is_told_and_the_choices_stay(pages: Pages, name: str, content: bytes, told: str) -> None:
    """The page says why, and what was chosen is chosen still; a script is told the same."""
    person = pages.person("administrator")
    choices = {"kind": "sites", "crs": "bd09", "team": "south", "due": "2026-12-01"}

    answer = person.post("/imports", **choices, file=(io.BytesIO(content), name))
    told_script = person.post("/imports", accept="application/json", **choices, file=(io.BytesIO(content), name))

    assert (answer.status_code, told_script.status_code) == (422, 422)
    assert told in unescape(answer.text)
    assert told in told_script.json["title"]
    assert '<option value="bd09" selected>' in answer.text
    assert '<option value="south" selected>' in answer.text
    assert 'value="2026-12-01"' in answer.text


@pytest.mark.parametrize("choices", [{"kind": "cars"}, {"crs": "moon"}, {"due": "soon"}, {"team": "nobody"}])
def test_a_choice_that_is_none_is_refused(pages: Pages, choices: dict[str, str]) -> None:
    """What no form offers is refused in words."""
    form = {"kind": "sites", "crs": "wgs84", "file": (io.BytesIO(_csv(GOOD[:1])), "sites.csv"), **choices}

    answer = pages.person("administrator").post("/imports", **form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_importing_again_changes_names(own_pages: Pages) -> None:
    """A known id is marked with what changes and what was there before; nothing is there twice."""
    person = own_pages.person("administrator")
    _confirm(person, _send(person, _csv(GOOD[:2])))
    at = _send(person, _csv([GOOD[0] | {"name": "改名"}, GOOD[1], GOOD[2]]))

    page = person.get(at).text
    _confirm(person, at)

    assert [row[0] for row in _cells(page, "rows")] == ["changes", "unchanged", "new"]
    assert "<ins>改名</ins> <del>新网点 0</del>" in page
    assert _sites(own_pages.mine, "N00")["N00"].name == "改名"


def test_days_on_which_somebody_was_at_a_new_site_are_derived_again(own_pages: Pages) -> None:
    """What was tracked before the site was known counts; a site that nobody came near has nothing derived."""
    person, mine = own_pages.person("administrator"), own_pages.mine
    numbers = text("select sum(number) from visit_claim where service_on = :on")
    told = []

    for row in ({"id": "far", "lon": 10.0, "lat": 50.0}, {"id": "near", "lon": HERE.lon, "lat": HERE.lat}):
        _confirm(person, _send(person, _csv([row | {"name": row["id"]}])))
        with mine.database.bound(mine.tenant_id) as session:
            told.append(session.scalar(numbers, {"on": SERVICE_ON}))

    assert told == [1, 2]


def test_confirming_twice_writes_once(own_pages: Pages) -> None:
    """The second of two confirmations finds nothing to write, and what was written stays as it is."""
    person = own_pages.person("administrator")
    at = _send(person, _csv(GOOD[:3]))
    seen = _seen(person.get(at).text)

    answers = [person.post(f"{at}/confirm", seen=seen).status_code for _ in range(2)]

    assert answers == [303, 404]
    assert len(_sites(own_pages.mine, "N00", "N01", "N02")) == 3


def test_only_what_was_seen_is_written(own_pages: Pages) -> None:
    """A button pressed after an address was placed in another window writes nothing, and says why."""
    person = own_pages.person("administrator")
    at = _send(
        person, _csv([{"id": "A1", "address": "x 1", "lon": 116.4, "lat": 39.9}, {"id": "A2", "address": "x 2"}])
    )
    seen = _seen(person.get(at).text)

    person.post(f"{at}/place", line="3", column="address", lon="116.31", lat="39.98")
    answer = person.post(f"{at}/confirm", accept="application/json", seen=seen)

    assert answer.status_code == 409
    assert "has changed since you looked at it" in answer.json["title"]
    assert _sites(own_pages.mine, "A1", "A2") == {}
    assert _confirm(person, at).status_code == 303


@pytest.mark.parametrize("changed", ["new", "before"])
def test_rows_that_became_others_are_not_written_unseen(own_pages: Pages, changed: str) -> None:
    """A row that was new and is known now, or would replace something else than was shown, is looked at again."""
    person, colleague = own_pages.person("administrator"), _second_administrator(own_pages)
    if changed == "before":
        _confirm(person, _send(person, _csv(GOOD[:1])))
    at = _send(person, _csv(GOOD[:1]))
    seen = _seen(person.get(at).text)

    _confirm(colleague, _send(colleague, _csv([GOOD[0] | {"name": "改名"}])))
    answer = person.post(f"{at}/confirm", seen=seen)

    assert answer.status_code == 409
    assert _sites(own_pages.mine, "N00")["N00"].name == "改名"


def test_a_file_is_read_once(own_pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page is opened, corrected and written by what was read as it was sent; another process reads it once."""
    reads: list[str] = []

    def read_table(file: TableFile) -> Table:
        reads.append(file.name)
        return tables.read_table(file)

    monkeypatch.setattr(views, "read_table", read_table)
    person = own_pages.person("administrator")
    at = _send(person, _csv([{"id": "A1", "address": "中关村大街 1"}]))
    other = own_pages.with_other().person("administrator")

    for somebody in (person, other):
        for lon in ("116.31", "116.32"):
            somebody.post(f"{at}/place", line="2", column="address", lon=lon, lat="39.98")
            assert f"{lon}0000, 39.980000" in somebody.get(at).text
    assert f"{lon}0000" in person.get(at).text
    _confirm(person, at)

    assert reads == ["sites.csv"] * 2


def test_discarding_deletes_the_file(own_pages: Pages) -> None:
    """Nothing of a discarded file was written, and nobody finds it again."""
    person = own_pages.person("administrator")
    at = _send(person, _csv(GOOD[:3]))

    answer = person.post(f"{at}/discard")

    assert answer.status_code == 303
    assert person.get(at).status_code == 404
    assert _sites(own_pages.mine, "N00") == {}


def test_a_draft_older_than_a_day_is_gone(own_pages: Pages) -> None:
    """Nobody opens it, places its addresses or writes it, whether it was deleted meanwhile or not."""
    at = _send(own_pages.person("administrator"), _csv(GOOD[:1]))
    later = own_pages.with_other(now=NOW + timedelta(days=1, seconds=1)).person("administrator")

    answers = [
        later.get(at),
        *(later.post(f"{at}/{act}", line="2", column="address") for act in ("unplace", "confirm")),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert at not in later.get("/imports").text


def test_whoever_opens_the_page_of_imports_deletes_older_drafts(own_pages: Pages) -> None:
    """What nobody of the company came back to is deleted; another company's stays until one of its own comes."""
    company, other = own_pages.mine, own_pages.other
    later = own_pages.with_other(now=NOW + timedelta(days=1, seconds=1))

    later.person("administrator").get("/imports")

    left = []
    for one in (company, other):
        with one.database.bound(one.tenant_id) as session:
            left.append(len(list_drafts(session, author=one.dispatcher_id, since=NOW - timedelta(days=9))))
    assert left == [0, 1]


def test_only_so_many_files_wait_for_somebody(own_pages: Pages) -> None:
    """The twenty-first is refused in words; when one was discarded there is room again."""
    person = own_pages.person("administrator")
    waiting = [_send(person, _csv(GOOD[:1])) for _ in range(20)]
    form = {"kind": "sites", "crs": "wgs84"}

    refused = person.post("/imports", file=(io.BytesIO(_csv(GOOD[:1])), "sites.csv"), **form)
    person.post(f"{waiting[0]}/discard")

    assert refused.status_code == 422
    assert "20 files wait for you already" in refused.text
    assert person.get(_send(person, _csv(GOOD[:1]))).status_code == 200


def test_drafts_go_with_their_author(own_pages: Pages) -> None:
    """A member who is deleted leaves no file behind."""
    company = own_pages.mine
    with company.database.bound(company.tenant_id) as session:
        session.execute(delete(MemberRow).where(MemberRow.id == company.dispatcher_id))
        left = list_drafts(session, author=company.dispatcher_id, since=NOW - timedelta(days=9))

    assert left == ()


def test_rows_of_other_teams_are_named_and_the_rest_is_written(own_pages: Pages) -> None:
    """A dispatcher of the south writes the south's rows; the north's and the company's are told of, and stay."""
    person = own_pages.signed_in("shared@example.com")
    rows = [
        GOOD[0] | {"team": "south"},
        GOOD[1] | {"team": "north"},
        GOOD[2] | {"team": ""},
        GOOD[3] | {"team": "west"},
    ]
    at = _send(person, _csv(rows))

    page = person.get(at).text
    _confirm(person, at)

    assert _counts(page) == [1, 3, 0]
    assert [row[1] for row in _cells(page, "problems")] == ["team"] * 3
    assert set(_sites(own_pages.mine, "N00", "N01", "N02", "N03")) == {"N00"}


@pytest.fixture(scope="module")
def graphs() -> Path:
    """Return the folder of the extract's road graph, which is built once for all tests."""
    return read_settings().cache_dir


@pytest.fixture(scope="module")
def roads(graphs: Path) -> RoadChoice:
    """Return the choice of the bundled extract."""
    return choose_roads(str(EXTRACT), cache_dir=graphs)


class TestAddresses:
    """Addresses in the bundled extract."""

    @pytest.fixture
    def person(self, own_pages: Pages, graphs: Path, roads: RoadChoice) -> Person:
        """Return somebody whose company plans on the extract's roads."""
        with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
            use_roads(session, roads, by=OPERATOR, now=NOW + timedelta(seconds=1))
        return own_pages.with_other(cache_dir=graphs).person("administrator")

    @pytest.fixture
    def rows(self) -> list[Cells]:
        """Return a row with a sure address, one with a doubtful one, and one with none that is known."""
        sure = next(place for place in read_places(EXTRACT) if place.address)
        return [
            {"id": "A1", "name": "sure", "address": sure.address},
            {"id": "A2", "name": "<i>doubtful</i>", "address": "Avenue Princesse Grace"},
            {"id": "A3", "name": "unknown", "address": "zzzz qqqq 99"},
        ]

    def test_doubtful_addresses_are_listed_and_placed_by_hand(
        self, own_pages: Pages, person: Person, rows: list[Cells]
    ) -> None:
        """A doubtful address shows its best match and score; placed, its row is ready, and undoing takes that back."""
        at = _send(person, _csv(rows))

        before = person.get(at).text
        place = {"line": "3", "column": "address", "lon": "7.4301", "lat": "43.7412"}
        assert person.post(f"{at}/place", **place).status_code == 303
        placed = person.get(at).text
        person.post(f"{at}/unplace", line="3", column="address")
        undone = person.get(at).text
        person.post(f"{at}/place", **place)
        _confirm(person, at)

        assert (_counts(before), _counts(placed), _counts(undone)) == ([1, 0, 2], [2, 0, 1], [1, 0, 2])
        assert "Best match: " in before
        assert "% sure" in before
        assert "Not found" in before
        assert "<i>doubtful" not in before
        kept = _sites(own_pages.mine, "A1", "A2", "A3")
        assert set(kept) == {"A1", "A2"}
        assert (kept["A2"].position.lon, kept["A2"].position.lat) == (7.4301, 43.7412)

    def test_only_such_addresses_are_placed_and_only_on_earth(self, person: Person, rows: list[Cells]) -> None:
        """A row that needs no place, a line there is not, and what is no position are refused in words."""
        at = _send(person, _csv(rows))
        here = {"line": "3", "column": "address", "lon": "7.4", "lat": "43.7"}
        wrong = ({"line": "2"}, {"line": "99"}, {"line": "x"}, {"lat": "93"}, {"lon": "nan"}, {"lon": "", "lat": ""})

        answers = [person.post(f"{at}/place", accept="application/json", **here | one) for one in wrong]

        assert [answer.status_code for answer in answers] == [422] * len(wrong)
        assert all(answer.json["title"] for answer in answers)
        assert _counts(person.get(at).text) == [1, 0, 2]

    def test_both_ends_of_a_worker_are_placed(self, own_pages: Pages, person: Person) -> None:
        """A worker with two doubtful addresses is ready when both are placed, each where it was clicked."""
        rows = [{"id": "W8", "start_address": "zzzz 1", "end_address": "qqqq 2"}]
        at = _send(person, _csv(rows), "workers.csv", kind="workers")

        for column, lon in (("start_address", "7.42"), ("end_address", "7.43")):
            person.post(f"{at}/place", line="2", column=column, lon=lon, lat="43.74")
        _confirm(person, at)

        with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
            (worker,) = get_workers(session, [WorkerId("W8")])
        assert worker.end is not None
        assert (worker.start.lon, worker.end.lon) == (7.42, 7.43)


def test_without_a_map_every_address_is_placed_by_hand(own_pages: Pages) -> None:
    """A company that plans on straight lines has nothing to look addresses up in, and can place them all the same."""
    person = own_pages.person("administrator")
    at = _send(person, _csv([{"id": "A1", "address": "中关村大街 1"}]))

    before = person.get(at).text
    person.post(f"{at}/place", line="2", column="address", lon="116.31", lat="39.98")

    assert _counts(before) == [0, 0, 1]
    assert _counts(person.get(at).text) == [1, 0, 0]
