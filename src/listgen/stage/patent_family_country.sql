/*---
table: core.patent_family_country
grain: {en: one country of one family in one role, ja: ファミリー・役割・国の組1つ}
inputs: [patent_person, core.country]
---*/
CREATE TABLE core.patent_family_country (
  family_id VARCHAR NOT NULL,
  role VARCHAR NOT NULL CHECK (role IN ('inventor', 'applicant')),
  country_code VARCHAR NOT NULL,
  weight DECIMAL(18, 12) NOT NULL CHECK (weight > 0 AND weight <= 1)
);
COMMENT ON TABLE core.patent_family_country IS 'Each row is the share of one known country in one family, by inventors or by applicants / 各行はファミリーにおける国1つの按分（発明者または出願人による）';
COMMENT ON COLUMN core.patent_family_country.family_id IS 'Patent family / ファミリーID';
COMMENT ON COLUMN core.patent_family_country.role IS 'inventor or applicant / 発明者か出願人か';
COMMENT ON COLUMN core.patent_family_country.country_code IS 'Country of residence / 居住国';
COMMENT ON COLUMN core.patent_family_country.weight IS 'Persons of the country / persons whose country is known; a family and role sum to exactly 1 / その国の人数÷国の判明した人数（合計は正確に1）';

INSERT INTO core.patent_family_country
WITH known AS (
  SELECT person.family_id, person.role, person.preference, person.document_id, person.country_code, sum(person.n_persons) AS n_persons
  FROM patent_person AS person JOIN core.country AS country USING (country_code)
  GROUP BY ALL
),
document AS (
  -- One document speaks for the family: the source preferred, then the one that places most persons, then the first by number.
  SELECT family_id, role, preference, document_id, sum(n_persons) AS n_known,
    row_number() OVER (PARTITION BY family_id, role ORDER BY preference, sum(n_persons) DESC, document_id) AS position
  FROM known
  GROUP BY family_id, role, preference, document_id
),
share AS (
  -- In units of 1e-12, cut to whole units; what is left goes to the family's first country.
  SELECT known.family_id, known.role, known.country_code,
    CAST(known.n_persons AS BIGINT) * 1000000000000 // CAST(document.n_known AS BIGINT) AS units,
    row_number() OVER (PARTITION BY known.family_id, known.role ORDER BY known.country_code) AS position
  FROM known JOIN document USING (family_id, role, preference, document_id)
  WHERE document.position = 1
),
rest AS (
  SELECT family_id, role, 1000000000000 - sum(units) AS units FROM share GROUP BY family_id, role
)
SELECT share.family_id, share.role, share.country_code,
  CAST(share.units + CASE WHEN share.position = 1 THEN rest.units ELSE 0 END AS DECIMAL(13, 0)) * 0.000000000001 AS weight
FROM share JOIN rest USING (family_id, role)
ORDER BY share.family_id, share.role, share.country_code;
