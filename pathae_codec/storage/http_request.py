"""One request of HTTP, through the connections that fsspec holds: nothing unpacked, all bounded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pathae_codec.errors import ConnectionFailedError, PathAEError, WrongAnswerError
from pathae_codec.storage.http_answer import OK, Expected, Head, Wanted, check_body
from pathae_codec.storage.patience import PassingError

_PIECE = 1 << 16
_MOST_UNTOLD = 1 << 30
"""Bytes of a file whose length nobody states."""


@dataclass(frozen=True)
class HttpRequest:
    """What is asked.

    Attributes:
        method: `GET` or `HEAD`.
        url: With all that keeps others out.
        name: The same without that, for messages.
        fields: Of its header, beside those that fsspec is configured with.
        wanted: The bytes.
        limit: One byte more is read at most; None is bounded by what is wanted.
        silence: Seconds without a byte.
        seconds: That all of it may take.
    """

    method: str
    url: str
    name: str
    fields: Mapping[str, str]
    wanted: Wanted
    limit: int | None
    silence: float
    seconds: float


def send(fs: Any, request: HttpRequest, accept: Callable[[Head], Expected]) -> tuple[Head, bytes]:  # noqa: ANN401
    """Send a request and read what is wanted of the answer.

    Args:
        fs: fsspec's file system.
        request: What is asked.
        accept: Says what is to follow, or refuses the answer before its body is read.

    Raises:
        SlideError, ContainerError: What `accept` refuses; no connection; a body that is too long.
        PassingError: Another try may do.
    """
    from fsspec.asyn import sync

    try:
        # Not left to the request alone: looking up a name can hang too.
        return sync(fs.loop, _talk, fs, request, accept, timeout=request.seconds + 1)  # type: ignore[no-any-return]
    except (PathAEError, PassingError):
        raise
    except Exception as error:
        if (told := _told(error, request.name)) is None:
            raise
        raise told from error


async def _talk(
    fs: Any,  # noqa: ANN401
    request: HttpRequest,
    accept: Callable[[Head], Expected],
) -> tuple[Head, bytes]:
    from aiohttp import ClientTimeout

    session = await fs.set_session()
    settings = {name: value for name, value in fs.kwargs.items() if name != "timeout"}
    fields = {**settings.pop("headers", {}), "Accept-Encoding": "identity", **request.fields}
    limits = ClientTimeout(
        total=request.seconds, sock_connect=request.silence, sock_read=request.silence
    )
    # Unpacked a few bytes could become gigabytes.
    async with session.request(
        request.method,
        fs.encode_url(request.url),
        headers=fields,
        timeout=limits,
        auto_decompress=False,
        **settings,
    ) as answer:
        head = Head(answer.status, {name.lower(): value for name, value in answer.headers.items()})
        expected = accept(head)
        if expected.count == 0:
            return head, b""
        body = await _body(answer.content, request, expected, is_range=head.status != OK)
        if request.limit is None or len(body) <= request.limit:
            check_body(body, expected, request.name)
        return head, body


async def _body(
    content: Any,  # noqa: ANN401
    request: HttpRequest,
    expected: Expected,
    *,
    is_range: bool,
) -> bytes:
    """Read a body past the bytes to skip, one more than expected at most: it is then too long.

    Of a whole file that came instead of a range, no more than the range is read.
    """
    wanted, skip, stop = request.wanted, expected.skip, expected.count
    if stop is None and wanted.stop is not None:
        stop = wanted.stop - wanted.start
    if stop is not None and (is_range or wanted.is_whole):
        stop += 1
    if request.limit is not None:
        stop = min(stop or request.limit + 1, request.limit + 1)
    body = bytearray()
    async for piece in content.iter_chunked(_PIECE):
        body += piece[skip:]
        skip = max(0, skip - len(piece))
        if stop is not None and len(body) >= stop:
            break
        if stop is None and wanted.start < 0:
            del body[: wanted.start]
        if len(body) > _MOST_UNTOLD:
            raise WrongAnswerError(
                f"{request.name}: expected {_MOST_UNTOLD} bytes at most, as it does not say how "
                "many they are, got more"
            )
    return bytes(body if stop is None else body[:stop])


def _told(error: Exception, name: str) -> Exception | None:
    """Return the error for what a request ended with; None for what is none of a connection."""
    from aiohttp import (
        ClientConnectorError,
        ClientError,
        ClientPayloadError,
        InvalidURL,
        TooManyRedirects,
    )

    match error:
        case TimeoutError():
            return PassingError(ConnectionFailedError(f"{name}: no answer in time"))
        case ClientPayloadError():
            return PassingError(WrongAnswerError(f"{name}: its bytes were cut off on the way"))
        case ClientConnectorError():
            # That of a certificate has none.
            reason = getattr(error, "os_error", None)
            why = str(getattr(reason, "strerror", None) or type(reason or error).__name__).lower()
            return ConnectionFailedError(
                f"{name}: cannot connect ({why}); is the address right, does the host answer?"
            )
        case TooManyRedirects() | InvalidURL():
            return ConnectionFailedError(f"{name}: leads nowhere; is the address right?")
        case ValueError():
            # Of aiohttp and yarl, for what of an answer cannot be sent on: a redirection, a tag.
            return WrongAnswerError(f"{name}: expected an answer of HTTP, got control characters")
        case ClientError() | ConnectionError():
            return PassingError(ConnectionFailedError(f"{name}: the connection broke off"))
    return None
