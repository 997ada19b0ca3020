"""How the keys of devices are written."""

from uuid import UUID

import pytest

from geo_engine.ids import TenantId
from geo_engine.workforce.device_model import DeviceKey

SECRET = "wfpW7C7kfPUtGA4mp2ifcbUJR4WiJDrJ"  # noqa: S105 - nobody's
KEY = DeviceKey(tenant_id=TenantId(UUID("624ee4d9-fd76-4b2b-892a-f9c6fd158df3")), secret=SECRET)
COMPANY = str(KEY).split(".")[0]


def test_a_key_is_read_as_it_is_written() -> None:
    """It fits into a path as it is."""
    assert DeviceKey.parse(str(KEY)) == KEY
    assert len(str(KEY)) == 55


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        SECRET,
        f"{COMPANY}.",
        f".{SECRET}",
        f"{'!' * 50_000}{KEY}",
        f"{COMPANY[:9]} {COMPANY[9:]}.{SECRET}",
        f"{COMPANY}==.{SECRET}",
        f"{COMPANY[:-1]}x.{SECRET}",  # the last two bits say nothing
        f"{KEY}x",
        f"{KEY}\n",
        f"{COMPANY}.{SECRET[:-1]}é",
        f"{COMPANY}.{SECRET[:-1]}٣",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    """A key is written in one way, so that what is remembered of it stands in one place."""
    assert DeviceKey.parse(text) is None
