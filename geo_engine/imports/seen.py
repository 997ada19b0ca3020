"""What somebody saw of a preview, as one short text that the writing of it is held to."""

from dataclasses import fields
from hashlib import sha256

from geo_engine.imports.model import Preview, Row


def digest_of(preview: Preview) -> str:
    """Return the same text for two previews when they would write the same rows over the same ones.

    Notes
    -----
    Every row counts, and whether it is known; what is there before it counts for those that `before` holds.
    Cost: O(n).
    """
    digest = sha256()
    for row in preview.rows:
        digest.update(repr((row.id in preview.known_ids, _facts(row))).encode())
    for known_id in sorted(preview.before):
        digest.update(repr(_facts(preview.before[known_id])).encode())
    return digest.hexdigest()


def _facts(row: Row) -> list[object]:
    # Sets have another order in every process.
    values = (getattr(row, one.name) for one in fields(row))
    return [sorted(value) if isinstance(value, frozenset) else value for value in values]
