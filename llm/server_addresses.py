"""Which addresses a model may be asked at. Pure, but for `resolved`, which asks the resolver.

Servers of one's own are welcome, on this machine and in the local network. The addresses at which clouds answer their machines with
credentials are not: whoever may set up an endpoint could read those with it.
"""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST = 500
_METADATA_V4 = [
    IPv4Network(text) for text in ("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "0.0.0.0/8")
]
_METADATA_V6 = [IPv6Network(text) for text in ("fe80::/10", "fd00:ec2::/32", "fd20:ce::/32", "::/128")]
_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA_NAMES = ("metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal")


def problem_with(base_url: str) -> str:
    """What is wrong with the address of a server, in a sentence for staff; "" if nothing is that can be seen without asking."""
    example = "such as https://api.openai.com/v1 or http://localhost:11434/v1."
    if len(base_url) > LONGEST:
        return f"Please give an address of at most {LONGEST} characters."
    try:
        address = urlsplit(base_url)
        host, _ = address.hostname or "", address.port
    except ValueError:  # an unclosed [, a port that is no number
        return f"Please give the address of the server, {example}"
    if address.scheme not in ("http", "https") or not host or any(c.isspace() or c in "\\" for c in base_url):
        return f"Please give the address of the server with http:// or https://, {example}"
    if address.username is not None or address.password is not None:
        return "Please give the address without a name or password in it. The key belongs into an environment variable."
    if address.query or address.fragment:
        return "Please give the address without ? or #. A key that stands there would be kept in the database."
    if _is_metadata(host):
        return "At this address a cloud tells its machines their credentials; a model is not asked there."
    return ""


def problem_with_host(base_url: str, found: Iterable[str]) -> str:
    """The same for the IP addresses that the host was found at."""
    if any(_is_metadata(address) for address in found):
        host = urlsplit(base_url).hostname
        return f"The name {host} leads to an address at which a cloud tells its machines their credentials; a model is not asked there."
    return ""


def resolved(base_url: str) -> list[str]:
    """The IP addresses of a server's host; none if the resolver knows none."""
    address: SplitResult = urlsplit(base_url)
    try:
        found = socket.getaddrinfo(address.hostname, address.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def is_near(base_url: str) -> bool:
    """Whether the server is on this machine or in the local network, as its address says: a model there is most likely one's own."""
    name = (urlsplit(base_url).hostname or "").lower().rstrip(".")
    ip = _as_ip(name.partition("%")[0])
    if ip is not None:
        return ip.is_loopback or ip.is_private or ip.is_link_local
    return bool(name) and ("." not in name or name.endswith((".local", ".internal", ".lan", ".localhost", ".home.arpa")))


def host_of(base_url: str) -> str:
    """Where a key goes, for people: host and port as they stand in the address."""
    return urlsplit(base_url).netloc


def _is_metadata(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name in _METADATA_NAMES:
        return True
    ip = _as_ip(name.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
        if inner is None:
            return any(ip in network for network in _METADATA_V6)
        ip = inner
    return isinstance(ip, IPv4Address) and any(ip in network for network in _METADATA_V4)


def _as_ip(text: str) -> IPv4Address | IPv6Address | None:
    """An address as connections read it: also 2852039166, 0xa9fea9fe and 0251.0376.0251.0376, which are forms of an IPv4 address."""
    try:
        return ip_address(text)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(text)) if text[:1].isdigit() else None
    except OSError:
        return None
