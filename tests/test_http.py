"""The client every connector asks with: what ends, and what is asked at once."""

import gzip

import pytest
from doubles.clock import TurnedClock
from doubles.faults import Fault, FaultPlan
from doubles.provider import Provider
from doubles.wire import Answer

from listgen.acquire.http import Client, Manners
from listgen.base.errors import ProviderError

BODY = b'{"numbers": [' + b", ".join(b"%d" % (n * n) for n in range(2000)) + b"]}"


class Page(Provider):
    """A server with one page, packed or not."""

    def __init__(self, *, is_packed: bool, **more: object) -> None:
        super().__init__(**more)
        self.is_packed = is_packed

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        return (
            Answer(200, gzip.compress(BODY), {"Content-Encoding": "gzip"})
            if self.is_packed
            else Answer(200, BODY)
        )


@pytest.mark.parametrize("is_packed", [False, True])
def test_n4_a_drip_is_left_at_the_deadline_not_at_its_end(is_packed):
    """The server drips until it is left.

    A client that waited for a whole piece would be there until the read timed out.
    """
    clock = TurnedClock()
    faults = FaultPlan([Fault("slow_drip", "page", (1,))])
    with (
        Page(is_packed=is_packed, clock=clock, faults=faults) as server,
        Client(
            server.url, clock=clock, manners=Manners(deadline_seconds=60, attempts=1), resume="x"
        ) as client,
    ):
        with pytest.raises(ProviderError, match=r"not whole after 60 s \(1 tries"):
            client.get("/page", {}, lambda response: response)
        assert client.get("/page", {}, lambda response: response.body) == BODY
