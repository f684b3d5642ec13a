"""The technologies and lists the project publishes.

Complete, bilingual, linked to every list item, and apart from one another.
"""

import csv
import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from validate_world import make_world, small_config

from listgen import validate
from listgen.validate.rules import load_rules
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]
CONFIG = load_workspace(ROOT).config
TECHNOLOGIES, LISTS = CONFIG.technologies, CONFIG.reference_lists
ACTIVE = {name: technology for name, technology in TECHNOLOGIES.items() if technology.status == "active"}
ITEMS = {item.id: item for entry in LISTS.values() for item in entry.items}
GAPS = {gap.item: gap for entry in LISTS.values() for gap in entry.out_of_scope}
SHARED = ROOT.parent / "shared" / "data" / "reference"
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

# As the governments publish them; Germany has no independent count. Japan's defence list prints 9 fields in
# 13 cells.
SIZES = {
    "JP_SCT_2022": 20, "JP_DEF_2023": 13, "US_CET_2024": 18, "US_DOD_2022": 14, "UK_STF_2024": 5,
    "EU_REC_2023": 10,
    "AU_LCT_2023": 37, "CA_STRA_2024": 11, "NL_NTS_2024": 10, "KR_NST_2022": 50, "DE_BMBF_2021": 18,
    "CN_FYP14_2021": 7,
}  # fmt: skip
# Cells of the printed comparison table that were removed or moved.
ARTEFACTS = {
    "UK_STF_2024": 2,
    "US_DOD_2022": 1,
    "DE_BMBF_2021": 1,
    "AU_LCT_2023": 1,
    "NL_NTS_2024": 1,
    "KR_NST_2022": 1,
    "CN_FYP14_2021": 1,
}


# ---- lists ---------------------------------------------------------------------------------------


def test_the_twelve_lists_have_the_sizes_they_are_published_with():
    assert {name: len(LISTS[name].items) for name in SIZES} == SIZES, (
        "a later edition stands beside the first under an id of its own"
    )
    assert sum(SIZES.values()) == 213
    assert len({item.name.ja for item in LISTS["JP_DEF_2023"].items}) == 9


@pytest.mark.parametrize("list_id", LISTS)
def test_a_list_says_whose_it_is_since_when_and_from_where(list_id):
    entry = LISTS[list_id]
    assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", entry.published)
    assert entry.published[:4] == list_id[-4:]
    assert JAPANESE.search(entry.name.ja)
    assert JAPANESE.search(entry.source.ja)
    assert entry.published[:4] in entry.source.en
    assert [item.id for item in entry.items] == [
        f"{list_id}/{number:02}" for number in range(1, len(entry.items) + 1)
    ]


def test_the_eight_artefacts_of_the_printed_table_are_noted():
    assert {name: len(LISTS[name].artefacts) for name in SIZES if LISTS[name].artefacts} == ARTEFACTS
    assert sum(ARTEFACTS.values()) == 8
    for name, entry in LISTS.items():
        for artefact in entry.artefacts:
            assert artefact.domain in CONFIG.domains
            removed = [
                item.id
                for item in entry.items
                if (item.domain, item.name.ja) == (artefact.domain, artefact.cell)
            ]
            assert removed == [], (
                f"{name}: {artefact.cell} stands in the list although it is noted as an artefact"
            )


@pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the comparison table is not here (../shared/data); its facts stand in config/reference_lists",
)
def test_the_lists_are_those_of_the_comparison_table():
    with (SHARED / "lists.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    domains = {domain.name.ja: domain.id for domain in CONFIG.domains.values()}
    table = {
        row["item_id"]: (row["list_id"], domains[row["domain_ja"]], row["item_ja"], row["item_en"])
        for row in rows
    }
    ours = {name: LISTS[name] for name in SIZES}
    assert {
        item.id: (name, item.domain, item.name.ja, item.name.en)
        for name, entry in ours.items()
        for item in entry.items
    } == table
    printed = {(row["list_id"], row["list_name_ja"], row["published"]) for row in rows}
    assert {(name, entry.name.ja, entry.published) for name, entry in ours.items()} == printed
    with (SHARED / "lists_artefacts.csv").open(encoding="utf-8", newline="") as stream:
        noted = {
            (row["list_id_as_printed"], domains[row["domain_ja"]], row["cell_as_printed"])
            for row in csv.DictReader(stream)
        }
    assert {(name, a.domain, a.cell) for name, entry in ours.items() for a in entry.artefacts} == noted


def test_every_list_item_is_mapped_or_out_of_scope_with_a_reason():
    mapped = {cross.item for technology in ACTIVE.values() for cross in technology.crosswalk}
    assert sorted(ITEMS.keys() - mapped - GAPS.keys()) == []
    assert sorted(mapped & GAPS.keys()) == [], "an item cannot be mapped and out of scope"
    assert all(JAPANESE.search(gap.why.ja) and gap.why.en.strip() for gap in GAPS.values())


def test_a_technology_is_linked_to_an_item_once():
    for name, technology in TECHNOLOGIES.items():
        twice = [
            item for item, count in Counter(cross.item for cross in technology.crosswalk).items() if count > 1
        ]
        assert twice == [], name
        assert all(cross.item.startswith(f"{cross.list_id}/") for cross in technology.crosswalk), name


# ---- technologies --------------------------------------------------------------------------------


def test_there_are_enough_technologies_over_all_eight_domains():
    assert len(ACTIVE) >= 64
    assert len(CONFIG.domains) == 8
    counts = Counter(technology.domain for technology in ACTIVE.values())
    assert set(counts) == set(CONFIG.domains)
    assert min(counts.values()) >= 3


@pytest.mark.parametrize("name", TECHNOLOGIES)
def test_a_technology_is_described_in_both_languages(name):
    technology = TECHNOLOGIES[name]
    texts = [technology.definition, *technology.scope.includes, *technology.scope.excludes]
    texts += [text for entry in technology.history for text in (entry.change, entry.why)]
    texts += [link.why for link in technology.supply]
    assert technology.scope.includes, "what it takes in"
    assert technology.scope.excludes, "what it leaves out"
    for text in texts:
        assert JAPANESE.search(text.ja), text.ja
        assert not JAPANESE.search(text.en), text.en
    assert technology.name.en != technology.name.ja


@pytest.mark.parametrize("name", TECHNOLOGIES)
def test_a_technology_can_be_measured_and_says_who_brought_it_in(name):
    technology = TECHNOLOGIES[name]
    assert technology.works.topics or technology.patents.cpc or technology.statistics
    for listed in (
        technology.works.topics,
        technology.works.keywords,
        technology.patents.cpc,
        technology.hs_codes,
    ):
        assert len(listed) == len(set(listed)), "said twice"
    by = technology.nomination.by
    assert by in ITEMS if isinstance(by, str) else JAPANESE.search(by.ja), (
        "a list item, or a proposal or finding in words"
    )
    dates = [entry.date for entry in technology.history]
    assert dates == sorted(dates), "oldest first"
    assert all(re.fullmatch(r"\d{4}(\d{2}(\d{2})?)?", code) for code in technology.hs_codes)


def test_topics_are_among_those_of_the_classification():
    with CONFIG.topics_path.open(encoding="utf-8", newline="") as stream:
        topics = {row["topic_id"] for row in csv.DictReader(stream)}
    assert len(topics) == 4516
    assert {topic for technology in TECHNOLOGIES.values() for topic in technology.works.topics} <= topics


def test_cpc_prefixes_are_written_as_symbols_and_none_holds_another():
    # Section, class, subclass, main group, subgroup: as far as the prefix goes, never a blank or a lower-case
    # letter.
    symbol = re.compile(r"[A-HY]\d{2}(?:[A-Z](?:\d{1,4}(?:/\d{2,6})?)?)?")
    for name, technology in TECHNOLOGIES.items():
        for prefix in technology.patents.cpc:
            assert symbol.fullmatch(prefix), f"{name}: {prefix}"
        for one, other in itertools.permutations(technology.patents.cpc, 2):
            start = one if "/" in one or len(one) <= 4 else f"{one}/"
            assert not other.startswith(start), f"{name}: {one} holds {other}"


def test_no_two_definitions_share_more_than_half_of_the_smaller_ones_topics():
    alike = []
    for one, other in itertools.combinations(ACTIVE.values(), 2):
        first, second = set(one.works.topics), set(other.works.topics)
        if first and second and 2 * len(first & second) > min(len(first), len(second)):
            alike.append((one.id, other.id, sorted(first & second)))
    assert alike == []


def test_every_technology_named_by_another_is_there():
    """A scope sends its reader to the neighbour by id.

    The configuration refuses names that are not there or retired.
    """
    named = re.compile(r"\(([a-z0-9]+(?:_[a-z0-9]+)+)\)")
    texts = [text.en for technology in TECHNOLOGIES.values() for text in technology.scope.excludes]
    found = {name for text in texts for name in named.findall(text)}
    assert len(found) > 50
    assert found <= ACTIVE.keys()


# ---- what a definition takes in ------------------------------------------------------------------


def findings(check: str, *statements: str) -> list[dict[str, object]]:
    """Return the rows a check of the first gate names in the small build after some changes."""
    with make_world() as world:
        for statement in statements:
            world.execute(statement)
        rule = next(rule for rule in load_rules(world, small_config(), "core") if rule.rule_id == check)
        assert rule.severity == "warning"
        return validate._result(world, rule, None).failed_keys


NOTHING, TOO_MUCH = "technology_matches_nothing", "technology_matches_too_much"
EMPTIED = (
    "DELETE FROM core.technology_work WHERE technology_id = 'beta'",
    "DELETE FROM core.technology_family WHERE technology_id = 'beta'",
)


def test_a_definition_that_matches_nothing_is_named_on_each_basis_with_counts():
    row = {"technology_id": "beta", "n_defining": 1, "n_matched": 0}
    assert findings(NOTHING, *EMPTIED) == [
        row | {"basis": "families", "n_held": 2},
        row | {"basis": "works", "n_held": 8},
    ]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ("UPDATE core.source SET is_sample = true", []),
        ("DELETE FROM core.work", ["families"]),
        ("DELETE FROM core.patent_family", ["works"]),
        ("UPDATE core.source SET is_comparable = false WHERE source_id = 'works'", ["families"]),
        ("UPDATE core.source SET is_universe = false", ["works"]),
        ("DELETE FROM core.technology_topic", ["families"]),
        ("DELETE FROM core.technology_cpc", ["works"]),
        ("UPDATE core.technology SET status = 'retired'", []),
    ],
)
def test_matching_nothing_is_said_only_where_it_says_something(change, left):
    assert [row["basis"] for row in findings(NOTHING, *EMPTIED, change)] == left


def more_works(matched: int) -> tuple[str, str]:
    """Return statements that add works up to 1,000, some of them of beta so that it has `matched`."""
    works = (
        "INSERT INTO core.work SELECT 1000 + i, 'works', '', i, 2022, NULL, 0, NULL, false, true, 0, 0 FROM"
        " range(993) AS r(i)"
    )
    return (
        works,
        (
            "INSERT INTO core.technology_work SELECT 'beta', 1000 + i, 2022, true, 0.1 FROM"
            f" range({matched - 2}) AS r(i)"
        ),
    )


def test_more_than_a_fifth_of_all_works_is_too_much_and_a_fifth_is_not():
    assert findings(TOO_MUCH, *more_works(200)) == []
    counted = {"technology_id": "beta", "n_matched": 201, "n_held": 1000, "matched_share": 0.201}
    assert findings(TOO_MUCH, *more_works(201)) == [counted]
    assert findings(TOO_MUCH, *more_works(201), "DELETE FROM core.work WHERE work_id = 1500") == [], (
        "fewer than 1,000 works say little"
    )
    assert findings(TOO_MUCH, *more_works(201), "UPDATE core.technology SET status = 'retired'") == []
