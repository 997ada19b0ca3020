"""What the position clients of the world post, as fixes: pure decoders, one module a wire format."""

from geo_engine.tracks.protocols.batch import decode_batch_columns, encode_columns, encode_rows, fix_row
from geo_engine.tracks.protocols.columns import DecodedColumns
from geo_engine.tracks.protocols.decode import answer, decode, decode_any
from geo_engine.tracks.protocols.model import OTHER_SAYS, Answer, Decoded, Other, Post, Protocol

__all__ = [
    "OTHER_SAYS",
    "Answer",
    "Decoded",
    "DecodedColumns",
    "Other",
    "Post",
    "Protocol",
    "answer",
    "decode",
    "decode_any",
    "decode_batch_columns",
    "encode_columns",
    "encode_rows",
    "fix_row",
]
