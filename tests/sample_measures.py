"""Measures of the sample world, from its files by DuckDB alone, by the formulas of the method.

Nothing of listgen is used here: what is planted must be found by somebody who only has the bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import duckdb

FOCAL = "JP"
WORKS, FAMILIES = (2019, 2023), (2018, 2022)

_WORK_COLUMNS = """{id: 'VARCHAR', publication_year: 'INTEGER', cited_by_count: 'BIGINT',
  is_retracted: 'BOOLEAN', updated_date: 'VARCHAR',
 topics: 'STRUCT(id VARCHAR)[]', referenced_works: 'VARCHAR[]',
 citation_normalized_percentile: 'STRUCT(is_in_top_10_percent BOOLEAN)',
 authorships: 'STRUCT(institutions STRUCT(id VARCHAR, country_code VARCHAR)[])[]'}"""
_PATENT_COLUMNS = """{publication_number: 'VARCHAR', country_code: 'VARCHAR', family_id: 'VARCHAR',
  priority_date: 'BIGINT',
 inventor_harmonized: 'STRUCT(name VARCHAR, country_code VARCHAR)[]', cpc: 'STRUCT(code VARCHAR)[]',
 citation: 'STRUCT(publication_number VARCHAR, npl_text VARCHAR)[]'}"""


def load(
    folder: Path, topics: Mapping[str, list[str]], codes: Mapping[str, list[str]]
) -> duckdb.DuckDBPyConnection:
    """Return a connection with the works and families of a generated world, duplicates resolved."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("CREATE TABLE technology_topic (technology VARCHAR, topic VARCHAR)")
    con.executemany(
        "INSERT INTO technology_topic VALUES (?, ?)",
        [(name, topic) for name, own in topics.items() for topic in own],
    )
    con.execute("CREATE TABLE technology_cpc (technology VARCHAR, prefix VARCHAR)")
    con.executemany(
        "INSERT INTO technology_cpc VALUES (?, ?)",
        [(name, prefix) for name, own in codes.items() for prefix in own],
    )
    _load_works(con, folder)
    _load_families(con, folder)
    return con


def _load_works(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    path = folder / "openalex/data/jsonl/works/*/*.gz"
    con.execute(f"""
        CREATE TABLE line AS SELECT * FROM read_json('{path}', format = 'newline_delimited',
          hive_partitioning = false,
            columns = {_WORK_COLUMNS});
        CREATE TABLE work AS SELECT * FROM line QUALIFY row_number() OVER (PARTITION BY id
          ORDER BY updated_date DESC) = 1;
        CREATE TABLE author AS SELECT id, len(authorships) AS n_authors, unnest(authorships) AS author
          FROM work;
        CREATE TABLE affiliation AS
            SELECT id, 1.0 / n_authors / len(author.institutions) AS weight,
              unnest(author.institutions) AS institution
            FROM author WHERE len(author.institutions) > 0;
        CREATE TABLE weight AS
            SELECT id AS item, institution.country_code AS country, sum(weight) AS weight
            FROM affiliation WHERE institution.country_code IS NOT NULL GROUP BY ALL;
        CREATE TABLE topic AS SELECT id, unnest(topics).id AS topic FROM work;
        CREATE TABLE technology_work AS
            SELECT technology, id AS item, publication_year AS year, cited_by_count AS cited
            FROM work JOIN technology_topic
              ON 'https://openalex.org/' || technology_topic.topic = work.topics[1].id
            WHERE NOT is_retracted;
        CREATE TABLE top AS
            WITH cell AS (SELECT technology, year, cited, count(*) AS n_tied FROM technology_work
              GROUP BY ALL),
            placed AS (SELECT *, sum(n_tied) OVER w AS n_all, coalesce(sum(n_tied) OVER (w ORDER BY cited DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS n_above
                  FROM cell WINDOW w AS (PARTITION BY technology, year))
            SELECT technology, year, cited, greatest(0, least(1, (0.1 * n_all - n_above) / n_tied)) AS share
              FROM placed;
        CREATE TABLE reference AS SELECT id AS citing, unnest(referenced_works) AS cited FROM work;
    """)


def _load_families(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    path = folder / "google_patents/*.jsonl.gz"
    con.execute(f"""
        CREATE TABLE publication AS SELECT *
          FROM read_json('{path}', format = 'newline_delimited', columns = {_PATENT_COLUMNS});
        CREATE TABLE family AS
            SELECT family_id AS item, min(nullif(priority_date, 0)) // 10000 AS year, count(*) AS n_members,
                count(DISTINCT country_code) FILTER (country_code IN ('EP', 'JP', 'KR', 'CN', 'US')) >= 2
                OR bool_or(country_code = 'WO') AS is_abroad
            FROM publication GROUP BY family_id;
        CREATE TABLE inventor AS SELECT DISTINCT family_id, unnest(inventor_harmonized) AS inventor
          FROM publication;
        CREATE TABLE family_weight AS
            SELECT family_id AS item, inventor.country_code AS country,
              count(*) / sum(count(*)) OVER (PARTITION BY family_id) AS weight
            FROM inventor WHERE inventor.country_code <> '' GROUP BY family_id, inventor.country_code;
        CREATE TABLE code AS SELECT DISTINCT family_id, unnest(cpc).code AS code FROM publication;
        CREATE TABLE technology_family AS
            SELECT DISTINCT technology, item, year FROM code JOIN family ON item = family_id
            JOIN technology_cpc ON starts_with(code, prefix);
        CREATE TABLE citation AS SELECT DISTINCT family_id AS citing,
          unnest(citation).publication_number AS number FROM publication;
        CREATE TABLE family_reference AS
            SELECT citing, number, publication.family_id AS cited FROM citation LEFT JOIN publication
              ON number = publication_number
            WHERE number <> '';
    """)


def top_shares(
    con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int] = WORKS
) -> dict[str, float]:
    """Return S1 of every country: its fractional share of the top 10 %, ties shared."""
    rows = con.execute(
        """WITH chosen AS (SELECT item, share FROM technology_work JOIN top USING (technology, year, cited)
               WHERE technology = ? AND year BETWEEN ? AND ?)
           SELECT country, sum(share * weight) / (SELECT sum(share) FROM chosen) AS s1
           FROM chosen JOIN weight USING (item) GROUP BY country ORDER BY s1 DESC""",
        [technology, *years],
    ).fetchall()
    return dict(rows)


def count_top(con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int] = WORKS) -> float:
    """Return the number of top-10 % works in the window (the tie weights' sum)."""
    query = (
        "SELECT sum(share) FROM technology_work JOIN top USING (technology, year, cited) WHERE technology = ?"
        " AND year BETWEEN ? AND ?"
    )
    return float(con.execute(query, [technology, *years]).fetchall()[0][0] or 0.0)


def elite_countries(con: duckdb.DuckDBPyConnection, technology: str, n: int) -> list[str]:
    """Return the countries of the n institutions with the most top-10 % credit."""
    rows = con.execute(
        """SELECT institution.country_code FROM technology_work JOIN top USING (technology, year, cited)
  JOIN affiliation ON id = item
           WHERE technology = ? AND year BETWEEN ? AND ? AND institution.country_code IS NOT NULL
           GROUP BY institution.id, institution.country_code
           ORDER BY sum(share * weight) DESC, institution.id LIMIT ?""",
        [technology, *WORKS, n],
    ).fetchall()
    return [row[0] for row in rows]


def monopoly(con: duckdb.DuckDBPyConnection, technology: str) -> tuple[str, int, float]:
    """Return the leading country, its institutions among the ten best, and its ratio to the second."""
    (leader, first), (_, second) = list(top_shares(con, technology).items())[:2]
    return leader, elite_countries(con, technology, 10).count(leader), first / second


def flows(
    con: duckdb.DuckDBPyConnection, technology: str, basis: str
) -> tuple[dict[tuple[str, str], float], float]:
    """Return D[citing country, cited country] of a technology and the resolved share of its references."""
    items, reference, weights, years = {
        "works": (
            "technology_work",
            "(SELECT citing, cited AS number, cited FROM reference)",
            "weight",
            WORKS,
        ),
        "families": ("technology_family", "family_reference", "family_weight", FAMILIES),
    }[basis]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE used AS SELECT DISTINCT citing, number, r.cited AS cited
  FROM {reference} AS r
            JOIN {items} ON citing = item WHERE technology = ? AND year BETWEEN ? AND ?""",
        [technology, *years],
    )
    cells = con.execute(
        f"""SELECT a.country, b.country, sum(a.weight * b.weight) FROM used JOIN {weights} AS a
  ON a.item = citing
            JOIN {weights} AS b ON b.item = cited GROUP BY ALL"""
    ).fetchall()
    coverage = con.execute(
        f"SELECT avg(CASE WHEN cited IN (SELECT item FROM {weights}) THEN 1.0 ELSE 0.0 END) FROM used"
    ).fetchall()[0][0]
    return {(citing, cited): float(flow) for citing, cited, flow in cells}, float(coverage or 0.0)


def dependence(flow: Mapping[tuple[str, str], float], n_countries: int) -> tuple[float, float]:
    """Return A1 (foreign dependence) and A3 (normalised concentration of foreign sources), focal country."""
    row = {cited: value for (citing, cited), value in flow.items() if citing == FOCAL}
    abroad = {cited: value for cited, value in row.items() if cited != FOCAL}
    total = sum(abroad.values())
    hhi = sum((value / total) ** 2 for value in abroad.values())
    m = n_countries - 1
    return total / sum(row.values()), (hhi - 1 / m) / (1 - 1 / m)


def reliance(flow: Mapping[tuple[str, str], float]) -> tuple[float, float, float]:
    """Return I1 (inbound reliance), I2 (breadth) and I3 (removal impact, gamma 0.5) of the focal country."""
    citing_countries = {citing for citing, _ in flow if citing != FOCAL}
    abroad = {c: {k: v for (a, k), v in flow.items() if a == c and k != c} for c in citing_countries}
    activity = {c: sum(v for (a, _), v in flow.items() if a == c) for c in citing_countries}
    everything = sum(sum(sources.values()) for sources in abroad.values())
    inbound = sum(sources.get(FOCAL, 0.0) for sources in abroad.values()) / everything
    total = sum(activity.values())
    breadth = impact = 0.0
    for country, sources in abroad.items():
        share = sources.get(FOCAL, 0.0) / (sum(sources.values()) or 1.0)
        if FOCAL in sorted(sources, key=lambda key: -sources[key])[:3]:
            breadth += activity[country] / total
        impact += activity[country] / total * max(0.0, share - 0.5 * (1 - share))
    return inbound, breadth, impact


def quality(con: duckdb.DuckDBPyConnection, technology: str) -> float:
    """Return S2 of the focal country: its share in the provider's field-wide top 10 %, over 10 %."""
    return float(
        con.execute(
            """SELECT sum(weight * CAST(citation_normalized_percentile.is_in_top_10_percent AS INTEGER))
  / sum(weight) / 0.1
               FROM technology_work JOIN weight USING (item) JOIN work ON id = item
               WHERE technology = ? AND country = ? AND year BETWEEN ? AND ?
                 AND citation_normalized_percentile IS NOT NULL""",
            [technology, FOCAL, *WORKS],
        ).fetchall()[0][0]
    )


def invention(con: duckdb.DuckDBPyConnection, technology: str) -> tuple[float, float]:
    """Return S5 (share of international families) and S6 (symmetric specialisation) of the focal country."""
    share = con.execute(
        """SELECT sum(weight) FILTER (country = $focal) / count(DISTINCT item) FROM technology_family
  JOIN family USING (item)
           LEFT JOIN family_weight USING (item) WHERE technology = $name AND is_abroad
             AND technology_family.year BETWEEN $a AND $b""",
        {"focal": FOCAL, "name": technology, "a": FAMILIES[0], "b": FAMILIES[1]},
    ).fetchall()[0][0]
    inside, overall = con.execute(
        """WITH w AS (SELECT item, country, weight, item IN (SELECT item FROM technology_family
  WHERE technology = $name) AS is_inside
               FROM family_weight JOIN family USING (item) WHERE year BETWEEN $a AND $b)
           SELECT sum(weight) FILTER (is_inside AND country = $focal) / sum(weight) FILTER (is_inside),
               sum(weight) FILTER (country = $focal) / sum(weight) FROM w""",
        {"focal": FOCAL, "name": technology, "a": FAMILIES[0], "b": FAMILIES[1]},
    ).fetchall()[0]
    ratio = inside / overall
    return float(share or 0.0), float((ratio - 1) / (ratio + 1))


def scale(value: float, low: float, high: float) -> float:
    """Return a value on fixed goalposts, 0 to 100, clipped."""
    return 100 * min(1.0, max(0.0, (value - low) / (high - low)))


def superiority(con: duckdb.DuckDBPyConnection, technology: str) -> float:
    """Return the focal country's superiority with the default importances."""
    shares = top_shares(con, technology)
    lead = math.log(shares[FOCAL] / max(value for code, value in shares.items() if code != FOCAL))
    elite = elite_countries(con, technology, 50).count(FOCAL) / 50
    research = (
        scale(shares[FOCAL], 0, 0.4)
        + scale(quality(con, technology), 0, 3)
        + 0.5 * scale(lead, -3, 1.5)
        + 0.5 * scale(elite, 0, 0.5)
    )
    international, special = invention(con, technology)
    return 0.6 * research / 3 + 0.4 * (scale(international, 0, 0.4) + 0.5 * scale(special, -1, 1)) / 1.5


def autonomy(con: duckdb.DuckDBPyConnection, technology: str) -> tuple[float, dict[str, tuple[float, float]]]:
    """Return the focal country's autonomy from works and families (no supply), and A1 and A3 of each."""
    found = {basis: dependence(flows(con, technology, basis)[0], 15) for basis in ("works", "families")}
    return sum(scale(value, 1, 0) for pair in found.values() for value in pair) / 4, found


def indispensability(
    con: duckdb.DuckDBPyConnection, technology: str
) -> tuple[float, dict[str, tuple[float, float, float]]]:
    """Return the focal country's indispensability from works and families (no supply), and I1-I3."""
    found = {basis: reliance(flows(con, technology, basis)[0]) for basis in ("works", "families")}
    posts = ((0, 0.4), (0, 1), (0, 0.3))
    return (
        sum(
            scale(value, *post)
            for values in found.values()
            for value, post in zip(values, posts, strict=True)
        )
        / 6,
        found,
    )


def supply_concentration(
    con: duckdb.DuckDBPyConnection, folder: Path, links: list[tuple[str, str, float]], years: tuple[int, int]
) -> tuple[float, float]:
    """Return A7 (concentration of world supply) and I6 (Japan's share), weighted by materials' importance."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE supply AS SELECT * FROM read_csv('{folder / 'supply/production.csv'}',"
        " header = true)"
    )
    hhi = share = 0.0
    for commodity, stage, importance in links:
        rows = con.execute(
            "SELECT country, sum(quantity) FROM supply WHERE commodity = ? AND stage = ? AND year BETWEEN ?"
            " AND ? GROUP BY country",
            [commodity, stage, *years],
        ).fetchall()
        world = dict(rows)["World"]
        hhi += importance * sum((quantity / world) ** 2 for country, quantity in rows if country != "World")
        share += importance * dict(rows).get("Japan", 0) / world
    total = sum(importance for _, _, importance in links)
    return hhi / total, share / total
