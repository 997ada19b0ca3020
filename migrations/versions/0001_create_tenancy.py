"""Companies, their teams, roles and members, and the directories that are read before sign-in."""

import sqlalchemy as sa
from alembic import op

from geo_engine.db.protection import grant_app, grant_maintenance, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "tenant_directory",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_tenant_directory")),
    )
    op.create_table(
        "sign_in_directory",
        sa.Column("login", sa.Text(collation="C"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("login", "tenant_id", "member_id", name=op.f("pk_sign_in_directory")),
    )
    op.create_table(
        "tenant",
        _tenant(),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    protect("tenant", app="select, insert, update")
    op.create_table(
        "team",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(collation="C"), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"], ["team.tenant_id", "team.id"], name=op.f("fk_team_tenant_id_parent_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_team_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_team")),
    )
    protect("team")
    op.create_table(
        "role",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_role_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_role")),
    )
    protect("role")
    op.create_table(
        "role_grant",
        _tenant(),
        sa.Column("role_id", sa.Text(collation="C"), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.CheckConstraint("scope in ('own', 'team', 'region', 'all')", name=op.f("ck_role_grant_scope")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["role.tenant_id", "role.id"],
            name=op.f("fk_role_grant_tenant_id_role_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "role_id", "act", name=op.f("pk_role_grant")),
    )
    protect("role_grant")
    op.create_table(
        "member",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(collation="C"), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"], ["role.tenant_id", "role.id"], name=op.f("fk_member_tenant_id_role_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_member_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_member_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("tenant_id", "login", name=op.f("uq_member_tenant_id_login")),
    )
    protect("member")
    op.execute(_KEEP_TENANT_DIRECTORY)
    op.execute(_KEEP_SIGN_IN_DIRECTORY)
    op.execute(_FIND_TENANT)
    op.execute(_FIND_SIGN_INS)
    # Also of triggers' functions: a trigger fires for whoever may write to its table, but who may execute its function
    # may hang it on a table of his own, and write into the directories what he likes.
    op.execute(f"revoke execute on function {', '.join(_FUNCTIONS)} from public")
    grant_app("execute", "function find_tenant(text), find_sign_ins(text)")
    grant_maintenance("table tenant_directory, sign_in_directory")
    # So that the app can tell whether the database has the tables it needs.
    grant_app("select", "table alembic_version")
    grant_maintenance("table alembic_version")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("member")
    op.drop_table("role_grant")
    op.drop_table("role")
    op.drop_table("team")
    op.drop_table("tenant")
    op.drop_table("tenant_directory")
    op.drop_table("sign_in_directory")
    for function in _FUNCTIONS:
        op.execute(f"drop function {function}")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


_FUNCTIONS = ("find_sign_ins(text)", "find_tenant(text)", "keep_sign_in_directory()", "keep_tenant_directory()")
# Before anyone has signed in no tenant is bound. Two directories without row-level security answer which tenant is
# meant; the app role may call these functions and has no grant on the tables. Triggers keep them in step, so that
# nobody can forget to.
_KEEP_TENANT_DIRECTORY = """
create function keep_tenant_directory() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        delete from public.tenant_directory where code = old.code;
    end if;
    if tg_op <> 'DELETE' then
        insert into public.tenant_directory (code, tenant_id) values (new.code, new.tenant_id);
    end if;
    return null;
end $$;
create trigger keep_tenant_directory after insert or delete or update of code, tenant_id on tenant
for each row execute function keep_tenant_directory()
"""
_KEEP_SIGN_IN_DIRECTORY = """
create function keep_sign_in_directory() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        delete from public.sign_in_directory
        where login = old.login and tenant_id = old.tenant_id and member_id = old.id;
    end if;
    if tg_op <> 'DELETE' then
        insert into public.sign_in_directory (login, tenant_id, member_id)
        values (new.login, new.tenant_id, new.id);
    end if;
    return null;
end $$;
create trigger keep_sign_in_directory after insert or delete or update of login, tenant_id, id on member
for each row execute function keep_sign_in_directory()
"""
_FIND_TENANT = """
create function find_tenant(asked_code text) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp as
$$ select tenant_id from public.tenant_directory where code = asked_code $$
"""
_FIND_SIGN_INS = """
create function find_sign_ins(asked_login text) returns table (tenant_id uuid, member_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as
$$ select found.tenant_id, found.member_id from public.sign_in_directory as found where found.login = asked_login $$
"""
