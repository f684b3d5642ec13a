/*---
table: core.institution
grain: {en: one institution, ja: 機関1つ}
inputs: [institution_mention, core.country]
---*/
CREATE TABLE core.institution (
  institution_id BIGINT PRIMARY KEY,
  institution_name VARCHAR,
  country_code VARCHAR
);
COMMENT ON TABLE core.institution IS
  'Each row is one institution named by a held work / 各行は保有する論文に現れる機関1つ';
COMMENT ON COLUMN core.institution.institution_id IS
  'OpenAlex id without its letter I / OpenAlexのID（先頭のIを除く）';
COMMENT ON COLUMN core.institution.institution_name IS 'The name printed most often / 最も多い表記の機関名';
COMMENT ON COLUMN core.institution.country_code IS
  'The country printed most often, NULL when unknown / 最も多い所在国（不明はNULL）';

INSERT INTO core.institution
WITH mention AS (
  SELECT institution_id, institution_name, country.country_code, sum(n_mentions) AS n_mentions
  FROM institution_mention LEFT JOIN core.country AS country USING (country_code)
  WHERE institution_id IS NOT NULL
  GROUP BY ALL
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY institution_id
    ORDER BY country_code IS NULL, n_mentions DESC, country_code, institution_name) AS position
  FROM mention
)
SELECT institution_id, institution_name, country_code FROM ranked WHERE position = 1 ORDER BY institution_id;
