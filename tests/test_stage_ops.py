"""Families the EPO tells, in the tables: what stood alone joins its simple family.

The extended one joins nothing.
"""

import dataclasses
from pathlib import Path

import pytest
from doubles.clock import TurnedClock
from doubles.ops import Document, Families, OpsDouble
from miniature import held_file, held_files, open_miniature
from portal_world import fetched_source
from stage_world import build

from listgen import stage
from listgen.acquire.ops.access import OpsAccess
from listgen.acquire.ops.acquisition import acquire as acquire_ops
from listgen.acquire.order import Order
from listgen.base.errors import DataError
from listgen.base.files import point_link
from listgen.store.raw import HeldFile
from listgen.store.warehouse import Warehouse

ALONE = (
    "SELECT publication_number, family_id FROM core.patent_publication WHERE family_kind = 'single_document'"
    " ORDER BY 1"
)


class Told(Families):
    """The EPO's answers about documents of the miniature.

    They are one invention, which shares a priority with another elsewhere.
    """

    def __init__(self, numbers: list[str]) -> None:
        mine, wider = frozenset({"JP1"}), frozenset({"JP1", "JP2"})
        parts = [number.split("-") for number in numbers]
        self.documents = [
            *(
                Document(office, number, (*kind, "B2")[0], "20230105", mine, "JP")
                for office, number, *kind in parts
            ),
            Document("EP", "3800001", "A1", "20230107", mine, "JP"),
            Document("WO", "2022000001", "A1", "20230108", wider, "JP"),
        ]


def answer(families: Families, folder: Path, number: str, service: str = "family") -> HeldFile:
    """Write down what the services answer about a publication."""
    document = next(one for one in families.documents if one.name.startswith(number))
    text = OpsDouble._family if service == "family" else OpsDouble._biblio
    path = folder / f"{service}-{number}.xml"
    path.write_text(text(type("Asked", (), {"families": families})(), document), encoding="utf-8")
    return held_file(path, "epo_ops", "epo_ops", f"{service}/{number}.xml")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The miniature with the look-ups as one more source, and the numbers that stand alone in it."""
    mini = open_miniature(tmp_path_factory.mktemp("mini") / "w")
    with build(mini) as warehouse:
        alone = [row[0] for row in warehouse.rows(ALONE) if row[0].startswith("US-")]
    assert [number.count("-") for number in alone] == [2, 1, 2], "one source gives no kind"
    fetched_source(mini, "epo_ops", access="api", ops=OpsAccess())
    settings = mini.config.settings.model_copy(update={"sources": [*mini.config.settings.sources, "epo_ops"]})
    return mini, dataclasses.replace(mini.config, settings=settings), alone


@pytest.mark.parametrize("service", ["family", "biblio"])
def test_documents_that_stood_alone_join_the_simple_family_the_epo_tells(world, tmp_path, service):
    mini, config, alone = world
    families = Told(alone[:2])
    family_id = str(families.simple[frozenset({"JP1"})])
    held = [answer(families, tmp_path, number, service) for number in alone[:2]]
    with build(mini, [*held_files(mini), *held], config) as warehouse:
        rows = dict(
            warehouse.rows(
                "SELECT publication_number, family_id FROM core.patent_publication WHERE family_kind ="
                " 'docdb'"
            )
        )
        assert [rows[number] for number in alone[:2]] == [family_id] * 2
        assert warehouse.rows(
            f"SELECT n_publications, family_kind FROM core.patent_family WHERE family_id = '{family_id}'"
        ) == [(2, "docdb")]
        offices, international = warehouse.rows(
            f"SELECT n_offices, is_international FROM core.patent_family WHERE family_id = '{family_id}'"
        )[0]
        # The EP application is a member by the EPO's list though it is not held; the WO one is of the
        # extended family only.
        assert (offices, international) == ((2, True) if service == "family" else (1, False))
        assert not warehouse.scalar(f"SELECT is_pct FROM core.patent_family WHERE family_id = '{family_id}'")
        left = [row[0] for row in warehouse.rows(ALONE)]
        assert not set(alone[:2]) & set(left)
        assert set(alone[2:]) <= set(left)
        orphans = (
            "SELECT count(*) FROM core.patent_family_cpc WHERE family_id NOT IN (SELECT family_id FROM"
            " core.patent_family)"
        )
        assert warehouse.scalar(orphans) == 0


def test_the_second_round_learns_the_families_the_first_lacked_and_the_third_asks_nothing(
    world, tmp_path, monkeypatch
):
    monkeypatch.setenv("EPO_OPS_KEY", "test-key")
    monkeypatch.setenv("EPO_OPS_SECRET", "test-secret")
    mini, config, _ = world
    clock, told = TurnedClock(), []
    with OpsDouble(Told(["US-11000003-B2", "US-11000004"]), clock=clock) as double:
        source = fetched_source(mini, "epo_ops", access="api", ops=OpsAccess(url=f"{double.url}/3.2"))
        for number in range(3):
            snapshot = acquire_ops(mini, source, Order(clock=clock))
            assert all(file.n_bytes for file in snapshot.files), "a build refuses an empty file"
            path = mini.builds / str(number) / "listgen.duckdb"
            path.parent.mkdir(parents=True)
            with Warehouse(path) as warehouse:
                stage.run(warehouse, config, [*held_files(mini), *snapshot.files], mini.stage_cache)
                rows = warehouse.rows(
                    "SELECT publication_number FROM core.patent_publication WHERE family_id = '70000000'"
                    " ORDER BY 1"
                )
            point_link(mini.current, f"builds/{number}")
            told.append(([row[0] for row in rows], double.look_ups(), snapshot.number))
    assert told[0] == ([], 0, 1)
    assert told[1][0] == ["US-11000003-B2", "US-11000004"]
    assert told[2] == told[1]


def test_an_answer_with_a_member_without_number_or_family_is_quarantined_with_its_place(world, tmp_path):
    mini, config, alone = world
    held = answer(Told(alone[:2]), tmp_path, alone[0])
    text = held.path.read_text(encoding="utf-8").replace(
        "<doc-number>3800001</doc-number>", "<doc-number/>", 1
    )
    path = tmp_path / "odd.xml"
    path.write_text(text.replace('family-id="70000001"', 'family-id="x"'), encoding="utf-8")
    with build(mini, [*held_files(mini), held_file(path, "epo_ops", "epo_ops")], config) as warehouse:
        rows = warehouse.rows(
            "SELECT raw_line, field, reason FROM prov.quarantine WHERE source_id = 'epo_ops' ORDER BY 1"
        )
    assert rows == [
        (1, "doc-number", "missing or not a number of the EPO"),
        (4, "family-id", "missing or not a number of the EPO"),
    ]


def test_an_answer_without_members_counts_as_one_and_stops_nothing(world, tmp_path):
    """The provider knows the number and no family of it.

    The document stays alone, and the answer is counted.
    """
    mini, config, alone = world
    empty = (
        '<ops:world-patent-data xmlns:ops="http://ops.epo.org"><ops:patent-family total-result-count="0"/>'
        "</ops:world-patent-data>"
    )
    (tmp_path / "none.xml").write_text(empty, encoding="utf-8")
    only = held_file(tmp_path / "none.xml", "epo_ops", "epo_ops")
    account = (
        "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account "
        "WHERE form_id = 'epo_ops'"
    )
    rules = "SELECT rule, n_rows FROM prov.row_exclusion WHERE form_id = 'epo_ops'"
    with build(mini, [*held_files(mini), only], config) as warehouse:
        assert warehouse.rows(account) == [(1, 0, 0, 0, 1)]
        assert warehouse.rows(rules) == [("an answer without members", 1)]
        assert set(alone) <= {row[0] for row in warehouse.rows(ALONE)}
    told = answer(Told(alone[:2]), tmp_path, alone[0])
    with build(mini, [*held_files(mini), only, told], config) as warehouse:
        ((n_rows, n_used, *rest),) = warehouse.rows(account)
        assert rest == [0, 0, 1]
        assert n_rows == n_used + 1 > 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "defines entities of its own"),
        ("<world-patent-data><a>", "is no whole XML text"),
        ("<fault/>", "its root is fault"),
    ],
)
def test_d54_d49_a_file_that_is_no_answer_is_refused_by_name(world, tmp_path, text, reason):
    mini, config, _ = world
    path = tmp_path / "bad.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"epo_ops: bad.xml .*{reason}"):
        build(mini, [*held_files(mini), held_file(path, "epo_ops", "epo_ops")], config)
