"""The pages of weeks: rules from a file, weeks that are planned, their calendar, the days that follow them."""

import html
import re
import time
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from support.companies import NORTH, NOW, PERIOD_ON, Company, plan_weeks
from support.pages import Pages
from support.stays import keep_learned

from geo_engine.customers.store import list_due_workers
from geo_engine.ids import PeriodId, SiteId, WorkerId
from geo_engine.planning.periods import service as periods
from geo_engine.planning.periods.model import leave_days
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_speeds, set_uses_learned
from geo_engine.workforce.store import list_workers


def test_rules_of_a_file_are_shown(own_pages: Pages) -> None:
    """What the file says is in the table; a row that cannot be used is told by its line, and changes nothing."""
    person = own_pages.person("administrator")

    done = person.post("/periods/rules", file=(BytesIO("网点,次数,周数\nS002,1,2\n".encode()), "rules.csv"))
    refused = person.post("/periods/rules", file=(BytesIO(b"site,visits\nS777,1\n"), "rules.csv"))

    page = person.get("/periods").get_data(as_text=True)
    assert (done.status_code, refused.status_code) == (303, 422)
    assert "rules.csv:2 site: There is no site S777." in refused.get_data(as_text=True)
    assert "S002" in page
    assert "1 in 2 weeks" in page


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("rules.csv", b"", "rules.csv is empty."),
        ("rules.csv", b"level,visits\n", "rules.csv has a header but no rows."),
        ("rules.csv", b"colour,taste\nred,sour\n", "rules.csv needs level / site; its columns are: colour, taste."),
        ("rules.xlsx", b"no workbook", "rules.xlsx"),
        ("rules.pdf", b"%PDF", "rules.pdf is not a table that can be read"),
    ],
)
def test_a_file_of_rules_that_cannot_be_read_is_told_on_the_page(
    own_pages: Pages, name: str, content: bytes, reason: str
) -> None:
    """The page of weeks says why and that nothing was changed; the form is there to send another."""
    person = own_pages.person("administrator")

    answer = person.post("/periods/rules", file=(BytesIO(content), name))

    assert answer.status_code == 422
    assert re.search(rf'role="alert"><p>Nothing was changed: .*{re.escape(reason)}', answer.text)
    assert "Take the file" in answer.text


def test_no_file_of_rules_is_told_on_the_page(own_pages: Pages) -> None:
    """A form that was sent without one."""
    answer = own_pages.person("administrator").post("/periods/rules")

    assert (answer.status_code, "Nothing was changed: Choose a file." in answer.text) == (422, True)


def test_columns_of_rules_that_are_not_used_are_named(own_pages: Pages) -> None:
    """The rules are taken, and the page says what of the file was not; in a refusal too."""
    person = own_pages.person("administrator")

    taken = person.post("/periods/rules", file=(BytesIO("网点,次数,谁定的\nS002,1,我\n".encode()), "rules.csv"))
    refused = person.post("/periods/rules", file=(BytesIO("网点,次数,谁定的\nS777,1,我\n".encode()), "rules.csv"))

    assert (taken.status_code, refused.status_code) == (200, 422)
    assert "The rules of the file were taken over. Columns that are not used: 谁定的." in taken.text
    assert "rules.csv:1: Columns that are not used: 谁定的." in refused.text
    assert "S002" in person.get("/periods").text


def test_weeks_are_asked_for_looked_at_and_followed(own_pages: Pages) -> None:
    """A period that waits says so; one that is planned shows its days and what it covers; adopted, days follow it."""
    person = own_pages.person("dispatcher")
    asked = person.post("/periods/plan", first_on=str(PERIOD_ON), weeks="4", team="")
    waiting = person.get(asked.headers["Location"]).get_data(as_text=True)
    company = own_pages.mine
    period_id = plan_weeks(company.database, company.tenant_id)

    page = person.get(f"/periods/{period_id}").get_data(as_text=True)
    adopted = person.post(f"/periods/{period_id}/adopt")

    assert "Being planned: 0 %" in waiting
    assert "visits planned" in page
    assert "Coverage" in page
    assert "Have the days follow it" in page
    assert adopted.status_code == 303
    assert "the days follow it" in person.get("/periods").get_data(as_text=True)
    with company.database.bound(company.tenant_id) as session:
        assert len(list_due_workers(session, PERIOD_ON, PERIOD_ON.replace(month=12, day=31))) == 2


def test_a_period_that_another_took_over_says_so(own_pages: Pages) -> None:
    """Before it is adopted a period names the one it replaces; that one says by which, and may be adopted again."""
    person, company = own_pages.person("dispatcher"), own_pages.mine
    first, second = (plan_weeks(company.database, company.tenant_id, week_count=weeks) for weeks in (2, 3))
    with company.database.bound(company.tenant_id) as session:
        periods.adopt_period(session, first, by=OPERATOR, now=NOW - timedelta(hours=1))

    before = person.get(f"/periods/{second}").text
    person.post(f"/periods/{second}/adopt")
    replaced, follows, known = (person.get(f"/periods{path}").text for path in (f"/{first}", f"/{second}", ""))

    assert re.search(rf"it replaces from {PERIOD_ON} on: <a href=\"/periods/{first}\">2 weeks", before)
    assert re.search(rf"Replaced from {PERIOD_ON} on by: <a href=\"/periods/{second}\">3 weeks", replaced)
    assert "✓" not in replaced
    assert "Have the days follow it again" in replaced
    assert "✓ the days follow it" in follows
    assert "Have the days follow it" not in follows
    assert known.count("the days follow it") == 1
    assert f"replaced from {PERIOD_ON} on by 3 weeks from {PERIOD_ON}" in known


def test_holidays_are_asked_for_and_marked(own_pages: Pages) -> None:
    """Dates are taken with whatever stands between them; a period's page names them and marks their days."""
    person, company = own_pages.person("dispatcher"), own_pages.mine
    ask = {"first_on": str(PERIOD_ON), "weeks": "4", "team": ""}
    refused = person.post("/periods/plan", **ask, holidays="2026-12-09 Christmas")
    of_team = person.post("/periods/plan", **ask | {"team": NORTH}, holidays="Christmas")
    past = person.post("/periods/plan", first_on="2020-01-06", weeks="4", team="")
    asked = person.post("/periods/plan", **ask, holidays="2026-12-09，2026-12-24, 2026-12-25 ")
    waiting = person.get(asked.headers["Location"]).get_data(as_text=True)
    period_id = plan_weeks(company.database, company.tenant_id, holidays=frozenset({date(2026, 12, 9)}))

    page = person.get(f"/periods/{period_id}").get_data(as_text=True)

    assert refused.status_code == 422
    assert re.search(r'role="alert"[^>]*><p>“Christmas” is not a date', refused.get_data(as_text=True))
    assert 'name="holidays" value="2026-12-09 Christmas"' in refused.get_data(as_text=True)
    assert [_team_chosen(one.get_data(as_text=True)) for one in (of_team, refused)] == [[NORTH], []]
    assert past.status_code == 422
    over = "No day is left to plan of the weeks from 2020-01-06 to 2020-02-02: choose a later first day."
    assert over in past.get_data(as_text=True)
    assert 'name="first_on" value="2020-01-06"' in past.get_data(as_text=True)
    assert "holidays: 2026-12-09, 2026-12-24, 2026-12-25" in waiting
    (marked,) = re.findall(r'<th scope="col" class=" closed">(.*?)</th>', page)
    assert re.sub("<[^>]+>", "", marked) == "Wed 12-09 holiday"
    assert page.count('class=" closed"') == 2  # of its head, and of the one worker
    assert '<td class=" closed"></td>' in page


def test_days_off_are_asked_for_and_marked(own_pages: Pages) -> None:
    """A line has who, a date and perhaps a last one; what cannot be understood is told and stays to be mended."""
    person, company = own_pages.person("dispatcher"), own_pages.mine
    with company.database.bound(company.tenant_id) as session:
        name = next(worker.name for worker in list_workers(session) if worker.id == "W2")
    ask = {"first_on": str(PERIOD_ON), "weeks": "4", "team": ""}
    wrong = {
        "W1": "“W1” is not a worker and a date such as 2026-11-24",
        "W1 2026-12-24 Christmas": "“W1 2026-12-24 Christmas” is not a worker and a date",
        "W1 2026-12-24 2026-12-01": "2026-12-01 is before 2026-12-24.",
        "W1 2026-12-01 2028-01-01": "2028-01-01 is not within a year after 2026-12-01.",
        "W1 2026-02-31": "“2026-02-31” is not a date",
        "W2 2025-12-24": "W2 is off on no day of these weeks: 2025-12-24.",
        "W1 2026-12-09;W2 2026-12-10": "“W1 2026-12-09;W2 2026-12-10” is not a worker and a date",
        "W7 2026-12-24": "There is no worker W7.",
    }
    for line, told in wrong.items():
        refused = person.post("/periods/plan", **ask, days_off=f"W1 2026-12-01\r\n{line}")
        page = html.unescape(refused.get_data(as_text=True))
        assert refused.status_code == 422
        assert told in page
        assert f">W1 2026-12-01\r\n{line}</textarea>" in page

    lines = (
        f"W1 2026-12-24 至 2026/12/26\r\n\r\n  {name}，２０２６年12月9日；\r\nW1: 2026-12-28、2026-12-3 to 2026-12-4"
    )
    asked = person.post("/periods/plan", **ask, days_off=lines)
    assert asked.status_code == 303
    with company.database.bound(company.tenant_id) as session:
        period_id = PeriodId(UUID(asked.headers["Location"].rsplit("/", 1)[-1]))
        off = periods.get_period(session, period_id, by=OPERATOR).ask.days_off
    assert off == {
        "W1": {date(2026, 12, day) for day in (3, 4, 24, 25, 26, 28)},
        "W2": {date(2026, 12, 9)},
    }

    off_on = {WorkerId("W1"): frozenset({date(2026, 12, 9)}), WorkerId("W2"): frozenset({date(2026, 12, 10)})}
    planned = plan_weeks(company.database, company.tenant_id, days_off=off_on)
    shown = person.get(f"/periods/{planned}").get_data(as_text=True)
    assert shown.count('<td class=" closed">off</td>') == 2  # also of who goes nowhere
    assert f"off: {name}, " in shown


def test_a_period_tells_whose_leave_a_visit_is_missed_for(own_pages: Pages) -> None:
    """The page says it in the reader's language, with the name and not only the id."""
    company, person = own_pages.mine, own_pages.person("dispatcher")
    with company.database.bound(company.tenant_id) as session:
        names = {worker.id: worker.name for worker in list_workers(session)}
    days = leave_days(PERIOD_ON, PERIOD_ON + timedelta(days=4))

    period_id = plan_weeks(company.database, company.tenant_id, days_off=dict.fromkeys(names, days))

    english = person.get(f"/periods/{period_id}").text
    person.post("/language", language="zh-CN")
    chinese = person.get(f"/periods/{period_id}").text
    (off,) = re.findall(r"</b> [-0-9]+ – [-0-9]+: While (.+?) is off ", html.unescape(english))
    assert off in names.values()
    assert f": {off} 请假期间" in html.unescape(chinese)


def test_the_form_begins_with_what_was_asked_the_last_time(own_pages: Pages) -> None:
    """Weeks, team, holidays and leave of the last period are there when the page is opened, and can be sent so.

    Once the weeks are over the form begins on the next Monday, with nothing that is past. Two weeks are not offered, so
    that after them the usual ones are; a form that was refused keeps what was typed.
    """
    company, soon = own_pages.mine, own_pages.with_other(now=NOW + timedelta(hours=1))
    person = soon.person("dispatcher")
    before = _fields(person.get("/periods").text)
    with company.database.bound(company.tenant_id) as session:
        (name,) = (worker.name for worker in list_workers(session, team_ids=[NORTH]))
    typed = {"holidays": "2026-12-24 2026-12-25", "days_off": f"{name} 2026-12-07 2026-12-11"}
    asked = {"first_on": "2026-12-07", "weeks": "4", "team": NORTH}
    done = person.post("/periods/plan", **asked, **typed)
    late = own_pages.with_other(now=NOW.replace(month=12, day=10)).person("dispatcher")
    after = own_pages.with_other(now=NOW.replace(year=2027, month=1, day=6)).person("dispatcher")

    page = person.get("/periods").text
    again = person.post("/periods/plan", **_fields(page))
    refused = person.post("/periods/plan", first_on="2026-12-07", weeks="6", team="", holidays="Christmas")

    assert (done.status_code, again.status_code, refused.status_code) == (303, 303, 422)
    assert _fields(page) == asked | typed
    assert _fields(late.get("/periods").text) == asked | typed | {"days_off": f"{name} 2026-12-11"}
    assert _fields(after.get("/periods").text) == {
        "first_on": "2027-01-11",
        "weeks": "4",
        "team": NORTH,
        "holidays": "",
        "days_off": "",
    }
    assert before == {"first_on": "2026-11-30", "weeks": "8", "team": "", "holidays": "", "days_off": ""}
    assert _fields(refused.text) == asked | {"weeks": "6", "team": "", "holidays": "Christmas", "days_off": ""}


def test_leave_that_the_form_began_with_is_let_go_where_it_is_of_no_use(own_pages: Pages) -> None:
    """Another team or later weeks are chosen: leave that is not of them is nobody's fault; typed it is refused."""
    company = own_pages.mine
    person = own_pages.with_other(now=NOW + timedelta(hours=1)).person("dispatcher")
    with company.database.bound(company.tenant_id) as session:
        w1, w2 = sorted((worker for worker in list_workers(session)), key=lambda worker: worker.id)
    leave = f"{w1.name} 2026-12-08\n{w2.name} 2026-12-10"
    person.post("/periods/plan", first_on="2026-12-07", weeks="4", team="", days_off=leave)
    page = person.get("/periods").text
    (offered,) = re.findall(r'name="offered" value="([^"]*)"', html.unescape(page))
    fields = _fields(page) | {"offered": offered}

    north = person.post("/periods/plan", **fields | {"team": NORTH})
    later = person.post("/periods/plan", **fields | {"first_on": "2026-12-09", "team": ""})
    typed = person.post("/periods/plan", **fields | {"team": NORTH, "days_off": f"{leave}\n{w2.name} 2026-12-11"})

    assert sorted(offered.splitlines()) == sorted(leave.splitlines())
    assert [one.status_code for one in (north, later, typed)] == [303, 303, 422]
    assert f"There is no worker {w2.name}." in html.unescape(typed.text)
    assert re.findall(r'name="offered" value="([^"]*)"', html.unescape(typed.text)) == [offered]
    with company.database.bound(company.tenant_id) as session:
        off = [
            periods.get_period(session, PeriodId(UUID(one.headers["Location"].rsplit("/", 1)[-1])), by=OPERATOR).ask
            for one in (north, later)
        ]
    assert [ask.days_off for ask in off] == [{"W1": {date(2026, 12, 8)}}, {"W2": {date(2026, 12, 10)}}]


def _fields(page: str) -> dict[str, str]:
    """Return what the fields of weeks hold."""
    text = html.unescape(page)
    (weeks,) = re.findall(r'<select name="weeks">.*?</select>', text, re.DOTALL)
    (chosen,) = re.findall(r'value="(\d+)" selected', weeks)
    (days_off,) = re.findall(r"<textarea [^>]*>(.*?)</textarea>", text, re.DOTALL)
    values = {name: re.findall(rf'name="{name}" value="([^"]*)"', text)[0] for name in ("first_on", "holidays")}
    return {**values, "weeks": chosen, "team": "".join(_team_chosen(text)), "days_off": days_off}


def test_a_field_of_any_size_is_read_at_once(own_pages: Pages) -> None:
    """Long lines and many lines are refused before anything is made of them, and not told back whole."""
    person = own_pages.person("dispatcher")
    ask = {"first_on": str(PERIOD_ON), "weeks": "4", "team": ""}
    leaves = "\n".join(f"W1 {1970 + number % 50}-01-02 {1971 + number % 50}-01-02" for number in range(20_000))

    began_s = time.process_time()
    long = [person.post("/periods/plan", **ask, days_off="W1" + sign * 200_000 + "x") for sign in " ,x"]
    many = person.post("/periods/plan", **ask, days_off=leaves)
    spent_s = time.process_time() - began_s

    assert [one.status_code for one in (*long, many)] == [422] * 4
    assert "Days off may have at most 500 lines." in many.get_data(as_text=True)
    assert all(re.search(r'role="alert"[^>]*><p>“[^”]{2,81}”', one.get_data(as_text=True)) for one in long)
    assert spent_s < 5.0


def _team_chosen(page: str) -> list[str]:
    (choice,) = re.findall(r'<select name="team">.*?</select>', page, re.DOTALL)
    return re.findall(r'value="([^"]+)" selected', choice)


def test_one_is_told_as_one(own_pages: Pages) -> None:
    """One site is a site, once in one week is once a week."""
    company = own_pages.mine
    period_id = plan_weeks(company.database, company.tenant_id)

    pages = [
        own_pages.person("dispatcher").get(path).get_data(as_text=True)
        for path in ("/periods", f"/periods/{period_id}")
    ]

    assert "<td>1 a week</td>" in pages[0]
    assert ": 1 site</summary>" in pages[1]


def _learned(company: Company) -> None:
    """Have S001 take 35 minutes, driving half as long again, and everybody slow at two times of the day."""
    speeds = {"car": tuple({7: 60, 8: 60, 17: 55}.get(hour, 100) for hour in range(24)), "foot": (100,) * 24}
    with company.database.bound(company.tenant_id) as session:
        keep_learned(session, SiteId("S001"), given_s=900, service_s=2100, factor=1.5, now=NOW)
        set_speeds(session, speeds, by=OPERATOR, now=NOW)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def test_a_period_says_what_it_was_planned_with(own_pages: Pages) -> None:
    """What visits took, how fast people drive and at which hours they are slow stand on its page; given ones do not."""
    company, person = own_pages.mine, own_pages.person("dispatcher")
    _learned(company)
    learned = plan_weeks(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        set_speeds(session, {}, by=OPERATOR, now=NOW)
    given = plan_weeks(company.database, company.tenant_id, uses_learned=False)

    told, silent = (_text(person.get(f"/periods/{one}").get_data(as_text=True)) for one in (learned, given))

    assert "What past visits took is used at 2 of 2 stops: 1 h 10 min of service in all, 0 h 30 min as given." in told
    assert "Driving takes 1.50 times as long as the roads say, learned from 30 ways." in told
    assert "by car: 7:00–9:00 at 60 %, 17:00–18:00 at 55 %" in told
    assert "on foot" not in told
    assert "learned" not in silent
    assert "Travel follows the hour" not in silent


def test_learned_times_are_switched_off_where_weeks_are_planned(own_pages: Pages) -> None:
    """The choice is offered as the company has it, holds for the weeks asked for, and is one of two."""
    company, person = own_pages.mine, own_pages.person("dispatcher")
    _learned(company)
    ask = {"first_on": str(PERIOD_ON), "weeks": "4", "team": ""}

    offered = [_chosen(person.get("/periods").get_data(as_text=True))]
    asked = person.post("/periods/plan", **ask, times="given")
    refused = person.post("/periods/plan", **ask, times="guessed")
    with company.database.bound(company.tenant_id) as session:
        set_uses_learned(session, uses_learned=False, by=OPERATOR, now=NOW)
        period_id = PeriodId(UUID(asked.headers["Location"].rsplit("/", 1)[1]))
        kept = periods.get_period(session, period_id, by=OPERATOR).ask
    offered.append(_chosen(person.get("/periods").get_data(as_text=True)))

    assert offered == [["learned"], ["given"]]
    assert kept.uses_learned is False
    assert refused.status_code == 422


def _chosen(page: str) -> list[str]:
    """Return which of the times the page offers is chosen."""
    (select,) = re.findall(r'<select name="times".*?</select>', page, re.DOTALL)
    return re.findall(r'value="(\w+)" selected', select)
