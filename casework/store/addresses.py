"""Parse and check the URL of a server."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from casework.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORM = re.compile(
    r"(?P<driver>[\w+]+)://"
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<ip>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)
_WITH_PORT = re.compile(r"(?P<host>[A-Za-z0-9.-]*):(?P<port>[0-9]*)")


class Address(NamedTuple):
    """A database on one server or on several; `query` has the other parameters of the driver."""

    given: str
    user: str | None
    password: str | None
    host: str | None
    port: int | None
    database: str | None
    query: Mapping[str, Sequence[str]]

    @property
    def shown(self) -> str:
        """The URL without password and query."""
        user = "" if self.user is None else quote(self.user, safe=" +")
        secret = "" if self.password is None else ":***"
        at = "" if self.user is None else "@"
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host or ""
        port = "" if self.port is None else f":{self.port}"
        place = "" if self.database is None else f"/{self.database}"
        return f"postgresql+psycopg://{user}{secret}{at}{host}{port}{place}"

    @property
    def servers(self) -> list[str]:
        """The servers in the URL, with their ports if given."""
        told = connecting(self)
        hosts, ports = (str(told.get(name, "")).split(",") for name in ("host", "port"))
        pairs = zip_longest(hosts, ports, fillvalue="")
        return [f"{host}:{port}".rstrip(":") for host, port in pairs]


def server_url(target: str) -> Address:
    """Parse a URL; raises UsageError for databases other than PostgreSQL."""
    found = _FORM.fullmatch(target)
    if found is None:
        raise UsageError("address.unreadable")
    if found["driver"].partition("+")[0] != "postgresql":
        raise UsageError("address.kind", drivername=found["driver"])
    _refuse_marks(found["host"], found["database"])
    try:
        address = _read(target, found)
        for host in str(connecting(address).get("host", "")).split(","):
            if not host.startswith(("/", "@")):
                # As the driver looks it up, unless it is a socket.
                host.encode("idna")
    except ValueError:
        raise UsageError("address.unreadable") from None
    return address


def _read(target: str, found: re.Match[str]) -> Address:
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(found["query"] or ""):
        query.setdefault(name, []).append(value)
    user, password, host = (
        None if part is None else unquote(part)
        for part in (found["user"], found["password"], found["ip"] or found["host"])
    )
    port = int(found["port"]) if found["port"] else None
    return Address(target, user, password, host, port, found["database"], query)


def _refuse_marks(*parts: str | None) -> None:
    """Refuse a URL whose password has an unescaped @: part of it would be taken for the server.

    The message repeats nothing of the URL, because the end of the password is unknown.
    """
    if any("@" in part for part in parts if part):
        raise UsageError("address.at-signs")


def connecting(address: Address) -> dict[str, Any]:
    """Return the connection parameters for the driver; raises ValueError if they contradict."""
    own = {
        "user": address.user,
        "password": address.password,
        "host": address.host,
        "port": address.port,
        "dbname": address.database or None,
    }
    told: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    for name, values in address.query.items():
        if name not in {"host", "port"}:
            (told[name],) = values
    return told | _places(address.query)


def _places(query: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the servers in a query: host=a:1&host=b:2, or host=a,b&port=1,2."""
    hosts, ports = (list(query.get(name, ())) for name in ("host", "port"))
    pairs = [_WITH_PORT.fullmatch(one) for one in hosts]
    if len(hosts) > 1 or (not ports and any(pairs)):
        if ports:
            raise ValueError(query)
        ports = [pair["port"] if pair else "" for pair in pairs]
        hosts = [pair["host"] if pair else one for one, pair in zip(hosts, pairs, strict=True)]
        if any(":" in one for one in hosts):
            raise ValueError(query)
    hosts, ports = (",".join(one).split(",") if one else [] for one in (hosts, ports))
    if {len(hosts), len(ports)} - {0, 1} and ports and len(hosts) != len(ports):
        raise ValueError(query)
    if not all(port.isdecimal() for port in ports if port):
        raise ValueError(query)
    told = {"host": ",".join(hosts), "port": ",".join(ports)}
    return {name: value for name, value in told.items() if value.strip(",")}
