"""How an exchange with a service can fail."""


class HttpError(Exception):
    """The exchange did not come to its end."""


class ConnectFailed(HttpError):
    """There is no connection, so nothing was sent."""


class ConnectionBroke(HttpError):
    """The connection ended before the response did."""


class ProtocolViolation(HttpError):
    """What came is not a response that can be trusted to begin and end where it says."""
