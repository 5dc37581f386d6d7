"""Which IP addresses may be connected to: those of the public Internet, and the networks that the shop has allowed. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# Public by their number, but answered by the machine, the cloud or a relay next to us.
_NOT_PUBLIC_V4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # between a provider and its customers; clouds answer for themselves there
        "168.63.129.16/32",  # the metadata of a cloud
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "240.0.0.0/4",
    )
]
_PUBLIC_V6 = IPv6Network("2000::/3")  # all that is given out; everything else is local, a form of IPv4, or nothing yet
_NOT_PUBLIC_V6 = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarks and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
]
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches public IPv4 addresses


def networks(texts: Sequence[str]) -> list[Network]:
    """The networks of a setting, such as 10.1.0.0/16 or 192.168.1.20. Raises ValueError."""
    return [ip_network(text.strip(), strict=False) for text in texts if text.strip()]


def may_be_reached(address: str, *, allowed: Sequence[Network] = ()) -> bool:
    """Whether an IP address, as the resolver gives it, may be connected to. What is not an IP address may not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
        if inner is not None:
            ip = inner
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if ip.is_multicast or ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_reserved or ip.is_unspecified:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_V4)
    return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)
