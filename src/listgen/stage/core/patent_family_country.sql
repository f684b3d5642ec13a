/*---
table: core.patent_family_country
grain: {en: one country of one family in one role, ja: ファミリー・役割・国の組1つ}
inputs: [patent_person, core.country, core.patent_publication]
---*/
CREATE TABLE core.patent_family_country (
  family_id VARCHAR NOT NULL,
  role VARCHAR NOT NULL CHECK (role IN ('inventor', 'applicant', 'first_filing')),
  country_code VARCHAR NOT NULL,
  weight DECIMAL(18, 12) NOT NULL CHECK (weight > 0 AND weight <= 1),
  attribution VARCHAR NOT NULL CHECK (attribution IN ('residence', 'office')),
  source_id VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_family_country IS
  'Each row is the share of one known country in one family, by inventors, by applicants or by the office '
  'of the first filing '
  '/ 各行はファミリーにおける国1つの按分（発明者、出願人、または最初の出願の庁による）';
COMMENT ON COLUMN core.patent_family_country.family_id IS 'Patent family / ファミリーID';
COMMENT ON COLUMN core.patent_family_country.role IS
  'inventor, applicant or first_filing; only inventors are counted in indicators '
  '/ 発明者、出願人、最初の出願の庁（指標に用いるのは発明者のみ）';
COMMENT ON COLUMN core.patent_family_country.country_code IS
  'Country: of residence, or of the office / 国（居住国または庁の国）';
COMMENT ON COLUMN core.patent_family_country.weight IS
  'Persons of the country / persons whose country is known; a family and role sum to exactly 1 '
  '/ その国の人数÷国の判明した人数（合計は正確に1）';

COMMENT ON COLUMN core.patent_family_country.attribution IS
  'residence = addresses of persons, office = where it was filed first, which says nothing about who lives '
  'where; EP and WO are no country '
  '/ residence＝人の住所、office＝最初の出願の庁（居住国を示さない。EP・WOは国ではない）';
COMMENT ON COLUMN core.patent_family_country.source_id IS
  'Source that speaks for the family in this role / この役割でファミリーを代表する情報源';

INSERT INTO core.patent_family_country
WITH known AS (
  SELECT person.family_id, person.role, person.preference, person.document_id, person.country_code,
    sum(person.n_persons) AS n_persons,
    min(person.source_id) AS source_id
  FROM patent_person AS person JOIN core.country AS country USING (country_code)
  GROUP BY person.family_id, person.role, person.preference, person.document_id, person.country_code
),
document AS (
  SELECT family_id, role, preference, document_id, sum(n_persons) AS n_known
  FROM known
  GROUP BY family_id, role, preference, document_id
),
chosen AS (
  -- One document speaks for the family: the source preferred, then the one that places most persons, then the
  -- first by number.
  SELECT family_id, role, arg_min((document_id, preference, n_known), (preference, -n_known, document_id))
    AS document
  FROM document
  GROUP BY family_id, role
),
share AS (
  -- In units of 1e-12, cut to whole units; what is left goes to the family's first country.
  SELECT known.family_id, known.role, known.country_code, known.source_id,
    CAST(known.n_persons AS BIGINT) * 1000000000000 // CAST(chosen.document[3] AS BIGINT) AS units
  FROM known JOIN chosen ON chosen.family_id = known.family_id AND chosen.role = known.role
    AND chosen.document[1] = known.document_id
    AND chosen.document[2] = known.preference
),
rest AS (
  SELECT family_id, role, min(country_code) AS country_code, 1000000000000 - sum(units) AS units FROM share
    GROUP BY family_id, role
),
first_filing AS (
  SELECT family_id, arg_min((first_filing_office_code, source_id),
    (priority_date, filing_date, publication_number)) AS first_filing
  FROM core.patent_publication WHERE first_filing_office_code IS NOT NULL GROUP BY family_id
)
SELECT share.family_id, share.role, share.country_code,
  CAST(share.units + CASE WHEN share.country_code = rest.country_code THEN rest.units
    ELSE 0 END AS DECIMAL(13, 0)) * 0.000000000001 AS weight,
  'residence' AS attribution, share.source_id
FROM share JOIN rest USING (family_id, role)
UNION ALL
SELECT first_filing.family_id, 'first_filing', country.country_code, 1, 'office', first_filing.first_filing[2]
FROM first_filing JOIN core.country AS country ON country.country_code = first_filing.first_filing[1]
ORDER BY family_id, role, country_code;
