"""``python -m crm_platform.probe``: whether the process in this container is ready; for images without curl.

Standard library only: it runs every few seconds beside the process that it asks.
"""

import http.client
import os
import sys

PATH = "/health/ready"
SECONDS = 4.0
_READY = 200


def is_ready(port: int) -> bool:
    """Whether the API or worker on this port says that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", PATH)
        return connection.getresponse().status == _READY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_ready(int(os.environ["CRM_HTTP__PORT"])) else 1)
