"""The pages of weeks: rules from a file, weeks that are planned, their calendar, the days that follow them."""

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
    assert "1 in 2 week(s)" in page


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
