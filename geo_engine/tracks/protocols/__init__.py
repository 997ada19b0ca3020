"""What the position clients of the world post, as fixes: pure decoders, one module a wire format."""

from geo_engine.tracks.protocols.decode import answer, decode
from geo_engine.tracks.protocols.model import OTHER_SAYS, Answer, Decoded, Other, Post, Protocol

__all__ = ["OTHER_SAYS", "Answer", "Decoded", "Other", "Post", "Protocol", "answer", "decode"]
