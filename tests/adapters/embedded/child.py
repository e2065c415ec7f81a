"""A stand-in for the API or a worker: answers ``/livez`` until it is told to end.

Then it looks whether the database is there.  Once there is a file ``api hangs``
or ``worker hangs`` in the data directory it says so, until it is started again.
"""

import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from adapters.settings import load_settings


class Livez(BaseHTTPRequestHandler):
    hung: Path

    def do_GET(self):
        self.send_response(503 if self.hung.exists() else 200 if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, format, *args):  # noqa: A002 - as the class names it
        """Nothing: the log is for what the tests ask about."""


def main(data: Path) -> None:
    settings = load_settings(data=data)

    def end(*_):
        with socket.create_connection(("127.0.0.1", urlsplit(settings.postgres_url).port)):
            print("ended while the database was there")  # noqa: T201 - the child's log
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    Livez.hung = data / ("worker hangs" if settings.metrics_port else "api hangs")
    Livez.hung.unlink(missing_ok=True)
    with HTTPServer((settings.host, settings.metrics_port or settings.port), Livez) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
