"""HTTP/1.1 for one request after the other, or several at once: events, and the admin API."""

from collections.abc import Mapping, Sequence
from http.client import HTTPException, parse_headers
from typing import Any
from urllib.parse import quote, urlencode

from ftcrm.strategies.live.addresses import Addresses
from ftcrm.strategies.live.agreement import read_json
from ftcrm.strategies.live.connection import Answer, Connection, Delivery

__all__ = ["TOKEN_HEADER", "RestConnection"]

TOKEN_HEADER = "x-delivery"  # noqa: S105 - it names a delivery, it opens nothing
_EVENTS = {"CASINO": "casino", "BONUS": "bonus"}


class RestConnection(Connection):
    """Posts events to `/runs/RUN/v1/integration/...`; asks the admin API with the token of the addresses."""

    connector = "rest"

    def __init__(self, addresses: Addresses, run: str) -> None:
        super().__init__(addresses, run)
        self._admin = {} if addresses.token is None else {"authorization": f"Bearer {addresses.token}"}

    def encoded(self, deliveries: Sequence[Delivery], *, content_type: str = "application/json") -> bytes:
        """A request for each; a message without a type that REST has a path for goes to that of casino events."""
        parts: list[bytes] = []
        for token, message in deliveries:
            event = _EVENTS.get(message.type_property or "", "casino")
            headers = {"content-type": content_type, TOKEN_HEADER: token}
            parts.append(self._request("POST", f"/runs/{self.run}/v1/integration/{event}", headers, message.raw))
        return b"".join(parts)

    def answers(self, count: int) -> list[Answer]:
        """The answers to so many requests, in their order."""
        return [self._answer() for _ in range(count)]

    def ask(self, method: str, *path: str, **query: Any) -> Answer:
        """Ask the admin API, at `/_ftcrm` and these parts of a path; a parameter that is None is not sent."""
        target = "/".join(("/_ftcrm", *(quote(part, safe="") for part in path)))
        if wanted := {name: value for name, value in query.items() if value is not None}:
            target += "?" + urlencode(wanted)
        return self.request(method, target, self._admin)

    def request(self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Any request, and its answer."""
        self.write(self._request(method, target, headers or {}, body))
        return self._answer()

    def _request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        fields = {"host": self._where, "content-length": str(len(body)), **headers}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        return "\r\n".join(lines).encode() + body

    def _answer(self) -> Answer:
        try:
            line = self._incoming.readline()
            headers = parse_headers(self._incoming)
        except (OSError, HTTPException) as error:
            raise self.failure("an HTTP answer", repr(error)) from error
        parts = line.split()
        if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.1") or not parts[1].isdigit():
            raise self.failure("an HTTP answer", repr(line))
        return Answer(int(parts[1]), read_json(self.read(int(headers.get("content-length", 0)))))
