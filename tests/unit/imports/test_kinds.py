"""A file of sites is no file of workers, and whatever may be one is let through."""

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.imports.kinds import refuse_sites
from geo_engine.tables.model import TableFile
from geo_engine.tables.read import read_table


def _refuse(header: str) -> None:
    row = ",".join("1" * (header.count(",") + 1))
    refuse_sites(read_table(TableFile(name="w.csv", content=f"{header}\n{row}\n".encode())))


@pytest.mark.parametrize(
    "header", ["id,lon,lat,level", "编号,名称,经度,纬度,时间窗", "id,name,address,service_min,skills"]
)
def test_columns_that_only_sites_have_are_refused(header: str) -> None:
    """Each of the sites would become a worker."""
    with pytest.raises(InvalidInput, match="looks like a file of sites"):
        _refuse(header)


@pytest.mark.parametrize(
    "header",
    [
        "id,lon,lat",
        "id,lon,lat,phone,notes,team",
        "编号,姓名,经度,纬度,级别",
        "id,lon,lat,level,shift",
        "id,start_lon,start_lat,priority",
        "工号,地址,级别",
    ],
)
def test_what_may_be_of_workers_is_taken(header: str) -> None:
    """One column that only workers have is enough, and one that both may have is no sign of sites."""
    _refuse(header)
