"""An answer's body, read to a limit that counts what it unpacks to.

Decides which encodings are read: none, gzip and deflate, one at a time and never further
than the limit, so that a small answer cannot fill the memory.
"""

import zlib
from collections.abc import AsyncIterator, Callable

LONGEST_BODY = 1024 * 1024

_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class UnreadableBodyError(Exception):
    """The body is packed in a way that is not read."""


async def read_body(
    parts: AsyncIterator[bytes], encoding: str, limit: int = LONGEST_BODY
) -> tuple[bytes, bool]:
    """The body as it was before packing, and whether it was cut at the limit.

    Raises:
        UnreadableBodyError: an encoding that was not asked for, or a broken one.
    """
    unpack = None
    body = bytearray()
    async for part in parts:
        unpack = unpack or _unpacker(encoding)
        body += unpack(part, limit + 1 - len(body))
        if len(body) > limit:
            return bytes(body[:limit]), True
    return bytes(body), False


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda part, _room: part
    if name not in _WINDOW:
        raise UnreadableBodyError(f"the answer is packed as '{name[:40]}', which was not asked for")
    stream = zlib.decompressobj(_WINDOW[name])

    def unpack(part: bytes, room: int) -> bytes:
        try:
            # What does not fit is dropped: the caller stops there.
            return stream.decompress(part, room)
        except zlib.error:
            raise UnreadableBodyError("the answer is packed, and cannot be unpacked") from None

    return unpack
