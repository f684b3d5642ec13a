/*---
grain: {en: one technology after the decisions of the review, ja: 決定を反映した1技術}
inputs: [list.candidate, core.review_decision]
---*/
SELECT candidate.technology_id, candidate.status AS machine_status,
  CASE decided.decision
    WHEN 'accept' THEN 'listed' WHEN 'reject' THEN 'not_listed' WHEN 'merge' THEN 'merged'
      WHEN 'defer' THEN 'deferred'
    ELSE candidate.status END AS status,
  decided.decision, decided.into_technology_id, decided.event_digest,
  -- The decision was made on another proposal of the rules than this build's: it stands, and the reader is
  -- told.
  CASE WHEN decided.decision IS NOT NULL THEN decided.machine_status <> candidate.status END AS is_overtaken
FROM list.candidate AS candidate
LEFT JOIN core.review_decision AS decided
  ON decided.technology_id = candidate.technology_id AND decided.technology_id <> $without
ORDER BY candidate.technology_id
