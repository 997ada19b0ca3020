"""How XML is read without giving its writer any power: no document types, no entities, no depth without an end."""

import re
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import decode_text
from geo_engine.words import Message

_MOST_DEPTH = 100
_CHINESE = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']gb", re.IGNORECASE)  # expat itself knows no such encoding
_PART_BYTES = 65_536


class XmlReader(ContentHandler):
    """What is told of a document's elements as they are read, by their names without a prefix.

    Subclasses say what an element means.

    Parameters
    ----------
    file
        The file's name, without its folder.

    Attributes
    ----------
    path
        The elements that are open, the innermost last.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.path: list[str] = []
        self._texts: list[str] = []
        self._locator: Locator | None = None

    def begin(self, _name: str, _attributes: AttributesImpl) -> None:
        """Take an element that begins; it is the last of `path`."""

    def end(self, _name: str, _text: str) -> None:
        """Take an element that ends with the text since the last tag; it is no longer in `path`."""

    @property
    def line(self) -> int:
        """The line that is being read, from 1."""
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802
        """Take what knows the line."""
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        """Take an element that begins."""
        local = name.rpartition(":")[2]
        self.path.append(local)
        if len(self.path) > _MOST_DEPTH:
            facts = {"file": self.file, "limit": _MOST_DEPTH}
            raise InvalidInput(Message("{file} has elements more than {limit} deep in each other.", facts))
        self._texts.clear()
        self.begin(local, attrs)

    def endElement(self, _name: str) -> None:  # noqa: N802
        """Take an element that ends."""
        local = self.path.pop()
        text = "".join(self._texts).strip()
        self._texts.clear()
        self.end(local, text)

    def characters(self, content: str) -> None:
        """Take a piece of text."""
        self._texts.append(content)


class _RootFoundError(Exception):
    pass


class _RootReader(XmlReader):
    def begin(self, _name: str, _attributes: AttributesImpl) -> None:
        raise _RootFoundError


def root_name(file: str, content: bytes) -> str:
    """Return the name of a document's outermost element, without a prefix; empty when it breaks off before.

    Raises
    ------
    InvalidInput
        As `read_xml` does.
    """
    reader = _RootReader(file)
    try:
        read_xml(content, reader)
    except _RootFoundError:
        return reader.path[0]
    return ""


def read_xml(content: bytes, reader: XmlReader) -> tuple[int, Message] | None:
    """Tell `reader` of a document's elements as far as it can be read; return in which line it breaks off, and why.

    Raises
    ------
    InvalidInput
        When it declares a document type or entities, or its encoding is not known.

    Notes
    -----
    XML 1.0 by expat, in parts: what is kept in memory is what `reader` keeps. No address in a document is ever
    opened. Cost: O(n), about 40 MB/s.
    """
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    reader.setDocumentLocator(parser)
    source = decode_text(reader.file, content) if _CHINESE.match(content) else content
    try:
        for start in range(0, len(source), _PART_BYTES):
            parser.feed(source[start : start + _PART_BYTES])
        parser.close()
    except DefusedXmlException as error:
        raise InvalidInput(
            Message(
                "{file} declares a document type or entities, which no track needs; remove the declaration.",
                {"file": reader.file},
            )
        ) from error
    except SAXParseException as error:
        reason = Message("The file cannot be read beyond this line: {cause}.", {"cause": error.getMessage()})
        return error.getLineNumber() or 0, reason
    except (LookupError, ValueError) as error:
        raise InvalidInput(Message("{file} is in an encoding that is not known.", {"file": reader.file})) from error
    return None
