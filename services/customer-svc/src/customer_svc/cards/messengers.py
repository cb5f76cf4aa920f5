"""Accounts for messages on cards: ``IMPP`` with a scheme (RFC 4770), and the ``X-`` properties of before."""

from collections.abc import Mapping

from crm_contracts.contact.v1 import MessengerKind as Kind

_SCHEMES: Mapping[str, Kind] = {
    "wechat": Kind.WECHAT,
    "weixin": Kind.WECHAT,
    "wecom": Kind.WECOM,
    "dingtalk": Kind.DINGTALK,
    "feishu": Kind.FEISHU,
    "lark": Kind.FEISHU,
    "qq": Kind.QQ,
    "mqq": Kind.QQ,
    "whatsapp": Kind.WHATSAPP,
    "telegram": Kind.TELEGRAM,
    "tg": Kind.TELEGRAM,
    "line": Kind.LINE,
    "skype": Kind.SKYPE,
    "xmpp": Kind.XMPP,
}
PROPERTIES: Mapping[str, Kind] = {
    **{f"x-{scheme}": kind for scheme, kind in _SCHEMES.items()},
    "x-jabber": Kind.XMPP,
    "x-gtalk": Kind.XMPP,
    "x-skype-username": Kind.SKYPE,
    **dict.fromkeys(("x-aim", "x-yahoo", "x-msn", "x-icq"), Kind.OTHER),
}
"""Properties of their own, with the service that they name."""


def messenger_of(address: str) -> tuple[Kind, str, str | None]:
    """Service, account, and what the service is called if it is none of ours, of the address in an ``IMPP``."""
    scheme, colon, account = address.partition(":")
    if not colon:
        return Kind.OTHER, address, None
    kind = _SCHEMES.get(scheme.lower(), Kind.OTHER)
    return kind, account.lstrip("/"), scheme if kind is Kind.OTHER else None


def address_of(kind: str, account: str, label: str | None) -> str:
    """The address of an account, as :func:`messenger_of` reads it."""
    scheme = label if kind == Kind.OTHER and label and label.isalnum() else kind
    return f"{scheme}:{account}"
