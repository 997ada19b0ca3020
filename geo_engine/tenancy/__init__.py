"""Companies and the people in them: tenants, teams, members, roles and what they may do."""

from geo_engine.tenancy.model import Member, Team, Tenant
from geo_engine.tenancy.permissions import OPERATOR, Access, Act, Role, Scope, Subject

__all__ = ["OPERATOR", "Access", "Act", "Member", "Role", "Scope", "Subject", "Team", "Tenant"]
