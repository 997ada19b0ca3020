"""One type for every identity, so that none is mistaken for another.

What a company names itself (sites, workers, teams …) keeps the company's own text; what the system makes
(tenants, members, plans …) has a UUID.
"""

from typing import NewType
from uuid import UUID

SiteId = NewType("SiteId", str)
CustomerId = NewType("CustomerId", str)
WorkerId = NewType("WorkerId", str)
DepotId = NewType("DepotId", str)
TeamId = NewType("TeamId", str)
RoleId = NewType("RoleId", str)
JobId = NewType("JobId", str)
GraphKey = NewType("GraphKey", str)

TenantId = NewType("TenantId", UUID)
MemberId = NewType("MemberId", UUID)
PlanId = NewType("PlanId", UUID)
PlanRequestId = NewType("PlanRequestId", UUID)
