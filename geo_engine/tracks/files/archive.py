"""What a KMZ holds, unpacked no further than is allowed, in memory and never by a name of the archive."""

import io
import zipfile
import zlib

from geo_engine.errors import InvalidInput
from geo_engine.tracks.files.model import FileLimits
from geo_engine.words import Message

ARCHIVE_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY = b"PK\x01\x02"  # begins each entry of an archive's directory
_ENCRYPTED = 0x1
# The others that Python knows unpack a part at once, however much it is.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, LookupError)
_ROOT_DOCUMENT = "doc.kml"


def unpack_document(file: str, content: bytes, limits: FileLimits) -> bytes:
    """Return the KML document of a KMZ: ``doc.kml``, else the first file that ends so.

    Raises
    ------
    InvalidInput
        When it is no archive, is encrypted or damaged, has no document, or is above a limit.

    Notes
    -----
    KML 2.2, annex C. Members are counted before Python lists them, and only the document is unpacked, up to the
    limit: what an archive says of its sizes is not believed, and an archive in it is not opened.
    """
    if content.count(_ENTRY) > limits.max_members:
        facts = {"file": file, "limit": limits.max_members}
        raise InvalidInput(Message("{file} is an archive of more than {limit} files.", facts))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            member = _document(file, archive)
            with archive.open(member) as document:
                unpacked = document.read(limits.max_inflated_bytes + 1)
    except _UNREADABLE as error:
        raise InvalidInput(Message("{file} is not a readable KMZ archive.", {"file": file})) from error
    if len(unpacked) > limits.max_inflated_bytes:
        facts = {"file": file, "limit_mb": limits.max_inflated_bytes // 1_000_000}
        raise InvalidInput(Message("{file} unpacks to more than {limit_mb} MB and is not read.", facts))
    if unpacked.startswith(ARCHIVE_BEGINS):
        raise InvalidInput(Message("{file} holds another archive, which is not opened.", {"file": file}))
    return unpacked


def _document(file: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    documents = [member for member in archive.infolist() if member.filename.lower().endswith(".kml")]
    if not documents:
        raise InvalidInput(Message("{file} is an archive without a KML document.", {"file": file}))
    member = next((one for one in documents if one.filename.lower() == _ROOT_DOCUMENT), documents[0])
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise InvalidInput(
            Message("{file} is encrypted or packed in a way that is not read; pack it again.", {"file": file})
        )
    return member
