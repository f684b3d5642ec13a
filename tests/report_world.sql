-- The tables a finished build holds, as far as the outputs read them; types as the steps declare them.
CREATE TABLE core.technology (technology_id VARCHAR, name_en VARCHAR, name_ja VARCHAR, domain_id VARCHAR,
  status VARCHAR);
CREATE TABLE core.source (source_id VARCHAR, title_en VARCHAR, title_ja VARCHAR, producer VARCHAR,
  grade VARCHAR, sampling_frame_en VARCHAR,
  sampling_frame_ja VARCHAR, is_sample BOOLEAN, is_comparable BOOLEAN, is_universe BOOLEAN,
  is_one_office BOOLEAN, licence_id VARCHAR, licence_class VARCHAR,
  licence_text_en VARCHAR, licence_text_ja VARCHAR, citation VARCHAR, url VARCHAR, as_of_date DATE);
CREATE TABLE core.raw_file (raw_digest VARCHAR, source_id VARCHAR, file_name VARCHAR, form_id VARCHAR,
  n_bytes BIGINT, as_of_date DATE);
CREATE TABLE core.period (period_id VARCHAR, first_year SMALLINT, last_year SMALLINT);
CREATE TABLE core.work (work_id BIGINT, source_id VARCHAR, publication_year SMALLINT, is_comparable BOOLEAN,
  is_author_list_capped BOOLEAN);
CREATE TABLE core.authorship (work_id BIGINT, author_seq INTEGER, institution_id BIGINT, country_code VARCHAR,
  weight DECIMAL(18, 12));
CREATE TABLE core.technology_work (technology_id VARCHAR, work_id BIGINT, publication_year SMALLINT,
  is_comparable BOOLEAN,
  top10_weight DECIMAL(18, 12));
CREATE TABLE core.patent_family (family_id VARCHAR, family_kind VARCHAR, source_id VARCHAR,
  is_comparable BOOLEAN);
CREATE TABLE core.patent_publication (publication_number VARCHAR, family_id VARCHAR, office_code VARCHAR,
  is_grant BOOLEAN, family_raw_digest VARCHAR);
CREATE TABLE core.patent_family_country (family_id VARCHAR, role VARCHAR, country_code VARCHAR,
  weight DECIMAL(18, 12));
CREATE TABLE core.technology_family (technology_id VARCHAR, family_id VARCHAR, priority_year SMALLINT,
  is_comparable BOOLEAN, is_universe BOOLEAN);
CREATE TABLE core.statistic_series (series_id VARCHAR, source_id VARCHAR, title_en VARCHAR, title_ja VARCHAR,
  measure VARCHAR,
  unit VARCHAR, counting VARCHAR, universe_series_id VARCHAR, is_one_office BOOLEAN,
  period_first_year SMALLINT, period_last_year SMALLINT, years_covered SMALLINT, first_year SMALLINT,
  last_year SMALLINT);
CREATE TABLE core.statistic (series_id VARCHAR, area_code VARCHAR, period_year SMALLINT, value DOUBLE);
CREATE TABLE core.technology_series (technology_id VARCHAR, series_id VARCHAR, relation VARCHAR);
CREATE TABLE core.technology_commodity (technology_id VARCHAR, commodity_id VARCHAR, stage_id VARCHAR,
  importance DOUBLE);
CREATE TABLE core.supply (commodity_id VARCHAR, stage_id VARCHAR, country_code VARCHAR, period_year SMALLINT,
  years_covered SMALLINT,
  quantity DOUBLE, unit VARCHAR, source_id VARCHAR, raw_digest VARCHAR, raw_line BIGINT);
CREATE TABLE core.technology_hs (technology_id VARCHAR, hs_code VARCHAR);
CREATE TABLE core.trade_flow (hs_code VARCHAR, source_id VARCHAR, period_year SMALLINT);
CREATE TABLE core.import_origin (hs_code VARCHAR, importer_country_code VARCHAR,
  exporter_country_code VARCHAR, is_mirror BOOLEAN,
  source_id VARCHAR, period_year SMALLINT, trade_value_usd DOUBLE, import_total_usd DOUBLE);
CREATE TABLE core.export_position (hs_code VARCHAR, country_code VARCHAR, is_mirror BOOLEAN,
  source_id VARCHAR, period_year SMALLINT,
  trade_value_usd DOUBLE, world_total_usd DOUBLE);
CREATE TABLE core.country (country_code VARCHAR, is_like_minded BOOLEAN);
CREATE TABLE core.work_reference (citing_work_id BIGINT, cited_work_id BIGINT);
CREATE TABLE core.patent_citation (citing_family_id VARCHAR, cited_family_id VARCHAR,
  cited_publication_number VARCHAR);
CREATE TABLE core.reference_coverage (technology_id VARCHAR, basis VARCHAR, n_references BIGINT,
  n_resolved BIGINT, coverage DOUBLE);
CREATE TABLE core.technology_evidence (technology_id VARCHAR, basis VARCHAR, n_items BIGINT,
  n_comparable BIGINT);
CREATE TABLE ind.value (indicator_id VARCHAR, technology_id VARCHAR, country_code VARCHAR, basis VARCHAR,
  grade VARCHAR,
  period_first_year SMALLINT, period_last_year SMALLINT, value DOUBLE, value_lo DOUBLE, value_hi DOUBLE,
  n BIGINT, n_national BIGINT,
  status VARCHAR);
CREATE TABLE ind.definition (indicator_id VARCHAR, name_en VARCHAR, name_ja VARCHAR, definition_en VARCHAR,
  definition_ja VARCHAR, unit VARCHAR,
  basis VARCHAR, counting VARCHAR, interval_method VARCHAR, caveats VARCHAR[], "references" VARCHAR[]);
CREATE TABLE score.normalised (technology_id VARCHAR, axis_id VARCHAR, group_id VARCHAR, branch VARCHAR,
  indicator_id VARCHAR,
  country_code VARCHAR, value DOUBLE, value_lo DOUBLE, value_hi DOUBLE, score DOUBLE, score_lo DOUBLE,
  score_hi DOUBLE, importance DOUBLE,
  is_clipped BOOLEAN, status VARCHAR);
CREATE TABLE score.technology (technology_id VARCHAR, axis_id VARCHAR, value DOUBLE, lo DOUBLE, hi DOUBLE,
  coverage DOUBLE, grade VARCHAR,
  status VARCHAR, reason VARCHAR);
CREATE TABLE score.rank_range (technology_id VARCHAR, axis_id VARCHAR, rank_p05 DOUBLE, rank_p50 DOUBLE,
  rank_p95 DOUBLE, n_ranked INTEGER);
CREATE TABLE score.monopoly_risk (technology_id VARCHAR, leader_country_code VARCHAR,
  second_country_code VARCHAR, k INTEGER, ratio DOUBLE,
  ratio_lo DOUBLE, ratio_hi DOUBLE, risk_class VARCHAR, p_high DOUBLE, p_medium DOUBLE, p_low DOUBLE,
  n BIGINT, status VARCHAR);
CREATE TABLE cluster.member (technology_id VARCHAR, cluster_id INTEGER, stability DOUBLE, status VARCHAR,
  reason VARCHAR);
CREATE TABLE cluster.label (cluster_id INTEGER, label_en VARCHAR, label_ja VARCHAR, n_members INTEGER,
  stability DOUBLE, centre_autonomy DOUBLE,
  centre_superiority DOUBLE, centre_indispensability DOUBLE);
CREATE TABLE list.decided (technology_id VARCHAR, machine_status VARCHAR, status VARCHAR, decision VARCHAR,
  into_technology_id VARCHAR,
  event_digest VARCHAR, is_overtaken BOOLEAN);
CREATE TABLE core.review_decision (technology_id VARCHAR, review_id VARCHAR, judged_run_id VARCHAR,
  n_votes INTEGER, n_votes_with_conflicted INTEGER,
  median_rating DOUBLE, iqr_rating DOUBLE, outcome VARCHAR, is_bimodal BOOLEAN,
  rationale VARCHAR);
CREATE TABLE list.candidate (technology_id VARCHAR, status VARCHAR, rules_judged INTEGER, rules_of INTEGER,
  pareto_front INTEGER,
  best_rule_id VARCHAR, best_rule_p DOUBLE,
  caveats VARCHAR[]);
CREATE TABLE list.reason (technology_id VARCHAR, rule_id VARCHAR, p DOUBLE, margin DOUBLE,
  is_evaluable BOOLEAN,
  is_met BOOLEAN, inputs JSON, text_en VARCHAR,
  text_ja VARCHAR);
CREATE TABLE prov.quarantine (source_id VARCHAR, raw_digest VARCHAR, file_name VARCHAR, raw_line BIGINT,
  field VARCHAR, reason VARCHAR,
  excerpt VARCHAR);
CREATE TABLE prov."check" (gate VARCHAR, table_name VARCHAR, rule_id VARCHAR, rule_type VARCHAR,
  severity VARCHAR, status VARCHAR, n_failed BIGINT,
  failed_keys JSON, finding JSON, why JSON);
CREATE TABLE core.work_country (work_id BIGINT, country_code VARCHAR, weight DECIMAL(18, 12));
CREATE TABLE core.citation_flow (technology_id VARCHAR, basis VARCHAR, citing_country_code VARCHAR,
  cited_country_code VARCHAR, flow DECIMAL(38, 12),
  n_citations BIGINT);
