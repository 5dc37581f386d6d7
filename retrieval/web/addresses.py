"""Web addresses: one strict reading of them, and the parts that the connection is made from. Pure.

What is checked is what is connected to: nothing reads the text a second time. So every form that another program could read
differently is refused here: credentials, backslashes, blanks, escapes in the host, and IP addresses in any but their usual form.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

import idna

from retrieval.web.errors import BadAddress

MAX_LENGTH = 1000  # characters, as typed and as it is sent and stored
TOO_LONG = f"This address is longer than {MAX_LENGTH} characters."
USUAL_PORTS = {"http": 80, "https": 443}

_PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>//)?(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?\Z", re.DOTALL
)
_AUTHORITY = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]*))?\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")  # a host whose last label is one of these is an IP address to browsers
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\\]")
_LINE_SAFE = "/?:@!$&'()*+,;=-._~%"


@dataclass(frozen=True, slots=True)
class Address:
    """A web address that may be asked for. host: ASCII, lower case, an IPv6 address without brackets; target: path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> str:
        """Host, and the port if it is not the scheme's own, as the Host header and the address show them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def text(self) -> str:
        return f"{self.scheme}://{self.place}{self.target}"

    @property
    def name(self) -> str:
        """What the page is called where documents have a file name: the address without its scheme; a folder without its slash."""
        return f"{self.place}{self.target}".rstrip("/")

    def __str__(self) -> str:
        return self.text


def parse_address(text: str, *, ports: frozenset[int] = frozenset(USUAL_PORTS.values())) -> Address:
    """The one reading of an address; a missing scheme counts as https. Raises BadAddress with a sentence for staff.

    ports: that may be connected to.
    """
    text = text.strip()
    if not text:
        raise BadAddress("Please give an address, such as https://shop.example/returns.")
    if len(text) > MAX_LENGTH:
        raise BadAddress(TOO_LONG)
    if _UNSEEN.search(text):
        raise BadAddress("This address contains blanks, backslashes or characters that cannot be seen. Please type it again.")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9])", text):  # "shop.example:8080/x" has a port, not a scheme
        text = f"https://{text.removeprefix('//')}"
    found = _PARTS.match(text)
    scheme = found["scheme"].lower() if found else ""
    if not found or scheme not in USUAL_PORTS or not found["slashes"]:
        raise BadAddress("Only addresses that begin with http:// or https:// can be read.")
    authority = found["authority"]
    if "@" in authority:
        raise BadAddress("Please give the address without a user name or password. Pages behind a sign-in cannot be read.")
    places = _AUTHORITY.match(authority)
    if not places:
        raise BadAddress("The name of the site in this address cannot be understood. Please check it.")
    host = _ipv6(places["v6"]) if places["v6"] is not None else _host(places["name"])
    port = int(places["port"]) if places["port"] else USUAL_PORTS[scheme]
    if len(places["port"] or "") > 5 or port not in ports:
        named = " and ".join(str(port) for port in sorted(ports))
        raise BadAddress(f"Port {places['port'] or port} is not allowed. Pages are read from the ports {named}.")
    target = quote(found["rest"], safe=_LINE_SAFE)
    address = Address(scheme, host, port, target if target.startswith("/") else f"/{target}")
    if len(address.text) > MAX_LENGTH:  # a letter beyond ASCII takes up to twelve characters
        raise BadAddress(TOO_LONG)
    return address


def follow(address: Address, location: str, *, ports: frozenset[int]) -> Address:
    """Where a redirect leads: an address as strictly read as the first. Raises BadAddress; also for a step from https to http."""
    if _UNSEEN.search(location) or len(location) > MAX_LENGTH:
        raise BadAddress("The site sends us on to an address that cannot be understood.")
    try:
        there = parse_address(urljoin(address.text, location), ports=ports)
    except ValueError as error:
        raise BadAddress("The site sends us on to an address that cannot be understood.") from error
    if address.scheme == "https" and there.scheme == "http":
        raise BadAddress("The site sends us on from a secure address (https) to one that is not. Such a step is not followed.")
    return there


def is_same_site(one: Address, other: Address) -> bool:
    """Whether two addresses are of one site: the same host, with or without "www."."""
    return one.host.removeprefix("www.") == other.host.removeprefix("www.")


def _host(name: str) -> str:
    if "%" in name:
        raise BadAddress("The name of the site in this address contains escapes (%). Please type it as it is.")
    try:
        host = idna.encode(name.removesuffix("."), uts46=True).decode() if name else ""
    except (idna.IDNAError, UnicodeError) as error:
        host = _plain(name)
        if not host:
            raise BadAddress("The name of the site in this address is not a valid name. Please check it.") from error
    labels = host.split(".")
    if not host or len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        raise BadAddress("The name of the site in this address is not a valid name. Please check it.")
    if _NUMBER.match(labels[-1]):
        try:
            return str(IPv4Address(host))  # four plain numbers; 127.1, 0x7f.0.0.1, 017700000001 and 2130706433 are refused
        except AddressValueError as error:
            raise BadAddress("Please write an IP address as four numbers, such as 203.0.113.7.") from error
    return host


def _plain(name: str) -> str:
    """A name that DNS knows though it is none for people: with an underscore, or a hyphen where no name should have one."""
    host = name.removesuffix(".").lower()
    return host if host.isascii() and "xn--" not in host else ""


def _ipv6(text: str) -> str:
    try:
        if "%" in text:
            raise AddressValueError("a zone")
        return str(IPv6Address(text))
    except AddressValueError as error:
        raise BadAddress("The IPv6 address in brackets is not a valid one.") from error
