"""Addresses of the network: what of one may be shown or stored, and the address of a part of it.

User, password and query of an address can be all that keeps others out: a signed query is a key.
No message and no file of ours holds them.
"""

import os
from hashlib import sha256

_LEFT_OUT = "..."
_HTTP = ("http", "https")
_LOCAL = ("file", "local", "memory")


def is_address(location: object) -> bool:
    """Say whether a location is an address of the network and no path."""
    return isinstance(location, str) and "://" in location


def is_http(location: str) -> bool:
    """Say whether an address is one of HTTP."""
    return location.lower().startswith(("http://", "https://"))


def shown(location: str | os.PathLike[str]) -> str:
    """Return a location for a message; dots stand where an address held a secret."""
    return _without_secrets(os.fspath(location), _LEFT_OUT)


def without_secrets(location: str) -> str:
    """Return an address without user and password, of HTTP without query and fragment too.

    A path is returned as it is.
    """
    return _without_secrets(location, "")


def source_name(location: str | os.PathLike[str]) -> str:
    """Return what tells a location from others and shows no secret of an address."""
    text = os.fspath(location)
    if not is_address(text):
        return text
    return f"{without_secrets(text)} {sha256(text.encode()).hexdigest()}"


def address_name(location: str) -> str:
    """Return the last part of a path or an address."""
    return without_secrets(location).rstrip("/").rpartition("/")[2]


def below(address: str, name: str) -> str:
    """Return the address of a name below another address; its query stays."""
    path, query = _split(address)
    return f"{path.rstrip('/')}/{name}{query}" if name else address


def ends_as_file(address: str, endings: tuple[str, ...]) -> bool:
    """Say whether the path of an address has one of the endings."""
    return _split(address)[0].lower().endswith(endings)


def _split(address: str) -> tuple[str, str]:
    """Return an address up to its query or fragment, and the rest."""
    ends = [place for mark in "?#" if (place := address.find(mark)) >= 0]
    end = min(ends, default=len(address))
    return address[:end], address[end:]


def _without_secrets(location: str, left_out: str) -> str:
    scheme, mark, rest = location.partition("://")
    if not mark or scheme.lower() in _LOCAL:
        return location
    if "://" in rest and scheme.lower() not in _HTTP:
        # fsspec chains protocols: `simplecache::https://host/slide.tif` is one, this another.
        return f"{scheme}{mark}{_without_secrets(rest, left_out)}"
    # Elsewhere both marks are letters of a name.
    path, query = _split(rest) if scheme.lower().endswith(_HTTP) else (rest, "")
    host, slash, name = path.partition("/")
    _, at, host = host.rpartition("@")
    user, question = (f"{left_out}@", f"?{left_out}") if left_out else ("", "")
    return f"{scheme}{mark}{user if at else ''}{host}{slash}{name}{question if query else ''}"
