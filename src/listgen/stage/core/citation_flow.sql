/*---
table: core.citation_flow
grain: {en: one pair of countries in one technology on one basis, ja: 技術・根拠・国の対1つ}
inputs: [core.period, core.technology_work, core.work_reference, core.work_country, core.technology_family,
  core.patent_citation,
  core.patent_family_country]
---*/
CREATE TABLE core.citation_flow (
  technology_id VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families')),
  citing_country_code VARCHAR NOT NULL,
  cited_country_code VARCHAR NOT NULL,
  flow DECIMAL(38, 12) NOT NULL CHECK (flow >= 0),
  n_citations BIGINT NOT NULL CHECK (n_citations >= 1),
  PRIMARY KEY (technology_id, basis, citing_country_code, cited_country_code)
);
COMMENT ON TABLE core.citation_flow IS
  'Each row is the credit that flows from one citing country to one cited country in a technology '
  '/ 各行は技術における引用国から被引用国への引用の流れ';
COMMENT ON COLUMN core.citation_flow.technology_id IS 'Technology of the citing item / 引用する側の技術';
COMMENT ON COLUMN core.citation_flow.basis IS
  'works or families (by inventor country) / 論文か特許ファミリー（発明者の国）か';
COMMENT ON COLUMN core.citation_flow.citing_country_code IS
  'Country that cites, and so builds on the other / 引用する国';
COMMENT ON COLUMN core.citation_flow.cited_country_code IS 'Country that is cited / 引用される国';
COMMENT ON COLUMN core.citation_flow.flow IS
  'Sum over citations of citing share x cited share / 引用ごとの（引用側按分×被引用側按分）の合計';
COMMENT ON COLUMN core.citation_flow.n_citations IS
  'Pairs of citing and cited item that touch both countries / 両国に関わる引用の組の数';

-- Citing items: comparable, of the technology, inside the window. Cited items: any held one with a known
-- country. Shares are summed on one side first, per cited work or per citing family: the same sum, with far
-- fewer rows to pair.
INSERT INTO core.citation_flow
WITH work_side AS (
  SELECT member.technology_id, reference.cited_work_id, citing.country_code, sum(citing.weight) AS weight,
    count(*) AS n_citations
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  JOIN core.work_reference AS reference ON reference.citing_work_id = member.work_id
  JOIN core.work_country AS citing ON citing.work_id = member.work_id
  WHERE member.is_comparable AND reference.cited_work_id IN (SELECT work_id FROM core.work_country)
  GROUP BY ALL
),
family_pair AS (
  -- Told apart before they meet the technologies, of which a family has several.
  SELECT DISTINCT citing_family_id, cited_family_id FROM core.patent_citation
    WHERE cited_family_id IS NOT NULL
),
family_side AS (
  -- What a family cites in each country; families are in several technologies, so these come last.
  SELECT pair.citing_family_id, cited.country_code, sum(cited.weight) AS weight, count(*) AS n_citations
  FROM family_pair AS pair
  JOIN core.patent_family_country AS cited ON cited.family_id = pair.cited_family_id
    AND cited.role = 'inventor'
  GROUP BY ALL
),
credit AS (
  SELECT side.technology_id, 'works' AS basis, side.country_code AS citing_country_code,
    cited.country_code AS cited_country_code,
    CAST(side.weight AS DECIMAL(20, 12)) * cited.weight AS flow, side.n_citations
  FROM work_side AS side JOIN core.work_country AS cited ON cited.work_id = side.cited_work_id
  UNION ALL
  SELECT member.technology_id, 'families', citing.country_code, side.country_code,
    sum(CAST(side.weight AS DECIMAL(20, 12)) * citing.weight), sum(side.n_citations)
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  JOIN family_side AS side ON side.citing_family_id = member.family_id
  JOIN core.patent_family_country AS citing ON citing.family_id = member.family_id
    AND citing.role = 'inventor'
  WHERE member.is_comparable
  GROUP BY ALL
)
SELECT technology_id, basis, citing_country_code, cited_country_code,
  CAST(sum(flow) AS DECIMAL(38, 12)) AS flow,
  CAST(sum(n_citations) AS BIGINT) AS n_citations
FROM credit
GROUP BY technology_id, basis, citing_country_code, cited_country_code
ORDER BY technology_id, basis, citing_country_code, cited_country_code;
