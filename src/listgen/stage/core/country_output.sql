/*---
table: core.country_output
grain: {en: one country in one technology on one basis, ja: 技術・根拠・国の組1つ}
inputs: [core.period, core.technology_work, core.work, core.work_country, core.technology_family,
  core.patent_family_country]
---*/
CREATE TABLE core.country_output (
  technology_id VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families')),
  country_code VARCHAR NOT NULL,
  n_items BIGINT NOT NULL CHECK (n_items >= 1),
  output DECIMAL(38, 12) NOT NULL CHECK (output >= 0),
  n_top10 BIGINT CHECK (n_top10 BETWEEN 0 AND n_items),
  top10_credit DECIMAL(38, 12) CHECK (top10_credit >= 0),
  n_rated BIGINT CHECK (n_rated BETWEEN 0 AND n_items),
  rated_output DECIMAL(38, 12) CHECK (rated_output >= 0),
  field_top10_output DECIMAL(38, 12) CHECK (field_top10_output >= 0),
  PRIMARY KEY (technology_id, basis, country_code)
);
COMMENT ON TABLE core.country_output IS
  'Each row is what one country brings to one technology: comparable items inside the window '
  '/ 各行は技術における1か国の産出（期間内の比較可能な文献）';
COMMENT ON COLUMN core.country_output.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.country_output.basis IS
  'works, or families by inventor country / 論文、または特許ファミリー（発明者の国）';
COMMENT ON COLUMN core.country_output.country_code IS 'Country / 国';
COMMENT ON COLUMN core.country_output.n_items IS 'Items the country has a part in / その国が関わる文献の数';
COMMENT ON COLUMN core.country_output.output IS
  'Sum of its shares of them (fractional counting) / 按分した件数（分数カウント）';
COMMENT ON COLUMN core.country_output.n_top10 IS
  'Works among the top 10 % of technology and year; NULL for families '
  '/ うち技術・年の被引用上位10%の論文数（ファミリーはNULL）';
COMMENT ON COLUMN core.country_output.top10_credit IS
  'Sum of top-10 % weight x share; NULL for families, and where all works are cited equally often '
  '/ 上位10%への算入率×按分の合計（ファミリーの場合と、全論文の被引用数が等しい場合はNULL）';
COMMENT ON COLUMN core.country_output.n_rated IS
  'Works whose place in their field the provider states; NULL for families '
  '/ 提供元が分野内順位を示す論文の数（ファミリーはNULL）';
COMMENT ON COLUMN core.country_output.rated_output IS 'Sum of the shares of those / その按分件数';
COMMENT ON COLUMN core.country_output.field_top10_output IS
  'Sum of the shares of those in the top 10 % of their field / うち分野の上位10%に入るものの按分件数';

-- Made once: five indicators begin from these sums, and the works are the largest table there is.
INSERT INTO core.country_output
WITH divided AS (
  -- Where all works of a technology are cited equally often (often: not at all), each carries a tenth of a
  -- place: the top 10 % is then the whole set and says nothing.
  SELECT DISTINCT member.technology_id
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  WHERE member.is_comparable AND member.top10_weight IN (0, 1)
)
SELECT member.technology_id, 'works' AS basis, credit.country_code, count(*) AS n_items,
  sum(credit.weight) AS output,
  count(*) FILTER (WHERE member.top10_weight > 0) AS n_top10,
  CASE WHEN any_value(divided.technology_id) IS NOT NULL
    THEN sum(CASE WHEN member.top10_weight > 0 THEN member.top10_weight * credit.weight ELSE 0 END)
    END AS top10_credit,
  count(work.is_field_top10) AS n_rated,
  sum(CASE WHEN work.is_field_top10 IS NOT NULL THEN credit.weight ELSE 0 END) AS rated_output,
  sum(CASE WHEN work.is_field_top10 THEN credit.weight ELSE 0 END) AS field_top10_output
FROM core.technology_work AS member
JOIN core.period AS period ON period.period_id = 'works' AND member.publication_year BETWEEN period.first_year
  AND period.last_year
JOIN core.work AS work ON work.work_id = member.work_id
JOIN core.work_country AS credit ON credit.work_id = member.work_id
LEFT JOIN divided ON divided.technology_id = member.technology_id
WHERE member.is_comparable
GROUP BY member.technology_id, credit.country_code
UNION ALL
SELECT member.technology_id, 'families', credit.country_code, count(*), sum(credit.weight), NULL, NULL, NULL,
  NULL, NULL
FROM core.technology_family AS member
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year
  AND period.last_year
JOIN core.patent_family_country AS credit ON credit.family_id = member.family_id AND credit.role = 'inventor'
WHERE member.is_comparable
GROUP BY member.technology_id, credit.country_code
ORDER BY ALL;
