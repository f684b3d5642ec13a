"""The server: one process, threads for readers, one writer.

Slow and oversized requests are cut off before they cost anything.

Reads: the review database
Writes: the same, through the writer
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.review.settings import MAX_BODY_BYTES

THREADS = 8
_LINK = re.compile(r"/i/[^\s/]+")


class LinksHidden(logging.Filter):
    """Takes the secret part of links out of what is logged.

    Whoever reads the log of a server could answer in an expert's place.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message; every record passes."""
        record.msg, record.args = _LINK.sub("/i/...", record.getMessage()), ()
        return True


def make_server(host: str, port: int) -> Any:  # noqa: ANN401 - waitress has no types
    """Return the server, bound but not yet running."""
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    return create_server(
        get_wsgi_application(),
        host=host,
        port=port,
        threads=THREADS,
        # A form of ours is far smaller; waitress answers 413 and 431 by itself.
        max_request_body_size=4 * MAX_BODY_BYTES,
        max_request_header_size=16 * 1024,
        # A client that sends its request by drops is dropped.
        channel_timeout=30,
        cleanup_interval=10,
        connection_limit=500,
        ident=None,
        clear_untrusted_proxy_headers=False,
    )


def serve(host: str, port: int, on_ready: Callable[[str, int], None]) -> None:
    """Serve the review until stopped; what was accepted is written first.

    Args:
        host: The address to listen on; 127.0.0.1 unless a proxy stands on another machine.
        port: The port, 0 for a free one.
        on_ready: Told where the server listens.

    Raises:
        UsageError: Another program listens there, or the address is not this machine's.
    """
    from listgen.review.domain.writer import Writer

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(LinksHidden())
    try:
        server = make_server(host, port)
    except OSError as error:
        raise UsageError(
            t(
                "The review cannot listen on {host}:{port} ({reason}).",
                host=host,
                port=port,
                reason=error.strerror or error,
            ),
            t("Expected a free port of an address of this machine."),
            t("See what runs there, or choose another one: listgen review serve --port 8766"),
        ) from error
    writer = Writer()
    writer.start()
    on_ready(str(server.effective_host), int(server.effective_port))
    try:
        server.run()
    finally:
        server.close()
        writer.stop()
