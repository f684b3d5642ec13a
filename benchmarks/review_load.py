"""Load on the review: fifty clients, paced answers, and then the same with the server killed every twenty seconds.

Prints what was acknowledged, lost and doubled, and how long an answer took. Goal: nothing lost or doubled, p99 below 200 ms, no 5xx.

Usage: python review_load.py [--answers 50000] [--rate 100] [--clients 50] [--kill-every 20]
"""

import argparse
import datetime as dt
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
SERVER = """
import sys
from pathlib import Path
from listgen.review import site
site.start(Path(sys.argv[1]), "http://127.0.0.1:8765")
from listgen.review import server
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
    """One expert who answers at a steady pace and sends again whatever was not acknowledged."""

    def __init__(self, address, link, pages, n_answers, pause):
        super().__init__(daemon=True)
        self.client = httpx.Client(base_url=address, timeout=10)
        self.link, self.pages, self.n_answers, self.pause = link, pages, n_answers, pause
        self.acknowledged, self.seconds, self.errors = {}, [], 0

    def run(self):
        """Open the link, then answer at the pace given."""
        html = self.client.get(self.link).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', html)[1]
        self.client.post(self.link, data={"csrfmiddlewaretoken": token})
        revisions, due = dict.fromkeys(self.pages, 0), time.monotonic()
        for number in range(self.n_answers):
            page = self.pages[number % len(self.pages)]
            fields = {
                "csrfmiddlewaretoken": token,
                "key": f"k{number}",
                "revision": revisions[page],
                "answer": 1 + (number // len(self.pages) + number) % 9,
            }
            due += self.pause
            time.sleep(max(0.0, due - time.monotonic()))
            answer = self.send(page, fields)
            self.acknowledged[answer["receipt"]] = page
            revisions[page] = answer["revision"]

    def send(self, page, fields):
        """Send one answer until it is acknowledged, and return the acknowledgement."""
        while True:
            started = time.monotonic()
            try:
                response = self.client.post(page, data=fields, headers={"Accept": "application/json"})
                if response.status_code == 200:
                    self.seconds.append(time.monotonic() - started)
                    return response.json()
                self.errors += response.status_code >= 500
            except httpx.HTTPError:
                pass  # the server was killed: the same answer is sent again
            time.sleep(0.2)


def run(folder, links, pages, options, kill_every):
    """Serve a review and let all clients answer."""
    served = Served(folder)
    pause = options.clients / options.rate
    each = options.answers // options.clients
    clients = [Client(f"http://127.0.0.1:{served.port}", link, pages, each, pause) for link in links[: options.clients]]
    started = last = time.monotonic()
    for client in clients:
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
    report(folder, clients, elapsed, n_kills)


def report(folder, clients, elapsed, n_kills):
    """Compare what was acknowledged with what is in the log."""
    with sqlite3.connect(folder / "review.sqlite3") as con:
        rows = con.execute('SELECT digest, body FROM review_event WHERE body LIKE \'%"kind":"vote"%\'').fetchall()
    held = {digest for digest, _ in rows}
    keys = [json.loads(body)["key"] for _, body in rows]
    receipts = {receipt for client in clients for receipt in client.acknowledged}
    seconds = sorted(value for client in clients for value in client.seconds)
    lost, doubled = len(receipts - held), len(keys) - len(set(keys))
    quantile = {share: seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000 for share in (0.5, 0.99, 1)}
    print(
        f"{len(receipts):,} acknowledged in {elapsed:.0f} s ({len(receipts) / elapsed:.0f}/s), {n_kills} kills: lost {lost}, doubled {doubled}, "
        f"5xx {sum(client.errors for client in clients)}, p50 {quantile[0.5]:.0f} ms, p99 {quantile[0.99]:.0f} ms, max {quantile[1]:.0f} ms",
        flush=True,
    )
    if lost or doubled:
        raise SystemExit(1)


def main():
    """Run without and with kills."""
    parser = argparse.ArgumentParser()
    for name, value in (("answers", 50_000), ("rate", 100), ("clients", 50), ("kill-every", 20)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    import review_world

    with tempfile.TemporaryDirectory() as name:
        build = review_world.freeze(Path(name) / "build")
        for kill_every in (0, options.kill_every):
            folder = Path(name) / f"review{kill_every}"
            round_, made = review_world.open_review(folder, build, n=options.clients)
            from django.db import connection

            from listgen.review import rounds
            from listgen.review.eventlog import now

            rounds.extend(round_, now() + dt.timedelta(days=30), "load")
            pages = [f"/judge/{card.technology_id}" for card in build.cards]
            connection.close()
            run(folder, [f"/i/{one.link_token}" for one in made], pages, options, kill_every)


main()
