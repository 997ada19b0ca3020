"""What of the trails is kept outside the database: the key that links are made with, and where they are anchored."""

from dataclasses import dataclass, field
from pathlib import Path

from geo_engine.audit.anchors import AnchorFile, list_anchored
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.ids import TenantId
from geo_engine.private_files import kept_secret
from geo_engine.words import Message

_KEY_FILE, _ANCHORS_FOLDER = "audit-key", "audit-anchors"
_LEAST_CHARACTERS = 32


class AuditKeyTooShort(InvalidInput):
    """A key that somebody chose can be guessed."""

    def __init__(self) -> None:
        facts = {"least": _LEAST_CHARACTERS}
        super().__init__(Message("GEO_ENGINE_AUDIT_KEY needs at least {least} characters.", facts))


class AuditKeyMissing(Unavailable):
    """A trail was sealed, and the key is not here."""

    def __init__(self) -> None:
        super().__init__(
            Message("The key of the audit trails is missing: GEO_ENGINE_AUDIT_KEY, or the file audit-key.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Where an installation keeps what whoever rules the database must not.

    Parameters
    ----------
    given_key
        The key as the environment has it; empty for one that is made once and kept in the state folder.
    anchors_dir
        Where trails are anchored; a folder within the state folder unless given.
    """

    state_dir: Path
    given_key: str = field(default="", repr=False)
    anchors_dir: Path | None = None

    def find_key(self) -> bytes | None:
        """Return the key that trails are sealed with; None when there is none yet.

        Raises
        ------
        AuditKeyTooShort
            When one is given that has less than 32 characters.
        """
        return self.keep_key() if self.given_key or self._key_path.is_file() else None

    def keep_key(self) -> bytes:
        """Return the key to seal trails with, making it the first time.

        Raises
        ------
        AuditKeyTooShort
            As `find_key`.
        """
        if self.given_key and len(self.given_key) < _LEAST_CHARACTERS:
            raise AuditKeyTooShort
        return (self.given_key or kept_secret(self._key_path)).encode()

    def anchors_of(self, tenant_id: TenantId, key: bytes) -> AnchorFile:
        """Return where the trail of a company is anchored."""
        return AnchorFile(self._anchors_folder, tenant_id, key)

    def list_anchored(self) -> frozenset[TenantId]:
        """Return the companies of which something was ever anchored here."""
        return list_anchored(self._anchors_folder)

    @property
    def _anchors_folder(self) -> Path:
        return self.anchors_dir or self.state_dir / _ANCHORS_FOLDER

    @property
    def _key_path(self) -> Path:
        return self.state_dir / _KEY_FILE
