"""`geo-engine tenant people`: somebody of every role, to see the pages as each of them does."""

import json
import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.cli.writing import NewFile
from geo_engine.db.session import Session
from geo_engine.ids import MemberId, RoleId
from geo_engine.planning import service as planning
from geo_engine.private_files import write_at_once
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import LoginTaken, NewMember
from geo_engine.tenancy.passwords import make_password
from geo_engine.tenancy.permissions import DEFAULT_GRANTS
from geo_engine.tenancy.service import add_member
from geo_engine.tenancy.sign_in import set_password_of
from geo_engine.words import Language, Message
from geo_engine.workforce.service import link_member

_NAMES = {
    "administrator": Message("Administrator"),
    "dispatcher": Message("Dispatcher"),
    "manager": Message("Manager"),
    "auditor": Message("Auditor"),
    "worker": Message("Field worker"),
}
_WIDTH = max(map(len, _NAMES))


@click.command()
@tenant_argument
@date_option
@click.option("--keep", type=NewFile(), required=True, help="File of their passwords.")
@click.option("--address", help="Where they sign in, to be shown with the rest.")
@click.pass_obj
def command(language: Language, code: str, service_on: date, keep: Path, address: str | None) -> None:
    """Give TENANT a member of every built-in role, and print how each signs in.

    Passwords are made once and kept in a file that only you can read; who is there already stays as they are. The
    worker among them is the first who was given a route on the day.
    """
    kept = _read_passwords(keep)
    with open_tenant(code) as tenant, tenant.transaction() as session:
        first_worker = planning.list_published_workers(session, service_on, by=OPERATOR)[0]
        passwords: dict[str, str] = {}
        for role_id in DEFAULT_GRANTS:
            added = _add(session, role_id, language)
            passwords[role_id] = kept.get(role_id) or make_password()
            if added is not None or role_id not in kept:
                set_password_of(session, role_id, passwords[role_id], by=OPERATOR, now=now())
            if added is not None and role_id == "worker":
                link_member(session, first_worker, added, by=OPERATOR, now=now())
        people = [{"login": login, "password": password} for login, password in passwords.items()]
        write_at_once(keep, json.dumps({"company": code, "people": people}, indent=1).encode())
    click.echo("\n".join(_lines(code, passwords, address, language)))


def _add(session: Session, role_id: RoleId, language: Language) -> MemberId | None:
    """Add the member of a role, who signs in with its name; None when somebody does already."""
    try:
        new = NewMember(login=role_id, name=_NAMES[role_id].render(language), role_id=role_id, language=language)
        return add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=now()).id
    except LoginTaken:
        return None


def _read_passwords(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {one["login"]: one["password"] for one in document["people"]}


def _lines(code: str, passwords: Mapping[str, str], address: str | None, language: Language) -> list[str]:
    facts = {"address": address, "code": code}
    heads = [Message("Address: {address}", facts)] if address else []
    heads += [Message("Company code: {code}", facts), Message("User name, password and role:")]
    people = [
        f"  {login:{_WIDTH}}  {password}  {_NAMES[login].render(language)}" for login, password in passwords.items()
    ]
    return [*(head.render(language) for head in heads), *people]
