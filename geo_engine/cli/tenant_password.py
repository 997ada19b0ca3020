"""`geo-engine tenant password`: what a person signs in with."""

import json
import sys

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.passwords import make_password
from geo_engine.tenancy.sign_in import set_password_of


@click.command()
@tenant_argument
@click.argument("login")
@click.option("--stdin", "is_given", is_flag=True, help="Take the password from standard input; else one is made.")
def command(code: str, login: str, is_given: bool) -> None:  # noqa: FBT001
    """Give LOGIN of TENANT a new password; whoever is signed in with the old one is signed out."""
    password = sys.stdin.readline().rstrip("\r\n") if is_given else make_password()
    with open_tenant(code) as tenant, tenant.transaction() as session:
        set_password_of(session, login, password, by=OPERATOR, now=now())
    click.echo(json.dumps({"login": login} if is_given else {"login": login, "password": password}))
