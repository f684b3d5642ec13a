/*---
table: core.period
grain: {en: one measuring window, ja: 計測期間1つ}
inputs: [config_window, core.raw_file, core.statistic_series]
---*/
CREATE TABLE core.period (
  period_id VARCHAR PRIMARY KEY,
  first_year SMALLINT NOT NULL,
  last_year SMALLINT NOT NULL,
  CHECK (first_year <= last_year)
);
COMMENT ON TABLE core.period IS 'Each row is one measuring window / 各行は計測期間1つ';
COMMENT ON COLUMN core.period.period_id IS
  'works, works_previous, families, families_previous or statistics / 期間のID';
COMMENT ON COLUMN core.period.first_year IS 'First year of the window / 期間の初年';
COMMENT ON COLUMN core.period.last_year IS 'Last year of the window / 期間の末年';

-- "Now" is the newest date the held files of that kind speak for, never the clock. The last complete year is
-- the one before the year in which the lag ends: as of 2025-07-01 with 18 months it is 2023. Without a file
-- of a kind the newest of all counts.
INSERT INTO core.period
WITH newest AS (
  SELECT wish.period_id, wish.n_years, wish.lag_months,
    coalesce(max(raw_file.as_of_date) FILTER (WHERE list_contains(wish.form_ids, raw_file.form_id)),
    max(raw_file.as_of_date)) AS as_of_date
  FROM config_window AS wish CROSS JOIN core.raw_file AS raw_file
  GROUP BY ALL
),
window_end AS (
  SELECT period_id, n_years, year(as_of_date - to_months(lag_months)) - 1 AS last_year FROM newest
),
laid AS (
  SELECT period_id, last_year - n_years + 1 AS first_year, last_year FROM window_end
    WHERE period_id <> 'statistics'
  UNION ALL
  SELECT period_id || '_previous', last_year - 2 * n_years + 1, last_year - n_years FROM window_end
    WHERE period_id <> 'statistics'
  UNION ALL
  SELECT 'statistics', min(period_first_year), max(period_last_year) FROM core.statistic_series
  WHERE period_last_year IS NOT NULL HAVING count(*) > 0
)
SELECT period_id, first_year, last_year FROM laid ORDER BY period_id;
