"""What the operating system refused, in our words: its own are English, whoever reads them."""

import errno

from geo_engine.words import Message

_REASONS = {
    errno.ENOENT: Message("it is not there"),
    errno.EACCES: Message("this is not permitted"),
    errno.EPERM: Message("this is not permitted"),
    errno.EEXIST: Message("it is there already"),
    errno.ENOTDIR: Message("a file is where a folder should be"),
    errno.EISDIR: Message("it is a folder"),
    errno.ENAMETOOLONG: Message("its name is too long"),
    errno.ENOSPC: Message("no space is left"),
    errno.EDQUOT: Message("no space is left"),
    errno.EROFS: Message("nothing can be written there"),
    errno.EMFILE: Message("too many files are open"),
    errno.ENFILE: Message("too many files are open"),
    errno.ENOMEM: Message("there is too little memory"),
    errno.EADDRNOTAVAIL: Message("it is no address of this machine"),
}


def reason_of(error: OSError) -> Message:
    """Return why the operating system refused something; what is rare by its code.

    Examples
    --------
    >>> reason_of(OSError(errno.ENOSPC, "No space left on device")).template
    'no space is left'
    >>> reason_of(OSError(errno.EIO, "Input/output error")).facts
    {'code': 'EIO'}
    """
    known = _REASONS.get(error.errno or 0)
    if known is not None:
        return known
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return Message("the system says {code}", {"code": code})
