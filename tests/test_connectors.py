"""A provider is one folder.

A toy added to a copy of the package works everywhere, and no other module names a provider.
"""

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import duckdb
import pytest
from conftest import copy_configuration
from miniature import open_miniature

from listgen.acquire.connector import Connector, FolderConnector, connectors
from listgen.base.errors import ConfigError
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]
ACQUIRE = ROOT / "src" / "listgen" / "acquire"
TOY = Path(__file__).with_name("toy_provider")
KEY = "toy-key-19c2"
PAGE = json.dumps(
    {"rows": [{"country": "JP", "n": 3}, {"country": "US", "n": -1}, {"country": "DE", "n": 5}]}
).encode()


class ToyServer(ThreadingHTTPServer):
    """A provider on loopback that answers who shows the key."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked = []


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        is_known = self.headers.get("Authorization") == f"Bearer {KEY}"
        body = str(len(PAGE)).encode() if self.path == "/size" else PAGE
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture(scope="module")
def server():
    with ToyServer() as double:
        threading.Thread(target=double.serve_forever, daemon=True).start()
        yield double
        double.shutdown()


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A copy of the package with a folder and a reader more; no file of it is changed."""
    source = tmp_path_factory.mktemp("package")
    shutil.copytree(
        ROOT / "src" / "listgen", source / "listgen", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(TOY / "acquire", source / "listgen" / "acquire" / "toy")
    shutil.copy(TOY / "toy_page.sql", source / "listgen" / "stage" / "read")
    return source


@pytest.fixture(scope="module")
def root(server, tmp_path_factory) -> Path:
    """The miniature with the toy as one more source in use."""
    folder = tmp_path_factory.mktemp("toy") / "workspace"
    open_miniature(folder)
    declared = (
        (TOY / "toys.yaml").read_text("utf-8").replace("127.0.0.1:1", f"127.0.0.1:{server.server_port}")
    )
    (folder / "config" / "sources" / "toys.yaml").write_text(declared, "utf-8")
    settings = folder / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("mini_supply]", "mini_supply, toys]"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def run(package, root):
    def command(*arguments: str, key: str = KEY) -> subprocess.CompletedProcess:
        env = os.environ | {"PYTHONPATH": str(package), "TOY_API_KEY": key}
        if not key:
            del env["TOY_API_KEY"]
        line = [sys.executable, "-m", "listgen", "--workspace", str(root), *arguments]
        return subprocess.run(line, capture_output=True, text=True, env=env, timeout=300)

    return command


@pytest.mark.slow
def test_a_toy_provider_is_planned_examined_acquired_and_built(run, root, server):
    plan = json.loads(run("plan", "toys", "--json").stdout)
    assert (plan["calls"], plan["bytes"], plan["unknown"]) == (1, len(PAGE), [])
    assert plan["sources"][0]["n_measures"] > 10
    assert run("--lang", "ja", "plan", "toys").stdout.startswith(f"toys：{len(PAGE)}バイトのおもちゃ\n")

    found = {row["subject"]: row for row in json.loads(run("doctor", "--json").stdout)["findings"]}[
        "provider of toys"
    ]
    assert (
        found["ok"]
        and found["found"] == f"host 127.0.0.1:{server.server_port}; TOY_API_KEY set; one toy a day"
    )
    without = run("doctor", key="").stdout
    assert (
        "TOY_API_KEY not set; one toy a day  -> See docs/sources/toy.md, then: export TOY_API_KEY=..."
        in without
    )

    acquired = run("refresh", "--no-prefect")
    assert acquired.returncode == 0, acquired.stderr
    assert server.asked.count("/page") == 1
    assert "still fresh" in run("acquire", "toys").stderr
    assert server.asked.count("/page") == 1, "what is fresh was asked for again"

    with closing(duckdb.connect(str(root / "data" / "current" / "listgen.duckdb"), read_only=True)) as con:
        digest, size = con.execute(
            "SELECT raw_digest, n_bytes FROM core.raw_file WHERE source_id = 'toys'"
        ).fetchall()[0]
        assert size == len(PAGE)
        rejected = con.execute(
            "SELECT raw_line, field, reason, excerpt FROM prov.quarantine WHERE source_id = 'toys'"
        ).fetchall()
        assert rejected == [(2, "n", "negative", "-1")]
        sql = con.execute(
            "SELECT sql FROM prov.reading WHERE raw_digest = $digest", {"digest": digest}
        ).fetchall()[0][0]
        assert "n_toys" in sql
    assert (root / "data" / "raw" / "sha256" / digest[:2] / digest).read_bytes() == PAGE


DEFECTS = {
    (
        "countries: [JP]",
        "countries: [JP, XX]",
    ): 'config/sources/toys.yaml:{line}:19: the toy knows no country "XX"',
    ("grade: statistics", "grade: supply"): "a toy is of grade statistics",
    (
        "  countries: [JP]",
        "  land: [JP]",
    ): 'config/sources/toys.yaml:{line}:3: toy.land: "land" is not a known key.',
    ("access: api", "access: files"): "(comtrade, odp, openalex, ops, toy) go together",
}
READ_EACH = """
import sys
from pathlib import Path
from listgen.base.errors import ConfigError
from listgen.workspace.loading import load_workspace
for root in sys.argv[1:]:
    try:
        load_workspace(Path(root))
    except ConfigError as error:
        print(error.what.replace(chr(10), " "))
"""


def test_a_defect_in_the_block_of_a_toy_has_its_place(package, root, tmp_path):
    declared, copies, expected = (root / "config" / "sources" / "toys.yaml").read_text("utf-8"), [], []
    for number, ((right, wrong), message) in enumerate(DEFECTS.items()):
        copies.append(tmp_path / str(number))
        shutil.copytree(root / "config", copies[-1] / "config")
        (copies[-1] / "config" / "sources" / "toys.yaml").write_text(declared.replace(right, wrong), "utf-8")
        line = next(number for number, text in enumerate(declared.splitlines(), start=1) if right in text)
        expected.append(message.format(line=line))
    command = [sys.executable, "-c", READ_EACH, *map(str, copies)]
    env = os.environ | {"PYTHONPATH": str(package), "LISTGEN_LANG": "en"}
    told = subprocess.run(command, capture_output=True, text=True, env=env, check=True).stdout.splitlines()
    assert [message in one for message, one in zip(expected, told, strict=True)] == [True] * len(DEFECTS), (
        told
    )


# ---- the providers of the package ----------------------------------------------------------------


def test_every_folder_of_acquire_is_a_provider_with_one_connector():
    folders = {path.parent.name for path in ACQUIRE.glob("*/__init__.py")}
    found = connectors()
    assert set(found) == folders
    assert all(isinstance(one, Connector) for one in found.values())
    for name in folders:
        tree = ast.parse((ACQUIRE / name / "__init__.py").read_text("utf-8"))
        exported = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
        ]
        assert exported == [["CONNECTOR"]], name


def test_a_reporter_that_trade_statistics_do_not_number_is_told_with_its_line(tmp_path):
    copy_configuration(tmp_path)
    path = tmp_path / "config" / "sources" / "comtrade.yaml"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"reporters: \[\].*", "reporters: [JP, JQ]", text), "utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "reporters:" in one)
    with pytest.raises(ConfigError) as caught:
        load_workspace(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("config/sources/comtrade.yaml", line)
    assert '"JQ" is not in config/countries.yaml with a number (m49).' in problem.message


def test_reading_a_configuration_loads_no_http_client():
    code = (
        "import sys; from listgen.workspace.loading import load_workspace;"
        f" load_workspace(__import__('pathlib').Path({str(ROOT)!r})); "
    )
    code += "print('httpx' in sys.modules, 'listgen.acquire.comtrade' in sys.modules)"
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split() == ["False", "True"]


def test_no_provider_imports_another():
    for name in connectors():
        others = [other for other in connectors() if other != name]
        for path in (ACQUIRE / name).rglob("*.py"):
            text = path.read_text("utf-8")
            assert not [other for other in others if f"listgen.acquire.{other}" in text], path


def test_no_other_module_names_a_provider():
    """Outside its folder a provider's name is no word of the code.

    The sample writes files in providers' forms, and forms have their names.
    """
    words = re.compile(r"\b(" + "|".join(connectors()) + r")\b")
    allowed = {"src/listgen/sample", "src/listgen/review"}  # Django's `connection.ops`
    found = []
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]):
        name = path.relative_to(ROOT).as_posix()
        is_own = path.is_relative_to(ACQUIRE) and path.parent != ACQUIRE
        if is_own or any(name.startswith(folder) for folder in allowed):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            text = (
                node.value
                if isinstance(node, ast.Constant) and id(node) not in spoken
                else getattr(node, "attr", None)
            )
            if isinstance(text, str) and words.search(text) and not text.startswith("Example: "):
                found.append(f"{name}:{node.lineno}: {text[:60]}")
    assert found == []


STEPS = {"plan": ("plan", "plan"), "plan_lines": ("plan", "lines")} | {
    name: ("acquisition", name) for name in ("fresh_snapshot", "acquire")
}


@pytest.mark.parametrize(
    "name", [name for name, one in connectors().items() if isinstance(one, FolderConnector)]
)
@pytest.mark.parametrize("step", STEPS)
def test_a_folders_modules_take_what_the_connector_gives_them(name, step):
    module, function = STEPS[step]
    found = inspect.signature(getattr(import_module(f"listgen.acquire.{name}.{module}"), function))
    (_, *given) = inspect.signature(getattr(Connector, step)).parameters.values()
    taken = list(found.parameters.values())
    assert [(one.name, one.annotation) for one in taken[: len(given)]] == [
        (one.name, one.annotation) for one in given
    ]
    assert all(one.default is not inspect.Parameter.empty for one in taken[len(given) :])
    assert found.return_annotation == inspect.signature(getattr(Connector, step)).return_annotation
