"""How services of `geo-engine up` are kept running."""

from pathlib import Path

from geo_engine.cli.keeping import KeptDatabase, KeptService, Service
from geo_engine.db.cluster import Cluster
from geo_engine.words import Message


def test_a_service_waits_for_what_it_needs_and_has_not_died_meanwhile(tmp_path: Path) -> None:
    """Started while the database is away it would end at once, and each time wait twice as long for the next start."""
    told: list[Message] = []
    database = KeptDatabase(Cluster(tmp_path), tell=told.append)
    service = Service(name=Message("Pages"), arguments=("--help",))
    kept = KeptService(service, tell=told.append, may_start=database.is_running)

    kept.look_after()

    assert (kept.has_ended(), kept.death_count, told) == (True, 0, [])
