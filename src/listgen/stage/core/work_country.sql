/*---
table: core.work_country
grain: {en: one country of one work, ja: 論文と国の組1つ}
inputs: [affiliation]
---*/
CREATE TABLE core.work_country (
  work_id BIGINT NOT NULL,
  country_code VARCHAR NOT NULL,
  weight DECIMAL(18, 12) NOT NULL CHECK (weight > 0 AND weight <= 1)
);
COMMENT ON TABLE core.work_country IS
  'Each row is the share of one known country in one work / 各行は論文における判明した国1つの按分';
COMMENT ON COLUMN core.work_country.work_id IS 'Work / 論文ID';
COMMENT ON COLUMN core.work_country.country_code IS 'Country / 国';
COMMENT ON COLUMN core.work_country.weight IS
  'Fraction of the work; unknown countries keep theirs, so a work sums to at most 1 '
  '/ 論文の按分（国不明分は含まず、合計は1以下）';

INSERT INTO core.work_country
SELECT work_id, country_code, CAST(sum(weight) AS DECIMAL(18, 12)) AS weight
FROM affiliation
WHERE country_code IS NOT NULL
GROUP BY work_id, country_code
ORDER BY work_id, country_code;
