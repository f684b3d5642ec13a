/*---
id: window_years_present
gate: core
table: core.technology_work
severity: warning
key: [period_id, period_year]
inputs: [core.period, core.technology_work, core.technology_family]
expect:
  en: every year of a window that holds works or families has some
  ja: 論文やファミリーのある期間では、どの年にも記録がある
why:
  en: >-
    A year without records inside a window is usually a part of the source that was not fetched; legitimate
    when the source declares its years.
  ja: 期間内に記録のない年は、多くは取得漏れである。出典が年の範囲を明示していれば正当。
---*/
WITH found AS (
  SELECT 'works' AS period_id, publication_year AS period_year, count(*) AS n_items FROM core.technology_work
    GROUP BY publication_year
  UNION ALL
  SELECT 'families', priority_year, count(*) FROM core.technology_family GROUP BY priority_year
),
expected AS (
  SELECT period_id, unnest(range(first_year, last_year + 1)) AS period_year
  FROM core.period
  WHERE period_id IN ('works', 'families')
)
SELECT expected.period_id, expected.period_year
FROM expected
WHERE EXISTS (SELECT 1 FROM found WHERE found.period_id = expected.period_id)
  AND NOT EXISTS (SELECT 1 FROM found WHERE found.period_id = expected.period_id
    AND found.period_year = expected.period_year)
