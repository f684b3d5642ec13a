"""Twelve simulated experts, two rounds, two deciders.

A whole review acted out over HTTP with nothing but links and passwords.

Nine experts judge by what the cards show; three misbehave: one sends everything twice, one contradicts
everybody and changes their mind, one never finishes and writes markup. At the end the numbers are recomputed
from the exported log by a script that shares no code with us.

Usage: python demo.py [FOLDER]   (default: data/review-demo)
"""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
PASSWORDS = {"aoki": "five words make one key", "baba": "another five words make keys"}

# Whom no neighbour's scope names can be merged or split; what the other answers need stands in their fields.
PROPOSALS = (
    ("new", "", "Accelerators of a few metres."),
    ("merge", "advanced_magnets", ""),
    ("split", "synthetic_biology", ""),
    ("definition", "power_semiconductors", "Semiconductor devices that switch high power."),
    ("evidence", "solid_state_batteries", ""),
)
ACCELERATORS = {
    "id": "tabletop_accelerators",
    "name_en": "Tabletop accelerators",
    "name_ja": "卓上加速器",
    "domain": "aerospace_ocean",
    "definition_en": "Particle accelerators of a few metres.",
    "definition_ja": "数メートル規模の粒子加速器。",
    "cpc": "H05H7",
}
CHANGES = {
    "new": {f"a_{name}": value for name, value in ACCELERATORS.items()},
    "merge": {"into": "power_semiconductors"},
    "split": {
        f"{part}_{name}": value
        for part, word, kana, cpc in (
            ("a", "circuits", "遺伝子回路", "C12N15/63"),
            ("b", "pathways", "代謝経路", "C12P7"),
        )
        for name, value in {
            "id": f"synthetic_{word}",
            "name_en": f"Synthetic {word}",
            "name_ja": f"合成{kana}",
            "domain": "bio_medical",
            "definition_en": f"Design of {word}.",
            "definition_ja": f"{kana}の設計。",
            "cpc": cpc,
        }.items()
    },
    "definition": {
        "a_definition_en": "Semiconductor devices that switch high power.",
        "a_definition_ja": "大電力を開閉する半導体素子。",
    },
    "evidence": {"a_cpc": "H01M10/0562, H01M10/0565"},
}


def listgen(workspace, *arguments, **env):
    command = [sys.executable, "-m", "listgen", "--workspace", str(workspace), "--lang", "en", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | env)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


class Browser:
    """Follows links and sends the forms of pages, with their hidden fields."""

    def __init__(self, address):
        self.client = httpx.Client(base_url=address, timeout=60)

    def send(self, page, fields, to=None, times=1):
        html = self.client.get(page, follow_redirects=True).text
        hidden = {
            name: unescape(value)
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)
        }
        for _ in range(times):
            answer = self.client.post(to or page, data=hidden | fields)
        return answer


def opinion(expert, technology, number):
    """Return what an expert says.

    A common judgement of the technology, a leaning of their own, closer to the others in round 2.
    """
    common = 2 + int(hashlib.sha256(technology.encode()).hexdigest(), 16) % 7
    leaning = int(hashlib.sha256(f"{expert}{technology}".encode()).hexdigest(), 16) % (
        5 if number == 1 else 3
    ) - (2 if number == 1 else 1)
    return min(9, max(1, common + leaning))


def play_expert(address, place, link, number):
    browser = Browser(address)
    browser.send(link, {})
    overview = browser.client.get("/judge").text
    technologies = list(dict.fromkeys(re.findall(r'href="(/judge/[a-z0-9_]+)"', overview)))
    for index, page in enumerate(technologies):
        name, rating = page.rsplit("/", 1)[1], opinion(place, page, number)
        if place == 1 and index == 0:
            browser.send(page, {"answer": str(rating)})
            browser.send(page, {"answer": "conflict", "ties": ["patents"], "reason": "I hold a patent here."})
        elif place == 2 and index % 5 == 0:
            browser.send(page, {"answer": "dont_know"})
        elif place == 9:
            browser.send(page, {"answer": str(rating)}, times=3)
        elif place == 10:
            browser.send(page, {"answer": str(10 - rating), "reason": f"Everybody is wrong about {name}."})
            browser.send(page, {"answer": str(max(1, 9 - rating))})
        elif place == 11:
            browser.send(page, {"answer": str(rating), "reason": "<script>alert(1)</script>=1+1"})
            if index == 4:
                return
        else:
            browser.send(
                page,
                {
                    "answer": str(rating),
                    "reason": f"Round {number}: see the evidence." if index % 7 == place % 7 else "",
                },
            )
    if place == 3 and number == 1:
        for kind, technology, definition in PROPOSALS:
            proposal = {
                "kind": kind,
                "technology_id": technology,
                "name": "" if technology else "Tabletop accelerators",
            }
            browser.send(
                "/propose",
                proposal | {"definition": definition, "reason": "As the panel sees it.", "sources": ""},
            )


def play_round(workspace, number):
    invitations = sorted((workspace / "data/review/invitations").glob("*.csv"))[-1]
    with invitations.open(encoding="utf-8-sig", newline="") as stream:
        links = [row["link"].replace("http://127.0.0.1:8765", "") for row in csv.DictReader(stream)]
    with serving(workspace) as address:
        for place, link in enumerate(links):
            play_expert(address, place, link, number)
        aoki = Browser(address)
        aoki.send("/staff/login", {"name": "aoki", "password": PASSWORDS["aoki"]})
        assert aoki.send("/staff/close", {"password": PASSWORDS["aoki"]}).status_code == 302
        if number == 2:
            decide(address, aoki)


class serving:  # noqa: N801 - used as a verb
    """`listgen review serve` on a free port, for as long as the block lasts."""

    def __init__(self, workspace):
        command = [
            sys.executable,
            "-m",
            "listgen",
            "--workspace",
            str(workspace),
            "--lang",
            "en",
            "review",
            "serve",
            "--port",
            "0",
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return re.search(r"http://[\d.:]+", self.process.stderr.readline())[0]

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)


def decide(address, aoki):
    """Decide by what the panel says; one person drafts, the other approves.

    A proposal is accepted the same way.
    """
    baba = Browser(address)
    baba.send("/staff/login", {"name": "baba", "password": PASSWORDS["baba"]})
    table = aoki.client.get("/staff/results").text
    for sheet in re.findall(r'href="(/staff/sheet/[a-z0-9_]+)"', table):
        text = aoki.client.get(sheet).text
        word = "accept" if "<b>In favour</b>" in text else "reject" if "<b>Against</b>" in text else "defer"
        aoki.send(sheet, {"decision": word, "rationale": "As the panel says in its last round."})
        assert baba.send(sheet, {}, to=sheet + "/approve").status_code == 302
    listed = re.findall(r'href="(/staff/proposals/\d+)">([^:<]+):', aoki.client.get("/staff/proposals").text)
    kinds = {
        "A missing": "new",
        "Merge": "merge",
        "Split": "split",
        "A better": "definition",
        "Corrected": "evidence",
    }
    for page, words in listed:
        kind = next(kind for beginning, kind in kinds.items() if words.startswith(beginning))
        assert aoki.send(page, {"outcome": "accept"} | CHANGES[kind]).status_code == 302
        assert baba.send(page, {}, to=page + "/approve").status_code == 302


def main():
    workspace = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "data" / "review-demo").resolve()
    shutil.rmtree(workspace, ignore_errors=True)
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, workspace / part)
    listgen(workspace, "refresh", "--no-prefect")
    panel = workspace / "panel.csv"
    people = [
        f"e{i:02}@example.org,Expert {i},{('industry', 'academia')[i % 2]},{('ja', 'en')[i % 2]}"
        for i in range(12)
    ]
    panel.write_text("\n".join(["email,name,group,language", *people]), encoding="utf-8")
    for name, role in (("aoki", "facilitator"), ("baba", "approver")):
        listgen(workspace, "review", "staff", name, "--role", role, LISTGEN_REVIEW_PASSWORD=PASSWORDS[name])
    listgen(workspace, "review", "open", "--panel", str(panel))
    play_round(workspace, 1)
    listgen(workspace, "review", "open")
    play_round(workspace, 2)
    closed = listgen(workspace, "review", "close", "--json")
    print(
        f"{closed['decided']} of {closed['technologies']} decided; changed by a proposal:"
        f" {', '.join(closed['changed'])}"
    )
    listgen(workspace, "build")
    entries = json.loads((workspace / "data/current/candidates.json").read_text(encoding="utf-8"))["entries"]
    print(
        "list after decisions:",
        ", ".join(e["technology_id"] for e in entries if e.get("decided", {}).get("status") == "listed")
        or "nobody",
    )
    ids = {e["technology_id"] for e in entries}
    assert {"tabletop_accelerators", "synthetic_circuits", "synthetic_pathways"} <= ids and not {
        "advanced_magnets",
        "synthetic_biology",
    } & ids
    decided = next(e["technology_id"] for e in entries if e.get("decided", e)["status"] != e["status"])
    without = listgen(workspace, "review", "without", decided, "--json")
    assert list(without["changed"]) == [decided], without["changed"]
    print(f"without the decision on {decided}: {' instead of '.join(reversed(without['changed'][decided]))}")
    print(listgen(workspace, "review", "verify").strip())
    listgen(workspace, "review", "export", str(workspace / "export"), "--votes")
    script, candidates = Path(__file__).with_name("recompute.py"), workspace / "data/current/candidates.json"
    subprocess.run([sys.executable, str(script), str(workspace / "export"), str(candidates)], check=True)


main()
