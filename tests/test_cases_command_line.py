"""Small inputs that carry faults of this field, from `init` to `trace`, as a user runs them.

Refused with the place, or read as printed.
"""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from running import listgen
from test_table_cases import BLOCKS, EUROSTAT, TSV, ministry_workbook

from listgen.config.yamlfile import dump_yaml, parse_yaml_text
from listgen.store.warehouse import Warehouse

pytestmark = pytest.mark.slow  # one build of 20 seconds, and a start of Python for each command

AS_OF = "2025-07-01"
TECHNOLOGY = {
    "id": "probe_cells", "name": {"en": "Probe cells", "ja": "試験電池"},
    "definition": {"en": "A technology for tests.", "ja": "試験用の技術。"},
    "scope": {"in": [{"en": "everything", "ja": "すべて"}], "out": []}, "status": "active",
    "domain": "environment_energy",
    "works": {"topics": ["T11690"]}, "patents": {"cpc": ["H01M10/36"]}, "hs_codes": ["850760"],
    "supply": [{"commodity": "gallium", "stage": "refined", "importance": 0.5,
        "why": {"en": "Parts.", "ja": "部品。"}}],
    "nomination": {"by": "KR_NST_2022/22"}, "crosswalk": [{"list": "KR_NST_2022", "item": "KR_NST_2022/22",
        "relation": "broader"}],
    "history": [{"date": "2026-11-23", "change": {"en": "First.", "ja": "初版。"},
        "why": {"en": "For tests.", "ja": "試験のため。"},
        "by": "listgen"}],
}  # fmt: skip
LONG = {"format": "csv", "layout": "long", "columns": {"area": "country", "year": "year", "value": "n"}}
SUPPLY = (
    "country,year,tonnes\nWorld total,2022,641\nWorld"
    " total,2023,653\nChina,2022,610\nChina,2023,620\nJapan,2022,10\nJapan,2023,11\n"
)
FLOWS = (
    "t,i,j,k,v,q\n2024,156,392,850760,60,1\n2024,276,392,850760,15,1\n2024,842,392,850760,25,1\n"
    "2024,156,842,100000,4000,1\n"
)
SPANS = [
    "2016年～2020年",
    "2016年-2020年",
    "平成28年～令和2年",
    "2016年度～2018年度平均",
    "1999-00",
    "1999/00",
    "H28-R2",
    "2018‐2020",
    "2018‑20",  # fmt: skip
    "2018 to 2020",
    "2016から2018",
    "2016+2017",
    "1900s",
    "2016_2018",
    "2018-2020",
    "2019/20",
    "2016-18 average",
    "PY2019-2021",
]
TRADERS = {842: "US", 840: "US", 251: "FR", 250: "FR", 381: "IT", 380: "IT", 699: "IN", 356: "IN", 757: "CH",
    756: "CH",
    579: "NO", 578: "NO", 490: "TW", 158: "TW"}  # fmt: skip


def plain_yaml(document: dict) -> str:
    """Return a document as YAML without aliases, which a declaration may not have."""
    return dump_yaml(json.loads(json.dumps(document)))


class Desk:
    """A user's workspace with one technology, and what a user does in it."""

    def __init__(self, root: Path):
        self.root = root
        self.sources: list[str] = []

    def run(self, *arguments: str, expected: int = 0):
        """Run a command; its exit code must be the expected one."""
        done = listgen(self.root, *arguments)
        assert done.returncode == expected, (done.returncode, done.stdout, done.stderr)
        return done

    def put(self, name: str, content: str | openpyxl.Workbook) -> Path:
        """Write an input file below data/incoming."""
        path = self.root / "data" / "incoming" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, "utf-8")
        else:
            content.save(path)
        return path

    def add(self, source_id: str, name: str, content: str | openpyxl.Workbook, expected: int = 0) -> dict:
        """Draft a declaration with `acquire add`; returns what was understood."""
        done = self.run(
            "acquire", "add", str(self.put(name, content)), "--source", source_id, "--json", expected=expected
        )
        return json.loads(done.stdout)

    def change(self, path: str, edit) -> None:
        """Change a declaration by hand."""
        target = self.root / "config" / path
        document = parse_yaml_text(target.read_text("utf-8"), path)
        edit(document)
        target.write_text(dump_yaml(document), "utf-8")

    def finish(self, source_id: str, **table: object) -> None:
        """Fill in a draft, and change what the table's author knows.

        The file is acquired again for its date.
        """
        path = self.root / "config" / "sources" / f"{source_id}.yaml"
        text = (
            path.read_text("utf-8")
            .replace("to be filled in", "probe")
            .replace("要記入", "試験")
            .replace("class: C", "class: A")
        )
        path.write_text(text, "utf-8")
        self.change(
            f"sources/{source_id}.yaml",
            lambda source: (source.update(as_of=AS_OF), source["table"].update(table)),
        )
        self.use(source_id)
        self.run("acquire", source_id)

    def declare(self, source_id: str, files: dict[str, str], form: str, **more: object) -> None:
        """Declare a source without a draft, and acquire it."""
        for name, text in files.items():
            self.put(f"{source_id}/{name}", text)
        text = {"en": "x", "ja": "x"}
        source = {
            "id": source_id, "title": text, "producer": "x", "description": text, "citation": "x",
            "access": "files", "as_of": AS_OF,
            "licence": {"id": "x", "class": "A", "text": text, "redistribution": "allowed"},
            "grade": "statistics" if form == "statistic_table" else "supply",
            "frame": {**text, "comparable": True},
            "files": [{"path": f"data/incoming/{source_id}/*.csv", "form": form}],
        }  # fmt: skip
        target = self.root / "config" / "sources" / f"{source_id}.yaml"
        target.write_text(plain_yaml(source | more), "utf-8")
        self.use(source_id)
        self.run("acquire", source_id)

    def use(self, source_id: str) -> None:
        """Name a source as one in use."""
        self.sources.append(source_id)
        self.change("settings.yaml", lambda settings: settings.update(sources=self.sources))

    def link(self, series_of: dict[str, str]) -> None:
        """Link series to technologies, each to its own."""
        for place, (name, series_id) in enumerate(series_of.items()):
            own = {"name": {"en": name, "ja": f"試験 {name}"}, "patents": {"cpc": [f"H01L{21 + place}"]}}
            linked = (
                TECHNOLOGY | own | {"id": name, "statistics": [{"series": series_id, "relation": "exact"}]}
            )
            (self.root / "config" / "technologies" / f"{name}.yaml").write_text(plain_yaml(linked), "utf-8")

    def trace(self, reference: str) -> dict:
        return json.loads(self.run("trace", reference, "--json").stdout)


def series(series_id: str, **more: object) -> list[dict]:
    return [
        {
            "id": series_id,
            "title": {"en": "Count", "ja": "件数"},
            "measure": "count",
            "unit": "articles",
            "counting": "full",
        }
        | more
    ]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    root = tmp_path_factory.mktemp("cases") / "w"
    assert listgen(root.parent, "init", str(root)).returncode == 0
    shutil.rmtree(root / "config" / "technologies")
    (root / "config" / "technologies").mkdir()
    (root / "config" / "technologies" / "probe_cells.yaml").write_text(plain_yaml(TECHNOLOGY), "utf-8")
    return root


@pytest.fixture
def desk(prepared, tmp_path):
    """A workspace of the test's own, nothing added."""
    shutil.copytree(prepared, tmp_path / "w")
    return Desk(tmp_path / "w")


# ---- refused, with the place ---------------------------------------------------------------------


def test_a_lost_closing_quote_is_refused_with_its_line(desk):
    table = {
        "format": "csv",
        "layout": "long",
        "columns": {"area": "country", "year": "year", "value": "tonnes"},
        "other_areas": [],  # fmt: skip
        "constants": {"commodity": "gallium", "stage": "refined", "unit": "tonnes"},
        "areas": {"World total": "WORLD"},
    }
    desk.declare(
        "supply", {"t.csv": SUPPLY.replace("Japan,2022", '"Japan,2022')}, "supply_table", table=table
    )
    done = desk.run("build", expected=4)
    assert "line 6: a quote mark is not closed" in done.stderr


def test_a_second_column_of_areas_before_the_figures_is_refused(desk):
    table = {"format": "csv", "title_contains": ["表4"], "header_row": 2, "header_rows": 2, "layout": "long",
        "constants": {"year": 2023},
        "columns": {"area": "全論文 / 国・地域名"}, "other_areas": [],
        "series": [*series("probe:all", key="全論文 / 論文数"),
        *series("probe:top10", key="Top10%論文 / 論文数")]}  # fmt: skip
    desk.declare("blocks", {"t.csv": BLOCKS}, "statistic_table", table=table)
    assert 'another column of areas, "Top10%論文 / 国・地域名"' in desk.run("build", expected=4).stderr


def test_a_table_of_spans_only_is_refused_with_its_first_row(desk):
    text = "country,year,n\n" + "".join(f"Japan,{span},5\n" for span in SPANS)
    desk.declare("spans", {"t.csv": text}, "statistic_table", table=LONG | {"series": series("spans:n")})
    done = desk.run("build", expected=4)
    assert "t.csv" in done.stderr and "span" in done.stderr


def test_points_with_three_digits_are_a_question_that_stops_the_build(desk):
    found = desk.add(
        "points",
        "points.csv",
        "国,年,生産量\n日本,2021,1.234\n米国,2021,12.345\n中国,2021,123.456\n韓国,2021,2.500\n",
    )
    assert any("thousands" in line for line in found["to_check"])
    desk.use("points")
    assert "table.questions" in desk.run("build", expected=2).stderr


def test_two_releases_of_one_year_are_refused_and_both_named(desk):
    releases = {
        "BACI_HS22_Y2024_V202501.csv": FLOWS,
        "BACI_HS22_Y2024_V202601.csv": FLOWS.replace(",60,", ",61.5,"),
    }
    desk.declare("flows", releases, "baci", hs_revision="H6")
    done = desk.run("build", expected=4)
    assert all(name in done.stderr for name in releases) and "`releases: newest`" in done.stderr


def test_rows_that_cannot_be_read_are_listed_and_too_many_stop_the_build(desk):
    texts = {
        "spans": (
            "country,year,n\nWorld,2020,9\nJapan,2020,5\n" + "".join(f"Japan,{span},5\n" for span in SPANS)
        ),
        "ends": (
            'country,year,n\nJapan,2020,5,\n#France,2020,6,\nItaly,20\n20,7\n"Korea,\nRepublic'
            ' of",2020,8\nWorld,2020,99\n'
        ),
    }
    for name, text in texts.items():
        # A name that begins with # is a name as printed, and no country.
        table = LONG | {"series": series(f"{name}:n"), "other_areas": ["#France"]}
        desk.declare(name, {"t.csv": text}, "statistic_table", table=table)
    assert "[quarantine_share]" in desk.run("build", expected=4).stderr
    checked = json.loads(desk.run("check", "--json", expected=1).stdout)
    spans = [
        row["raw_line"]
        for row in checked["quarantine"]
        if "/spans/" in row["file_name"] and row["field"] == "year"
    ]
    assert spans == list(range(3, 21))
    accounts = {
        row["source_id"]: (row["n_rows"], row["n_used"], row["n_set_aside"])
        for row in checked["row_accounts"]
    }
    assert accounts == {"spans": (20, 2, 18), "ends": (6, 3, 2)}, (
        "an empty cell at the end is no value too many"
    )


# ---- read as printed -----------------------------------------------------------------------------

NAMES = {"People's Republic of China": "CN", "China, Taiwan Province of": "TW", "Hong Kong, China": "HK",
    "Congo, Dem. Rep.": "CD",
    "Congo, Rep.": "CG", "Korea, Dem. Rep.": "KP", "Czech Rep.": "CZ", "Lao PDR": "LA",
    "Iran, Islamic Rep.": "IR", "Egypt, Arab Rep.": "EG",
    "United Republic of Tanzania": "TZ", "Netherlands (Kingdom of the)": "NL", "Micronesia, Fed. Sts.": "FM",
    "Venezuela, RB": "VE",
    "U.S.": "US", "U.K.": "GB", "EL": "GR", "TÜRKİYE": "TR", "Vatican": "VA", "Guinea-Bissau": "GW",
    "Dominica": "DM", "Niger": "NE",
    "Kyrgyz Republic": "KG", "DR Congo": "CD", "Macao SAR, China": "MO", "American Samoa": "AS"}  # fmt: skip
UNCLEAR = ("Republic of China", "Korea", "Northern Ireland")


@pytest.fixture(scope="module")
def built(prepared, tmp_path_factory):
    """One build of all inputs that can be read, each its own source and technology.

    What `acquire add` understood of the drafts.
    """
    root = tmp_path_factory.mktemp("built") / "w"
    shutil.copytree(prepared, root)
    desk = Desk(root)
    union = "ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,EU27_2020,2022,9100,\n"
    found = {
        "gerd": desk.add("gerd", "estat_gerd.csv", EUROSTAT + union),
        "tsv": desk.add("tsv", "estat.tsv", TSV.replace(": c", "9200 ")),
    }
    found["ministry"] = desk.add("ministry", "令和6年度_表3.xlsx", ministry_workbook())
    desk.finish("gerd", areas={"EU27_2020": "WORLD"}, other_areas=[])
    desk.finish("tsv", areas={"EU27_2020": "WORLD"}, other_areas=[])
    desk.finish("ministry", null_values=["…", "△", "－", "-"])
    long = {
        "current": "country,year,n\nWorld,2025,100\nJapan,2025,5\nFrance,2025,6\n",
        "namibia": (
            "country,year,n\nNA,2020,5\nJP,2020,6\nNAM,2021,7\nJP,2021,NA\nWorld,2020,20\nWorld,2021,20\n"
        ),
    }
    for name, text in long.items():
        desk.declare(name, {"t.csv": text}, "statistic_table", table=LONG | {"series": series(f"{name}:n")})
    flows = "t,i,j,k,v,q\n" + "".join(
        f"2024,{number},392,850760,{2**place},0\n" for place, number in enumerate(TRADERS)
    )
    releases = {"BACI_HS22_Y2024_V202501.csv": FLOWS, "BACI_HS22_Y2024_V202601.csv": flows}
    desk.declare("flows", releases, "baci", hs_revision="H6", releases="newest")
    linked = {
        "probe_gerd": "gerd:table",
        "probe_tsv": "tsv:table",
        **{f"probe_{name}": f"{name}:n" for name in long},
    }
    desk.link(linked)
    desk.run("build")
    checked = json.loads(desk.run("check", "--json", expected=1).stdout)
    return desk, found, checked


def read(desk: Desk, sql: str) -> list[tuple]:
    with Warehouse(next((desk.root / "data").glob("current/listgen.duckdb")), read_only=True) as warehouse:
        return warehouse.rows(sql)


def figures(desk: Desk, source_id: str) -> dict:
    sql = (
        f"SELECT area_code, period_year, value FROM core.statistic WHERE series_id LIKE '{source_id}:%' AND"
        " area_code <> 'WORLD'"
    )
    return {(area, year): value for area, year, value in read(desk, sql)}


def test_eurostats_flags_are_reachable_from_a_value(built):
    desk, found, _ = built
    assert set(found["gerd"]["understood"]["countries"].values()) == {"GR", "DE", "GB"}
    assert figures(desk, "gerd")["GR", 2021] == 123.5
    rows = {row["item_id"]: row.get("flag") for row in desk.trace("st_share/probe_gerd/DE")["rows"]}
    assert rows == {"gerd:table 2021 DE": None, "gerd:table 2022 DE": "p"}
    assert "flag b" in desk.run("trace", "st_share/probe_gerd/GR").stdout


def test_eurostats_tsv_is_read_with_its_flags(built):
    desk, found, _ = built
    assert set(found["tsv"]["understood"]["countries"].values()) == {"GR", "DE"}
    assert figures(desk, "tsv") == {
        ("GR", 2019): 123,
        ("GR", 2020): None,
        ("DE", 2019): 500,
        ("DE", 2020): 510,
    }
    assert {row.get("flag") for row in desk.trace("st_share/probe_tsv/DE")["rows"]} == {None, "p"}


def test_a_year_that_is_not_over_is_no_window(built):
    desk, _, _ = built
    assert figures(desk, "current") == {("JP", 2025): 5, ("FR", 2025): 6}
    assert desk.trace("st_share/probe_current/JP")["value"]["value"] is None


def test_namibia_is_a_country_and_a_missing_value(built):
    assert figures(built[0], "namibia") == {
        ("NA", 2020): 5,
        ("JP", 2020): 6,
        ("NA", 2021): 7,
        ("JP", 2021): None,
    }


def test_the_newer_release_is_used_and_each_number_of_a_country_known(built):
    desk, _, checked = built
    expected = {}
    for place, code in enumerate(TRADERS.values()):
        expected[code] = expected.get(code, 0) + 1000 * 2**place
    sql = (
        "SELECT exporter_country_code, trade_value_usd, net_weight_kg FROM core.trade_flow WHERE hs_code ="
        " '850760' AND exporter_country_code <> 'WORLD' AND importer_country_code = 'JP' ORDER BY 1"
    )
    assert read(desk, sql) == [(code, usd, None) for code, usd in sorted(expected.items())]
    accounts = {
        row["file_name"][-11:-4]: (row["n_used"], row["n_excluded"])
        for row in checked["row_accounts"]
        if row["form_id"] == "baci"
    }
    assert accounts == {"V202501": (0, 4), "V202601": (14, 0)}
    assert desk.trace("a9_import_dependence/probe_cells/JP")["value"]["value"] is not None


def test_a_ministrys_workbook_has_all_its_countries(built):
    desk, found, _ = built
    seen = found["ministry"]["understood"]
    assert set(seen["countries"].values()) == {"JP", "US", "CN", "KR", "DE", "TW", "FR"} and seen["has_world"]
    assert len({year for _, year in figures(desk, "ministry")}) == 3


def test_spellings_are_their_own_country_or_asked_about(desk):
    rows = "".join(f'"{name}",2020,{place}\n' for place, name in enumerate([*NAMES, *UNCLEAR, "World"], 1))
    found = desk.add("names", "names.csv", "country,year,n\n" + rows)["understood"]
    assert {name: code for name, code in found["countries"].items() if name != "World"} == NAMES
    assert not set(UNCLEAR) & set(found["countries"])
    assert set(UNCLEAR) <= set(found["not_countries"])
