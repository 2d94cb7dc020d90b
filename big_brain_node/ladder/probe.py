# SPDX-License-Identifier: Apache-2.0
"""Looks at one brain again and again, in a thread of its own."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import httpx

from neuraxis_bridge.config import is_loopback

# Told after each look: when, and what was wrong ("" for nothing) and whether nobody is there.
Report = Callable[[float, str, bool], None]


class Probe:
    """Asks ``/readyz``; whoever answers at all is there, unless it says 500 or more.

    Args:
        url: Base address of the brain.
        timeout_s: Longest look.
        report: Called from the probe's thread.
        tls: What to trust and show over HTTPS; None for what the system trusts.
    """

    def __init__(
        self, url: str, timeout_s: float, report: Report, tls: ssl.SSLContext | None = None
    ) -> None:
        self._address = f"{url.strip().rstrip('/').removesuffix('/v1')}/readyz"
        self._timeout_s = timeout_s
        self._report = report
        self._wake, self._closed = threading.Event(), False
        self._period_s = 0.0
        local = is_loopback(httpx.URL(self._address).host)
        # One connection of its own: a stalled question does not hold up the look at its link.
        self._http = httpx.Client(
            timeout=timeout_s,
            trust_env=not local,
            limits=httpx.Limits(max_connections=1),
            verify=True if tls is None else tls,
        )

    def start(self, period_s: float) -> None:
        """Begin; at least `period_s` between two looks that find all well."""
        self._period_s = period_s
        self._thread = threading.Thread(target=self._run, name="brain probe", daemon=True)
        self._thread.start()

    def set_period(self, period_s: float) -> None:
        """Look more or less often from now on; when more often, also now."""
        sooner, self._period_s = period_s < self._period_s, period_s
        if sooner:
            self._wake.set()

    def _run(self) -> None:
        while not self._closed:
            why, refused = self.look()
            if self._closed:
                return
            self._report(time.monotonic(), why, refused)
            # A look that was missed has taken its time; one that was refused has not.
            if not why or refused:
                self._wake.wait(self._period_s)
            self._wake.clear()

    def look(self) -> tuple[str, bool]:
        """What is wrong, and whether that is certain."""
        try:
            # A body that drips must not hold a look: the status is all that counts.
            with self._http.stream("GET", self._address) as response:
                status = response.status_code
        except httpx.TimeoutException:
            return f"no sign of life within {self._timeout_s:g} s", False
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return f"cannot be reached ({type(error).__name__})", True
        return (f"says {status}", False) if status >= 500 else ("", False)

    def close(self) -> None:
        """Look no more; a look under way ends by itself."""
        self._closed = True
        self._wake.set()
        with suppress(RuntimeError):
            self._thread.join(self._timeout_s * 2)
        self._http.close()
