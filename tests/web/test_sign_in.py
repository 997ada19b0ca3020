"""Signing in and out: what is told, what is kept, and what a forged request gets."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask_security import UserMixin
from support.cluster import connected
from support.companies import NOW, PASSWORD, Company
from support.databases import Databases
from support.pages import Pages, login_of, pages_of_two

from geo_engine.ids import TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.sign_in import FREE_TRIES, set_password_of, try_password
from web.auth import find_member

NEW_PASSWORD = "another one, as long"  # noqa: S105


@pytest.mark.parametrize(
    "words",
    [
        {"company": "alpha", "login": login_of("worker"), "password": "wrong password"},
        {"company": "alpha", "login": "nobody@example.com", "password": PASSWORD},
        {"company": "nowhere", "login": login_of("worker"), "password": PASSWORD},
        {"company": "alpha", "login": "w1@alpha", "password": PASSWORD},
        {"company": "", "login": "", "password": ""},
        {"company": "al\x00pha", "login": "a\x00", "password": "\x00"},
    ],
    ids=["password", "login", "company", "no password set", "nothing", "NUL"],
)
def test_what_was_wrong_is_not_told(pages: Pages, words: dict[str, str]) -> None:
    """Whichever word was wrong, the answer is the same sentence, and no page opens."""
    person = pages.nobody()

    answer = person.post("/sign-in", **words)

    assert answer.status_code == 200
    assert "Company, name or password is wrong" in answer.text or "企业、用户名或密码有误" in answer.text
    assert person.get("/dispatch").status_code == 302


def test_the_password_never_comes_back(pages: Pages) -> None:
    """The page after a failure holds what was typed, but for the password."""
    words = {"company": "alpha", "login": "someone", "password": "s3cret-typed-once"}

    answer = pages.nobody().post("/sign-in", **words)

    assert "someone" in answer.text
    assert "s3cret-typed-once" not in answer.text


def test_signing_in_leads_to_the_page_asked_for_on_this_host_only(pages: Pages) -> None:
    """After signing in one is where one wanted to be; another host is not followed."""
    words = {"company": "alpha", "login": login_of("administrator"), "password": PASSWORD}

    there = pages.nobody().post("/sign-in?next=/dispatch?date=2026-11-25", **words, next="/dispatch?date=2026-11-25")
    away = pages.nobody().post("/sign-in?next=//evil.example/", **words, next="//evil.example/")

    assert there.location.endswith("/dispatch?date=2026-11-25")
    assert "evil" not in away.location


def test_a_new_password_ends_every_session(own_pages: Pages) -> None:
    """Whoever is signed in with the old one is not any more."""
    person = own_pages.person("administrator")
    before = person.get("/dispatch").status_code

    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        set_password_of(session, login_of("administrator"), NEW_PASSWORD, by=OPERATOR, now=NOW)

    assert (before, person.get("/dispatch").status_code) == (200, 302)


def test_a_session_cannot_be_bound_to_another_company(own_pages: Pages) -> None:
    """A cookie signed for one company's member, with the other company's id in it, belongs to nobody."""
    person = own_pages.person("administrator")
    with person.client.session_transaction() as kept:
        key = kept["_user_id"].partition(".")[2]
        kept["_user_id"] = f"{own_pages.other.tenant_id}.{key}"

    assert person.get("/dispatch").status_code == 302


def test_the_cookie_is_the_only_way_in(pages: Pages) -> None:
    """No token is handed out, none is taken; the cookie outlives a phone's window, and is sent but once."""
    words = {"company": "alpha", "login": login_of("administrator"), "password": PASSWORD}
    someone = pages.nobody()

    said = someone.post("/sign-in?include_auth_token", accept="application/json", **words)
    cookie = someone.client.get_cookie("session")
    with someone.client.session_transaction() as kept:
        tenant, _, key = kept["_user_id"].partition(".")
    with pages.app.test_request_context():
        member = find_member(pages.mine.database, TenantId(UUID(tenant)), UUID(key))
        token = UserMixin.get_auth_token(member)

    assert "Set-Cookie" not in pages.person("administrator").get("/dispatch").headers
    assert said.get_json()["response"]["user"] == {"authentication_token": ""}
    assert pages.nobody().get(f"/dispatch?auth_token={token}").status_code == 302
    assert pages.nobody().get("/dispatch", **{"Authentication-Token": token}).status_code == 302
    assert cookie is not None
    assert cookie.expires is not None


def test_the_language_chosen_before_sign_in_is_kept(own_pages: Pages) -> None:
    """Whoever chose a language at the door goes on in it, and on every other device; the next at this door does not."""
    someone = own_pages.nobody()
    words = {"company": "alpha", "login": login_of("auditor"), "password": PASSWORD}
    someone.post("/language", language="zh-CN", back="/sign-in")

    someone.post("/sign-in", **words)

    assert 'lang="zh-CN"' in someone.get("/dispatch").text
    assert 'lang="zh-CN"' in own_pages.signed_in(login_of("auditor")).get("/dispatch").text
    assert someone.client.get_cookie("language") is None


def test_a_language_chosen_leads_to_no_other_host(pages: Pages) -> None:
    """Where to go back to is a path of this host, in characters that can be shown."""
    for away in ("//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "https://evil.example"):
        answer = pages.nobody().post("/language", language="en", back=away)

        assert (answer.status_code, answer.location) == (302, "/")


def test_signing_out_ends_the_session(own_pages: Pages) -> None:
    """After signing out the pages ask again who one is."""
    person = own_pages.person("auditor")

    person.post("/sign-out")

    assert person.get("/dispatch").status_code == 302


def test_a_database_that_is_away_is_told_in_words(databases: Databases, tmp_path: Path) -> None:
    """Whoever is signed in reads why there is nothing, as a page and as JSON, and is still signed in afterwards."""
    with pages_of_two(databases, cache_dir=tmp_path) as (own, pages):
        person = pages.person("dispatcher")
        with connected(own.cluster, database="postgres") as server:
            allow = f"alter database {own.name} allow_connections "
            server.execute(allow + "false")
            server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [own.name])

            page, said = person.get("/dispatch"), person.get("/dispatch", Accept="application/json")
            server.execute(allow + "true")
        again = person.get("/dispatch")

    assert (page.status_code, said.status_code) == (503, 503)
    assert "无法连接数据库" in page.text
    assert "无法连接数据库" in said.get_json(force=True)["title"]
    assert again.status_code == 200


def test_a_page_that_was_signed_out_meanwhile_is_told_so(pages: Pages) -> None:
    """What a page's script asks for is answered in words, not with the sign-in page."""
    answer = pages.nobody().get("/dispatch", Accept="application/json")

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert "重新加载" in answer.get_json(force=True)["title"]


def test_a_post_without_the_pages_token_is_refused(pages: Pages) -> None:
    """A form another site sends in a member's name changes nothing."""
    person = pages.person("administrator")

    answer = person.client.post("/dispatch/plan", data={"date": "2026-11-25", "time_limit_s": "5"})

    assert answer.status_code == 400


def test_after_many_failures_even_the_right_password_waits(company: Company) -> None:
    """Guessing is slowed down: after some failures nothing is looked at for a while, longer with each."""
    login = "shared@example.com"

    def tries(password: str, after: timedelta) -> bool:
        return try_password(company.database, company.tenant_id, login, password, now=NOW + after) is not None

    failures = [tries("wrong password", timedelta(0)) for _ in range(FREE_TRIES)]

    assert failures == [False] * FREE_TRIES
    assert not tries(PASSWORD, timedelta(seconds=29))
    assert tries(PASSWORD, timedelta(seconds=31))
    assert not tries("wrong password", timedelta(seconds=32))
    assert tries(PASSWORD, timedelta(seconds=33))


def test_every_answer_carries_the_policy(pages: Pages) -> None:
    """Pages, redirects and errors alike: nothing inline but ours, no foreign host, no frame, nothing kept."""
    person = pages.person("administrator")

    nobody = pages.nobody()
    answers = (person.get("/dispatch"), person.get("/nowhere"), nobody.get("/"), nobody.get("/sign-in"))
    for answer in (*answers, person.get("/field")):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
