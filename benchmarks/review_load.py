"""Load on the review.

Fifty clients, paced answers, and then the same with the server killed every twenty seconds.

Prints what was acknowledged, lost and doubled, and how long an answer took. Goal: nothing lost or doubled,
p99 below 200 ms, no 5xx.

Usage: python review_load.py [--answers 50000] [--rate 100] [--clients 50] [--kill-every 20] [--postgresql]
"""

import argparse
import datetime as dt
import http.client
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
SERVER = """
import sys
from pathlib import Path
from listgen.review.web import site
site.start(Path(sys.argv[1]), "http://127.0.0.1:8765")
from listgen.review.ops import server
server.serve("127.0.0.1", int(sys.argv[2]), lambda host, port: print(port, flush=True))
"""


class Served:
    """The server in a process of its own, on one port for all its lives."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, 0, None
        self.start()

    def start(self):
        """Start the server and wait until it listens."""
        command = [sys.executable, "-c", SERVER, str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        """End the server as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Client(threading.Thread):
    """One expert who answers at a steady pace and sends again whatever was not acknowledged.

    The generator shares two cores with the server, so it speaks HTTP with the standard library and reads no
    page but the first.
    """

    def __init__(self, port, link, pages, n_answers, pause, first):
        super().__init__(daemon=True)
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.link, self.pages, self.n_answers, self.pause, self.first = link, pages, n_answers, pause, first
        self.acknowledged, self.seconds, self.errors, self.cookies = set(), [], 0, {}

    def enter(self):
        """Open the link, as a browser does: look, then press the button."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', self.request("GET", self.link)[1])[1]
        self.request("POST", self.link, {"csrfmiddlewaretoken": token})
        self.token = token
        self.mark = re.search(r'name="mark" value="([^"]*)"', self.request("GET", "/propose")[1])[1]

    def run(self):
        """Answer at the pace given.

        An answer takes as long as from when it was due, not from when there was time to send it.
        """
        revisions, due = dict.fromkeys(self.pages, 0), self.first
        for number in range(self.n_answers):
            page = self.pages[number % len(self.pages)]
            fields = {
                "csrfmiddlewaretoken": self.token,
                "mark": self.mark,
                "key": f"k{number}",
                "revision": revisions[page],
                "answer": 1 + number // len(self.pages) % 9,
            }
            time.sleep(max(0.0, due - time.monotonic()))
            answer = self.send(page, fields)
            self.seconds.append(time.monotonic() - due)
            self.acknowledged.add(answer["receipt"])
            revisions[page] = answer["revision"]
            due = (
                max(due + self.pause, time.monotonic())
                if self.seconds[-1] > 2 * self.pause
                else due + self.pause
            )

    def send(self, page, fields):
        """Send one answer until it is acknowledged, and return the acknowledgement."""
        while True:
            try:
                status, text = self.request("POST", page, fields)
                if status == 200:
                    return json.loads(text)
                self.errors += 1
            except (OSError, http.client.HTTPException):
                self.http.close()  # the server was killed: the same answer is sent again
            time.sleep(0.2)

    def request(self, method, path, fields=None):
        """Send one request with the cookies held, and return status and text."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "application/json",
        }
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.http.request(method, path, urlencode(fields or {}), headers)
        response = self.http.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", ()):
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return response.status, response.read().decode()


def run(folder, links, pages, options, kill_every):
    """Serve a review and let all clients answer, spread evenly over their common pace."""
    served = Served(folder)
    pause, each, before = (
        options.clients / options.rate,
        options.answers // options.clients,
        children_seconds(),
    )
    clients = [Client(served.port, link, pages, each, pause, 0.0) for link in links[: options.clients]]
    for client in clients:
        client.enter()
    started = last = time.monotonic()
    for place, client in enumerate(clients):
        client.first = started + place / options.rate
        client.start()
    n_kills = 0
    while any(client.is_alive() for client in clients):
        time.sleep(0.2)
        if kill_every and time.monotonic() - last > kill_every:
            served.kill()
            served.start()
            n_kills, last = n_kills + 1, time.monotonic()
    elapsed = time.monotonic() - started
    served.kill()
    report(clients, elapsed, n_kills, children_seconds() - before)


def children_seconds():
    """Return the processor time of the servers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(clients, elapsed, n_kills, server_seconds):
    """Compare what was acknowledged with what is in the log."""
    from listgen.review.domain import eventlog, verify

    found = verify.findings()
    held = {event.digest for event, _ in eventlog.events("vote")}
    receipts = set().union(*(client.acknowledged for client in clients))
    seconds = sorted(value for client in clients for value in client.seconds)
    lost, doubled = len(receipts - held), len(held) - len(seconds)
    errors = sum(client.errors for client in clients)
    quantile = {
        share: seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000 for share in (0.5, 0.99, 1)
    }
    print(
        f"{len(seconds):,} acknowledged in {elapsed:.0f} s ({len(seconds) / elapsed:.0f}/s), {n_kills} kills:"
        f" lost {lost}, doubled {doubled}, refused {errors}, p50 {quantile[0.5]:.0f} ms, p99"
        f" {quantile[0.99]:.0f} ms, max {quantile[1]:.0f} ms; verify: {len(found)} finding(s); the server"
        f" took {1000 * server_seconds / len(seconds):.1f} ms of processor time an answer",
        flush=True,
    )
    if found or lost or doubled or len(receipts) != len(seconds) or (errors and not n_kills):
        raise SystemExit(1)


def rounds_of_load(options):
    """Run without and with kills, each on a database of its own."""
    import review_world

    with tempfile.TemporaryDirectory() as name:
        build = review_world.freeze()
        for kill_every in (0, options.kill_every):
            folder = Path(name) / f"review{kill_every}"
            with database(options, folder):
                round_, made = review_world.open_review(folder, build, n=options.clients)
                from django.db import connection

                from listgen.review.domain import rounds
                from listgen.review.domain.eventlog import now

                rounds.extend(round_, now() + dt.timedelta(days=30), "load")
                pages = [f"/judge/{card.technology_id}" for card in build.cards]
                connection.close()
                run(folder, [f"/i/{one.link_token}" for one in made], pages, options, kill_every)
                connection.close()


@contextmanager
def database(options, folder):
    """Let the review live in SQLite, or in a PostgreSQL server of our own."""
    if not options.postgresql:
        yield
        return
    import postgres_world
    import review_world

    with postgres_world.running() as address:
        os.environ["LISTGEN_REVIEW_DATABASE"] = postgres_world.make_database(address, "review")
        review_world.add_staff(folder.with_suffix(".staff"))
        yield
        del os.environ["LISTGEN_REVIEW_DATABASE"]


def main():
    """Read the options and run."""
    parser = argparse.ArgumentParser()
    for name, value in (("answers", 50_000), ("rate", 100), ("clients", 50), ("kill-every", 20)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    if options.postgresql:
        import postgres_world

        reason = postgres_world.why_not()
        if reason:
            print(
                f"PostgreSQL: not tried, {reason}; to try it: make postgres, and install the server",
                flush=True,
            )
            return
    rounds_of_load(options)


main()
