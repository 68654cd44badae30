"""The network as the loaders of other libraries see it: mirrors, patience, and none of it when offline.

scikit-learn and torchvision download with `urllib.request.urlopen`; for a while it goes through a handler
here, so that their own code is used as it is.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from seedbed_runner.sources.settings import SourceSettings

PATIENCE = 60.0  # seconds without a byte

# What a download ends with that did not work out, besides an error that the library makes of it.
TROUBLES = (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException)


class NotAllowed(Exception):
    """Something was to be downloaded, which is not allowed; the message is the address."""


class _Way(urllib.request.BaseHandler):
    handler_order = 100  # before the handlers that read the address

    def __init__(self, settings: SourceSettings, allowed: bool) -> None:
        self._settings, self._allowed = settings, allowed

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Called by urllib with each request before it is sent."""
        if not self._allowed:
            raise NotAllowed(request.full_url)
        request.full_url = self._settings.address(request.full_url)
        request.timeout = PATIENCE
        return request

    https_request = http_request


@contextmanager
def reaching(settings: SourceSettings, allowed: bool = True) -> Iterator[None]:
    """Let `urlopen` take the ways that the settings allow; none at all unless `allowed`."""
    before = vars(urllib.request)["_opener"]
    way = _Way(settings, allowed and not settings.offline)
    urllib.request.install_opener(urllib.request.build_opener(way))
    try:
        yield
    finally:
        urllib.request.install_opener(before)
