"""Reading one table by a declaration given in a test; shared by the tests of declared tables."""

import openpyxl
import pytest
from miniature import ROOT, held_file, open_miniature

from listgen import stage
from listgen.base.errors import DataError
from listgen.config.models import Source
from listgen.store.warehouse import Warehouse
from listgen.workspace.loading import load_workspace

ORIGIN = {
    "id": "mini_statistics",
    "title": {"en": "A table", "ja": "表"},
    "producer": "The tests",
    "description": {"en": "Invented.", "ja": "作成。"},
    "licence": {
        "id": "CC0-1.0",
        "class": "A",
        "text": {"en": "Invented.", "ja": "架空"},
        "redistribution": "allowed",
    },
    "citation": "The tests",
    "access": "files",
    "grade": "statistics",
    "frame": {"en": "All.", "ja": "全て。", "comparable": True},
}
COUNT = {"title": {"en": "Count", "ja": "件数"}, "measure": "count", "unit": "families", "counting": "full"}
CELLS = {"id": "mini_cells", **COUNT}
LONG = {"columns": {"area": "country", "year": "year", "value": "n"}}


def open_mini(folder):
    """Return the miniature with the repository's own country names."""
    root = open_miniature(folder / "workspace").root
    (root / "config" / "countries.yaml").write_bytes((ROOT / "config" / "countries.yaml").read_bytes())
    return load_workspace(root)


class Tables:
    """Reads one file as the miniature's statistics, or supply, by a declaration given in the test."""

    def __init__(self, mini, folder):
        self.mini, self.folder = mini, folder

    def held(self, content, name, form):
        path = self.folder / name
        if isinstance(content, openpyxl.Workbook):
            content.save(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return held_file(path, "mini_statistics", form)

    def __call__(self, content, name="table.csv", form="statistic_table", **table):
        """Return (code, year, value) of cells, the quarantine as (row, column, excerpt), and other names."""
        table.setdefault("series", [CELLS] if form == "statistic_table" else [])
        source = Source.model_validate(
            ORIGIN | {"table": table, "grade": "supply" if form == "supply_table" else "statistics"}
        )
        sources = {source.id: source}
        settings = self.mini.config.settings.model_copy(update={"sources": [source.id]})
        config = type(self.mini.config)(
            **(vars(self.mini.config) | {"sources": sources, "settings": settings})
        )
        what = (
            "series_id, area_code, period_year, value"
            if form == "statistic_table"
            else "commodity_id, stage_id, country_code, period_year, quantity, unit"
        )
        with Warehouse() as warehouse:
            stage.run(warehouse, config, [self.held(content, name, form)], self.folder / "stage")
            rows = warehouse.rows(
                f"SELECT {what} FROM core.{'statistic' if form == 'statistic_table' else 'supply'} ORDER"
                " BY ALL"
            )
            self.windows = warehouse.rows(
                "SELECT series_id, period_first_year, period_last_year FROM core.statistic_series"
            )
            self.accounts = warehouse.rows(
                "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded, is_cut FROM prov.row_account"
            )
            self.rules = dict(warehouse.rows("SELECT rule, n_rows FROM prov.row_exclusion"))
            self.quarantine = warehouse.rows(
                "SELECT raw_line, field, excerpt FROM prov.quarantine ORDER BY ALL"
            )
            self.unmapped = [
                row[0] for row in warehouse.rows("SELECT area_text FROM prov.unmapped ORDER BY 1")
            ]
            self.flags = {
                row[:2]: row[2]
                for row in warehouse.rows(
                    "SELECT area_code, period_year, flag FROM core.statistic WHERE flag IS NOT NULL"
                )
            }
            self.printed = {
                row[:2]: row[2]
                for row in warehouse.rows("SELECT area_code, period_year, value_text FROM core.statistic")
            }
        return rows

    def refused(self, *arguments, **table) -> str:
        """Return what is said of a file that is refused."""
        with pytest.raises(DataError) as caught:
            self(*arguments, **table)
        return str(caught.value)


def values(rows):
    return {(code, year): value for _, code, year, value in rows}


def workbook(rows, title="統計 表", **more):
    book = openpyxl.Workbook()
    book.active.title = "notes"
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    for area in more.get("merged", ()):
        sheet.merge_cells(area)
    return book
