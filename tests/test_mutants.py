"""Mutants of tables, trade, records, counts and documents: of those that can be seen, none is silently wrong.

All mutants of a reader are read by few builds, each as a source of its own; what a build refuses it names,
and the others are built again.
"""

import dataclasses
import random
import re

import pytest
from miniature import held_file
from mutants import (
    N_EACH,
    Outcome,
    counts,
    documents,
    is_silently_wrong,
    mutants_of,
    records,
    tables,
    trade,
)
from table_reading import COUNT, ORIGIN, open_mini

from listgen import stage
from listgen.acquire.openalex.access import OpenAlexAccess
from listgen.base.errors import ListgenError
from listgen.config.models import HsMeaning, Source
from listgen.store.warehouse import Warehouse

N_SAMPLE = 30
N_BATCH = 30
MESSAGES = (
    "SELECT source_id, reason || ' ' || coalesce(excerpt, '') FROM prov.quarantine UNION ALL SELECT"
    " source_id, 'cut' FROM prov.row_account WHERE is_cut"
    " UNION ALL SELECT source_id, 'rows that are not accounted for' FROM prov.row_account"
    " WHERE n_rows <> n_used + n_merged + n_set_aside + n_excluded"
    " UNION ALL SELECT source_id, rule FROM prov.row_exclusion WHERE rule = 'an answer without members'"
    f" UNION ALL SELECT source_id, area_text FROM prov.unmapped WHERE area_text <> '{tables.OTHER}'"
)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """The miniature with one traded code."""
    opened = open_mini(tmp_path_factory.mktemp("mutants"))
    opened.config.technologies["solid_cells"].hs_codes.append(trade.CODE)
    codes = {trade.CODE: HsMeaning(en="Cells", ja="電池", since="H4")}
    return dataclasses.replace(opened, config=dataclasses.replace(opened.config, hs_codes=codes))


# ---- the sources ---------------------------------------------------------------------------------


def declared(mutant):
    """Return a mutant's declaration, with two true figures as controls, and its layout's columns."""
    world, truth = tables.make(random.Random(mutant.seed))
    controls = [(*key, truth[key]) for key in (("alpha", "JP", 2016), ("beta", "WORLD", 2021))]
    return tables.declaration(world.layout, controls)


def statistics_source(mutant):
    name = f"m{mutant.seed}"
    table = declared(mutant)
    table["series"] = [{"id": f"{name}:{item}", "key": item, **COUNT} for item in tables.ITEMS]
    table["controls"] = [
        control | {"series": f"{name}:{control['series'][5:]}"} for control in table["controls"]
    ]
    return Source.model_validate(ORIGIN | {"id": name, "table": table})


def supply_source(mutant):
    table = declared(mutant)
    table["columns"]["commodity"] = table["columns"].pop("series")
    table["constants"] = {"stage": "mine"}
    table["controls"] = [
        control | {"series": None, "commodity": control["series"][5:]} for control in table["controls"]
    ]
    table["commodities"] = [
        {"commodity": item, "stage": "mine", "match": {"item": item}} for item in tables.ITEMS
    ]
    return Source.model_validate(ORIGIN | {"id": f"m{mutant.seed}", "table": table, "grade": "supply"})


def baci_source(mutant):
    file = {"path": "nowhere/*.csv", "form": "baci"}
    return Source.model_validate(
        ORIGIN | {"id": f"m{mutant.seed}", "grade": "supply", "hs_revision": "H6", "files": [file]}
    )


def comtrade_source(mutant):
    return Source.model_validate(ORIGIN | {"id": f"m{mutant.seed}", "grade": "supply"})


def records_source(mutant):
    return Source.model_validate(ORIGIN | {"id": f"m{mutant.seed}", "grade": "records"})


def counts_source(mutant, mini):
    """Return a source whose provider counts works by country."""
    block = {"id": f"m{mutant.seed}", "access": "api", "grade": "statistics", "as_of": None, "files": []}
    return mini.config.sources["mini_openalex"].model_copy(
        update=block | {"openalex": OpenAlexAccess(route="counts")}
    )


TRADE = f"""SELECT source_id, exporter_country_code, importer_country_code, trade_value_usd
  FROM core.trade_flow
  WHERE hs_code = '{trade.CODE}' AND 'WORLD' NOT IN (exporter_country_code, importer_country_code)
    AND period_year = 2024"""
STATISTICS = """SELECT split_part(series_id, ':', 1), split_part(series_id, ':', 2), area_code, period_year,
  value FROM core.statistic"""
SUPPLY = "SELECT source_id, commodity_id, country_code, period_year, quantity FROM core.supply"
WORKS = """SELECT source_id, 'year', work_id, publication_year FROM core.work
  UNION ALL SELECT source_id, 'cited', work_id, cited_by_count FROM core.work
  UNION ALL SELECT source_id, 'references', work_id, n_references FROM core.work
  UNION ALL SELECT source_id, country_code, work_id, CAST(weight AS DOUBLE)
  FROM core.work_country JOIN core.work USING (work_id)"""
PATENTS = """SELECT source_id, 'priority', publication_number,
  CAST(strftime(priority_date, '%Y%m%d') AS BIGINT)
  FROM core.patent_publication
  UNION ALL SELECT source_id, 'published', publication_number,
    CAST(strftime(publication_date, '%Y%m%d') AS BIGINT)
  FROM core.patent_publication
  UNION ALL SELECT source_id, 'family', publication_number, CAST(family_id AS BIGINT)
    FROM core.patent_publication
  UNION ALL SELECT source_id, country_code, family_id, CAST(weight AS DOUBLE)
  FROM core.patent_family_country WHERE role = 'inventor'"""
COUNTS = """SELECT source_id, split_part(value.series_id, ':', 2), area_code, period_year, value
  FROM core.statistic AS value JOIN core.statistic_series AS series USING (series_id)"""
DATED = """SELECT source_id, 'published', publication_number,
  CAST(strftime(publication_date, '%Y%m%d') AS BIGINT)
  FROM core.patent_publication
  UNION ALL SELECT source_id, 'filed', publication_number, CAST(strftime(filing_date, '%Y%m%d') AS BIGINT)
  FROM core.patent_publication
  UNION ALL SELECT one.source_id, country_code, publication_number, CAST(weight AS DOUBLE)
  FROM core.patent_family_country JOIN core.patent_publication AS one USING (family_id)
    WHERE role = 'inventor'"""
LENS = f"""{DATED}
  UNION ALL SELECT source_id, 'priority', publication_number,
    CAST(strftime(priority_date, '%Y%m%d') AS BIGINT)
  FROM core.patent_publication"""
FAMILIES = """SELECT source_id, 'family', publication_number, CAST(family_id AS BIGINT)
  FROM core.patent_publication
  WHERE family_kind = 'docdb'"""
READERS = {
    "works": (records.make_works, records.WORK_CHANGES, records_source, "openalex_work", WORKS),
    "patents": (
        records.make_publications,
        records.PUBLICATION_CHANGES,
        records_source,
        "google_patent",
        PATENTS,
    ),
    "statistics": (tables.make, tables.CHANGES, statistics_source, "statistic_table", STATISTICS),
    "supply": (tables.make, tables.CHANGES, supply_source, "supply_table", SUPPLY),
    "baci": (trade.make_baci, trade.BACI_CHANGES, baci_source, "baci", TRADE),
    "comtrade": (trade.make_page, trade.PAGE_CHANGES, comtrade_source, "comtrade_page", TRADE),
    "counts": (counts.make, counts.CHANGES, counts_source, "openalex_groups", COUNTS),
    "lens": (documents.make_lens, documents.LENS_CHANGES, records_source, "lens_patent_json", LENS),
    "patentsview": (
        documents.make_tables,
        documents.TABLE_CHANGES,
        records_source,
        "patentsview_{stem}",
        DATED,
    ),
    "ops": (documents.make_answers, documents.ANSWER_CHANGES, records_source, "epo_ops", FAMILIES),
}


# ---- reading them --------------------------------------------------------------------------------


def read_all(name, mutants, mini, folder):
    """Return what a build makes of every mutant, by its seed."""
    outcomes = {}
    for first in range(0, len(mutants), N_BATCH):
        outcomes |= read_batch(name, mutants[first : first + N_BATCH], mini, folder)
    return outcomes


def read_batch(name, left, mini, folder):
    outcomes = {}
    while left:
        try:
            return outcomes | build(name, left, mini, folder)
        except ListgenError as error:
            named = {int(seed) for seed in re.findall(r"\bm(\d+)\b", str(error))}
            guilty = [mutant.seed for mutant in left if mutant.seed in named]
            assert guilty, f"a refusal names its source: {error}"
            outcomes |= {seed: Outcome({}, [str(error)]) for seed in guilty}
            left = [mutant for mutant in left if mutant.seed not in named]
    return outcomes


def build(name, mutants, mini, folder):
    _, _, source_of, form, sql = READERS[name]
    sources = {
        f"m{mutant.seed}": source_of(mutant, mini) if source_of is counts_source else source_of(mutant)
        for mutant in mutants
    }
    settings = mini.config.settings.model_copy(update={"sources": list(sources)})
    config = dataclasses.replace(mini.config, sources=sources, settings=settings)
    held = [file for mutant in mutants for file in held_files(mutant, form, folder)]
    with Warehouse() as warehouse:
        stage.run(warehouse, config, held, folder / "stage")
        figures = {source_id: {} for source_id in sources}
        for source_id, *key, value in warehouse.rows(sql):
            figures[source_id][tuple(key)] = value
        said = {source_id: [] for source_id in sources}
        for source_id, text in warehouse.rows(MESSAGES):
            said[source_id].append(text)
    return {mutant.seed: Outcome(figures[f"m{mutant.seed}"], said[f"m{mutant.seed}"]) for mutant in mutants}


OTHER_FORMS = {"requests.jsonl": "openalex_request", "grants.json": "patentsview_api"}


def held_files(mutant, form, folder):
    for name, content in mutant.files.items():
        path = folder / f"m{mutant.seed}" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.replace(counts.SOURCE.encode(), f"m{mutant.seed}".encode()))
        known = OTHER_FORMS.get(name, form.format(stem=path.stem))
        yield held_file(path, f"m{mutant.seed}", known, f"m{mutant.seed}/{name}")


def silent(name, mutants, mini, folder):
    """Return the visible mutants that are silently wrong, with what was changed."""
    outcomes = read_all(name, mutants, mini, folder)
    return [(m.seed, m.kind) for m in mutants if m.is_visible and is_silently_wrong(m, outcomes[m.seed])]


@pytest.mark.parametrize("name", READERS)
def test_most_mutants_can_be_seen_and_no_visible_one_of_a_sample_is_silently_wrong(name, mini, tmp_path):
    mutants = mutants_of(*READERS[name][:2])
    assert len(mutants) == N_EACH and sum(mutant.is_visible for mutant in mutants) >= 120
    kinds = (
        "swapped_columns",
        "page_parts",
        "record_doubled",
        "group_doubled",
        "table_columns_swapped",
        "members_swapped",
    )
    harmless = [m for m in mutants if m.kind in kinds][:1]
    read = read_all(name, harmless, mini, tmp_path)[harmless[0].seed]
    assert read.figures and not is_silently_wrong(harmless[0], dataclasses.replace(read, messages=[]))
    assert silent(name, mutants[:N_SAMPLE], mini, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_no_visible_mutant_is_silently_wrong(name, mini, tmp_path):
    assert silent(name, mutants_of(*READERS[name][:2]), mini, tmp_path) == []
