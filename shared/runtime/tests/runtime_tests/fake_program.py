"""A deployable as small as can be: `python fake_program.py migrate|serve|work`.

Each start leaves a line in `$FAKE_JOURNAL`; `$FAKE_BROKEN` names a part and a service that fails, as "serve front".
"""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LETTERS = [
    {"id": "7", "type": "thing.made", "aggregate_id": "a1", "version": 3, "status": "pending", "reason": "[odd]"}
]


class Answers(BaseHTTPRequestHandler):
    """Health, and the operator endpoints of a worker."""

    def do_GET(self) -> None:
        if self.path == "/health/ready":
            self._answer(200, {"status": "ready"})
        elif self.path == "/environment":
            self._answer(200, {name: value for name, value in os.environ.items() if name.startswith("CRM_")})
        elif self.path.startswith("/operator/dead-letters") and self._is_operator():
            self._answer(200, {"items": LETTERS})
        else:
            self._answer(404, {"title": "nothing here"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if not self._is_operator():
            self._answer(401, {"title": "not an operator"})
        elif self.path == "/operator/replay":
            self._answer(202, {"asked": asked})
        elif self.path == "/operator/dead-letters/redrive":
            self._answer(202, {"requested": 2})
        elif self.path in {"/operator/dead-letters/7/redrive", "/operator/dead-letters/7/discard"}:
            self._answer(202, {"requested": 1})
        else:
            self._answer(404, {"title": "nothing here"})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _is_operator(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {os.environ['CRM_OPERATOR_TOKEN']}"

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def note(line: str) -> None:
    with Path(os.environ["FAKE_JOURNAL"]).open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")


def main() -> None:
    part = f"{sys.argv[1]} {os.environ['CRM_SERVICE']}"
    note(f"start {part}")
    if os.environ.get("FAKE_BROKEN") == part:
        sys.stderr.write("the reason, in its own words\n")
        sys.exit(7)
    if part.startswith("migrate"):
        return
    # Waited for, not handled: a second signal while a handler is at work would find its lock taken for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server = ThreadingHTTPServer((os.environ["CRM_HTTP__HOST"], int(os.environ["CRM_HTTP__PORT"])), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.sigwait({signal.SIGTERM})
    note(f"stop {part}")


if __name__ == "__main__":
    main()
