"""Measures of the joined world, from the raw store by DuckDB alone, by the formulas of the method.

Nothing of listgen is used here: somebody who has the bytes must come to the same figures. Archives and XML,
which DuckDB does not read, are unpacked with the standard library.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

_EXCHANGE = "{http://www.epo.org/exchange}"
_OPS = "{http://ops.epo.org}"
_WORK = """{results: 'STRUCT(id VARCHAR, doi VARCHAR, publication_year INTEGER, cited_by_count BIGINT,
 is_retracted BOOLEAN, primary_topic STRUCT(id VARCHAR),
 citation_normalized_percentile STRUCT(is_in_top_10_percent BOOLEAN), referenced_works VARCHAR[],
 authorships STRUCT(institutions STRUCT(country_code VARCHAR)[])[])[]'}"""


def held(root: Path, source_id: str) -> Iterator[tuple[str, Path]]:
    """Give names and places of the files of a source's newest snapshot."""
    record = sorted((root / "data" / "raw" / "snapshots" / source_id).glob("*.json"))[-1]
    for file in json.loads(record.read_text())["files"]:
        yield (
            file["file_name"],
            root / "data" / "raw" / "sha256" / file["raw_digest"][:2] / file["raw_digest"],
        )


def load(root: Path, scratch: Path, technologies: Mapping[str, tuple[str, str]]) -> duckdb.DuckDBPyConnection:
    """Return a connection with works, families, their countries and citations.

    Args:
        root: The workspace; only its raw store is read.
        scratch: Where tables are unpacked.
        technologies: Topic and CPC symbol of each.
    """
    con = duckdb.connect()
    con.execute("CREATE TABLE technology (technology VARCHAR, topic VARCHAR, symbol VARCHAR)")
    con.executemany(
        "INSERT INTO technology VALUES (?, ?, ?)", [(name, *own) for name, own in technologies.items()]
    )
    _load_works(con, root)
    _load_tables(con, root, scratch)
    _load_told(con, root)
    _load_families(con)
    return con


def _load_works(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    pages = [str(path) for name, path in held(root, "openalex") if name.startswith(("works/", "cited/"))]
    con.execute(f"""
        CREATE TABLE work AS
            SELECT DISTINCT ON (w.id) unnest(w)
              FROM (SELECT unnest(results) AS w FROM read_json({pages}, columns = {_WORK}));
        CREATE TABLE author AS SELECT id, len(authorships) AS n_authors, unnest(authorships) AS author
          FROM work;
        CREATE TABLE work_country AS
            SELECT id AS item, place.country_code AS country, sum(1.0 / n_authors / n_places) AS weight
            FROM (SELECT id, n_authors, len(author.institutions) AS n_places,
              unnest(author.institutions) AS place FROM author)
            WHERE place.country_code IS NOT NULL GROUP BY ALL;
        CREATE TABLE technology_work AS
            SELECT technology, id AS item, publication_year AS year, cited_by_count AS cited,
                citation_normalized_percentile.is_in_top_10_percent AS is_top
            FROM work JOIN technology ON 'https://openalex.org/' || topic = primary_topic.id
              WHERE NOT is_retracted;
        CREATE TABLE work_citation AS
            SELECT DISTINCT id AS citing, cited FROM (SELECT id, unnest(referenced_works) AS cited FROM work)
              WHERE id <> cited;
    """)


def _load_tables(con: duckdb.DuckDBPyConnection, root: Path, scratch: Path) -> None:
    """Make a table of text of every table of the portal."""
    scratch.mkdir()
    for name, path in held(root, "patentsview"):
        if name.endswith(".tsv.zip"):
            with zipfile.ZipFile(path) as archive:
                table = Path(archive.extract(archive.namelist()[0], scratch))
            con.execute(
                f"CREATE TABLE {table.stem} AS FROM read_csv('{table}', delim = '\t', quote = '\"',"
                " all_varchar = true, nullstr = ['', '\\N'])"
            )


def _load_told(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make `told`: publications the EPO lists, with the number of their simple family."""
    rows = []
    for name, path in held(root, "epo_ops"):
        if name.endswith(".xml"):
            for member in ET.parse(path).getroot().iter(f"{_OPS}family-member"):
                number = member.find(
                    f"{_EXCHANGE}publication-reference/{_EXCHANGE}document-id[@document-id-type='docdb']"
                )
                rows.append(
                    (
                        number.find(f"{_EXCHANGE}country").text,
                        number.find(f"{_EXCHANGE}doc-number").text,
                        member.get("family-id"),
                    )
                )
    con.execute("CREATE TABLE told (office VARCHAR, number VARCHAR, family VARCHAR)")
    con.executemany("INSERT INTO told VALUES (?, ?, ?)", sorted(set(rows)))


def _load_families(con: duckdb.DuckDBPyConnection) -> None:
    """Make families: grant and own application together, and what the EPO says belongs with them."""
    con.execute("""
        CREATE TABLE document AS
            SELECT a.patent_id, p.pgpub_id, coalesce(g.family, f.family, a.patent_id) AS family,
              g.family IS NOT NULL OR f.family IS NOT NULL AS is_told,
                least(year(CAST(p.filing_date AS DATE)),
                CASE WHEN a.filing_date > '1700' THEN year(CAST(a.filing_date AS DATE)) END) AS year
            FROM g_application AS a JOIN pg_published_application AS p USING (application_id)
            LEFT JOIN told AS g ON g.office = 'US' AND g.number = a.patent_id
            LEFT JOIN told AS f ON f.office = 'US'
              AND f.number = left(p.pgpub_id, 4) || substr(p.pgpub_id, 6);
        CREATE TABLE family AS SELECT family AS item, min(year) AS year, bool_or(is_told) AS is_told
          FROM document GROUP BY family;
        CREATE TABLE technology_family AS
            SELECT DISTINCT technology, family AS item, family.year
            FROM g_cpc_current JOIN technology ON starts_with(cpc_group, symbol)
              JOIN document USING (patent_id) JOIN family ON item = family;
        -- The grant with most inventors whose country is known speaks for its family.
        CREATE TABLE inventor AS
            SELECT family, patent_id, disambig_country AS country, count(*) AS n
            FROM g_inventor_disambiguated JOIN g_location_disambiguated USING (location_id)
              JOIN document USING (patent_id) GROUP BY ALL;
        CREATE TABLE family_country AS
            WITH speaking AS (
                SELECT DISTINCT ON (family) family, patent_id, sum(n) AS n_known FROM inventor
                  GROUP BY family, patent_id
                ORDER BY family, n_known DESC, patent_id)
            SELECT family AS item, country, n / n_known AS weight FROM inventor
              JOIN speaking USING (family, patent_id);
        CREATE TABLE reach AS
            SELECT family AS item, count(DISTINCT office) FILTER (office IN ('US', 'EP', 'JP', 'CN',
              'KR')) >= 2 OR bool_or(office = 'WO') AS is_abroad
            FROM told GROUP BY family;
        CREATE TABLE reference AS
            SELECT citing.family AS citing, 'US' || citation_patent_id AS document, cited.family AS cited
            FROM g_us_patent_citation JOIN document AS citing USING (patent_id)
            LEFT JOIN document AS cited ON cited.patent_id = citation_patent_id
            UNION
            SELECT citing.family, 'US' || citation_document_number, cited.family
            FROM g_us_application_citation JOIN document AS citing USING (patent_id)
            LEFT JOIN document AS cited ON cited.pgpub_id = citation_document_number
            UNION
            SELECT citing.family, citation_country || regexp_replace(citation_application_id, '[^0-9]', ''),
              t.family
            FROM g_foreign_citation JOIN document AS citing USING (patent_id)
            LEFT JOIN told AS t ON t.office = citation_country
              AND t.number = regexp_replace(citation_application_id, '[^0-9]', '');
        CREATE TABLE family_reference AS FROM reference WHERE cited IS DISTINCT FROM citing;
        CREATE TABLE family_citation AS SELECT DISTINCT citing, cited FROM family_reference
          WHERE cited IS NOT NULL;
    """)


def flows(
    con: duckdb.DuckDBPyConnection, basis: str, technology: str, years: tuple[int, int]
) -> dict[tuple[str, str], float]:
    """Return the matrix of who cites whom: works or families."""
    one = {"works": "work", "families": "family"}[basis]
    rows = con.execute(
        f"""SELECT mine.country, theirs.country, sum(mine.weight * theirs.weight)
        FROM technology_{one} AS member JOIN {one}_citation AS citation ON citation.citing = member.item
        JOIN {one}_country AS mine ON mine.item = citation.citing JOIN {one}_country AS theirs
          ON theirs.item = citation.cited
        WHERE member.technology = $technology AND member.year BETWEEN $first AND $last GROUP BY ALL""",
        {"technology": technology, "first": years[0], "last": years[1]},
    ).fetchall()
    return {(citing, cited): flow for citing, cited, flow in rows}


def foreign_dependence(matrix: Mapping[tuple[str, str], float], country: str) -> float:
    """A1: what a country cites abroad over all it cites."""
    own = {cited: flow for (citing, cited), flow in matrix.items() if citing == country}
    return 1 - own.get(country, 0.0) / sum(own.values())


def source_concentration(matrix: Mapping[tuple[str, str], float], country: str, n_sources: int) -> float:
    """A3: the concentration of the foreign sources over so many possible ones, from 0 (even) to 1 (one)."""
    abroad = [flow for (citing, cited), flow in matrix.items() if citing == country and cited != country]
    hhi = sum((flow / sum(abroad)) ** 2 for flow in abroad)
    return (hhi - 1 / n_sources) / (1 - 1 / n_sources)


def inbound_reliance(matrix: Mapping[tuple[str, str], float], country: str) -> float:
    """I1: of what others cite abroad, the share of the country."""
    others = {pair: flow for pair, flow in matrix.items() if pair[0] != country and pair[0] != pair[1]}
    return sum(flow for pair, flow in others.items() if pair[1] == country) / sum(others.values())


def removal_impact(
    matrix: Mapping[tuple[str, str], float], output: Mapping[str, float], country: str, room: float = 0.5
) -> float:
    """I3: what others lack of their foreign sources without the country, when the rest can grow by `room`.

    Each weighs by its output.
    """
    abroad: dict[str, dict[str, float]] = {}
    for (citing, cited), flow in matrix.items():
        if country != citing != cited:
            abroad.setdefault(citing, {})[cited] = flow
    lost = {one: sources.get(country, 0.0) / sum(sources.values()) for one, sources in abroad.items()}
    whole = sum(output[one] for one in abroad)
    return sum(output[one] * max(0.0, share - room * (1 - share)) for one, share in lost.items()) / whole


def output_of(
    con: duckdb.DuckDBPyConnection, basis: str, technology: str, years: tuple[int, int]
) -> dict[str, float]:
    """Return the fractional works or families of each country."""
    one = {"works": "work", "families": "family"}[basis]
    sql = f"""SELECT country, sum(weight) FROM technology_{one} JOIN {one}_country USING (item)
        WHERE technology = $technology AND year BETWEEN $first AND $last GROUP BY country"""
    return dict(con.execute(sql, {"technology": technology, "first": years[0], "last": years[1]}).fetchall())


def reference_coverage(
    con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int]
) -> tuple[int, int]:
    """Return the references of a technology's families, and those to a family with a known country."""
    sql = """SELECT count(*), count(*) FILTER (r.cited IN (SELECT item FROM family_country))
  FROM technology_family AS f
        JOIN family_reference AS r ON r.citing = f.item WHERE f.technology = $technology
          AND f.year BETWEEN $first AND $last"""
    return con.execute(sql, {"technology": technology, "first": years[0], "last": years[1]}).fetchall()[0]


def international_share(
    con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int], country: str
) -> float:
    """S5: the country's share of the families protected abroad."""
    sql = """SELECT sum(c.weight) FILTER (c.country = $country) / sum(c.weight) FROM technology_family AS f
  JOIN reach USING (item)
        JOIN family_country AS c USING (item) WHERE f.technology = $technology AND f.year BETWEEN $first
          AND $last AND is_abroad"""
    values = {"technology": technology, "first": years[0], "last": years[1], "country": country}
    return con.execute(sql, values).fetchall()[0][0]


def top_share(con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int], country: str) -> float:
    """S1: the country's share of the most cited tenth, ties shared."""
    sql = """
        WITH member AS (FROM technology_work WHERE technology = $technology AND year BETWEEN $first
          AND $last),
        level AS (SELECT year, cited, count(*) AS n FROM member GROUP BY ALL),
        placed AS (SELECT *, sum(n) OVER w AS n_all, sum(n) OVER (w ORDER BY cited DESC) - n AS n_above
          FROM level WINDOW w AS (PARTITION BY year)),
        top AS (SELECT year, cited, greatest(0, least(1, (0.1 * n_all - n_above) / n)) AS share FROM placed)
        SELECT sum(share * weight) FILTER (country = $country) / sum(share * weight)
        FROM member JOIN top USING (year, cited) JOIN work_country USING (item)"""
    values = {"technology": technology, "first": years[0], "last": years[1], "country": country}
    return con.execute(sql, values).fetchall()[0][0]


def cited_papers(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Return the works cited by the technology's families by DOI, each with its number of families."""
    return con.execute(
        """SELECT CAST(regexp_extract(id, '[0-9]+$') AS BIGINT), count(DISTINCT family) FROM g_other_reference
  JOIN document USING (patent_id)
        JOIN work ON 'https://doi.org/' || rtrim(regexp_extract(other_reference_text, '10[.][^ ]+'),
          '.') = doi
        WHERE family IN (SELECT item FROM technology_family) GROUP BY ALL ORDER BY ALL"""
    ).fetchall()


def science_linkage(
    con: duckdb.DuckDBPyConnection, technology: str, years: tuple[int, int], country: str
) -> float:
    """C1: of the country's families those that cite anything that is no patent."""
    sql = """SELECT sum(c.weight) FILTER (f.item IN (SELECT family FROM g_other_reference
  JOIN document USING (patent_id))) / sum(c.weight)
        FROM technology_family AS f JOIN family_country AS c USING (item)
        WHERE f.technology = $technology AND f.year BETWEEN $first AND $last AND c.country = $country"""
    values = {"technology": technology, "first": years[0], "last": years[1], "country": country}
    return con.execute(sql, values).fetchall()[0][0]
