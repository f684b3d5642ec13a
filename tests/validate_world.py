"""The smallest build every rule passes on.

Each table of the gates with a few hand-made rows, without constraints.

Constraints are left out on purpose: a test can then break any row and see that the rule, not the table, finds
it.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from listgen.store.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[1]
DRAWS = 4
DIGEST = {
    source: letter * 64
    for source, letter in (("works", "a"), ("families", "b"), ("numbers", "c"), ("ore", "d"))
}

# A column without a type is text.
COLUMNS = {
    "core.country": "country_code, name_en, name_ja",
    "core.source": (
        "source_id, grade, is_sample BOOLEAN, is_comparable BOOLEAN, is_universe BOOLEAN, licence_class"
    ),
    "core.raw_file": "raw_digest, source_id, file_name, form_id, n_bytes BIGINT, as_of_date DATE",
    "core.period": "period_id, first_year SMALLINT, last_year SMALLINT",
    "core.topic": "topic_id, topic_name",
    "core.technology": "technology_id, name_en, name_ja, domain_id, status",
    "core.technology_topic": "technology_id, topic_id",
    "core.technology_cpc": "technology_id, cpc_prefix",
    "core.technology_series": "technology_id, series_id, relation",
    "core.technology_commodity": "technology_id, commodity_id, stage_id, importance DOUBLE",
    "core.work": (
        "work_id BIGINT, source_id, raw_digest, raw_line BIGINT, publication_year INTEGER, primary_topic_id,"
        " cited_by_count BIGINT, field_percentile DOUBLE, is_retracted BOOLEAN, is_comparable BOOLEAN,"
        " n_authors INTEGER, n_references INTEGER"
    ),
    "core.work_topic": "work_id BIGINT, topic_id, topic_score DOUBLE",
    "core.institution": "institution_id BIGINT, institution_name, country_code",
    "core.authorship": (
        "work_id BIGINT, author_seq INTEGER, institution_id BIGINT, country_code, weight DECIMAL(18, 12)"
    ),
    "core.work_country": "work_id BIGINT, country_code, weight DECIMAL(18, 12)",
    "core.work_reference": "citing_work_id BIGINT, cited_work_id BIGINT",
    "core.technology_work": (
        "technology_id, work_id BIGINT, publication_year INTEGER, is_comparable BOOLEAN, top10_weight"
        " DECIMAL(18, 12)"
    ),
    "core.patent_publication": (
        "publication_number, family_id, family_kind, office_code, us_grant_number, filing_date DATE,"
        " publication_date DATE, source_id, raw_digest, raw_line BIGINT"
    ),
    "core.patent_family": (
        "family_id, family_kind, source_id, is_comparable BOOLEAN, priority_year INTEGER, n_publications"
        " INTEGER, n_offices INTEGER, n_npl_citations INTEGER"
    ),
    "core.patent_family_country": "family_id, role, country_code, weight DECIMAL(18, 12), attribution",
    "core.patent_family_cpc": "family_id, cpc_code",
    "core.patent_citation": "citing_family_id, cited_family_id, cited_publication_number",
    "core.patent_work_link": "family_id, work_id BIGINT, link_method, publication_number, reference_text",
    "core.technology_family": "technology_id, family_id, priority_year INTEGER, is_comparable BOOLEAN",
    "core.citation_flow": (
        "technology_id, basis, citing_country_code, cited_country_code, flow DECIMAL(38, 12), n_citations"
        " BIGINT"
    ),
    "core.citation_spread": (
        "technology_id, basis, country_code, all_all DOUBLE, all_abroad DOUBLE, abroad_abroad DOUBLE,"
        " others_others DOUBLE, others_received DOUBLE, received_received DOUBLE, source_source DOUBLE,"
        " abroad_mean DOUBLE, mean_mean DOUBLE"
    ),
    "core.country_output": (
        "technology_id, basis, country_code, n_items BIGINT, output DECIMAL(38, 12), n_top10 BIGINT,"
        " top10_credit DECIMAL(38, 12), n_rated BIGINT, rated_output DECIMAL(38, 12), field_top10_output"
        " DECIMAL(38, 12)"
    ),
    "core.series_choice": (
        "technology_id, series_id, measure, relation, is_usable BOOLEAN, is_used BOOLEAN, n_used BIGINT"
    ),
    "core.reference_coverage": (
        "technology_id, basis, n_references BIGINT, n_resolved BIGINT, coverage DOUBLE"
    ),
    "core.technology_evidence": "technology_id, basis, n_items BIGINT, n_comparable BIGINT",
    "core.statistic_series": (
        "series_id, source_id, measure, counting, universe_series_id, printed_decimals INTEGER, first_year"
        " INTEGER, last_year INTEGER, period_first_year INTEGER, period_last_year INTEGER, years_covered"
        " INTEGER"
    ),
    "core.statistic": "series_id, area_code, period_year INTEGER, value DOUBLE, raw_digest, raw_line BIGINT",
    "core.supply": (
        "commodity_id, stage_id, country_code, period_year INTEGER, years_covered INTEGER, quantity DOUBLE,"
        " unit, source_id, raw_digest, raw_line BIGINT"
    ),
    "core.supply_position": "commodity_id, stage_id, country_code, quantity DOUBLE, world_quantity DOUBLE",
    "core.technology_hs": "technology_id, hs_code, first_revision",
    "core.trade_flow": (
        "source_id, hs_code, hs_revision, period_year INTEGER, exporter_country_code, importer_country_code,"
        " told_by, trade_value_usd DOUBLE, raw_digest, raw_line BIGINT"
    ),
    "core.trade_year": (
        "source_id, period_year INTEGER, n_reporters BIGINT, reported_share DOUBLE, is_used BOOLEAN"
    ),
    "core.import_origin": (
        "hs_code, importer_country_code, exporter_country_code, is_mirror BOOLEAN, trade_value_usd DOUBLE, "
        "import_total_usd DOUBLE"
    ),
    "core.export_position": (
        "hs_code, country_code, is_mirror BOOLEAN, trade_value_usd DOUBLE, world_total_usd DOUBLE"
    ),
    "prov.quarantine": "source_id, raw_digest, file_name, raw_line BIGINT, field, reason, excerpt",
    "prov.row_account": (
        "source_id, file_name, n_rows BIGINT, n_used BIGINT, n_merged BIGINT, n_set_aside BIGINT, n_excluded"
        " BIGINT, is_cut BOOLEAN"
    ),
    "prov.unmapped": "source_id, field, area_text, n_mentions BIGINT",
    "prov.query_yield": "source_id, query_kind, n_works BIGINT, n_counted BIGINT",
    "prov.unconfirmed": "source_id, unit, n_answers BIGINT, n_world BIGINT",
    "prov.duplicate": "source_id, form_id, n_identical BIGINT, n_superseded BIGINT",
    "ind.definition": "indicator_id, name_en, name_ja, definition_en, definition_ja, unit, basis",
    "ind.value": (
        "indicator_id, technology_id, country_code, basis, grade, period_first_year INTEGER, period_last_year"
        " INTEGER, value DOUBLE, value_lo DOUBLE, value_hi DOUBLE, n BIGINT, n_national BIGINT, status"
    ),
    "ind.world": "indicator_id, technology_id, country_code, place INTEGER[]",
    "score.normalised": (
        "technology_id, axis_id, group_id, branch, indicator_id, country_code, value DOUBLE, score DOUBLE, "
        "score_lo DOUBLE, score_hi DOUBLE, importance DOUBLE, status"
    ),
    "score.technology": (
        "technology_id, axis_id, value DOUBLE, lo DOUBLE, hi DOUBLE, coverage DOUBLE, status, reason"
    ),
    "score.rank_range": (
        "technology_id, axis_id, rank_p05 INTEGER, rank_p50 INTEGER, rank_p95 INTEGER, n_ranked INTEGER"
    ),
    "score.draw": "technology_id, axis_id, draw INTEGER, value DOUBLE",
    "score.monopoly_risk": (
        "technology_id, k INTEGER, ratio DOUBLE, ratio_lo DOUBLE, ratio_hi DOUBLE, risk_class, p_high DOUBLE,"
        " p_medium DOUBLE, p_low DOUBLE, status"
    ),
    "cluster.front": "technology_id, pareto_front INTEGER",
    "cluster.member": "technology_id, cluster_id, stability DOUBLE, status, reason",
    "cluster.label": (
        "cluster_id, label_en, label_ja, n_members INTEGER, stability DOUBLE, centre_autonomy DOUBLE, "
        "centre_superiority DOUBLE, centre_indispensability DOUBLE"
    ),
    "list.candidate": "technology_id, status, pareto_front INTEGER, best_rule_id, best_rule_p DOUBLE",
    "list.decided": "technology_id, machine_status, status, decision",
    "core.review_decision": "technology_id, source_id, decision, decider_name, approver_name",
    "list.reason": "technology_id, rule_id, p DOUBLE, is_evaluable BOOLEAN, is_met BOOLEAN, text_en, text_ja",
}

# Works 1-4 belong to alpha, 5-6 to beta; every cell ties, so each work has a tenth. Work 7 is sampled, work 8
# retracted.
ROWS = {
    "core.country": [("JP", "Japan", "日本"), ("US", "United States", "米国"), ("CN", "China", "中国")],
    "core.source": [
        ("works", "records", False, True, False, "A"),
        ("families", "records", False, True, True, "A"),
        ("numbers", "statistics", False, True, True, "B"),
        ("ore", "supply", False, True, True, "A"),
    ],
    "core.raw_file": [
        (digest, source, f"{source}.gz", "form", 100, "2025-07-01") for source, digest in DIGEST.items()
    ],
    "core.period": [("works", 2022, 2023), ("families", 2022, 2022), ("statistics", 2019, 2023)],
    "core.topic": [("T10001", "Alphas"), ("T10002", "Betas")],
    "core.technology": [
        (name, name, name, "quantum", status)
        for name, status in (("alpha", "active"), ("beta", "active"), ("old", "retired"))
    ],
    "core.technology_topic": [("alpha", "T10001"), ("beta", "T10002")],
    "core.technology_cpc": [("alpha", "G06N"), ("beta", "H01L")],
    "core.technology_series": [("alpha", "numbers:alpha", "exact")],
    "core.technology_commodity": [("alpha", "gallium", "refined", 1.0)],
    "core.work": [
        *[
            (
                n,
                "works",
                DIGEST["works"],
                n,
                2022 + n % 2,
                "T10001" if n < 5 else "T10002",
                5,
                0.5,
                False,
                True,
                2,
                1,
            )
            for n in range(1, 7)
        ],
        (7, "works", DIGEST["works"], 7, 2022, "T10001", 0, None, False, False, 0, 0),
        (8, "works", DIGEST["works"], 8, 2022, "T10001", 9, 0.9, True, True, 2, 1),
    ],
    "core.work_topic": [(n, "T10002" if n in (5, 6) else "T10001", 0.9) for n in range(1, 9)],
    "core.institution": [(11, "First", "JP"), (12, "Second", "US")],
    "core.authorship": [
        row for n in (1, 2, 3, 4, 5, 6, 8) for row in ((n, 1, 11, "JP", 0.5), (n, 2, 12, "US", 0.5))
    ],
    "core.work_country": [(n, country, 0.5) for n in (1, 2, 3, 4, 5, 6, 8) for country in ("JP", "US")],
    "core.work_reference": [(1, 2), (2, 3), (3, 900), (4, 901), (5, 902), (6, 903), (8, 904)],
    "core.technology_work": [
        *[("alpha" if n < 5 else "beta", n, 2022 + n % 2, True, 0.1) for n in range(1, 7)],
        ("alpha", 7, 2022, False, None),
    ],
    "core.patent_publication": [
        ("US-1-A1", "F1", "docdb", "US", None, "2022-01-01", "2023-01-01", "families", DIGEST["families"], 1),
        ("JP-2-A", "F1", "docdb", "JP", None, "2022-02-01", "2023-02-01", "families", DIGEST["families"], 2),
        ("US-3-B2", "F2", "docdb", "US", "3", "2022-03-01", "2023-03-01", "families", DIGEST["families"], 3),
    ],
    "core.patent_family": [
        ("F1", "docdb", "families", True, 2022, 2, 2, 0),
        ("F2", "docdb", "families", True, 2022, 1, 1, 3),
    ],
    "core.patent_family_country": [
        ("F1", "inventor", "JP", 0.5, "residence"),
        ("F1", "inventor", "US", 0.5, "residence"),
        ("F1", "first_filing", "JP", 1, "office"),
        ("F2", "inventor", "US", 1, "residence"),
        ("F2", "applicant", "US", 1, "residence"),
    ],
    "core.patent_family_cpc": [("F1", "G06N10/00"), ("F2", "H01L29/16")],
    "core.patent_citation": [("F1", "F2", "US-3-B2"), ("F2", None, "EP-9-A1")],
    "core.patent_work_link": [("F2", 1, "doi", "US-3-B2", "doi 10.1/x")],
    "core.technology_family": [("alpha", "F1", 2022, True), ("beta", "F2", 2022, True)],
    "core.citation_flow": [
        *[("alpha", "works", citing, cited, 0.5, 2) for citing in ("JP", "US") for cited in ("JP", "US")],
        ("alpha", "families", "JP", "US", 0.5, 1),
        ("alpha", "families", "US", "US", 0.5, 1),
    ],
    "core.citation_spread": [
        *[
            ("alpha", "works", country, 1.0, 0.5, 0.25, 1.0, 0.5, 0.25, 0.25, 0.25, 0.25)
            for country in ("JP", "US")
        ],
        *[
            ("alpha", "families", country, 1.0, 0.5, 0.25, 1.0, 0.5, 0.25, 0.25, 0.25, 0.25)
            for country in ("JP", "US")
        ],
    ],
    "core.country_output": [
        *[("alpha", "works", country, 4, 2.0, 4, 0.2, 4, 2.0, 0.5) for country in ("JP", "US")],
        *[("alpha", "families", country, 1, 0.5, None, None, None, None, None) for country in ("JP", "US")],
    ],
    "core.series_choice": [("alpha", "numbers:alpha", "count", "exact", True, True, 1)],
    "core.reference_coverage": [
        ("alpha", "works", 4, 2, 0.5),
        ("beta", "works", 2, 0, 0.0),
        ("alpha", "families", 1, 1, 1.0),
        ("beta", "families", 0, 0, None),
    ],
    "core.technology_evidence": [
        (
            name,
            basis,
            counts.get(basis, 0),
            (
                0
                if basis in ("statistics", "supply", "trade")
                else counts.get(basis, 0) - (name == "alpha" and basis == "works")
            ),
        )
        for name, counts in (
            ("alpha", {"works": 5, "families": 1}),
            ("beta", {"works": 2, "families": 1}),
            ("old", {}),
        )
        for basis in ("works", "families", "statistics", "supply", "trade")
    ],
    "core.statistic_series": [
        ("numbers:all", "numbers", "count", "fractional", None, 1, 2019, 2023, 2019, 2023, 1),
        ("numbers:alpha", "numbers", "count", "fractional", "numbers:all", 1, 2019, 2023, 2019, 2023, 1),
        ("numbers:best", "numbers", "top1_intensity", "fractional", None, 2, 2019, 2023, 2019, 2023, 1),
    ],
    "core.statistic": [
        *[
            (series, area, 2023, value, DIGEST["numbers"], 1)
            for series in ("numbers:all", "numbers:alpha")
            for area, value in (("JP", 40.0), ("US", 60.5), ("WORLD", 100.0))
        ],
        ("numbers:alpha", "CN", 2023, None, DIGEST["numbers"], 2),
        ("numbers:best", "JP", 2023, 1.2, DIGEST["numbers"], 3),
    ],
    "core.supply": [
        ("gallium", "refined", country, 2023, 1, quantity, "t", "ore", DIGEST["ore"], 1)
        for country, quantity in (("CN", 90.0), ("JP", 5.0), ("WORLD", 100.0))
    ],
    "core.supply_position": [
        ("gallium", "refined", "CN", 90.0, 100.0),
        ("gallium", "refined", "JP", 5.0, 100.0),
    ],
    "core.technology_hs": [("alpha", "850760", "H4")],
    "core.trade_flow": [
        ("ore", code, "H6", 2023, exporter, importer, told_by, value, DIGEST["ore"], 1)
        for code, exporter, importer, told_by, value in (
            ("850760", "CN", "JP", "importer", 60.0),
            ("850760", "US", "JP", "importer", 40.0),
            ("850760", "WORLD", "JP", "importer", 100.0),
            ("850760", "CN", "JP", "exporter", 70.0),
            ("850760", "JP", "WORLD", "exporter", 5.0),
            ("TOTAL", "WORLD", "JP", "importer", 900.0),
            ("TOTAL", "JP", "WORLD", "exporter", 800.0),
        )
    ],
    "core.trade_year": [("ore", 2023, 1, 1.0, True)],
    "core.import_origin": [
        ("850760", "JP", "CN", False, 60.0, 100.0),
        ("850760", "JP", "US", False, 40.0, 100.0),
        ("850760", "JP", "CN", True, 70.0, 70.0),
    ],
    "core.export_position": [("850760", "JP", False, 5.0, 5.0), ("TOTAL", "JP", False, 800.0, 800.0)],
    "prov.quarantine": [],
    "prov.unconfirmed": [],
    "prov.row_account": [("numbers", "numbers.csv", 9, 5, 1, 1, 2, False)],
    "prov.unmapped": [],
    "prov.query_yield": [("works", "topics", 6, 6), ("works", "text", 2, 2), ("works", "cited", 9, 1)],
    "prov.duplicate": [],
    "ind.definition": [
        (name, name, name, "what it is", "定義", unit, basis)
        for name, unit, basis in (
            ("s1_top10_share", "share", "works"),
            ("st_share", "share", "statistics"),
            ("i6_supply_share", "share", "supply"),
            ("s6_symmetric_rta", "index (-1 to 1)", "families"),
        )
    ],
    "ind.value": [
        ("s1_top10_share", "alpha", "JP", "works", "records", 2022, 2023, 0.5, 0.2, 0.8, 40, 20, "ok"),
        ("s1_top10_share", "alpha", "US", "works", "records", 2022, 2023, 0.5, 0.2, 0.8, 40, 20, "ok"),
        ("s1_top10_share", "beta", "JP", "works", "records", 2022, 2023, None, None, None, 2, 1, "too_few"),
        ("st_share", "alpha", "JP", "statistics", "statistics", 2019, 2023, 0.4, None, None, 1, None, "ok"),
        ("i6_supply_share", "alpha", "JP", "supply", "supply", 2023, 2023, 0.05, None, None, 1, None, "ok"),
        ("s6_symmetric_rta", "alpha", "JP", "families", "records", 2022, 2022, -0.3, -0.5, 0.1, 40, 20, "ok"),
    ],
    "ind.world": [("s1_top10_share", "alpha", "JP", [1, 0])],
    "score.normalised": [
        *[
            ("alpha", axis, "g", "records", "s1_top10_share", "JP", 0.5, 60.0, 40.0, 80.0, 1.0, "ok")
            for axis in ("autonomy", "superiority", "indispensability")
        ],
        (
            "beta",
            "superiority",
            "g",
            "records",
            "s1_top10_share",
            "JP",
            None,
            None,
            None,
            None,
            1.0,
            "too_few",
        ),
    ],
    "score.technology": [
        *[
            ("alpha", axis, 60.0, 40.0, 80.0, 1.0, "ok", None)
            for axis in ("autonomy", "superiority", "indispensability")
        ],
        *[
            ("beta", axis, None, None, None, 0.0, "insufficient_evidence", "no_evidence")
            for axis in ("autonomy", "superiority", "indispensability")
        ],
    ],
    "score.rank_range": [
        ("alpha", axis, 1, 1, 1, 1) for axis in ("autonomy", "superiority", "indispensability")
    ],
    "score.draw": [
        ("alpha", axis, draw, 60.0)
        for axis in ("autonomy", "superiority", "indispensability")
        for draw in range(DRAWS)
    ],
    "score.monopoly_risk": [
        ("alpha", 6, 2.4, 2.1, 2.8, "medium", 0.25, 0.5, 0.25, "ok"),
        ("beta", None, None, None, None, None, None, None, None, "too_few"),
    ],
    "cluster.front": [("alpha", 1)],
    "cluster.member": [
        ("alpha", "c1", 0.9, "clustered", None),
        ("beta", None, None, "unclustered", "incomplete"),
    ],
    "cluster.label": [("c1", "Strong", "強い", 1, 0.9, 60.0, 60.0, 60.0)],
    "list.decided": [
        ("alpha", "listed", "not_listed", "reject"),
        ("beta", "insufficient_evidence", "insufficient_evidence", None),
    ],
    "core.review_decision": [
        ("alpha", "works", "reject", "aoki", "baba"),
        ("beta", "works", None, None, None),
    ],
    "list.candidate": [
        ("alpha", "listed", 1, "strong", 0.75),
        ("beta", "insufficient_evidence", None, None, None),
    ],
    "list.reason": [
        ("alpha", "strong", 0.75, True, True, "holds", "成立"),
        ("alpha", "secure", 0.0, True, False, "fails", "不成立"),
        ("beta", "strong", None, False, None, "not known", "不明"),
        ("beta", "secure", None, False, None, "not known", "不明"),
    ],
}


@dataclass
class SmallConfig:
    """What a gate asks of a configuration."""

    expectation_files: dict[str, Path]
    used_sources: dict[str, object] = field(default_factory=lambda: dict.fromkeys(DIGEST))
    settings: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(focal_country="JP", draws=DRAWS)
    )


def small_config(folder: Path = ROOT / "expectations") -> SmallConfig:
    """Return a configuration whose rules are those of a folder."""
    paths = sorted([*folder.glob("*.json"), *folder.glob("checks/*.sql")])
    return SmallConfig({path.relative_to(folder).as_posix(): path for path in paths})


@cache
def _world_sql() -> str:
    statements = []
    for table, columns in COLUMNS.items():
        typed = [
            column if " " in column else f"{column} VARCHAR" for column in re.split(r", (?![^(]*\))", columns)
        ]
        statements.append(f"CREATE TABLE {table} ({', '.join(typed)})")
        rows = ["(" + ", ".join(_literal(value) for value in row) + ")" for row in ROWS[table]]
        if rows:
            statements.append(f"INSERT INTO {table} VALUES {', '.join(rows)}")
    return ";\n".join(statements)


def _literal(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def make_world() -> Warehouse:
    """Return the small build, in memory."""
    warehouse = Warehouse()
    warehouse.execute(_world_sql())
    return warehouse
