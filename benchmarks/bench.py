"""Speed and memory of listgen beside their floors, all measured in one run on one machine.

Each mark is a ratio or a rate with a bar; the floor (decompression only, or a scan of the same columns) is
measured in the same run, because machines differ and drift. Usage: `make bench`, or `python
benchmarks/bench.py --works 50000` for a quick look.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import release
from patents import part_patents, part_patents_read, part_patents_tokenise, patent_rows
from trade import part_trade_read, part_trade_split, trade_rows

ROOT = Path(__file__).resolve().parents[1]
GIB = 1 << 30
GROWTH = 5
FACTS = (
    *("country_output", "citation_flow", "citation_spread", "reference_coverage", "series_choice"),
    "technology_evidence",
)
# When the browser painted first; it may not have done so yet when it is asked.
FIRST_VIEW = (
    "new Promise(done => new PerformanceObserver(list =>"
    " list.getEntriesByName('first-contentful-paint').forEach(e => done(e.startTime))).observe({type:"
    " 'paint', buffered: true}))"
)


@dataclass
class Mark:
    """One line of the table: what was measured, the bar, the figure, and the floor it stands beside."""

    name: str
    bar: str
    measured: str
    is_met: bool
    floor: str = ""


def run(*command: str, cwd: Path | None = None) -> tuple[float, float, int, str]:
    """Run a command; return wall seconds, CPU seconds, peak memory in bytes and its output."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=cwd)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        out.seek(0)
        text = out.read()
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text


def make_workspace(folder: Path, n_works: int) -> Path:
    """Return a workspace whose sample has that many works, acquired and not built."""
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, folder / part)
    path = folder / "config" / "sources" / "sample.yaml"
    text = re.sub(
        r"^n_works:.*$", f"n_works: {n_works}", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    path.write_text(text, encoding="utf-8")
    run(sys.executable, "-m", "listgen", "--workspace", str(folder), "acquire", "sample")
    return folder


def part_decompress(folder: Path) -> dict[str, float]:
    """Floor of staging: decompress every works file, two at a time as staging reads them."""
    from concurrent.futures import ThreadPoolExecutor

    from listgen import pipeline
    from listgen.workspace.loading import load_workspace

    files = [file for file in pipeline.held_files(load_workspace(folder)) if file.form_id == "openalex_work"]

    def inflate(path: Path) -> int:
        size = 0
        with gzip.open(path) as stream:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
        return size

    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        sizes = list(pool.map(inflate, [file.path for file in files]))
    return {"seconds": time.monotonic() - started, "bytes": sum(sizes), "files": len(files)}


def part_stage(folder: Path) -> dict[str, float]:
    """Stage everything from an empty cache."""
    from listgen import pipeline, stage
    from listgen.store.warehouse import Warehouse
    from listgen.workspace.loading import load_workspace

    workspace = load_workspace(folder)
    shutil.rmtree(workspace.stage_cache, ignore_errors=True)
    target = folder / "bench.duckdb"
    target.unlink(missing_ok=True)
    holdings = pipeline.held_files(workspace)
    with Warehouse(target) as warehouse:
        started = time.monotonic()
        with warehouse.transaction():
            stage.run(warehouse, workspace.config, holdings, workspace.stage_cache)
        seconds = time.monotonic() - started
        works = warehouse.scalar("SELECT count(*) FROM core.work")
    return {"seconds": seconds, "works": works}


def part_indicators(folder: Path) -> dict[str, float]:
    """Compute all indicators, and scan once every column that they and the facts they share stand on.

    The facts (what a country brings, who cites whom) are made in staging and counted there. The scan hashes,
    or DuckDB would answer from its statistics. Both are run three times; the medians count.
    """
    from listgen import indicators, stage
    from listgen.store.sqlfile import load_sql_dir
    from listgen.store.warehouse import Warehouse
    from listgen.workspace.loading import load_workspace

    workspace = load_workspace(folder)
    files = list(load_sql_dir(Path(indicators.__file__).parent).values())
    files += [file for name, file in load_sql_dir(Path(stage.__file__).parent).items() if name in FACTS]
    text = " ".join(file.sql for file in files)
    with Warehouse(folder / "bench.duckdb") as warehouse:
        scans = []
        for table in sorted(
            {table for file in files for table in file.inputs} & set(warehouse.tables("core"))
        ):
            names = [row[0] for row in warehouse.rows(f"SELECT column_name FROM (DESCRIBE {table})")]
            used = [name for name in names if re.search(rf"\b{name}\b", text)]
            scans.append(
                f"SELECT {', '.join(f'bit_xor(hash({name}))' for name in used) or 'count(*)'} FROM {table}"
            )
        floors = [timed(lambda: [warehouse.rows(scan) for scan in scans]) for _ in range(3)]
        runs = []
        for _ in range(3):
            warehouse.execute("BEGIN")
            runs.append(timed(lambda: indicators.run(warehouse, workspace.config)))
            values = warehouse.scalar("SELECT count(*) FROM ind.value")
            warehouse.execute("ROLLBACK")
    return {"seconds": statistics.median(runs), "floor": statistics.median(floors), "values": values}


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def part_report(folder: Path) -> dict[str, float]:
    """Open the overview from disk in a browser without a window.

    Bytes, and when the first view is painted, the slowest of three.
    """
    from playwright.sync_api import sync_playwright

    file = folder / "data" / "current" / "report" / "index.html"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        paints = []
        for _ in range(3):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(file.resolve().as_uri())
            paints.append(page.evaluate(FIRST_VIEW))
            page.close()
        browser.close()
    return {"bytes": file.stat().st_size, "seconds": max(paints) / 1000}


PARTS = {
    "decompress": part_decompress,
    "stage": part_stage,
    "indicators": part_indicators,
    "patents_tokenise": part_patents_tokenise,
    "patents_read": part_patents_read,
    "patents": part_patents,
    "trade_split": part_trade_split,
    "trade_read": part_trade_read,
    "report": part_report,
    **release.PARTS,
}


def measure(part: str, folder: Path) -> tuple[dict[str, float], int]:
    """Run one part in a process of its own; return what it measured and the process's peak memory."""
    os.sync()  # what the part before left to be written to disk would be written at this one's cost
    _, _, peak, text = run(
        sys.executable, str(Path(__file__).resolve()), "--part", part, "--folder", str(folder)
    )
    return json.loads(text.strip().splitlines()[-1]), peak


def release_marks(folder: Path) -> list[Mark]:
    """Measure taking in a release of works, beside decompressing it."""
    measure("as_parquet", folder)
    nearly_all, peak = in_both_forms("", folder)
    few, few_peak = in_both_forms("_few", folder)
    taken, _ = measure("release", folder)
    peak = max(peak, few_peak)
    again = taken["again"] / (taken["first"] + nearly_all["seconds"])
    return [
        _beside_inflating(f"ingest of {nearly_all['works']:,.0f} works with abstracts, CPU", nearly_all, 13),
        _beside_inflating("the same, few of a declared technology", few, 6),
        _cheaper("the same works in Parquet", nearly_all),
        _cheaper("the same, few of a declared technology", few),
        Mark("peak memory of ingest", "<= 1 GiB", f"{peak / GIB:.2f} GiB", peak <= GIB),
        Mark("the same release again", "<= 1 % of the first time", f"{again:.2%}", again <= 0.01),
    ]


def in_both_forms(kind: str, folder: Path) -> tuple[dict[str, float], int]:
    """Ingest a release in JSON lines and in Parquet, five times in turn.

    Return the run of the lines with the median ratio to decompression.

    `cheaper` is the median of how many times less Parquet took than the lines right before it, because the
    machine may be slower from one minute to the next.
    """
    runs = [(measure(f"jsonl{kind}", folder), measure(f"parquet{kind}", folder)) for _ in range(5)]
    found = sorted((lines for (lines, _), _ in runs), key=lambda run: run["seconds"] / run["floor"])[
        len(runs) // 2
    ]
    cheaper = statistics.median(lines["seconds"] / parquet["seconds"] for (lines, _), (parquet, _) in runs)
    return found | {"cheaper": cheaper}, max(peak for run in runs for _, peak in run)


def _beside_inflating(name: str, found: dict[str, float], most: int) -> Mark:
    ratio, floor = (
        found["seconds"] / found["floor"],
        f"isal {found['floor']:.2f} CPU s; {found['full']:.0%} read in full",
    )
    return Mark(
        name, f"<= {most} x decompression", f"{ratio:.1f} x ({found['seconds']:.1f} s)", ratio <= most, floor
    )


def _cheaper(name: str, found: dict[str, float]) -> Mark:
    return Mark(
        name,
        ">= 3 x cheaper",
        f"{found['cheaper']:.1f} x ({found['seconds'] / found['cheaper']:.1f} s)",
        found["cheaper"] >= 3,
    )


def marks(n_works: int) -> list[Mark]:
    """Measure everything."""
    rows: list[Mark] = []
    with tempfile.TemporaryDirectory() as scratch:
        small = make_workspace(Path(scratch) / "small", n_works)
        large = make_workspace(Path(scratch) / "large", GROWTH * n_works)
        floor, _ = measure("decompress", small)
        staged, small_peak = measure("stage", small)
        _, peak = measure("stage", large)
        rate = staged["works"] / staged["seconds"]
        megabytes = floor["bytes"] / 1e6
        shown = (
            f"decompress only {staged['works'] / floor['seconds']:,.0f} works/s ({megabytes:,.0f} MB in"
            f" {floor['files']:.0f} files)"
        )
        rows.append(
            Mark(
                f"stage all tables, {staged['works']:,.0f} works",
                ">= 15,000 works/s",
                f"{rate:,.0f} works/s",
                rate >= 15_000,
                shown,
            )
        )
        rows.append(
            Mark("peak memory of staging", "<= 2 GiB", f"{small_peak / GIB:.2f} GiB", small_peak <= 2 * GIB)
        )
        growth = peak / small_peak
        text = f"{peak / GIB:.2f} GiB at {GROWTH * n_works:,} works"
        rows.append(
            Mark(
                f"memory growth for {GROWTH} times the works",
                "<= 1.5 x",
                f"{growth:.2f} x",
                growth <= 1.5,
                text,
            )
        )
        rows += release_marks(large)
        rows += [Mark(*row) for row in [*patent_rows(small, n_works, measure), *trade_rows(small, measure)]]
        found, peak = measure("indicators", large)
        ratio = found["seconds"] / found["floor"]
        text = f"scan of the columns behind them {found['floor']:.3f} s"
        rows.append(
            Mark(
                f"all indicators, {GROWTH * n_works:,} works",
                "<= 8 x the scan",
                f"{ratio:.1f} x ({found['seconds']:.2f} s)",
                ratio <= 8,
                text,
            )
        )
        rows.append(Mark("peak memory of indicators", "<= 2 GiB", f"{peak / GIB:.2f} GiB", peak <= 2 * GIB))
        fresh = Path(scratch) / "fresh"
        for part in ("config", "expectations"):
            shutil.copytree(ROOT / part, fresh / part)
        listgen = (sys.executable, "-m", "listgen", "--workspace", str(fresh))
        wall, _, peak, _ = run(*listgen, "refresh")
        rows.append(Mark("refresh of the sample, with Prefect", "<= 60 s", f"{wall:.1f} s", wall <= 60))
        rows.append(Mark("peak memory of a refresh", "<= 2 GiB", f"{peak / GIB:.2f} GiB", peak <= 2 * GIB))
        rows += _report_marks(fresh)
        wall, _, _, _ = run(*listgen, "refresh")
        rows.append(Mark("the same again (held)", "<= 5 s", f"{wall:.1f} s", wall <= 5))
    script = str(Path(sys.executable).with_name("listgen"))
    helps = [run(script, "--help")[0] for _ in range(7)]
    bare = statistics.median(run(sys.executable, "-c", "pass")[0] for _ in range(7))
    wall = statistics.median(helps)
    rows.append(
        Mark("listgen --help", "<= 0.3 s", f"{wall:.2f} s", wall <= 0.3, f"python alone {bare:.2f} s")
    )
    return rows


def _report_marks(folder: Path) -> list[Mark]:
    """Measure the overview of a finished build; where there is no browser, its weight alone."""
    name, file = (
        "overview of the sample, 132 technologies",
        folder / "data" / "current" / "report" / "index.html",
    )
    size = file.stat().st_size
    weight = Mark(name, "<= 500 kB", f"{size / 1000:.0f} kB", size <= 500_000)
    if not shutil.which("chromium"):
        return [
            weight,
            Mark(
                "its first view from disk",
                "<= 1 s",
                "not measured",
                is_met=False,
                floor="chromium is not installed",
            ),
        ]
    found, _ = measure("report", folder)
    return [
        weight,
        Mark("its first view from disk", "<= 1 s", f"{found['seconds']:.2f} s", found["seconds"] <= 1),
    ]


def patent_marks(n_patents: int) -> list[Mark]:
    """Return the marks on patents and trade alone, for so many patents."""
    with tempfile.TemporaryDirectory() as scratch:
        for part in ("config", "expectations"):
            shutil.copytree(ROOT / part, Path(scratch) / part)
        return [
            Mark(*row)
            for row in [*patent_rows(Path(scratch), n_patents, measure), *trade_rows(Path(scratch), measure)]
        ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, default=200_000)
    parser.add_argument(
        "--patents",
        type=int,
        help="only patents and trade, of so many patents (1,000,000: some minutes and 4 GB of disk)",
    )
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options.folder)))
        return
    rows = patent_marks(options.patents) if options.patents else marks(options.works)
    widths = [max(len(getattr(row, key)) for row in rows) for key in ("name", "bar", "measured")]
    print(f"{'mark':<{widths[0]}}  {'bar':<{widths[1]}}  {'measured':<{widths[2]}}  verdict  floor")
    for row in rows:
        verdict = "ok" if row.is_met else "missed"
        print(
            f"{row.name:<{widths[0]}}  {row.bar:<{widths[1]}}  {row.measured:<{widths[2]}}  {verdict:<7} "
            f" {row.floor}"
        )


if __name__ == "__main__":
    main()
