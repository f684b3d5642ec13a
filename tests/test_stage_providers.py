"""Providers of patents.

Each is one folder of selects into five interface tables, and a new one needs nothing else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

from listgen.base.errors import CouldNotCheckError
from listgen.base.provenance import PACKAGE
from listgen.stage import load_readers
from listgen.stage.patents import load_interfaces
from listgen.stage.records.views import open_records
from listgen.store.sqlfile import load_sql_dir
from listgen.store.warehouse import Warehouse

PATENTS = PACKAGE / "stage" / "patents"
PROVIDERS = sorted(path.name for path in PATENTS.iterdir() if path.is_dir() and any(path.glob("*.sql")))

READER = """
/*---
form: toy_patent
record:
  en: One invention of the toy provider
  ja: 試験用の発明1件
kind: families
layout: delimited
delimiter: ","
columns: [number, family, filed, published, inventor, applicant, cpc, cites, text, members]
key: publication_number
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, *
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    compression = $compression, store_rejects = true,
    rejects_table = 'reject_row', rejects_scan = 'reject_scan', rejects_limit = 0)
)
SELECT raw_line, number AS publication_number, family AS family_id, CAST(filed AS DATE) AS filing_date,
  CAST(published AS DATE) AS
  publication_date, inventor AS inventor_code, applicant AS applicant_code, cpc AS cpc_code,
  cites AS cited_number, text AS reference_text,
  string_split(members, ';') AS member_numbers, CASE WHEN number IS NULL THEN 'number' END AS reject_field,
  CASE WHEN number IS NULL THEN 'missing' END AS reject_reason, CAST(NULL AS VARCHAR) AS reject_excerpt
FROM record
"""

SELECTS = {
    "publication": (
        "SELECT 99 AS preference, publication_number, family_id AS docdb_family_id, filing_date,"
        " publication_date, source_id, raw_digest, raw_line FROM read_toy_patent"
    ),
    "person": (
        "SELECT 99 AS preference, publication_number AS document_id, publication_number, 'inventor' AS role,"
        " inventor_code AS country_code, source_id FROM read_toy_patent"
    ),
    "cpc": "SELECT publication_number, cpc_code FROM read_toy_patent",
    "citation": "SELECT publication_number, cited_number, reference_text FROM read_toy_patent",
    "member": "SELECT publication_number, member_numbers FROM read_toy_patent",
}

ROWS = """number,family,filed,published,inventor,applicant,cpc,cites,text,members
JP-7700001-A,toy-1,2022-03-01,2023-03-01,JP,JP,H01M10/05,JP-7700002-A,doi:10.5555/toy.1,JP-7700001-A;EP-3900001-A1
JP-7700002-A,toy-2,2022-04-01,2023-04-01,DE,DE,G06N10/00,,,
"""

# Runs in the copied package: stages the toy provider's file next to the miniature's own.
STAGING = """
import json, sys
from pathlib import Path
from miniature import held_file, held_files, open_miniature
from listgen import stage
from listgen.store.warehouse import Warehouse

folder = Path(sys.argv[1])
mini = open_miniature(folder / "workspace")
path = folder / "toy.csv"
path.write_text(sys.argv[2])
with Warehouse() as warehouse:
    stage.run(warehouse, mini.config, [*held_files(mini), held_file(path, "mini_google", "toy_patent")],
    folder / "cache")
    print(json.dumps({
        "families": warehouse.rows("SELECT family_id, office_codes, inventor_country_codes "
          "FROM core.patent_family WHERE family_id LIKE 'toy%' ORDER BY 1"),
        "cpc":
          warehouse.rows("SELECT * FROM core.patent_family_cpc WHERE family_id LIKE 'toy%' ORDER BY ALL"),
        "citations": warehouse.rows("SELECT * FROM core.patent_citation "
          "WHERE citing_family_id LIKE 'toy%' ORDER BY ALL"),
        "technologies": [row[0] for row in warehouse.rows("SELECT family_id FROM core.technology_family "
          "WHERE family_id LIKE 'toy%' ORDER BY 1")],
    }))
"""


def test_a_toy_provider_is_one_folder_and_its_reader(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "src" / "listgen", ignore=shutil.ignore_patterns("__pycache__"))
    step = tmp_path / "src" / "listgen" / "stage"
    (step / "read" / "toy_patent.sql").write_text(READER.lstrip(), encoding="utf-8")
    (step / "patents" / "toy").mkdir()
    for kind, sql in SELECTS.items():
        (step / "patents" / "toy" / f"{kind}.sql").write_text(
            f"/*---\ninputs: [read_toy_patent]\n---*/\n{sql}\n", encoding="utf-8"
        )
    path = os.pathsep.join([str(tmp_path / "src"), str(PATENTS.parents[3] / "tests")])
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(STAGING), str(tmp_path), ROWS],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    # EP is a listed member that nobody holds: an office, not a publication.
    assert found["families"] == [["toy-1", ["EP", "JP"], ["JP"]], ["toy-2", ["JP"], ["DE"]]]
    assert found["cpc"] == [["toy-1", "H01M10/05"], ["toy-2", "G06N10/00"]]
    assert "toy-1" in found["technologies"]
    assert found["citations"] == [["toy-1", "toy-2", "JP-7700002-A"]]


def test_core_tables_read_no_form_of_a_provider():
    """Every form of patents is read by its provider's folder, and by nothing else."""
    read = {name for file in load_interfaces().values() for name in file.inputs if name.startswith("read_")}
    assert read >= {
        f"read_{form}" for form, reader in load_readers().items() if reader.header["kind"] == "families"
    }
    for file in load_sql_dir(PACKAGE / "stage" / "core").values():
        assert not read & set(file.inputs), file.path.name
        assert not [name for name in read if re.search(rf"\b{name}\b", file.sql)], file.path.name


@pytest.fixture(scope="module")
def views():
    """A warehouse with the empty views of all forms, and the core tables that a provider may read."""
    with Warehouse() as warehouse:
        open_records(warehouse, load_readers(), [], {})
        core = {file.header["table"]: file.sql for file in load_sql_dir(PACKAGE / "stage" / "core").values()}
        warehouse.execute(core["core.patent_publication"].split(";")[0])
        warehouse.execute(
            "CREATE TEMP TABLE citing_publication AS SELECT publication_number, us_grant_number, family_id"
            " FROM core.patent_publication"
        )
        yield warehouse


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_gives_only_columns_that_the_interface_declares(views, provider):
    declared = load_sql_dir(PATENTS)
    files = load_sql_dir(PATENTS / provider)
    assert files
    for kind, file in files.items():
        columns, allowed = columns_of(views, file.sql), columns_of(views, declared[kind].sql)
        assert columns.items() <= allowed.items(), f"{provider}/{kind}.sql"
        assert all(name in file.sql for name in file.inputs), (
            f"{provider}/{kind}.sql has an input that it does not read"
        )


def test_every_column_that_needs_a_word_has_one(views):
    for kind, file in load_sql_dir(PATENTS).items():
        assert set(file.header["columns"]) <= set(columns_of(views, file.sql)), kind


def columns_of(warehouse, sql):
    return dict(warehouse.rows(f"SELECT column_name, column_type FROM (DESCRIBE {sql})"))


def test_a_file_of_an_unknown_kind_is_named_with_the_nearest_one(tmp_path):
    shutil.copytree(PATENTS, tmp_path / "patents")
    (tmp_path / "patents" / "lens" / "persons.sql").write_text("/*---\ninputs: []\n---*/\nSELECT 1\n")
    with pytest.raises(CouldNotCheckError) as caught:
        load_interfaces(tmp_path / "patents")
    assert "stage/patents/lens/persons.sql" in str(caught.value) and '"person"' in str(caught.value)
