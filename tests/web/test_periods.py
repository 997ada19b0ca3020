"""The pages of weeks: rules from a file, weeks that are planned, their calendar, the days that follow them."""

import re
from datetime import date
from io import BytesIO

from support.companies import PERIOD_ON, plan_weeks
from support.pages import Pages

from geo_engine.customers.store import list_due_workers


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


def test_holidays_are_asked_for_and_marked(own_pages: Pages) -> None:
    """Dates are taken with whatever stands between them; a period's page names them and marks their days."""
    person, company = own_pages.person("dispatcher"), own_pages.mine
    ask = {"first_on": str(PERIOD_ON), "weeks": "4", "team": ""}
    refused = person.post("/periods/plan", **ask, holidays="2026-12-09 Christmas")
    asked = person.post("/periods/plan", **ask, holidays="2026-12-09，2026-12-24, 2026-12-25 ")
    waiting = person.get(asked.headers["Location"]).get_data(as_text=True)
    period_id = plan_weeks(company.database, company.tenant_id, holidays=frozenset({date(2026, 12, 9)}))

    page = person.get(f"/periods/{period_id}").get_data(as_text=True)

    assert refused.status_code == 422
    assert re.search(r'role="alert"><p>“Christmas” is not a date', refused.get_data(as_text=True))
    assert 'name="holidays" value="2026-12-09 Christmas"' in refused.get_data(as_text=True)
    assert "holidays: 2026-12-09, 2026-12-24, 2026-12-25" in waiting
    (marked,) = re.findall(r'<th scope="col" class=" closed">(.*?)</th>', page)
    assert re.sub("<[^>]+>", "", marked) == "Wed 12-09 holiday"
    assert page.count('class=" closed"') == 2  # of its head, and of the one worker
    assert '<td class=" closed"></td>' in page


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
