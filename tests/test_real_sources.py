"""The sources of examples/real, file by file.

Counts as their own notes give them, figures read off by hand, licences, both collections.
"""

import csv
import gzip
import io
import json
import shutil
from types import SimpleNamespace

import pytest
from miniature import held_file
from real_world import REAL, ROOT, SHARED, copy_of_real, needs_data

from listgen import pipeline, stage
from listgen.base.errors import ConfigError
from listgen.config.yamlfile import load_yaml
from listgen.stage.records.reading import stage_files
from listgen.store.raw import origin_path
from listgen.store.warehouse import Warehouse
from listgen.workspace.loading import load_workspace

pytestmark = pytest.mark.slow
NCSES_AI = SHARED / "reference" / "ncses" / "t10059.csv.gz"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Every source of examples/real, and the edition before of one, taken in and staged.

    Rows of its tables, records by file, origin records by file.
    """
    root = copy_of_real(tmp_path_factory.mktemp("sources") / "workspace", SHARED)
    settings = root / "config" / "settings.yaml"
    settings.write_text(
        settings.read_text("utf-8").replace("  - usgs_mcs2026\n", "  - usgs_mcs2026\n  - usgs_mcs2025\n"),
        "utf-8",
    )
    workspace = load_workspace(root)
    pipeline.acquire(workspace)
    holdings = pipeline.held_files(workspace)
    with Warehouse() as warehouse:
        stage.run(warehouse, workspace.config, holdings, workspace.stage_cache)
        staged = stage_files(stage.load_readers(), workspace.config, holdings, workspace.stage_cache)
        origins = {
            file.file_name: origin_path(workspace.raw, file.raw_digest, file.source_id) for file in holdings
        }
        yield SimpleNamespace(
            config=workspace.config,
            rows=warehouse.rows,
            n_records={
                file.held.file_name.rsplit("/", 1)[-1].split(".")[0]: file.n_records for file in staged
            },
            origins={name: json.loads(path.read_text("utf-8")) for name, path in origins.items()},
        )


def opened(path, encoding="utf-8-sig"):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode(encoding)
    return csv.DictReader(io.StringIO(text, newline=""))


# ---- counts of each file, as ../shared/data says -------------------------------------------------


@needs_data
def test_each_file_has_as_many_records_as_its_notes_say(real):
    notes = {
        "works-petroleum-20260207": 4_481,
        "snapshot-part-works-2023-05-16": 27,
        "patentsview_granted_G21D": 508,
        "patentsview_granted_G21G": 386,
        "patentsview_granted_G21H": 123,
        "patentsview_granted_G21J": 6,
        "patentsview_pgpub_G21C": 2_084,
        "patentsview_pgpub_G21D": 548,
        "patentsview_pgpub_G21F": 1_085,
        "patentsview_pgpub_G21G": 389,
        "patentsview_pgpub_G21H": 118,
        "patentsview_pgpub_G21J": 2,
        # Counter-examples left out: 1,139 of 2,281; 329 of 948; 243 of 493.
        "googlepatents_orbit_satellite": 1_139,
        "googlepatents_nighttime_driver_visibility": 329,
        "googlepatents_underwater_glider": 243,
    }
    assert {name: real.n_records[name] for name in notes} == notes
    assert real.rows("SELECT count(*) FROM prov.quarantine") == [(0,)]


@needs_data
def test_repeated_records_count_once(real):
    rows = {(source, form): n for source, form, n, _ in real.rows("FROM prov.duplicate")}
    assert rows == {
        ("openalex_petroleum", "openalex_work"): 774,
        ("openalex_pages", "openalex_page"): 0,
        ("patentsview_nuclear", "patentsview_api"): 41,
        ("googlepatents_landscapes", "google_patent_row"): 486,
    }
    publications = dict(real.rows("SELECT source_id, count(*) FROM core.patent_publication GROUP BY 1"))
    assert publications == {
        "patentsview_nuclear": 982,
        "patentsview_nuclear_applications": 3_496,
        "googlepatents_landscapes": 1_225,
    }


@needs_data
def test_an_application_and_its_grant_are_one_invention(real):
    sql = """SELECT count(DISTINCT a.family_id) FROM core.patent_publication AS a
      JOIN core.patent_publication AS g ON g.family_id = a.family_id AND g.is_grant AND NOT a.is_grant
      WHERE a.source_id = 'patentsview_nuclear_applications'"""
    assert real.rows(sql) == [(365,)]
    # 20130271287 is written US-2013271287-A1 in a DOCDB number.
    assert real.rows(
        "SELECT kind_code FROM core.patent_publication WHERE publication_number = 'US-2013271287-A1'"
    ) == [("A1",)]


@needs_data
def test_works_keep_what_is_missing_missing(real):
    sql = """SELECT count(*) FILTER (n_countries = 0), count(*) FILTER (primary_topic_id IS NULL),
  count(*) FILTER (n_references = 0),
      count(*) FILTER (is_author_list_capped), count(*) FILTER (is_retracted) FROM core.work
        WHERE source_id = 'openalex_petroleum'"""
    # 792 list no reference; in the thin row of a work of no declared technology, as 665 of them are, that is
    # not said.
    assert real.rows(sql) == [(514, 93, 127, 1, 6)]
    last = "SELECT last_year FROM core.period WHERE period_id = 'works'"
    assert real.rows(last) == [(2023,)]  # 2026 is a part-year, and citations need 18 months
    legacy = (
        "SELECT count(*), count(primary_topic_id), sum(n_authors) FROM core.work WHERE source_id ="
        " 'openalex_snapshot_2023'"
    )
    assert real.rows(legacy) == [(27, 0, 0)]


@needs_data
def test_citations_lead_to_one_office_and_the_coverage_says_so(real):
    assert (
        real.rows(
            "SELECT count(*) FROM core.patent_citation WHERE cited_publication_number LIKE 'US-%' AND"
            " citing_family_id LIKE 'US-%'"
        )[0][0]
        > 10_000
    )
    n_references, n_resolved, coverage = real.rows(
        "SELECT n_references, n_resolved, coverage FROM core.reference_coverage WHERE technology_id ="
        " 'nuclear_fuel_cycle' AND basis = 'families'"
    )[0]
    assert n_references > 500
    assert coverage == pytest.approx(n_resolved / n_references)
    assert coverage < 0.10


@needs_data
def test_api_pages_of_both_schemas_are_read(real, tmp_path):
    """200 works of the search and three times 50 by id, none of which a reader of today's schema may lose."""
    pages = sorted((SHARED / "openalex").glob("api-page-*.json.gz"))
    holdings = [held_file(path, "openalex_pages", "openalex_page") for path in pages]
    staged = stage_files(stage.load_readers(), real.config, holdings, tmp_path / "stage")
    assert sorted((file.n_records, file.n_rejected) for file in staged) == [
        (50, 0),
        (50, 0),
        (50, 0),
        (200, 0),
    ]


# ---- figures read off the tables -----------------------------------------------------------------


@needs_data
def test_articles_on_ai_by_country(real):
    cells = "SELECT area_code, value FROM core.statistic WHERE series_id = 'ncses_ai:t10059_fractional'"
    found = dict(real.rows(cells))
    assert {code: found[code] for code in ("WORLD", "CN", "US", "JP")} == {
        "WORLD": 957_932,
        "CN": 255_322.4,
        "US": 107_363.2,
        "JP": 46_775.6,
    }
    assert dict(real.rows(cells.replace("fractional", "whole")))["JP"] == 53_226
    # Twenty years in one figure make no five-year window: held, never scored.
    spans = (
        "SELECT DISTINCT years_covered, first_year, last_year, period_first_year, period_last_year FROM"
        " core.statistic_series WHERE source_id = 'ncses_ai'"
    )
    assert real.rows(spans) == [(20, 2003, 2022, None, None)]
    printed = {
        row["region_country_or_economy"]: row["number_of_papers_fractional_"] for row in opened(NCSES_AI)
    }
    assert (printed["World"], printed["Japan"]) == ("957932.0", "46775.6")


@needs_data
def test_gallium_of_two_editions_is_never_joined(real):
    cells = (
        "SELECT source_id, period_year, country_code, quantity FROM core.supply WHERE commodity_id ="
        " 'gallium' AND country_code IN ('WORLD', 'CN')"
    )
    found = {row[:3]: row[3] for row in real.rows(cells)}
    edition_2025 = [
        row
        for row in opened(SHARED / "trade" / "usgs_MCS2025_World_Data.csv")
        if row["COMMODITY"].strip() == "Gallium"
    ]
    world = next(row for row in edition_2025 if row["COUNTRY"].startswith("World"))
    assert found["usgs_mcs2025", 2024, "WORLD"] == float(world["PROD_EST_ 2024"]) == 760_000
    edition_2026 = opened(SHARED / "trade" / "usgs_MCS2026_Commodities_Data.csv.gz", "cp1252")
    printed = {
        (row["Country"], row["Year"]): row["Value"]
        for row in edition_2026
        if row["Commodity"] == "Gallium"
        and row["Statistics"] == "Production"
        and row["Section"].startswith("World")
    }
    assert (
        found["usgs_mcs2026", 2024, "WORLD"]
        == float(printed["World total", "2024"].replace(",", ""))
        == 848_000
    )
    assert found["usgs_mcs2026", 2025, "CN"] == float(printed["China", "2025"].replace(",", ""))


@needs_data
def test_a_bound_is_no_measurement_and_a_dash_is_a_zero_where_the_publisher_says_so(real):
    bounds = (
        "SELECT count(*), count(quantity) FROM core.supply WHERE source_id = 'eu_crm2023' AND quantity_text ="
        " '<0.1%'"
    )
    assert real.rows(bounds) == [(4, 0)]
    dashes = (
        "SELECT DISTINCT quantity FROM core.supply WHERE source_id = 'usgs_mcs2026' AND quantity_text = '—'"
    )
    assert real.rows(dashes) == [(0,)]
    withheld = (
        "SELECT DISTINCT quantity FROM core.supply WHERE source_id = 'usgs_mcs2026' AND quantity_text = 'W'"
    )
    assert real.rows(withheld) == [(None,)]


@needs_data
def test_shares_of_supply_have_a_hundred_as_their_whole(real):
    rows = real.rows(
        "SELECT DISTINCT quantity, unit FROM core.supply WHERE source_id = 'eu_crm2023' AND country_code ="
        " 'WORLD'"
    )
    assert rows == [(100, "%")]
    # Nickel, refined: the named countries make 95.7 %; Japan's 8.6 % stays 8.6 %.
    printed = [
        row
        for row in opened(SHARED / "trade" / "eu_crm_global_supply_shares.csv", "cp1252")
        if (row["Material"], row["Stage"]) == ("Nickel", "P")
    ]
    assert next(row["Share"] for row in printed if row["Country"] == "Japan") == "8.6%"
    sql = (
        "SELECT quantity FROM core.supply WHERE source_id = 'eu_crm2023' AND commodity_id = 'nickel' AND"
        " stage_id = 'refined' AND country_code = 'JP'"
    )
    assert real.rows(sql) == [(8.6,)]


# ---- licences ------------------------------------------------------------------------------------


def workspace_with(tmp_path, licence: str):
    """Return examples/real with another licence for one of its sources."""
    root = tmp_path / "workspace"
    shutil.copytree(REAL / "config", root / "config")
    settings = root / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("extends: ../..", f"extends: {ROOT}"), "utf-8")
    path = root / "config" / "sources" / "eu_crm2023.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("  id: CC-BY-4.0\n  class: A\n", licence), "utf-8")
    assert path.read_text("utf-8") != text
    return root


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("  id: unknown\n  class: C\n", 'the licence of "eu_crm2023" is of class C'),
        ("  id: CC-BY-NC-4.0\n  class: B\n", "(CC-BY-NC-4.0) excludes commercial use"),
        (
            "  id: own terms\n  class: B\n  commercial_use: not_allowed\n",
            "(own terms) excludes commercial use",
        ),
    ],
)
def test_unclear_and_non_commercial_sources_are_not_used(tmp_path, licence, said):
    with pytest.raises(ConfigError, match=r"settings\.yaml:\d+") as caught:
        load_workspace(workspace_with(tmp_path, licence))
    assert said in str(caught.value)


def test_a_workspace_may_accept_them_in_writing(tmp_path):
    root = workspace_with(tmp_path, "  id: CC-BY-NC-4.0\n  class: C\n")
    settings = root / "config" / "settings.yaml"
    settings.write_text(
        settings.read_text("utf-8") + "\nlicences: {classes: [A, B, C], non_commercial: true}\n", "utf-8"
    )
    assert load_workspace(root).config.sources["eu_crm2023"].licence.licence_class == "C"


def test_every_source_here_is_open_and_says_whose_terms():
    sources = load_workspace(REAL).config.used_sources
    assert len(sources) >= 8
    for source in sources.values():
        assert source.licence.licence_class == "A", source.id
        assert not source.licence.is_non_commercial
        assert "repository" in source.licence.text.en and "リポジトリ" in source.licence.text.ja, source.id
        assert source.citation and source.url


@needs_data
def test_the_origin_record_of_every_file_carries_the_terms(real):
    for name, origin in real.origins.items():
        assert origin["licence"]["class"] == "A", name
        assert origin["licence"]["text"] and origin["citation"] and origin["sha256"], name


# ---- the collection of ten days earlier ----------------------------------------------------------


def test_the_earlier_workspace_differs_in_one_source_only():
    earlier, later = load_workspace(ROOT / "examples" / "real-earlier").config, load_workspace(REAL).config
    assert earlier.settings.sources == later.settings.sources
    assert {
        source_id for source_id, source in earlier.used_sources.items() if source != later.sources[source_id]
    } == {"openalex_petroleum"}
    document = load_yaml(
        ROOT / "examples" / "real-earlier" / "config" / "sources" / "openalex_petroleum.yaml", "earlier"
    )
    assert "20260128" in document["files"][0]["path"]


@needs_data
def test_the_earlier_collection_is_the_same_works_in_an_older_state(real, tmp_path):
    """Read by the same reader: 3,698 works, all held later too, 547 without a country, 5 retracted."""
    held = held_file(
        SHARED / "openalex" / "works-petroleum-20260128.jsonl.gz", "openalex_petroleum", "openalex_work"
    )
    with Warehouse() as warehouse:
        stage.run(warehouse, real.config, [held], tmp_path / "stage")
        counts = (
            "SELECT count(*), count(*) FILTER (n_countries = 0), count(*) FILTER (is_retracted) FROM"
            " core.work"
        )
        assert warehouse.rows(counts) == [(3_698, 547, 5)]
        earlier = {row[0] for row in warehouse.rows("SELECT work_id FROM core.work")}
    later = {
        row[0] for row in real.rows("SELECT work_id FROM core.work WHERE source_id = 'openalex_petroleum'")
    }
    assert earlier < later
    assert len(later - earlier) == 9
