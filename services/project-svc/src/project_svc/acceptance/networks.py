"""From where somebody decides, as far as evidence needs it."""

from ipaddress import ip_address, ip_network

_KEPT_BITS = {4: 24, 6: 48}


def network_of(address: str) -> str | None:
    """The network of an address: enough to say from where, too little to say who; None for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network((found, _KEPT_BITS[found.version]), strict=False))
