/*---
table: core.technology_evidence
grain: {en: one technology on one basis, ja: 技術と根拠の組1つ}
inputs: [core.period, core.source, core.technology, core.technology_work, core.technology_family,
  core.technology_series, core.statistic,
  core.statistic_series, core.technology_commodity, core.supply, core.technology_hs, core.import_origin,
  core.export_position]
---*/
CREATE TABLE core.technology_evidence (
  technology_id VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families', 'statistics', 'supply', 'trade')),
  n_items BIGINT NOT NULL CHECK (n_items >= 0),
  n_comparable BIGINT NOT NULL CHECK (n_comparable BETWEEN 0 AND n_items),
  PRIMARY KEY (technology_id, basis)
);
COMMENT ON TABLE core.technology_evidence IS
  'Each row says how much evidence of one kind is held on one technology '
  '/ 各行は技術について保有する証拠の量（種類別）';
COMMENT ON COLUMN core.technology_evidence.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_evidence.basis IS
  'works, families, statistics, supply or trade / 論文、特許ファミリー、統計、供給、貿易';
COMMENT ON COLUMN core.technology_evidence.n_items IS
  'Works or families in the window; country values in the series'' period, or in its last sum of several '
  'years; country quantities of its commodities in their newest year; flows of its goods '
  '/ 期間内の件数、または国別の値の数（供給は最新年）';
COMMENT ON COLUMN core.technology_evidence.n_comparable IS
  'Those of a source that lets countries be compared / うち国際比較に使える情報源のもの';

INSERT INTO core.technology_evidence
WITH newest AS (
  -- What the indicators of supply measure from: one source and one year for each commodity and stage; earlier
  -- years are not counted again.
  SELECT supply.commodity_id, supply.stage_id, supply.source_id, supply.period_year, source.is_comparable,
    row_number() OVER (PARTITION BY supply.commodity_id, supply.stage_id
      ORDER BY source.is_comparable DESC, supply.period_year DESC, supply.source_id) AS place
  FROM core.supply AS supply
  JOIN core.source AS source USING (source_id)
  WHERE supply.quantity IS NOT NULL AND supply.country_code <> 'WORLD'
  GROUP BY supply.commodity_id, supply.stage_id, supply.source_id, supply.period_year, source.is_comparable
),
item AS (
  SELECT member.technology_id, 'works' AS basis, member.is_comparable
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  UNION ALL
  SELECT member.technology_id, 'families', member.is_comparable
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  UNION ALL
  SELECT link.technology_id, 'statistics', source.is_comparable
  FROM core.technology_series AS link
  JOIN core.statistic_series AS series USING (series_id)
  JOIN core.source AS source USING (source_id)
  JOIN core.statistic AS cell ON cell.series_id = link.series_id
    AND (cell.period_year BETWEEN series.period_first_year AND series.period_last_year
    OR (series.years_covered > 1 AND cell.period_year = series.last_year))
  WHERE cell.value IS NOT NULL AND cell.area_code <> 'WORLD'
  UNION ALL
  SELECT link.technology_id, 'supply', newest.is_comparable
  FROM core.technology_commodity AS link
  JOIN newest ON newest.commodity_id = link.commodity_id AND newest.stage_id = link.stage_id
    AND newest.place = 1
  JOIN core.supply AS supply ON supply.commodity_id = newest.commodity_id
    AND supply.stage_id = newest.stage_id
    AND supply.source_id = newest.source_id AND supply.period_year = newest.period_year
  WHERE supply.quantity IS NOT NULL AND supply.country_code <> 'WORLD'
  UNION ALL
  -- Only a comparable source is ever used for trade.
  SELECT link.technology_id, 'trade', true FROM core.technology_hs AS link
    JOIN core.import_origin AS flow USING (hs_code)
  UNION ALL
  SELECT link.technology_id, 'trade', true FROM core.technology_hs AS link
    JOIN core.export_position AS flow USING (hs_code)
  WHERE flow.trade_value_usd > 0
),
counted AS (
  SELECT technology_id, basis, count(*) AS n_items, count(*) FILTER (WHERE is_comparable) AS n_comparable
    FROM item GROUP BY technology_id, basis
)
SELECT technology.technology_id, basis.basis, coalesce(counted.n_items, 0) AS n_items,
  coalesce(counted.n_comparable, 0) AS n_comparable
FROM core.technology AS technology
CROSS JOIN (VALUES ('works'), ('families'), ('statistics'), ('supply'), ('trade')) AS basis (basis)
LEFT JOIN counted ON counted.technology_id = technology.technology_id AND counted.basis = basis.basis
ORDER BY technology.technology_id, basis.basis;
