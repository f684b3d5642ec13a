"""The planted row for every suite and check.

What is done to the small build, and how the row must be named.
"""

# One broken row per suite: what is done to the table, the rule that must find it, how the row must be named.
BROKEN = {
    "core.country": (
        "UPDATE {t} SET name_ja = NULL WHERE country_code = 'CN'",
        "not_null(name_ja)",
        "country_code=CN: name_ja is empty",
    ),
    "core.source": (
        "UPDATE {t} SET grade = 'guess' WHERE source_id = 'ore'",
        "in_set(grade)",
        'source_id=ore: grade "guess" is not one of',
    ),
    "core.raw_file": (
        "UPDATE {t} SET n_bytes = 0 WHERE source_id = 'ore'",
        "between(n_bytes)",
        "source_id=ore, file_name=ore.gz: n_bytes 0 outside 1..",
    ),
    "core.period": (
        "UPDATE {t} SET last_year = 2021 WHERE period_id = 'works'",
        "at_least(last_year, first_year)",
        "period_id=works: last_year 2021 is below",
    ),
    "core.topic": (
        "INSERT INTO {t} VALUES ('T10001', 'Again')",
        "unique(topic_id)",
        "topic_id=T10001: topic_id stands 2 times",
    ),
    "core.technology": (
        "UPDATE {t} SET name_en = NULL WHERE technology_id = 'beta'",
        "not_null(name_en)",
        "technology_id=beta",
    ),
    "core.technology_topic": (
        "INSERT INTO {t} VALUES ('beta', 'T10002')",
        "unique(technology_id, topic_id)",
        "technology_id=beta, topic_id=T10002",
    ),
    "core.technology_cpc": (
        "INSERT INTO {t} VALUES ('beta', 'H01L')",
        "unique(technology_id, cpc_prefix)",
        "technology_id=beta, cpc_prefix=H01L",
    ),
    "core.technology_series": (
        "UPDATE {t} SET relation = 'same'",
        "in_set(relation)",
        "technology_id=alpha, series_id=numbers:alpha",
    ),
    "core.technology_commodity": (
        "UPDATE {t} SET importance = 2",
        "between(importance)",
        "technology_id=alpha, commodity_id=gallium, stage_id=refined",
    ),
    "core.work": (
        "UPDATE {t} SET publication_year = 2999 WHERE work_id = 3",
        "between(publication_year)",
        "work_id=3: publication_year 2999 outside 1000..2026",
    ),
    "core.work_topic": (
        "UPDATE {t} SET topic_score = 1.5 WHERE work_id = 2",
        "between(topic_score)",
        "work_id=2, topic_id=T10001",
    ),
    "core.institution": (
        "INSERT INTO {t} VALUES (11, 'Twin', 'JP')",
        "unique(institution_id)",
        "institution_id=11",
    ),
    "core.authorship": (
        "UPDATE {t} SET author_seq = 0 WHERE work_id = 2 AND author_seq = 1",
        "between(author_seq)",
        "work_id=2, author_seq=0",
    ),
    "core.work_country": (
        "INSERT INTO {t} VALUES (4, 'JP', 0.5)",
        "key_unique",
        "work_id=4, country_code=JP",
    ),
    "core.work_reference": (
        "INSERT INTO {t} VALUES (4, 901)",
        "key_unique",
        "citing_work_id=4, cited_work_id=901",
    ),
    "core.technology_work": (
        "UPDATE {t} SET top10_weight = 1.5 WHERE work_id = 6",
        "between(top10_weight)",
        "technology_id=beta, work_id=6",
    ),
    "core.patent_publication": (
        "UPDATE {t} SET office_code = 'us' WHERE publication_number = 'US-3-B2'",
        "office_is_code",
        "publication_number=US-3-B2: office_code=us",
    ),
    "core.patent_family": (
        "UPDATE {t} SET family_kind = 'clan' WHERE family_id = 'F2'",
        "in_set(family_kind)",
        "family_id=F2",
    ),
    "core.patent_family_country": (
        "UPDATE {t} SET role = 'owner' WHERE role = 'applicant'",
        "in_set(role)",
        "family_id=F2, role=owner, country_code=US",
    ),
    "core.patent_family_cpc": (
        "UPDATE {t} SET cpc_code = NULL WHERE family_id = 'F2'",
        "not_null(cpc_code)",
        "family_id=F2",
    ),
    "core.patent_citation": (
        "INSERT INTO {t} VALUES ('F2', NULL, 'EP-9-A1')",
        "key_unique",
        "citing_family_id=F2, cited_publication_number=EP-9-A1",
    ),
    "core.patent_work_link": (
        "UPDATE {t} SET link_method = 'guess'",
        "in_set(link_method)",
        "family_id=F2, work_id=1",
    ),
    "core.technology_family": (
        "UPDATE {t} SET is_comparable = NULL WHERE family_id = 'F2'",
        "not_null(is_comparable)",
        "technology_id=beta, family_id=F2",
    ),
    "core.citation_flow": (
        "UPDATE {t} SET flow = 9 WHERE basis = 'families' AND citing_country_code = 'JP'",
        "at_least(n_citations, flow)",
        (
            "technology_id=alpha, basis=families, citing_country_code=JP, cited_country_code=US: n_citations"
            " 1 is below flow 9"
        ),
    ),
    "core.citation_spread": (
        "UPDATE {t} SET all_abroad = 9 WHERE basis = 'families' AND country_code = 'JP'",
        "at_least(all_all, all_abroad)",
        "technology_id=alpha, basis=families, country_code=JP: all_all 1.0 is below all_abroad 9",
    ),
    "core.country_output": (
        "UPDATE {t} SET output = 9 WHERE basis = 'families' AND country_code = 'JP'",
        "at_least(n_items, output)",
        "technology_id=alpha, basis=families, country_code=JP: n_items 1 is below output 9",
    ),
    "core.series_choice": (
        "UPDATE {t} SET relation = 'broader'",
        "used_is_exact_or_narrower",
        "technology_id=alpha, series_id=numbers:alpha",
    ),
    "core.reference_coverage": (
        "UPDATE {t} SET n_resolved = 99 WHERE technology_id = 'beta' AND basis = 'works'",
        "at_least(n_references, n_resolved)",
        "technology_id=beta, basis=works",
    ),
    "core.technology_evidence": (
        "UPDATE {t} SET basis = 'patents' WHERE technology_id = 'beta' AND basis = 'families'",
        "in_set(basis)",
        "technology_id=beta, basis=patents",
    ),
    "core.statistic_series": (
        "UPDATE {t} SET measure = 'rank' WHERE series_id = 'numbers:best'",
        "in_set(measure)",
        "series_id=numbers:best",
    ),
    "core.statistic": (
        "UPDATE {t} SET value = -1 WHERE series_id = 'numbers:best'",
        "between(value)",
        "series_id=numbers:best, area_code=JP, period_year=2023",
    ),
    "core.supply": (
        "UPDATE {t} SET quantity = -1 WHERE country_code = 'JP'",
        "between(quantity)",
        "country_code=JP, period_year=2023",
    ),
    "core.supply_position": (
        "UPDATE {t} SET quantity = 101 WHERE country_code = 'CN'",
        "at_least(world_quantity, quantity)",
        "commodity_id=gallium, stage_id=refined, country_code=CN",
    ),
    "core.technology_hs": (
        "UPDATE {t} SET hs_code = '85076000'",
        "hs_is_code",
        "technology_id=alpha, hs_code=85076000",
    ),
    "core.trade_flow": (
        "UPDATE {t} SET told_by = 'world' WHERE told_by = 'exporter' AND exporter_country_code = 'CN'",
        "in_set(told_by)",
        "told_by=world",
    ),
    "core.trade_year": (
        "UPDATE {t} SET reported_share = 1.2",
        "between(reported_share)",
        "source_id=ore, period_year=2023",
    ),
    "core.import_origin": (
        "UPDATE {t} SET exporter_country_code = 'JP' WHERE exporter_country_code = 'US'",
        "not_its_own_origin",
        "hs_code=850760, importer_country_code=JP, exporter_country_code=JP",
    ),
    "core.export_position": (
        "UPDATE {t} SET trade_value_usd = -1 WHERE hs_code = '850760'",
        "between(trade_value_usd)",
        "hs_code=850760, country_code=JP",
    ),
    "ind.definition": (
        "UPDATE {t} SET unit = NULL WHERE indicator_id = 'st_share'",
        "not_null(unit)",
        "indicator_id=st_share",
    ),
    "ind.value": (
        "UPDATE {t} SET value = NULL WHERE indicator_id = 'st_share'",
        "value_iff_ok",
        "indicator_id=st_share, technology_id=alpha, country_code=JP",
    ),
    "ind.world": (
        "UPDATE {t} SET place = [1, 1]",
        "ranks_complete",
        "indicator_id=s1_top10_share, technology_id=alpha",
    ),
    "score.normalised": (
        "UPDATE {t} SET importance = 2 WHERE axis_id = 'autonomy'",
        "between(importance)",
        "technology_id=alpha, axis_id=autonomy, indicator_id=s1_top10_share",
    ),
    "score.technology": (
        "UPDATE {t} SET hi = 50 WHERE axis_id = 'autonomy' AND value > 0",
        "at_least(hi, value)",
        "axis_id=autonomy: hi 50.0 is below value 60.0",
    ),
    "score.rank_range": (
        "UPDATE {t} SET rank_p95 = 5 WHERE axis_id = 'autonomy'",
        "at_least(n_ranked, rank_p95)",
        "technology_id=alpha, axis_id=autonomy",
    ),
    "score.draw": (
        "INSERT INTO {t} VALUES ('alpha', 'autonomy', 2, 60)",
        "key_unique",
        "axis_id=autonomy, draw=2",
    ),
    "score.monopoly_risk": (
        "UPDATE {t} SET p_low = 0.9 WHERE technology_id = 'alpha'",
        "probabilities_sum_to_one",
        "technology_id=alpha: p_high=0.25",
    ),
    "cluster.front": ("UPDATE {t} SET pareto_front = 0", "between(pareto_front)", "technology_id=alpha"),
    "cluster.member": (
        "UPDATE {t} SET stability = 2 WHERE technology_id = 'alpha'",
        "between(stability)",
        "technology_id=alpha: stability 2.0 outside 0..1",
    ),
    "cluster.label": ("UPDATE {t} SET n_members = 0", "between(n_members)", "cluster_id=c1"),
    "list.decided": (
        "UPDATE {t} SET status = 'listed' WHERE technology_id = 'beta'",
        "changed_by_decision_only",
        "technology_id=beta",
    ),
    "core.review_decision": (
        "UPDATE {t} SET approver_name = 'aoki'",
        "approved_by_another",
        "technology_id=alpha",
    ),
    "list.candidate": (
        "UPDATE {t} SET best_rule_p = 2 WHERE technology_id = 'alpha'",
        "between(best_rule_p)",
        "technology_id=alpha",
    ),
    "list.reason": (
        "UPDATE {t} SET text_ja = NULL WHERE technology_id = 'beta' AND rule_id = 'secure'",
        "not_null(text_ja)",
        "technology_id=beta, rule_id=secure",
    ),
}

# One broken build per check: what is done, and how the offending row must be named.
BROKEN_CHECKS = {
    "source_has_files": ("DELETE FROM core.raw_file WHERE source_id = 'ore'", "source_id=ore"),
    "raw_files_known": (
        f"UPDATE core.work SET raw_digest = '{'9' * 64}' WHERE work_id = 2",
        "table_name=core.work, source_id=works, raw_digest=999",
    ),
    "quarantine_any": (
        "INSERT INTO prov.quarantine VALUES ('works', 'a', 'works.gz', 17, 'id', 'missing', '')",
        "source_id=works, file_name=works.gz",
    ),
    "quarantine_share": (
        (
            "INSERT INTO prov.quarantine SELECT 'works', repeat('a', 64), 'works.gz', i, 'id', 'missing', ''"
            " FROM range(3) AS r(i)"
        ),
        "source_id=works, file_name=works.gz",
    ),
    "answers_unconfirmed": (
        "INSERT INTO prov.unconfirmed VALUES ('works', 'works/topics-001/2024', 1, 480)",
        "unit=works/topics-001/2024",
    ),
    "unmapped_country_code": (
        "INSERT INTO prov.unmapped VALUES ('works', 'institution', 'XK', 3)",
        "area_text=XK",
    ),
    "unmapped_area": (
        "INSERT INTO prov.unmapped VALUES ('numbers', 'statistic', 'EU-27', 3)",
        "area_text=EU-27",
    ),
    "works_found_by_words": (
        "UPDATE prov.query_yield SET n_counted = 0 WHERE query_kind = 'text'",
        "source_id=works, query_kind=text: n_works=2, n_uncounted=2",
    ),
    "superseded_records": (
        "INSERT INTO prov.duplicate VALUES ('works', 'openalex_work', 2, 1)",
        "source_id=works, form_id=openalex_work",
    ),
    "authorship_weight_sum": (
        "UPDATE core.authorship SET weight = 0.4 WHERE work_id = 2 AND author_seq = 1",
        "work_id=2: weight_sum=0.9",
    ),
    "work_country_weight": (
        "DELETE FROM core.work_country WHERE work_id = 3 AND country_code = 'US'",
        "work_id=3",
    ),
    "work_ids_survive": ("DELETE FROM core.work WHERE work_id = 5", "table_name=core.authorship, work_id=5"),
    "technology_work_complete": (
        "DELETE FROM core.technology_work WHERE work_id = 4",
        "technology_id=alpha, work_id=4",
    ),
    "technology_matches_nothing": (
        "DELETE FROM core.technology_family WHERE technology_id = 'beta'",
        "technology_id=beta, basis=families: n_defining=1, n_matched=0, n_held=2",
    ),
    "commodity_without_supply": (
        "UPDATE core.technology_commodity SET commodity_id = 'galium'",
        "technology_id=alpha, commodity_id=galium, stage_id=refined",
    ),
    "technology_matches_too_much": (
        (
            "INSERT INTO core.work SELECT 1000 + i, 'works', '', i, 2022, NULL, 0, NULL, false, true, 0, 0"
            " FROM range(1000) AS r(i); INSERT INTO core.technology_work SELECT 'beta', 1000 + i, 2022, true,"
            " 0.1 FROM range(210) AS r(i)"
        ),
        "technology_id=beta: n_matched=212, n_held=1007, matched_share=0.2105",
    ),
    "top10_weight_is_tenth": (
        "UPDATE core.technology_work SET top10_weight = 0.2 WHERE work_id = 6",
        "technology_id=beta, publication_year=2022",
    ),
    "work_country_known": ("DELETE FROM core.work_country WHERE work_id IN (5, 6)", "technology_id=beta"),
    "window_years_present": (
        "UPDATE core.period SET first_year = 2021 WHERE period_id = 'works'",
        "period_id=works, period_year=2021",
    ),
    "family_country_weight_sum": (
        "DELETE FROM core.patent_family_country WHERE family_id = 'F1' AND country_code = 'JP'",
        "family_id=F1, role=inventor",
    ),
    "family_one_kind": (
        (
            "UPDATE core.patent_publication SET family_kind = 'single_document' WHERE publication_number ="
            " 'JP-2-A'"
        ),
        "family_id=F1",
    ),
    "family_ids_survive": (
        "DELETE FROM core.patent_family WHERE family_id = 'F2'",
        "table_name=core.patent_citation, family_id=F2",
    ),
    "technology_family_complete": (
        "UPDATE core.technology_family SET technology_id = 'alpha' WHERE family_id = 'F2'",
        "technology_id=alpha, family_id=F2",
    ),
    "technology_ids_known": (
        "DELETE FROM core.technology WHERE technology_id = 'beta'",
        "table_name=core.reference_coverage, technology_id=beta",
    ),
    "country_codes_known": (
        "UPDATE core.supply SET country_code = 'ZZ' WHERE country_code = 'JP'",
        "table_name=core.supply, country_code=ZZ",
    ),
    "source_ids_known": (
        "UPDATE core.patent_family SET source_id = 'hearsay' WHERE family_id = 'F1'",
        "table_name=core.patent_family, source_id=hearsay",
    ),
    "topic_ids_known": (
        "DELETE FROM core.topic WHERE topic_id = 'T10002'",
        "table_name=core.technology_topic, topic_id=T10002",
    ),
    "citation_flow_within_references": (
        "UPDATE core.reference_coverage SET n_resolved = 1 WHERE technology_id = 'alpha'",
        "technology_id=alpha, basis=works",
    ),
    "output_within_evidence": (
        "UPDATE core.country_output SET output = 4 WHERE basis = 'works'",
        "technology_id=alpha, basis=works",
    ),
    "reference_coverage_ratio": (
        "UPDATE core.reference_coverage SET coverage = 0.9 WHERE technology_id = 'beta' AND basis = 'works'",
        "technology_id=beta",
    ),
    "evidence_complete": (
        "DELETE FROM core.technology_evidence WHERE technology_id = 'old' AND basis = 'supply'",
        "technology_id=old, basis=supply",
    ),
    "statistic_complete_year": (
        (
            "UPDATE core.statistic_series SET period_first_year = NULL, period_last_year = NULL WHERE"
            " series_id = 'numbers:all'"
        ),
        "source_id=numbers, series_id=numbers:all",
    ),
    "table_focal_present": ("DELETE FROM core.supply WHERE country_code = 'JP'", "source_id=ore"),
    "table_has_values": ("UPDATE core.supply SET quantity = NULL", "source_id=ore"),
    "rows_add_up": (
        "UPDATE prov.row_account SET n_used = 4",
        "source_id=numbers, file_name=numbers.csv: n_rows=9, n_accounted=8",
    ),
    "file_end": ("UPDATE prov.row_account SET is_cut = true", "source_id=numbers, file_name=numbers.csv"),
    "statistic_world_row": (
        "DELETE FROM core.statistic WHERE series_id = 'numbers:all' AND area_code = 'WORLD'",
        "series_id=numbers:all, period_year=2023",
    ),
    "statistic_within_world": (
        "UPDATE core.statistic SET value = 62 WHERE series_id = 'numbers:all' AND area_code = 'US'",
        "series_id=numbers:all, period_year=2023",
    ),
    "series_ids_known": (
        "DELETE FROM core.statistic_series WHERE series_id = 'numbers:all'",
        "table_name=core.statistic, series_id=numbers:all",
    ),
    "statistic_year_gap": (
        (
            "INSERT INTO core.statistic SELECT * REPLACE (2021 AS period_year) FROM core.statistic WHERE"
            " series_id = 'numbers:all'"
        ),
        "series_id=numbers:all, period_year=2022",
    ),
    "statistic_unit_jump": (
        (
            "INSERT INTO core.statistic SELECT * REPLACE (2022 AS period_year, 1000 * value AS value) FROM"
            " core.statistic WHERE series_id = 'numbers:all'"
        ),
        "series_id=numbers:all, area_code=JP, period_year=2023",
    ),
    "supply_unit_jump": (
        (
            "INSERT INTO core.supply SELECT * REPLACE (2022 AS period_year, 1000 * quantity AS quantity) FROM"
            " core.supply WHERE country_code = 'CN'"
        ),
        "source_id=ore, commodity_id=gallium, stage_id=refined, country_code=CN, period_year=2023",
    ),
    "supply_within_world": (
        "UPDATE core.supply SET quantity = 97 WHERE country_code = 'CN'",
        "commodity_id=gallium, stage_id=refined, period_year=2023",
    ),
    "supply_one_unit": (
        "UPDATE core.supply SET unit = 'kg' WHERE country_code = 'CN'",
        "commodity_id=gallium, stage_id=refined, period_year=2023",
    ),
    "trade_partners_within_world": (
        (
            "UPDATE core.trade_flow SET trade_value_usd = 62 WHERE exporter_country_code = 'CN' AND told_by ="
            " 'importer'"
        ),
        "hs_code=850760, period_year=2023, told_by=importer, country_code=JP",
    ),
    "trade_mirror_asymmetry": (
        "UPDATE core.import_origin SET exporter_country_code = 'KR' WHERE is_mirror",
        "hs_code=850760, importer_country_code=JP: asymmetry=1.0",
    ),
    "trade_focal_reported": (
        "DELETE FROM core.trade_flow WHERE hs_code = 'TOTAL' AND importer_country_code = 'JP'",
        "source_id=ore, period_year=2023",
    ),
    "trade_older_revision": (
        "UPDATE core.trade_flow SET hs_revision = 'H3' WHERE exporter_country_code = 'US'",
        "hs_code=850760, period_year=2023, hs_revision=H3: n_flows=1",
    ),
    "hs_code_without_trade": (
        "UPDATE core.technology_hs SET hs_code = '850780'",
        "technology_id=alpha, hs_code=850780",
    ),
    "value_ids_known": (
        "UPDATE ind.value SET indicator_id = 's9' WHERE indicator_id = 'st_share'",
        "id_name=indicator_id, id=s9",
    ),
    "value_within_unit": (
        "UPDATE ind.value SET value_hi = 1.2 WHERE indicator_id = 's1_top10_share' AND country_code = 'US'",
        "technology_id=alpha, country_code=US",
    ),
    "share_sum_within_world": (
        "UPDATE ind.value SET value = 0.6 WHERE indicator_id = 's1_top10_share' AND country_code = 'US'",
        "share_sum=1.1",
    ),
    "published_share_sum_within_world": (
        "UPDATE ind.value SET value = 1.5 WHERE indicator_id = 'st_share'",
        "indicator_id=st_share, technology_id=alpha",
    ),
    "supply_share_sum_within_world": (
        "UPDATE ind.value SET value = 1.5 WHERE indicator_id = 'i6_supply_share'",
        "indicator_id=i6_supply_share",
    ),
    "axis_rows_complete": (
        "DELETE FROM score.technology WHERE technology_id = 'beta' AND axis_id = 'autonomy'",
        "technology_id=beta: n_axes=2",
    ),
    "draws_complete": (
        "DELETE FROM score.draw WHERE axis_id = 'autonomy' AND draw = 1",
        "technology_id=alpha, axis_id=autonomy: n_draws=3",
    ),
    "ranks_complete": (
        "DELETE FROM score.rank_range WHERE axis_id = 'autonomy'",
        "technology_id=alpha, axis_id=autonomy",
    ),
    "importance_sums_to_one": (
        "UPDATE score.normalised SET importance = 0.5 WHERE axis_id = 'autonomy'",
        "technology_id=alpha, axis_id=autonomy, branch=records",
    ),
    "score_from_value": (
        "UPDATE score.normalised SET value = 0.51 WHERE axis_id = 'autonomy'",
        "technology_id=alpha, indicator_id=s1_top10_share",
    ),
    "candidate_once": (
        "DELETE FROM list.candidate WHERE technology_id = 'beta'",
        "technology_id=beta: n_rows=0",
    ),
    "reasons_complete": (
        "DELETE FROM list.reason WHERE technology_id = 'beta' AND rule_id = 'secure'",
        "technology_id=beta: n_reasons=1",
    ),
    "status_follows_reasons": (
        "UPDATE list.candidate SET best_rule_p = 0.5 WHERE technology_id = 'alpha'",
        "technology_id=alpha",
    ),
    "clusters_complete": ("DELETE FROM cluster.member WHERE technology_id = 'beta'", "technology_id=beta"),
    "cluster_sizes": ("UPDATE cluster.label SET n_members = 2", "cluster_id=c1: n_members=2, n_found=1"),
}
