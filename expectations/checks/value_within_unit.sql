/*---
id: value_within_unit
gate: ind
table: ind.value
severity: critical
key: [indicator_id, technology_id, country_code]
inputs: [ind.value, ind.definition]
expect:
  en: a value lies within the bounds of its unit, its interval too
  ja: 値は区間も含め単位の範囲内にある
why:
  en: A share above the whole means that the numerator is not a part of the denominator.
  ja: 全体を超える割合は、分子が分母の一部でないことを示す。
---*/
WITH bound AS (
  SELECT indicator_id, unit,
    CASE WHEN unit = 'index (-1 to 1)' THEN -1 WHEN unit IN ('share', 'index (0 to 1)')
      OR starts_with(unit, 'ratio') THEN 0 END AS lowest,
    CASE WHEN unit IN ('share', 'index (0 to 1)', 'index (-1 to 1)') THEN 1 END AS highest
  FROM ind.definition
)
SELECT value.indicator_id, value.technology_id, value.country_code, value.value, value.value_lo,
  value.value_hi, bound.unit
FROM ind.value AS value
JOIN bound ON bound.indicator_id = value.indicator_id
WHERE least(value.value, value.value_lo, value.value_hi) < bound.lowest - 1e-9
  OR greatest(value.value, value.value_lo, value.value_hi) > bound.highest + 1e-9
