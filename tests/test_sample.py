"""The generated sample world: same arguments, same bytes; native forms.

And everything planted is found again.

What is planted is measured by `sample_measures`, which knows only the files and the method's formulas.
"""

import csv
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import sample_measures as measures

from listgen.config.models import TableSeries
from listgen.config.workspace import Config
from listgen.sample import GeneratedFile, Size, generate, generate_sample, sample_recipe
from listgen.sample.world import read_topics
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]
SMALL = Size(n_works=3000, n_publications=1500)
OTHER_SEED = 4


@dataclasses.dataclass
class Made:
    """A full world: its folder, its files, its truth, and a connection with its works and families."""

    folder: Path
    files: list[GeneratedFile]
    truth: dict
    con: duckdb.DuckDBPyConnection


@pytest.fixture(scope="session")
def config() -> Config:
    return load_workspace(ROOT).config


def make(folder: Path, seed: int, config: Config) -> Made:
    files = generate_sample(folder, seed, config)
    topics = {name: item.works.topics for name, item in config.technologies.items()}
    codes = {name: item.patents.cpc for name, item in config.technologies.items()}
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Made(folder, files, truth, measures.load(folder, topics, codes))


@pytest.fixture(scope="session")
def made(tmp_path_factory, config) -> Made:
    return make(tmp_path_factory.mktemp("sample"), config.sample.seed, config)


def generate_small(folder: Path, seed: int, config: Config) -> dict[str, str]:
    """Generate a small world and return the digest of every file in the folder by its name."""
    generate(folder, seed, config.technologies, read_topics(config.topics_path), SMALL)
    return digests(folder)


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


# ---- the bytes -----------------------------------------------------------------------------------


def test_same_seed_gives_same_bytes_and_another_seed_other_bytes(tmp_path, config):
    first = generate_small(tmp_path / "first", 7, config)
    assert generate_small(tmp_path / "again", 7, config) == first
    other = generate_small(tmp_path / "other", 8, config)
    assert other.keys() == first.keys()
    equal = {name for name in first if first[name] == other[name]}
    assert equal == {"patentsview/g_location_disambiguated.tsv"}, (
        "only the places are the same in every world"
    )


def test_bytes_do_not_depend_on_hash_seed_time_zone_or_locale(tmp_path, config):
    here = generate_small(tmp_path / "here", 7, config)
    definitions = {name: [item.works.topics, item.patents.cpc] for name, item in config.technologies.items()}
    (tmp_path / "definitions.json").write_text(json.dumps(definitions))
    script = (
        "import json, sys; from pathlib import Path; from types import SimpleNamespace as N;"
        "from listgen.sample import Size, generate; from listgen.sample.world import read_topics;"
        "d = json.loads(Path(sys.argv[1], 'definitions.json').read_text());"
        "d = {name: N(works=N(topics=topics), patents=N(cpc=cpc)) for name, (topics, cpc) in d.items()};"
        "generate(Path(sys.argv[1], 'there'), 7, d, read_topics(Path(sys.argv[2])), Size(3000, 1500))"
    )
    elsewhere = os.environ | {
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "OMP_NUM_THREADS": "1",
    }
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(config.topics_path)], check=True, env=elsewhere
    )
    assert digests(tmp_path / "there") == here


def test_works_scale_and_the_thin_technology_stays_thin(tmp_path, config):
    topics = read_topics(config.topics_path)
    for size in (Size(1000, 500), Size(9000, 2000)):
        generate(tmp_path / str(size.n_works), 7, config.technologies, topics, size)
        manifest = json.loads(
            (tmp_path / str(size.n_works) / "openalex/data/jsonl/works/manifest.json").read_text()
        )
        assert size.n_works <= manifest["record_count"] <= size.n_works * 1.02


def test_definitions_may_be_missing_or_empty(tmp_path):
    topics = read_topics(ROOT / "config" / "openalex_topics.csv")
    none = SimpleNamespace(works=SimpleNamespace(topics=[]), patents=SimpleNamespace(cpc=[]))
    one = SimpleNamespace(works=SimpleNamespace(topics=["T10682"]), patents=SimpleNamespace(cpc=["G06N10"]))
    generate(tmp_path, 7, {"quantum_computing": one, "gene_editing": none}, topics, SMALL)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["with_evidence"] == ["quantum_computing", "gene_editing"]


def test_recipe_follows_everything_the_bytes_depend_on(config):
    recipe = sample_recipe(config)
    for changed in ({"seed": 20250702}, {"n_works": 60_000}, {"as_of": "2026-07-01"}):
        assert (
            sample_recipe(dataclasses.replace(config, sample=config.sample.model_copy(update=changed)))
            != recipe
        )
    fewer = {name: item for name, item in config.technologies.items() if name != "gene_editing"}
    assert sample_recipe(dataclasses.replace(config, technologies=fewer)) != recipe
    assert sample_recipe(dataclasses.replace(config)) == recipe


# ---- the forms -----------------------------------------------------------------------------------


def test_every_declared_source_gets_files_of_its_forms(made, config):
    forms = {}
    for file in made.files:
        forms.setdefault(file.source_id, set()).add(file.form_id)
    tables = (
        "patent",
        "application",
        "inventor_disambiguated",
        "location_disambiguated",
        "cpc_current",
        "us_patent_citation",
    )
    assert forms == {
        "sample_openalex": {"openalex_work", "manifest"},
        "sample_google_patents": {"google_patent"},
        "sample_patentsview": {f"patentsview_g_{table}" for table in tables},
        "sample_statistics": {"statistic_table"},
        "sample_supply": {"supply_table"},
        "sample_trade": {"comtrade_page"},
    }
    assert set(config.sample.produces) == set(forms)
    assert all(
        config.sources[source_id].is_sample and config.sources[source_id].licence.licence_class == "A"
        for source_id in forms
    )
    assert not any(file.path.name == "truth.json" for file in made.files)


def test_snapshot_has_the_providers_layout(made):
    works = made.folder / "openalex" / "data" / "jsonl" / "works"
    manifest = json.loads((works / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["entity"] == "works"
    assert 4 <= len(manifest["files"]) <= 8
    total = 0
    for entry in manifest["files"]:
        path = works / entry["url"].removeprefix("s3://openalex/data/jsonl/works/")
        assert path.parent.name.startswith("updated_date=2025-06-")
        assert path.stat().st_size == entry["meta"]["content_length"]
        count = made.con.execute(
            "SELECT count(*) FROM read_ndjson_objects(?, compression = 'gzip')", [str(path)]
        ).fetchall()[0][0]
        assert count == entry["meta"]["record_count"]
        total += count
    assert total == manifest["record_count"]
    assert path.read_bytes()[4:8] == b"\x00\x00\x00\x00", "a gzip header without a time"


def test_a_work_has_the_providers_fields(made):
    path = next(file.path for file in made.files if file.form_id == "openalex_work")
    rows = made.con.execute(
        "SELECT json FROM read_ndjson_objects(?, compression = 'gzip') LIMIT 400", [str(path)]
    ).fetchall()
    works = [json.loads(row[0]) for row in rows]
    work = next(
        work
        for work in works
        if len(work["authorships"]) > 2 and work["topics"] and work["authorships"][0]["institutions"]
    )
    assert work["id"].startswith("https://openalex.org/W")
    assert [author["author_position"] for author in work["authorships"]][:2] == ["first", "middle"]
    assert work["authorships"][-1]["author_position"] == "last"
    institution = work["authorships"][0]["institutions"][0]
    assert set(institution) == {"id", "display_name", "ror", "country_code", "type", "lineage"}
    assert work["authorships"][0]["countries"] == [institution["country_code"]]
    assert set(work["primary_topic"]) == {"id", "display_name", "score", "subfield", "field", "domain"}
    assert work["referenced_works_count"] == len(work["referenced_works"]) > 0
    abstracts = [work["abstract_inverted_index"] for work in works if work["abstract_inverted_index"]]
    assert abstracts
    assert all(
        sorted(p for places in abstract.values() for p in places) == list(range(140))
        for abstract in abstracts[:20]
    )
    percentiles = [w["citation_normalized_percentile"] for w in works if w["citation_normalized_percentile"]]
    assert all((p["value"] >= 0.9) == p["is_in_top_10_percent"] for p in percentiles)


def test_mess_is_as_realistic_as_promised(made):
    def count(sql: str) -> float:
        return made.con.execute(sql).fetchall()[0][0]

    n = count("SELECT count(*) FROM work")
    assert n == 50_000
    assert count("SELECT count(*) FROM publication") == pytest.approx(20_000, rel=0.05)
    assert (
        count(
            "SELECT count(DISTINCT technology) FROM technology_work WHERE technology IN (SELECT technology"
            " FROM technology_topic)"
        )
        == 24
    )
    assert count("SELECT count(DISTINCT country) FROM weight") == 15
    assert count("SELECT max(publication_year) - min(publication_year) + 1 FROM work") == 10
    assert count("SELECT count(*) FROM work WHERE id NOT IN (SELECT item FROM weight)") / n == pytest.approx(
        0.05, abs=0.005
    )
    assert count("SELECT count(*) FROM work WHERE len(topics) = 0") / n == pytest.approx(0.01, abs=0.002)
    assert 20 <= count("SELECT count(*) FROM work WHERE is_retracted") <= 80
    assert count("SELECT count(*) FROM work WHERE len(authorships) = 100") >= 10
    international = count(
        "SELECT avg(CAST(n > 1 AS INTEGER)) FROM (SELECT count(*) AS n FROM weight GROUP BY item)"
    )
    assert international == pytest.approx(0.25, abs=0.03)
    assert (
        count(
            "SELECT count(*) FROM (SELECT family_id FROM publication GROUP BY family_id HAVING count(*) > 5)"
        )
        == 0
    )


def test_repeated_lines_are_identical_or_stale(made):
    """The later update wins, and it is the one that counts the citations in full."""
    rows = made.con.execute(
        """SELECT count(DISTINCT updated_date), arg_max(cited_by_count, updated_date) - min(cited_by_count),
  count(*)
           FROM line GROUP BY id HAVING count(*) > 1"""
    ).fetchall()
    assert len(rows) >= 50
    assert {row[2] for row in rows} == {2}
    assert {row[0] for row in rows} == {1, 2}
    assert all(gain == 0 for versions, gain, _ in rows if versions == 1)
    assert all(gain >= 0 for versions, gain, _ in rows if versions == 2)


def test_references_lead_back_in_time_and_mostly_to_held_works(made):
    late = made.con.execute(
        """SELECT count(*) FROM reference JOIN work AS a ON a.id = citing JOIN work AS b ON b.id = cited
           WHERE b.publication_year >= a.publication_year"""
    ).fetchall()[0][0]
    assert late == 0
    for technology in made.truth["with_evidence"]:
        coverage = measures.flows(made.con, technology, "works")[1]
        assert 0.60 <= coverage < 1, technology
    for technology in ("semiconductor_materials", "hydrogen_ammonia"):
        assert measures.flows(made.con, technology, "families")[1] >= 0.60


def test_patentsview_tables_are_quoted_and_hold_the_same_inventions(made):
    folder = made.folder / "patentsview"
    for path in folder.glob("*.tsv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        widths = {line.count("\t") for line in lines}
        assert len(widths) == 1, path.name
        assert all(field.startswith('"') and field.endswith('"') for field in lines[1].split("\t"))
    read = "SELECT * FROM read_csv('{}', delim = '\t', quote = '\"', header = true, all_varchar = true)"
    for name in (
        "g_patent",
        "g_cpc_current",
        "g_inventor_disambiguated",
        "g_location_disambiguated",
        "g_us_patent_citation",
    ):
        made.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS " + read.format(folder / f"{name}.tsv"))
    kinds = dict(made.con.execute("SELECT patent_type, count(*) FROM g_patent GROUP BY 1").fetchall())
    assert kinds["design"] == 40
    assert kinds["utility"] > 1000
    assert made.con.execute("SELECT count(*) FROM g_patent WHERE patent_id LIKE 'D%'").fetchall()[0][0] == 40
    unknown = (
        "SELECT count(*) FROM g_patent WHERE patent_type = 'utility' AND 'US-' || patent_id || '-B2' NOT IN"
        " (SELECT publication_number FROM publication)"
    )
    assert made.con.execute(unknown).fetchall()[0][0] == 0
    lost = (
        "SELECT count(*) FROM g_inventor_disambiguated WHERE location_id NOT IN (SELECT location_id FROM"
        " g_location_disambiguated) AND location_id <> ''"
    )
    assert made.con.execute(lost).fetchall()[0][0] == 0


def test_statistics_table_has_the_habits_of_published_tables(made, config):
    path = made.folder / "statistics" / "families_by_field.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    header = rows[1]
    assert header[3:] == [str(year) for year in range(2013, 2023)]
    assert [row[0] for row in rows if len(row) == 1], "a title and notes"
    cells = {(row[0], row[1]): row[3:] for row in rows[2:] if len(row) == len(header)}
    series: list[TableSeries] = config.sources["sample_statistics"].table.series
    assert {key for key, _ in cells} == {item.key for item in series}
    assert {"Korea, South", "EU-27<sup>b</sup>", "World"} <= {area for _, area in cells}
    assert any("na" in values for values in cells.values())
    for item in series:
        if item.measure == "count":
            for place in range(10):
                known = [
                    int(v[place])
                    for (key, area), v in cells.items()
                    if key == item.key and "EU" not in area and v[place] != "na"
                ]
                assert sum(known[1:]) <= known[0], "the countries never exceed the World row"
    assert set(cells["sample_computer_top1", "World"]) == {"1.00"}


def test_supply_table_covers_every_material_a_sampled_technology_names(made, config):
    rows = list(
        csv.DictReader((made.folder / "supply" / "production.csv").read_text(encoding="utf-8").splitlines())
    )
    held = {(row["commodity"], row["stage"]) for row in rows if row["country"] == "World"}
    named = {
        (link.commodity, link.stage)
        for name in made.truth["with_evidence"]
        for link in config.technologies[name].supply
    }
    assert named <= held
    for commodity, stage in held:
        mine = [
            row for row in rows if (row["commodity"], row["stage"], row["year"]) == (commodity, stage, "2023")
        ]
        world = sum(int(row["quantity"]) for row in mine if row["country"] == "World")
        assert sum(int(row["quantity"]) for row in mine) <= 2 * world


def test_trade_covers_the_goods_of_every_sampled_technology_and_tells_each_flow_twice(made, config):
    pages = [
        json.loads(file.path.read_text(encoding="utf-8"))
        for file in made.files
        if file.source_id == "sample_trade"
    ]
    rows = [row for page in pages for row in page["data"]]
    assert all(page["count"] == len(page["data"]) for page in pages)
    assert {code for name in made.truth["with_evidence"] for code in config.technologies[name].hs_codes} <= {
        row["cmdCode"] for row in rows
    }
    told = {
        (row["flowCode"], row["reporterCode"], row["partnerCode"], row["cmdCode"], row["period"]): row[
            "primaryValue"
        ]
        for row in rows
    }
    assert len(told) == len(rows) - 3 * 27, "only what the focal country buys in all stands in two views"
    assert told["M", 392, 276, "281410", "2023"] > told["X", 276, 392, "281410", "2023"] > 0, (
        "freight and insurance"
    )
    assert {row["reporterCode"] for row in rows if row["period"] == "2024"}.isdisjoint({156, 276})


# ---- what was planted ----------------------------------------------------------------------------


def assert_truth(made: Made, config: Config) -> None:
    for technology, planted in made.truth["monopoly"].items():
        leader, k, ratio = measures.monopoly(made.con, technology)
        assert leader in planted["leaders"], technology
        assert planted["k"][0] <= k <= planted["k"][1], (technology, k)
        assert planted["ratio"][0] <= ratio <= planted["ratio"][1], (technology, ratio)
    for technology, planted in made.truth["indispensable"].items():
        score, _ = measures.indispensability(made.con, technology)
        _, share = measures.supply_concentration(
            made.con, made.folder, links(config, technology), measures.WORKS
        )
        assert 0.7 * score + 0.3 * measures.scale(share, 0, 0.4) >= planted["min_indispensability"], (
            technology
        )
        assert measures.superiority(made.con, technology) >= planted["min_superiority"], technology
    for technology, planted in made.truth["dependence"].items():
        score, found = measures.autonomy(made.con, technology)
        concentration, _ = measures.supply_concentration(
            made.con, made.folder, links(config, technology), measures.WORKS
        )
        assert 0.7 * score + 0.3 * measures.scale(concentration, 1, 0) <= planted["max_autonomy"], technology
        assert all(a3 >= planted["min_a3"] for _, a3 in found.values()), (technology, found)
    assert_counts(made)


def assert_counts(made: Made) -> None:
    thin = made.truth["thin"]
    for technology in made.truth["monopoly"] | made.truth["indispensable"] | made.truth["dependence"]:
        assert measures.count_top(made.con, technology) >= 300, technology
    for technology in made.truth["with_evidence"]:
        count = measures.count_top(made.con, technology)
        assert count >= 40 or (technology in thin and count <= thin[technology]["max_top10_works"]), (
            technology,
            count,
        )
    for technology in made.truth["without_evidence"]:
        assert measures.count_top(made.con, technology) == 0, technology
    assert "hypersonics" in made.truth["without_evidence"]


def links(config: Config, technology: str) -> list[tuple[str, str, float]]:
    return [(link.commodity, link.stage, link.importance) for link in config.technologies[technology].supply]


def test_what_was_planted_is_found_again(made, config):
    assert_truth(made, config)


@pytest.mark.slow
def test_what_was_planted_is_found_again_for_another_seed(tmp_path, config):
    # test_truths follows three more seeds through the whole journey.
    assert_truth(make(tmp_path, OTHER_SEED, config), config)


def test_emerging_area_belongs_to_no_technology_and_grows(made):
    topics = made.truth["emerging"]["topic_ids"]
    claimed = {row[0] for row in made.con.execute("SELECT topic FROM technology_topic").fetchall()}
    assert len(topics) == 3
    assert not claimed.intersection(topics)
    rows = made.con.execute(
        """SELECT publication_year, count(DISTINCT id) FROM topic JOIN work USING (id)
           WHERE list_contains($topics, replace(topic.topic, 'https://openalex.org/', ''))
           GROUP BY 1 ORDER BY 1""",
        {"topics": topics},
    ).fetchall()
    counts = [count for _, count in rows]
    assert counts == sorted(counts)
    assert sum(counts[5:]) > 5 * sum(counts[:5])


def test_no_planted_work_leaks_into_another_technology(made):
    planted = [
        *made.truth["monopoly"],
        *made.truth["indispensable"],
        *made.truth["dependence"],
        *made.truth["thin"],
    ]
    shared = made.con.execute(
        """SELECT DISTINCT a.technology, b.technology FROM technology_work AS a
  JOIN technology_work AS b USING (item)
           WHERE a.technology <> b.technology AND list_contains($planted, a.technology)
             AND list_contains($sampled, b.technology)""",
        {"planted": planted, "sampled": made.truth["with_evidence"]},
    ).fetchall()
    assert shared == []
