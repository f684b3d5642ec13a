/*---
tables: [cluster.front, cluster.member, cluster.label]
grain:
  en: "one technology with three axes in cluster.front, one cluster in cluster.label, one assessed technology
    in cluster.member"
  ja: "cluster.frontは3軸の揃う1技術、cluster.labelは1群、cluster.memberは評価した1技術"
inputs: [core.technology, score.technology, score.draw]
---*/
CREATE OR REPLACE TABLE cluster.label (
  cluster_id INTEGER NOT NULL PRIMARY KEY CHECK (cluster_id >= 1),
  label_en VARCHAR NOT NULL,
  label_ja VARCHAR NOT NULL,
  n_members INTEGER NOT NULL CHECK (n_members >= 1),
  stability DOUBLE NOT NULL CHECK (stability BETWEEN 0 AND 1),
  centre_autonomy DOUBLE,
  centre_superiority DOUBLE,
  centre_indispensability DOUBLE
);
COMMENT ON TABLE cluster.label IS
  'Each row is one cluster of technologies with similar axis scores / 軸の得点が似た技術の1群';
COMMENT ON COLUMN cluster.label.cluster_id IS
  'Cluster, numbered from the highest centre on superiority / 群（中心の優位性が高い順）';
COMMENT ON COLUMN cluster.label.label_en IS
  'Label from the levels of the centre, English / 中心の水準から作った名称（英語）';
COMMENT ON COLUMN cluster.label.label_ja IS
  'Label from the levels of the centre, Japanese / 中心の水準から作った名称（日本語）';
COMMENT ON COLUMN cluster.label.n_members IS 'Technologies in the cluster / 群に属する技術の数';
COMMENT ON COLUMN cluster.label.stability IS
  'Share of pairs of members that stay together in most runs over the draws; for a single member, of runs '
  'in which it stands alone '
  '/ 大半の試行で同じ群に残る組の割合（単独の群は単独となった試行の割合）';
COMMENT ON COLUMN cluster.label.centre_autonomy IS 'Mean autonomy of the members / 自律性の平均';
COMMENT ON COLUMN cluster.label.centre_superiority IS 'Mean superiority of the members / 優位性の平均';
COMMENT ON COLUMN cluster.label.centre_indispensability IS
  'Mean indispensability of the members / 不可欠性の平均';

CREATE OR REPLACE TABLE cluster.member (
  technology_id VARCHAR NOT NULL PRIMARY KEY,
  cluster_id INTEGER,
  stability DOUBLE CHECK (stability BETWEEN 0 AND 1),
  status VARCHAR NOT NULL CHECK (status IN ('clustered', 'unclustered')),
  reason VARCHAR,
  CHECK ((status = 'clustered') = (cluster_id IS NOT NULL)),
  CHECK ((status = 'clustered') = (reason IS NULL))
);
COMMENT ON TABLE cluster.member IS
  'Each row is one assessed technology and its cluster, or why it has none '
  '/ 評価した1技術とその群、または群がない理由';
COMMENT ON COLUMN cluster.member.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN cluster.member.cluster_id IS 'Cluster; NULL when unclustered / 群。未分類ではNULL';
COMMENT ON COLUMN cluster.member.stability IS
  'Share of fellow members x runs over the draws in which they stay together '
  '/ 同じ群の技術と試行を通じて一緒に残る割合';
COMMENT ON COLUMN cluster.member.status IS 'clustered or unclustered / 分類済みまたは未分類';
COMMENT ON COLUMN cluster.member.reason IS
  'Why there is no cluster, a key of reasons in scoring.yaml / 群がない理由（scoring.yamlのreasonsの見出し）';

CREATE OR REPLACE TABLE cluster.front (
  technology_id VARCHAR NOT NULL PRIMARY KEY,
  pareto_front INTEGER NOT NULL CHECK (pareto_front >= 1)
);
COMMENT ON TABLE cluster.front IS
  'Each row is one technology with a score on every axis, and its Pareto front '
  '/ 3軸すべてに得点のある1技術とそのパレート前線';
COMMENT ON COLUMN cluster.front.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN cluster.front.pareto_front IS
  '1: no other technology is at least as high on every axis and higher on one; 2: so once front 1 is '
  'removed; and so on '
  '/ 1：すべての軸で同等以上かつ一つで上回る技術がない。2：1を除いたとき。以下同様';
