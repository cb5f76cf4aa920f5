"""HTTP/1.1 towards the services: kept connections, streams in both directions, and no benefit of the doubt."""

from gateway.proxy.http1.errors import ConnectFailed, ConnectionBroke, HttpError, ProtocolViolation
from gateway.proxy.http1.pool import Pool
from gateway.proxy.http1.request import Request
from gateway.proxy.http1.response import Response

__all__ = ["ConnectFailed", "ConnectionBroke", "HttpError", "Pool", "ProtocolViolation", "Request", "Response"]
