"""What the web processes are told of how they are served."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_engine.certificates import kept_certificate
from geo_engine.cli.running import Serving
from geo_engine.cli.serve import _said_to_web_processes
from geo_engine.settings import Settings


@pytest.mark.parametrize("case", ["http", "own", "another's"])
def test_web_processes_know_whose_certificate_is_served(tmp_path: Path, case: str) -> None:
    """Nothing by HTTP; by HTTPS that cookies can be kept to it, and whether our own authority signed."""
    made = kept_certificate(tmp_path, host_name="office", addresses=(), now=datetime.now(UTC))
    bought = tmp_path / "bought.pem"
    bought.write_bytes(b"")
    cert = {"http": None, "own": made.cert, "another's": bought}[case]

    said = _said_to_web_processes(
        Serving(host="::", port=8080, processes=1, tls_cert=cert), Settings(state_dir=tmp_path)
    )

    own = {"GEO_ENGINE_IS_SECURE": "true", "GEO_ENGINE_IS_PRIVATELY_SIGNED": "true"}
    assert said == {"http": {}, "own": own, "another's": own | {"GEO_ENGINE_IS_PRIVATELY_SIGNED": "false"}}[case]
