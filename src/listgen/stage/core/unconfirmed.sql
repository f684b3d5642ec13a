/*---
table: prov.unconfirmed
grain: {en: one query of one source whose answers did not add up, ja: 応答の数が合わなかった照会1つ}
inputs: [confirmed_request]
---*/
CREATE TABLE prov.unconfirmed (
  source_id VARCHAR NOT NULL,
  unit VARCHAR NOT NULL,
  n_answers BIGINT NOT NULL CHECK (n_answers >= 1),
  n_world BIGINT,
  PRIMARY KEY (source_id, unit)
);
COMMENT ON TABLE prov.unconfirmed IS
  'Each row is one query whose answers, asked for again, still did not come to the number the provider gave '
  '/ 各行は再度問い合わせても、提供者の示す件数に応答が合わなかった照会1つ';
COMMENT ON COLUMN prov.unconfirmed.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.unconfirmed.unit IS
  'The query, as the index of its answers names it / 照会（応答の索引での名）';
COMMENT ON COLUMN prov.unconfirmed.n_answers IS
  'Its answers that may be a part / 一部だけかもしれない応答の数';
COMMENT ON COLUMN prov.unconfirmed.n_world IS
  'The number the provider gave with them, the largest where it changed; NULL when it gave none '
  '/ 提供者が示した件数（変わった場合は最大、示さない場合はNULL）';

INSERT INTO prov.unconfirmed
SELECT source_id, unit, count(*) AS n_answers, max(n_world) AS n_world
FROM confirmed_request
WHERE is_unconfirmed
GROUP BY source_id, unit
ORDER BY source_id, unit;
