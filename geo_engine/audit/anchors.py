"""Anchors as they are kept outside the database: a file of JSON lines a company, only ever added to."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from geo_engine.audit.chain import CHECK_BYTES, FORM, Anchor, fingerprint
from geo_engine.errors import InvalidInput
from geo_engine.ids import TenantId
from geo_engine.words import Message

_BLOCK_BYTES = 1 << 16
_SHOWN_BYTES = 80
_ENDING = ".jsonl"
# What reading a line raises that is anything: nested as deep as it likes, with numbers of any size, without a name.
_NO_ANCHOR = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


class AnchorsUnreadable(InvalidInput):
    """A line of anchors is none."""

    def __init__(self, path: Path, line: bytes) -> None:
        facts = {"path": str(path), "line": line[:_SHOWN_BYTES].decode(errors="replace").strip()}
        super().__init__(Message("{path} holds a line that is no anchor: {line}", facts))


class OtherAuditKey(InvalidInput):
    """A trail was sealed with another key than the one at hand."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "The trail was not sealed with this key, or its last link was changed: "
                "see GEO_ENGINE_AUDIT_KEY and the file audit-key."
            )
        )


class AnchorFile:
    """The anchors of one company.

    Parameters
    ----------
    folder
        Holds the anchors of all; it is made when the first is written.
    """

    def __init__(self, folder: Path, tenant_id: TenantId, key: bytes) -> None:
        self.path = folder / f"{tenant_id}{_ENDING}"
        self._key = fingerprint(key)

    @property
    def is_there(self) -> bool:
        """Whether anything was ever anchored here."""
        return self.path.is_file()

    def read(self) -> Iterator[Anchor]:
        """Return the anchors there are now, in the order of their making.

        What an interrupted writer left of one is passed over.

        Raises
        ------
        AnchorsUnreadable
            When a line is none.
        OtherAuditKey
            When one was made with another key.
        """
        return self._read(self.path.stat().st_size if self.is_there else 0)

    def find_last(self) -> Anchor | None:
        """Return the last anchor there is; None when there is none.

        Raises
        ------
        AnchorsUnreadable, OtherAuditKey
            As `read`, of the last one.
        """
        if not self.is_there:
            return None
        with self.opened() as anchors:
            return anchors.last

    def _read(self, size_bytes: int) -> Iterator[Anchor]:
        if not size_bytes:
            return
        with self.path.open("rb") as file:
            for line in file:
                if file.tell() > size_bytes or not line.endswith(b"\n"):
                    return
                yield self._anchor(line)

    @contextmanager
    def opened(self) -> Iterator["OpenAnchors"]:
        """Give the file to add anchors to; nobody else adds any meanwhile.

        Raises
        ------
        AnchorsUnreadable, OtherAuditKey
            As `read`, of the last one.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            line = _last_line(file)
            yield OpenAnchors(file, last=None if line is None else self._anchor(line), key=self._key)

    def _anchor(self, line: bytes) -> Anchor:
        try:
            told = json.loads(line)
            checks = bytes.fromhex(told["checks"])
            anchor = Anchor(
                length=int(told["length"]),
                head=bytes.fromhex(told["head"]),
                checks=tuple(checks[at : at + CHECK_BYTES] for at in range(0, len(checks), CHECK_BYTES)),
                settled_number=int(told["settled"]),
                anchored_at=datetime.fromisoformat(told["at"]),
            )
            is_read, key = told["form"] == FORM, told["key"]
        except _NO_ANCHOR as error:
            raise AnchorsUnreadable(self.path, line) from error
        if not is_read:
            raise AnchorsUnreadable(self.path, line)
        if key != self._key:
            raise OtherAuditKey
        return anchor


class OpenAnchors:
    """A file of anchors that is being added to."""

    def __init__(self, file: IO[bytes], *, last: Anchor | None, key: str) -> None:
        self._file = file
        self._key = key
        self.last = last

    def append(self, anchor: Anchor) -> None:
        """Add an anchor; when this returns it is on the disk."""
        told = {
            "form": FORM,
            "at": anchor.anchored_at.isoformat(),
            "length": anchor.length,
            "head": anchor.head.hex(),
            "settled": anchor.settled_number,
            "key": self._key,
            "checks": b"".join(anchor.checks).hex(),
        }
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(told).encode("ascii") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.last = anchor


def list_anchored(folder: Path) -> frozenset[TenantId]:
    """Return the companies that have a file in a folder; whatever else lies there is passed over."""
    found = set()
    for path in folder.glob(f"*{_ENDING}"):
        with suppress(ValueError):
            found.add(TenantId(UUID(path.stem)))
    return frozenset(found)


def _last_line(file: IO[bytes]) -> bytes | None:
    """Return the last whole line of a file, cutting off what an interrupted writer left behind it."""
    start, tail = file.seek(0, os.SEEK_END), b""
    while start and tail.count(b"\n") < 2:
        begin = max(0, start - _BLOCK_BYTES)
        file.seek(begin)
        start, tail = begin, file.read(start - begin) + tail
    whole, end, _ = tail.rpartition(b"\n")
    file.truncate(start + len(whole) + len(end))
    return whole.rpartition(b"\n")[2] if end else None
