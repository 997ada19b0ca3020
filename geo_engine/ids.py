"""One type for every identity, so that none is mistaken for another."""

from typing import NewType

SiteId = NewType("SiteId", str)
WorkerId = NewType("WorkerId", str)
JobId = NewType("JobId", str)
