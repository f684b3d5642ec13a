"""The documents of one technology as sparse tables.

Whose they are, whom they cite, which institutions made them.

Reads: core.technology_work, core.work, core.work_country, core.work_reference, core.authorship,
    core.institution, core.technology_family, core.patent_family, core.patent_family_country,
    core.patent_citation, core.period
Writes: nothing
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from listgen.store.sqlfile import load_sql_dir
from listgen.store.warehouse import Statement, Warehouse
from listgen.worlds.resample import Floats, Ints, Keys, TopTenth

Span = dict[str, int]
_FILES = {
    "works": ("works", "works_cited", "works_institution"),
    "families": ("families", "families_cited"),
}


@dataclass(frozen=True)
class Evidence:
    """The documents of one technology on one basis; countries in the order of their codes.

    Attributes:
        items: One 64 bit hash per document.
        year: Year of each document.
        cited_by: Citations of each document.
        flag: 1 where it is in the field's top 10 % (a work) or international (a family), 0 where not, NaN
            unknown.
        is_universe: 1 where its source has all fields.
        own: Documents x countries: whose it is.
        pairs: Documents x pairs of a citing and a cited country.
        pair_places: Citing and cited country of each pair, pairs x 2.
        institutions: Documents x institutions, in the order of their ids.
        institution_country: Country of each institution, -1 unknown.
        codes: The countries.
        is_works: Works, not families.
    """

    items: Keys
    year: Ints
    cited_by: Ints
    flag: Floats
    is_universe: Floats
    own: Any  # scipy has no types
    pairs: Any
    pair_places: Ints
    institutions: Any
    institution_country: Ints
    codes: list[str]
    is_works: bool

    @classmethod
    def of(
        cls, owned: pl.DataFrame, cited: pl.DataFrame, institutions: pl.DataFrame | None = None
    ) -> Evidence:
        """Return the evidence of the rows of works.sql or families.sql and their companions."""
        documents = owned.unique("item", keep="first", maintain_order=True)
        codes = pl.concat([owned["country_code"], cited["country_code"]]).drop_nulls().unique().sort()
        place = pl.DataFrame({"country_code": codes}).with_row_index("country")
        row = documents.select("item").with_row_index("row")
        at = owned.drop_nulls("country_code").join(row, on="item").join(place, on="country_code")
        to = cited.join(row, on="item").join(place, on="country_code")
        pairs, pair_places = _pairs(at, to, documents.height)
        table, countries = _institutions(institutions, row, place)
        flag = documents["is_flagged"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        has_universe = "is_universe" in documents.columns
        return cls(
            items=documents["item"].to_numpy(),
            year=documents["year"].cast(pl.Int64).to_numpy(),
            cited_by=documents["cited_by"].to_numpy(),
            flag=flag,
            is_universe=(
                documents["is_universe"].cast(pl.Float64).to_numpy() if has_universe else np.ones_like(flag)
            ),
            own=_table(at, "weight", "country", (documents.height, len(codes))),
            pairs=pairs,
            pair_places=pair_places,
            institutions=table,
            institution_country=countries,
            codes=codes.to_list(),
            is_works=institutions is not None,
        )  # fmt: skip

    @cached_property
    def top_tenth(self) -> TopTenth:
        """Return the line of the most cited tenth of these documents."""
        return TopTenth(self.year, self.cited_by)


def _pairs(
    at: pl.DataFrame, to: pl.DataFrame, n_documents: int
) -> tuple[Any, Ints]:  # Any: scipy has no types
    """Return documents x pairs of a citing and a cited country, and the two countries of each pair."""
    pair = at.select("row", pl.col("country").alias("citing"), pl.col("weight").alias("own")).join(
        to.select("row", pl.col("country").alias("cited"), pl.col("weight").alias("cites")), on="row"
    )
    places = pair.select("citing", "cited").unique().sort("citing", "cited").with_row_index("pair")
    pair = pair.join(places, on=["citing", "cited"]).with_columns(flow=pl.col("own") * pl.col("cites"))
    both = places.select("citing", "cited").cast(pl.Int64).to_numpy()
    return _table(pair, "flow", "pair", (n_documents, places.height)), both


def _institutions(
    rows: pl.DataFrame | None, row: pl.DataFrame, place: pl.DataFrame
) -> tuple[Any, Ints]:  # Any: scipy has no types
    """Return documents x institutions in the order of their ids, and the country of each."""
    if rows is None:
        return csr_matrix((row.height, 0)), np.empty(0, dtype=np.int64)
    known = rows.select("institution_id", "country_code").unique().sort("institution_id")
    known = known.join(place, on="country_code", how="left", maintain_order="left")
    column = known.select("institution_id").with_row_index("column")
    found = rows.join(row, on="item").join(column, on="institution_id")
    countries = known["country"].cast(pl.Int64).fill_null(-1).to_numpy()
    return _table(found, "weight", "column", (row.height, known.height)), countries


def _table(rows: pl.DataFrame, value: str, column: str, shape: tuple[int, int]) -> Any:  # noqa: ANN401 - scipy has no types
    places = (rows["row"].to_numpy(), rows[column].to_numpy())
    return csr_matrix((rows[value].to_numpy(), places), shape=shape)


def added(table: Any, taken: Floats) -> Floats:  # noqa: ANN401 - scipy has no types
    """Return what the columns of a table add up to in each world, columns x draws."""
    return np.asarray(table.T @ taken)


def periods(warehouse: Warehouse) -> dict[str, Span]:
    """Return the first and last year of works and of families, where they have a window."""
    rows = warehouse.rows(
        "SELECT period_id, first_year, last_year FROM core.period WHERE period_id IN ('works', 'families')"
        " ORDER BY period_id"
    )
    return {basis: {"first_year": first, "last_year": last} for basis, first, last in rows}


def read(warehouse: Warehouse, technology_id: str, basis: str, span: Span) -> Evidence | None:
    """Return the evidence of one technology, or None without any comparable document.

    Args:
        warehouse: A build with the core tables.
        technology_id: The technology.
        basis: `works` or `families`.
        span: First and last year.
    """
    files, params = load_sql_dir(Path(__file__).parent), {"technology_id": technology_id} | span
    documents, *companions = _FILES[basis]
    owned = warehouse.frame(files[documents].sql, params)
    if owned.is_empty():  # of most technologies: their companions need not be asked for
        return None
    return Evidence.of(owned, *(warehouse.frame(files[name].sql, params) for name in companions))


def statements(warehouse: Warehouse) -> list[Statement]:
    """Return the statements of `read` for the record; from one technology to the next only its id differs."""
    files = load_sql_dir(Path(__file__).parent)
    used = [(files[name], span) for basis, span in periods(warehouse).items() for name in _FILES[basis]]
    return [Statement(f"world/{file.id}", file.sql, span, file.inputs) for file, span in used]
