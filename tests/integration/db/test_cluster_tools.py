"""How PostgreSQL's programs are found, and what one hears when they are not."""

from pathlib import Path

import pytest

from geo_engine.db.cluster_tools import LEAST_MAJOR, ToolsMissingError, find_tools


def _install(folder: Path, *, major: int, with_postgis: bool) -> Path:
    """Make a folder that looks like an installed PostgreSQL."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (programs / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {major}.3 (Vendor {major}.3-1)'\n")
        (programs / name).chmod(0o755)
    if with_postgis:
        (folder / "share" / "extension").mkdir(parents=True)
        (folder / "share" / "extension" / "postgis.control").touch()
    return programs


def test_the_installed_one_is_found() -> None:
    """Where database tests run there is one, new enough."""
    tools = find_tools()

    assert tools.major >= LEAST_MAJOR
    assert tools.path("initdb").is_file()


def test_a_named_folder_is_used_and_no_other(tmp_path: Path) -> None:
    """GEO_ENGINE_POSTGRES_BIN decides, any version we support."""
    programs = _install(tmp_path / "mine", major=99, with_postgis=True)

    assert find_tools(bin_dir=programs).major == 99


@pytest.mark.parametrize(("major", "with_postgis"), [(14, True), (99, False)])
def test_too_old_or_without_postgis_is_none(tmp_path: Path, major: int, with_postgis: bool) -> None:  # noqa: FBT001
    """What cannot carry the database is not used."""
    programs = _install(tmp_path / "mine", major=major, with_postgis=with_postgis)

    with pytest.raises(ToolsMissingError, match=str(programs)):
        find_tools(bin_dir=programs)


def test_data_of_another_version_name_the_version_to_install() -> None:
    """Data that PostgreSQL 98 made are opened by nothing else; the commands install that one."""
    with pytest.raises(ToolsMissingError, match="PostgreSQL 98 with PostGIS is not installed") as missing:
        find_tools(major=98)

    assert "DATABASE_URL" in str(missing.value)
