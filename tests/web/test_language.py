"""The choice of language on every page: it leads back to what was shown, or to the form of what was refused."""

import html
import re
from uuid import uuid4

import pytest
from support.pages import Pages, Person
from werkzeug.test import TestResponse

_DAY = "/dispatch?date=2026-11-24"
_REFUSED = {
    "weeks": ("/periods/plan", {"weeks": "5"}, None, "/periods"),
    "weeks, of the page": ("/periods/plan", {"weeks": "5"}, "/periods", "/periods"),
    "weeks, twice": ("/periods/plan", {"weeks": "5"}, "/periods/plan", "/periods"),
    "rules without a file": ("/periods/rules", {}, "/periods", "/periods"),
    "a day of a track": ("/tracks", {}, "/tracks?worker=W1", "/tracks?worker=W1"),
    "who passed": ("/tracks/passes", {}, "/tracks", "/tracks"),
    "who passed, sent again": ("/tracks/passes", {}, "/tracks/passes", "/tracks/passes"),
    "a file": ("/imports", {}, None, "/imports"),
    "a day to plan": ("/dispatch/plan", {"time_limit_s": "7"}, _DAY, _DAY),
    "a day to plan, of no page": ("/dispatch/plan", {"time_limit_s": "7"}, None, "/dispatch"),
}


@pytest.mark.parametrize("case", _REFUSED.values(), ids=_REFUSED)
def test_a_refused_form_changes_its_language(
    own_pages: Pages, case: tuple[str, dict[str, str], str | None, str]
) -> None:
    """One lands on the page of the form, in the other language, however the form was sent."""
    path, form, sent_from, page = case
    person = own_pages.person("administrator")
    refused = person.post(path, sent_from=sent_from, **form)
    assert refused.status_code == 422

    answer = _choose_chinese(person, refused.text)
    landed = person.get(answer.location)

    assert answer.location == page
    assert landed.status_code == 200
    assert '<html lang="zh-CN">' in landed.text


def test_a_sign_in_that_was_refused_changes_its_language(own_pages: Pages) -> None:
    """At the door it is no different."""
    someone = own_pages.nobody()

    refused = someone.post("/sign-in", sent_from="/sign-in?next=/visits", company="alpha", login="x")

    answer = _choose_chinese(someone, refused.text)
    assert answer.location == "/sign-in?next=/visits"
    assert '<html lang="zh-CN">' in someone.get(answer.location).text


def test_every_address_of_forms_alone_leads_to_a_page(own_pages: Pages) -> None:
    """Wherever the choice is told to go back to, a page of this app can be opened there; and other pages stay."""
    routes = own_pages.app.url_map.bind("")
    person = own_pages.person("administrator")
    some = {"period_id": uuid4(), "visit_id": uuid4(), "draft_id": uuid4(), "request_id": uuid4()}
    sent_to = [
        routes.build(rule.endpoint, {name: some[name] for name in rule.arguments}, method="POST")
        for rule in own_pages.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "GET" not in (rule.methods or ())
    ]

    locations = {path: person.post("/language", language="en", back=f"{path}?a=1").location for path in sent_to}
    stays = [person.post("/language", language="en", back=page).location for page in (_DAY, "/no-such-page?a=1")]

    assert len(locations) > 20
    assert [one for one in locations.values() if "GET" not in routes.allowed_methods(one.partition("?")[0])] == []
    assert stays == [_DAY, "/no-such-page?a=1"]


def test_a_form_of_another_host_is_not_gone_back_to(own_pages: Pages) -> None:
    """A page that says it comes from elsewhere leads to this app's own page."""
    person = own_pages.person("administrator")

    for elsewhere in (".evil.example/periods", "@evil.example/", ":8080/periods", "//evil.example/periods"):
        refused = person.post("/periods/plan", sent_from=elsewhere, weeks="5")

        assert _choose_chinese(person, refused.text).location in {"/periods", "/"}


def _choose_chinese(person: Person, page: str) -> TestResponse:
    (back,) = re.findall(r'name="back" value="([^"]*)"', page)
    return person.post("/language", language="zh-CN", back=html.unescape(back))
