"""Use cases of signing in: setting a password, trying one, and knowing who a session belongs to."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import MemberId, TenantId, parse_id
from geo_engine.tenancy import credential_store
from geo_engine.tenancy.model import Credential, LoginUnknown, Member, Tenant
from geo_engine.tenancy.passwords import hash_password, is_password
from geo_engine.tenancy.permissions import Access, Act, Subject
from geo_engine.tenancy.store import find_member_id, get_member, get_role, get_tenant

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


def set_password(session: Session, member_id: MemberId, password: str, *, by: Access, now: datetime) -> None:
    """Give a member a new password; whoever is signed in with the old one is signed out.

    Raises
    ------
    MemberNotFound
        When there is no such member.
    UnusablePassword
        When the password cannot be one.
    NotAllowed
        When the actor is neither the member nor may change members, or the member may do what the actor may not.
    """
    member = get_member(session, member_id)
    if by.member_id != member_id:
        by.require(Act.CHANGE_MEMBERS, Subject(team_id=member.team_id))
        by.require_to_give(get_role(session, member.role_id).grants_in(member.team_id), member.team_id)

    credential_store.save_credential(session, member_id, hash_password(password), now=now)
    record_act(session, "set_password", ("member", str(member_id)), by=by.member_id, now=now)


def set_password_of(session: Session, login: str, password: str, *, by: Access, now: datetime) -> MemberId:
    """Give the member who signs in with `login` a new password, as `set_password`.

    Raises
    ------
    LoginUnknown, InvalidInput
        When nobody signs in so, or nobody can.
    UnusablePassword, NotAllowed
        As `set_password`.
    """
    member_id = find_member_id(session, parse_id(login).lower())
    if member_id is None:
        raise LoginUnknown(login)
    set_password(session, member_id, password, by=by, now=now)
    return member_id


def try_password(
    database: Database, tenant_id: TenantId, login: str, password: str, *, now: datetime
) -> Credential | None:
    """Return what a person is signed in with, or None; the try is counted either way.

    Notes
    -----
    After `FREE_TRIES` failures in a row, further tries are looked at only after a wait that doubles with each
    failure. A try is counted as a failure before it is looked at, and taken back when it was right: of guesses made at
    once no more are looked at than of guesses made in turn. While a password is looked at, which takes the most of the
    time, neither a row is locked nor a connection held.

    An unknown login, and a try that comes too soon, cost a look as well, so the answer is the same and about as late.
    What the database does for a known login still takes a few milliseconds more, which many measurements can tell.
    """
    with database.bound(tenant_id) as session:
        claimed = _claim_try(session, login, now)
    is_right = is_password(password, None if claimed is None else claimed.password_hash)
    if claimed is None:
        return None
    with database.bound(tenant_id) as session:
        return _record_try(session, login, claimed, is_right=is_right, now=now)


def _claim_try(session: Session, login: str, now: datetime) -> Credential | None:
    """Count a try as a failure and return what it is to be compared with; None when there is nothing, or no try yet."""
    try:
        found = credential_store.lock_credential(session, parse_id(login).lower())
    except InvalidInput:
        return None
    if found is None or (found.retry_at is not None and now < found.retry_at):
        return None
    return _save_failures(session, found, found.failed_count + 1, now)


def _record_try(
    session: Session, login: str, claimed: Credential, *, is_right: bool, now: datetime
) -> Credential | None:
    """Write how a try ended; what was tried since it was claimed stays counted, and a new password undoes it."""
    member = "member", str(claimed.member_id)
    if not is_right:
        record_act(session, "fail_sign_in", member, by=None, now=now)
        return None
    found = credential_store.lock_credential(session, parse_id(login).lower())
    if found is None or found.session_key != claimed.session_key:
        return None
    tries_since = max(found.failed_count - claimed.failed_count, 0)
    record_act(session, "sign_in", member, by=claimed.member_id, now=now)
    return _save_failures(session, found, tries_since, now)


def _save_failures(session: Session, found: Credential, failed_count: int, now: datetime) -> Credential:
    counted = replace(found, failed_count=failed_count, retry_at=_retry_at(failed_count, now))
    credential_store.save_tries(
        session, counted.member_id, failed_count=counted.failed_count, retry_at=counted.retry_at
    )
    return counted


def find_signed_in(session: Session, session_key: UUID) -> tuple[Tenant, Member] | None:
    """Return who a session belongs to, and whose company; None when the password was changed since it began."""
    found = credential_store.find_by_session_key(session, session_key)
    return None if found is None else (get_tenant(session), get_member(session, found.member_id))


def _retry_at(failed_count: int, now: datetime) -> datetime | None:
    if failed_count < FREE_TRIES:
        return None
    doublings = min(failed_count - FREE_TRIES, 10)
    return now + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
