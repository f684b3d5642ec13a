/*---
table: core.citation_spread
grain: {en: one country in one technology on one basis, ja: 技術・根拠・国の組1つ}
inputs: [core.period, core.technology_work, core.work_reference, core.work_country, core.technology_family,
  core.patent_citation, core.patent_family_country, core.citation_flow]
references:
  - "Cochran (1977), Sampling Techniques, 3rd ed., ch. 6 and 9: ratio estimators, clusters"
  - "Rao & Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48, 577-585"
---*/
CREATE TABLE core.citation_spread (
  technology_id VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families')),
  country_code VARCHAR NOT NULL,
  all_all DOUBLE NOT NULL,
  all_abroad DOUBLE NOT NULL,
  abroad_abroad DOUBLE NOT NULL,
  others_others DOUBLE NOT NULL,
  others_received DOUBLE NOT NULL,
  received_received DOUBLE NOT NULL,
  source_source DOUBLE NOT NULL,
  abroad_mean DOUBLE NOT NULL,
  mean_mean DOUBLE NOT NULL,
  PRIMARY KEY (technology_id, basis, country_code)
);
COMMENT ON TABLE core.citation_spread IS
  'Each row gives sums of squares and products over the citing items of one technology: the references of '
  'one item resemble one another, and these sums say how much '
  '/ 各行は引用元文献ごとの量の平方和・積和（同じ文献の引用は互いに似るため、その程度を表す）';
COMMENT ON COLUMN core.citation_spread.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.citation_spread.basis IS 'works or families / 論文か特許ファミリーか';
COMMENT ON COLUMN core.citation_spread.country_code IS 'Country / 国コード';
COMMENT ON COLUMN core.citation_spread.all_all IS
  'Sum over items of x squared; x is the credit of all that the item cites for the country '
  '/ xの平方和（x：その国の分としての全引用量）';
COMMENT ON COLUMN core.citation_spread.all_abroad IS
  'Sum of x times y; y is the part of x that goes abroad / xとyの積和（y：うち国外への引用量）';
COMMENT ON COLUMN core.citation_spread.abroad_abroad IS 'Sum of y squared / yの平方和';
COMMENT ON COLUMN core.citation_spread.others_others IS
  'Sum of u squared; u is what the other countries of the item cite abroad '
  '/ uの平方和（u：その文献の他国の分としての国外への引用量）';
COMMENT ON COLUMN core.citation_spread.others_received IS
  'Sum of u times v; v is the part of u that goes to the country / uとvの積和（v：うちその国への引用量）';
COMMENT ON COLUMN core.citation_spread.received_received IS 'Sum of v squared / vの平方和';
COMMENT ON COLUMN core.citation_spread.source_source IS
  'Sum over items and foreign sources of the squared credit / 文献・国外の引用元ごとの引用量の平方和';
COMMENT ON COLUMN core.citation_spread.abroad_mean IS
  'Sum of y times g; g is the sum over sources of their share times the item''s credit for them '
  '/ yとgの積和（g：引用元の割合と引用量の積の合計）';
COMMENT ON COLUMN core.citation_spread.mean_mean IS 'Sum of g squared / gの平方和';

INSERT INTO core.citation_spread
WITH member AS (
  SELECT member.technology_id, 'works' AS basis, CAST(member.work_id AS VARCHAR) AS item
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  WHERE member.is_comparable
  UNION ALL
  SELECT member.technology_id, 'families', CAST(member.family_id AS VARCHAR)
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  WHERE member.is_comparable
),
side AS (
  -- What an item cites in each country; added up as DECIMAL: exact, so the same in any order.
  SELECT 'works' AS basis, CAST(reference.citing_work_id AS VARCHAR) AS item, cited.country_code,
    CAST(sum(cited.weight) AS DOUBLE) AS cited
  FROM core.work_reference AS reference
  JOIN core.work_country AS cited ON cited.work_id = reference.cited_work_id
  WHERE reference.citing_work_id IN (SELECT work_id FROM core.technology_work)
  GROUP BY ALL
  UNION ALL
  SELECT 'families', CAST(pair.citing_family_id AS VARCHAR), cited.country_code,
    CAST(sum(cited.weight) AS DOUBLE)
  FROM (
    SELECT DISTINCT citing_family_id, cited_family_id FROM core.patent_citation
    WHERE cited_family_id IS NOT NULL
  ) AS pair
  JOIN core.patent_family_country AS cited ON cited.family_id = pair.cited_family_id
    AND cited.role = 'inventor'
  WHERE pair.citing_family_id IN (SELECT family_id FROM core.technology_family)
  GROUP BY ALL
),
own AS (
  SELECT 'works' AS basis, CAST(work_id AS VARCHAR) AS item, country_code, CAST(weight AS DOUBLE) AS weight
  FROM core.work_country
  WHERE work_id IN (SELECT work_id FROM core.technology_work)
  UNION ALL
  SELECT 'families', CAST(family_id AS VARCHAR), country_code, CAST(weight AS DOUBLE)
  FROM core.patent_family_country
  WHERE role = 'inventor' AND family_id IN (SELECT family_id FROM core.technology_family)
),
cited AS (
  SELECT basis, item, CAST(sum(CAST(cited AS DECIMAL(38, 12))) AS DOUBLE) AS cited FROM side GROUP BY ALL
),
line AS (
  SELECT own.basis, own.item, own.country_code, own.weight, own.weight * cited.cited AS x,
    own.weight * (cited.cited - coalesce(home.cited, 0)) AS y
  FROM own
  JOIN cited ON cited.basis = own.basis AND cited.item = own.item
  LEFT JOIN side AS home ON home.basis = own.basis AND home.item = own.item
    AND home.country_code = own.country_code
),
whole AS (
  SELECT basis, item, CAST(sum(CAST(y AS DECIMAL(38, 12))) AS DOUBLE) AS abroad,
    CAST(sum(CAST(weight AS DECIMAL(38, 12))) AS DOUBLE) AS weight
  FROM line
  GROUP BY ALL
),
sent AS (
  SELECT member.technology_id, member.basis, line.country_code,
    sum(CAST(line.x * line.x AS DECIMAL(38, 12))) AS all_all,
    sum(CAST(line.x * line.y AS DECIMAL(38, 12))) AS all_abroad,
    sum(CAST(line.y * line.y AS DECIMAL(38, 12))) AS abroad_abroad,
    sum(CAST(whole.abroad * line.y AS DECIMAL(38, 12))) AS whole_abroad
  FROM member
  JOIN line ON line.basis = member.basis AND line.item = member.item
  JOIN whole ON whole.basis = member.basis AND whole.item = member.item
  GROUP BY ALL
),
world AS (
  SELECT member.technology_id, member.basis,
    sum(CAST(whole.abroad * whole.abroad AS DECIMAL(38, 12))) AS whole_whole
  FROM member
  JOIN whole ON whole.basis = member.basis AND whole.item = member.item
  GROUP BY ALL
),
arrival AS (
  SELECT side.basis, side.item, side.country_code, whole.abroad - coalesce(line.y, 0) AS u,
    (whole.weight - coalesce(line.weight, 0)) * side.cited AS v
  FROM side
  JOIN whole ON whole.basis = side.basis AND whole.item = side.item
  LEFT JOIN line ON line.basis = side.basis AND line.item = side.item
    AND line.country_code = side.country_code
),
received AS (
  SELECT member.technology_id, member.basis, arrival.country_code,
    sum(CAST(arrival.u * arrival.v AS DECIMAL(38, 12))) AS others_received,
    sum(CAST(arrival.v * arrival.v AS DECIMAL(38, 12))) AS received_received
  FROM member
  JOIN arrival ON arrival.basis = member.basis AND arrival.item = member.item
  GROUP BY ALL
),
share AS (
  SELECT technology_id, basis, citing_country_code, cited_country_code, flow,
    CAST(flow AS DOUBLE) / nullif(CAST(sum(flow) OVER (
      PARTITION BY technology_id, basis, citing_country_code) AS DOUBLE), 0) AS p
  FROM core.citation_flow
  WHERE citing_country_code <> cited_country_code
),
mean AS (
  SELECT member.technology_id, member.basis, member.item, line.country_code, any_value(line.y) AS y,
    sum(CAST(line.weight * side.cited * line.weight * side.cited AS DECIMAL(38, 12))) AS source_source,
    CAST(sum(CAST(share.p * line.weight * side.cited AS DECIMAL(38, 12))) AS DOUBLE) AS g
  FROM member
  JOIN line ON line.basis = member.basis AND line.item = member.item
  JOIN side ON side.basis = member.basis AND side.item = member.item
    AND side.country_code <> line.country_code
  JOIN share ON share.technology_id = member.technology_id AND share.basis = member.basis
    AND share.citing_country_code = line.country_code AND share.cited_country_code = side.country_code
  GROUP BY member.technology_id, member.basis, member.item, line.country_code
),
source AS (
  SELECT technology_id, basis, country_code, sum(source_source) AS source_source,
    sum(CAST(y * g AS DECIMAL(38, 12))) AS abroad_mean, sum(CAST(g * g AS DECIMAL(38, 12))) AS mean_mean
  FROM mean
  GROUP BY ALL
),
country AS (
  SELECT technology_id, basis, country_code FROM sent
  UNION
  SELECT technology_id, basis, country_code FROM received
)
SELECT country.technology_id, country.basis, country.country_code,
  coalesce(sent.all_all, 0), coalesce(sent.all_abroad, 0), coalesce(sent.abroad_abroad, 0),
  greatest(0, world.whole_whole - 2 * coalesce(sent.whole_abroad, 0) + coalesce(sent.abroad_abroad, 0)),
  coalesce(received.others_received, 0), coalesce(received.received_received, 0),
  coalesce(source.source_source, 0), coalesce(source.abroad_mean, 0), coalesce(source.mean_mean, 0)
FROM country
JOIN world ON world.technology_id = country.technology_id AND world.basis = country.basis
LEFT JOIN sent ON sent.technology_id = country.technology_id AND sent.basis = country.basis
  AND sent.country_code = country.country_code
LEFT JOIN received ON received.technology_id = country.technology_id AND received.basis = country.basis
  AND received.country_code = country.country_code
LEFT JOIN source ON source.technology_id = country.technology_id AND source.basis = country.basis
  AND source.country_code = country.country_code
ORDER BY country.technology_id, country.basis, country.country_code;
