"""Sign-in: Flask-Security's sessions and forms over tenancy's members and credentials.

The only module that knows Flask-Security's datastore. A session cookie carries the tenant and the key of the
member's credential: a new password ends every session, and a session cannot be bound to another company.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, g, session
from flask_security import RoleMixin, Security, user_authenticated
from flask_security.datastore import UserDatastore
from flask_security.forms import LoginForm
from flask_wtf.csrf import CSRFProtect
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from geo_engine.db.session import Database
from geo_engine.errors import NotFound, Unavailable
from geo_engine.ids import TenantId
from geo_engine.tenancy.service import get_tenant_id
from geo_engine.tenancy.sign_in import find_signed_in, try_password
from geo_engine.words import Message
from geo_engine.workforce.service import access_of
from web.language import take_choice
from web.people import SignedIn
from web.wiring import Wiring, wiring

REFUSED = Message(
    "Company, name or password is wrong, or there were too many tries: then wait a minute, after more of them a "
    "quarter of an hour."
)
_CANNOT_BE_ASKED = "cannot_be_asked"
_SESSION_LASTS = timedelta(days=14)


class _NoRole(RoleMixin):
    """What a member may do is tenancy's to say, so Flask-Security knows no role."""

    name = ""


class _Members(UserDatastore):
    """Members as Flask-Security's users; what changes them goes through tenancy."""

    def __init__(self, database: Database) -> None:
        super().__init__(SignedIn, _NoRole)
        self._database = database

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> SignedIn | None:  # noqa: ANN401, ARG002, FBT001, FBT002
        """Return who a session belongs to, or None; once it could not be asked, nobody, so that the reason is told."""
        if g.get(_CANNOT_BE_ASKED):
            return None
        tenant, _, key = str(kwargs.get("fs_uniquifier", "")).partition(".")
        try:
            return find_member(self._database, TenantId(UUID(tenant)), UUID(key))
        except ValueError:
            return None
        except Unavailable:
            setattr(g, _CANNOT_BE_ASKED, True)
            raise

    def find_role(self, role: str) -> None:
        """Return None: there is none."""

    def commit(self) -> None:
        """Nothing is pending: every use case has its own transaction."""


def find_member(database: Database, tenant_id: TenantId, session_key: UUID) -> SignedIn | None:
    """Return the member a session belongs to; None when the password was changed since, or the member is gone."""
    with database.bound(tenant_id) as rows:
        found = find_signed_in(rows, session_key)
        if found is None:
            return None
        tenant, member = found
        return SignedIn(tenant=tenant, member=member, access=access_of(rows, member.id), session_key=session_key)


def sign_in(made: Wiring, *, company: str, login: str, password: str) -> SignedIn | None:
    """Return who signs in with these words, or None; each try is counted."""
    try:
        tenant_id = get_tenant_id(made.database, company)
    except NotFound:
        tenant_id = TenantId(UUID(int=0))
    found = try_password(made.database, tenant_id, login, password, now=made.now())
    return None if found is None else find_member(made.database, tenant_id, found.session_key)


class SignInForm(LoginForm):
    """Company, name and password."""

    email = None
    remember = None
    company = StringField(validators=[DataRequired()])
    login = StringField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])

    def validate(self, **_kwargs: object) -> bool:
        """Return whether somebody signs in with these words; what is wrong with them is not told."""
        for name in ("company", "login", "password"):
            if not self[name].data or "\x00" in self[name].data:
                return False
        self.user = sign_in(wiring(), company=self.company.data, login=self.login.data, password=self.password.data)
        return self.user is not None


def add_sign_in(app: Flask, made: Wiring, *, render: Callable[..., str]) -> None:
    """Give an app sign-in and sign-out, safe cookies, and protection of every post against forgery."""
    app.config.update(
        SECRET_KEY=made.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if made.is_secure else "session",
        SESSION_COOKIE_SECURE=made.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=_SESSION_LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,  # an answer on its way must not bring back a session that has ended
        REMEMBER_COOKIE_DURATION=timedelta(0),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106
        SECURITY_PASSWORD_SALT=made.secret_key,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"login": {"mapper": str}}],
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_LOGIN_USER_TEMPLATE="sign_in.html",
        SECURITY_RETURN_GENERIC_RESPONSES=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    CSRFProtect(app)
    security = Security(app, _Members(made.database), login_form=SignInForm)
    security.render_template = render
    security.login_context_processor(lambda: {"refused": REFUSED})
    security.login_manager.request_loader(lambda _request: None)  # the cookie is the session: no token of any request
    user_authenticated.connect(_begin_session, app, weak=False)


def _begin_session(_app: Flask, *, user: SignedIn, **_facts: object) -> None:
    """Let the cookie outlive the browser's window, as phones close it, and keep the language chosen before sign-in."""
    session.permanent = True
    take_choice(user)
