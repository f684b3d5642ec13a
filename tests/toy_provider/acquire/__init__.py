"""A toy provider: one page of counts by country, for the test that a provider is one folder."""

import datetime as dt
import json

from listgen.acquire.connector import Connector, block_of, condition_of
from listgen.base.text import t
from listgen.config.access import Access, SafeUrl, Variable

__all__ = ["CONNECTOR"]


class ToyAccess(Access):
    """`toy:` of a source."""

    url: SafeUrl
    secret: Variable = "TOY_API_KEY"
    countries: list[str] = []

    def misfit(self, grade):
        return "" if grade == "statistics" else t("a toy is of grade statistics")


class _Toy(Connector):
    access_model = ToyAccess

    def crosscheck(self, source, config):
        for index, code in enumerate(block_of(source, ToyAccess).countries):
            if code not in config.countries:
                yield ("countries", index), t('the toy knows no country "{code}"', code=code)

    def condition(self, workspace, source):
        access = block_of(source, ToyAccess)
        return condition_of(access.url, [access.secret], t("one toy a day"), document="toy")

    def plan(self, workspace, source, measures):
        with self._client(source) as client:
            n_bytes = client.get("/size", {}, lambda response: int(response.body))
        return {"calls": 1, "bytes": n_bytes, "n_measures": len(measures)}

    def plan_lines(self, row):
        return [t("{source_id}: a toy of {bytes:,} bytes", **row)]

    def fresh_snapshot(self, workspace, source):
        from listgen.acquire import newest_snapshot_or_none

        held = newest_snapshot_or_none(workspace, source.id)
        return (
            held
            if held is not None and held.as_of_date == dt.datetime.now(dt.UTC).date().isoformat()
            else None
        )

    def acquire(self, workspace, source, order):
        from listgen.acquire import Incoming, register
        from listgen.acquire.order import fetch_unless_held

        def fetch():
            with self._client(source) as client:
                body = client.get("/page", {}, lambda response: response.body)
            assert json.loads(body)
            path = workspace.data / "page.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            return register(workspace, source, [Incoming(path, "page.json", "toy_page")])

        return fetch_unless_held(source, order, self.fresh_snapshot(workspace, source), fetch)

    def _client(self, source):
        from listgen.acquire.clock import SystemClock
        from listgen.acquire.http import Client
        from listgen.acquire.key import read_key

        access = block_of(source, ToyAccess)
        return Client(
            access.url,
            clock=SystemClock(),
            key=read_key(access.secret),
            resume=f"listgen acquire {source.id}",
        )


CONNECTOR = _Toy()
