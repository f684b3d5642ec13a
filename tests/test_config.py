"""The configuration: all defects at once, each with file, line, column and the nearest valid name."""

import re
import shutil
from pathlib import Path

import pytest

from listgen.base.errors import ConfigError, UsageError
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def copy(tmp_path):
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content, f"{old} is not in {path}"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def problems(root: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as error:
        load_workspace(root)
    assert all(problem.line > 0 and problem.column > 0 for problem in error.value.problems)
    return {f"{problem.file}": problem.message for problem in error.value.problems}


def test_the_repository_is_a_workspace():
    config = load_workspace(ROOT).config
    assert config.is_sample
    assert len(config.domains) == 8
    assert sum(len(entry.items) for entry in config.reference_lists.values()) == 213


def place_in(root: Path, file: str, text: str) -> tuple[int, int]:
    """Return line and column of the first occurrence of a text in a file."""
    for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
        if text in line:
            return number, line.index(text) + 1
    raise AssertionError(f"{text} is not in {file}")


def found_at(root: Path) -> dict[tuple[str, int], str]:
    """Return the messages by file and line."""
    with pytest.raises(ConfigError) as error:
        load_workspace(root)
    return {(problem.file, problem.line): problem.message for problem in error.value.problems}


def test_all_errors_come_at_once_with_the_nearest_name(copy):
    edit(copy / "config/settings.yaml", "focal_country: JP", "focal_country: JPN")
    edit(copy / "config/technologies/quantum_computing.yaml", "domain: quantum", "domain: quantun")
    edit(copy / "config/technologies/machine_learning.yaml", "status: active", "status: activ")
    edit(copy / "config/technologies/gene_editing.yaml", "scope:", "scop:")
    found = problems(copy)
    assert (
        "domain" in found["config/technologies/quantum_computing.yaml"]
        or "quantum" in found["config/technologies/quantum_computing.yaml"]
    )
    assert 'Did you mean "active"?' in found["config/technologies/machine_learning.yaml"]
    assert "config/technologies/gene_editing.yaml" in found


def test_cross_references_are_checked(copy):
    path = copy / "config/technologies/quantum_computing.yaml"
    edit(path, "domain: quantum", "domain: quantun")
    edit(copy / "config/settings.yaml", "focal_country: JP", "focal_country: JX")
    found = problems(copy)
    assert 'Did you mean "quantum"?' in found["config/technologies/quantum_computing.yaml"]
    assert '"JX" is not in config/countries.yaml' in found["config/settings.yaml"]


def test_unknown_topic_and_list_are_named(copy):
    path = copy / "config/technologies/quantum_computing.yaml"
    content = path.read_text(encoding="utf-8")
    content = re.sub(r"T\d{5}", "T99999", content, count=1)
    content = re.sub(r"list: (\w+)", "list: US_CET_2042", content, count=1)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_workspace(copy)
    messages = " ".join(problem.message for problem in error.value.problems)
    assert '"T99999" is not in config/openalex_topics.csv' in messages
    assert 'Did you mean "US_CET_2024"?' in messages


def test_id_must_be_the_file_name(copy):
    shutil.move(copy / "config/technologies/gene_editing.yaml", copy / "config/technologies/gene_edit.yaml")
    assert 'id must be the file\'s name, "gene_edit"' in problems(copy)["config/technologies/gene_edit.yaml"]


def test_a_sampled_source_cannot_claim_to_compare_countries(copy):
    source = copy / "config/sources/sample_openalex.yaml"
    edit(source, "grade: records", "grade: records_sampled")
    assert "cannot compare countries" in problems(copy)["config/sources/sample_openalex.yaml"]


def test_a_workspace_inherits_file_by_file(copy, tmp_path):
    child = tmp_path / "child"
    (child / "config").mkdir(parents=True)
    (child / "config/settings.yaml").write_text("extends: ..\nfocal_country: KR\n", encoding="utf-8")
    config = load_workspace(child).config
    assert config.settings.focal_country == "KR"
    assert config.technologies.keys() == load_workspace(copy).config.technologies.keys()


def test_extending_nothing_is_named(copy):
    settings = copy / "config/settings.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\nextends: ../nowhere\n", encoding="utf-8")
    assert "extends" in problems(copy)["config/settings.yaml"]


def test_no_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError, match="listgen init"):
        load_workspace(tmp_path / "absent")


# ---- technologies --------------------------------------------------------------------------------

BATTERIES = "config/technologies/solid_state_batteries.yaml"


def test_a_typing_slip_is_told_with_its_line_and_the_nearest_name(copy):
    file = "config/technologies/quantum_computing.yaml"
    edit(copy / file, "T10682", "T1O682")
    line, _ = place_in(copy, file, "T1O682")
    assert (
        '"T1O682" is not in config/openalex_topics.csv. Did you mean "T10682"?' in found_at(copy)[file, line]
    )
    edit(copy / file, "T1O682", "T10682")
    edit(copy / file, "G06N10", "G60N10")
    line, column = place_in(copy, file, "G60N10")
    message = '"G60N10" lies in no CPC subclass of config/cpc_subclasses.csv. Did you mean "G06N10"?'
    with pytest.raises(ConfigError) as error:
        load_workspace(copy)
    assert [(p.file, p.line, p.column, p.message) for p in error.value.problems] == [
        (file, line, column, message)
    ]


def test_an_unknown_list_item_is_told_with_its_line(copy):
    file = "config/technologies/satellite_systems.yaml"
    edit(copy / file, "item: AU_LCT_2023/33", "item: AU_LCT_2023/83")
    line, _ = place_in(copy, file, "AU_LCT_2023/83")
    assert (
        '"AU_LCT_2023/83" is not in config/reference_lists/AU_LCT_2023.yaml. Did you mean'
        in found_at(copy)[file, line]
    )


def test_who_issued_a_list_is_a_country_by_its_code(copy):
    file = "config/reference_lists/UK_STF_2024.yaml"
    edit(copy / file, "country_code: GB", "country_code: Great Britain")
    line, _ = place_in(copy, file, "Great Britain")
    assert found_at(copy)[file, line] == '"Great Britain" is not in config/countries.yaml. Did you mean "GB"?'
    edit(copy / file, "country_code: Great Britain", "country_code: GB")
    edit(copy / file, "  ja: 英国科学技術フレームワーク", "")
    edit(
        copy / file,
        "name:\n  en: The UK Science and Technology Framework (five critical technologies)",
        "name: The framework",
    )
    line, _ = place_in(copy, file, "name: The framework")
    assert "must be a text in both languages: {en: ..., ja: ...}" in found_at(copy)[file, line]


def test_a_symbol_with_a_slip_is_told_with_the_nearest_one(copy):
    file = "config/technologies/quantum_computing.yaml"
    edit(copy / file, "cpc: [", "cpc: [\n    H10Z30/50,\n    H1OK30/50,\n    H10K30-50,\n    h10k30,\n    ")
    found = found_at(copy)
    for written, meant in (
        ("H10Z30/50", "H10W30/50"),
        ("H1OK30/50", "H10K30/50"),
        ("H10K30-50", "H10K30/50"),
        ("h10k30", "H10K30"),
    ):
        assert f'Did you mean "{meant}"?' in found[file, place_in(copy, file, f"{written},")[0]]


def test_every_subclass_in_use_is_known_and_classes_are_prefixes_too():
    lines = (ROOT / "config" / "cpc_subclasses.csv").read_text(encoding="utf-8").split()
    assert lines[0] == "cpc_subclass"
    assert lines[1:] == sorted(set(lines[1:]))
    assert 650 < len(lines) < 720
    used = {
        prefix[:4]
        for technology in load_workspace(ROOT).config.technologies.values()
        for prefix in technology.patents.cpc
    }
    assert {symbol for symbol in used if len(symbol) == 4} <= set(lines)
    assert {"H10D", "Y02E", "G16H", "B33Y"} <= set(lines)


def another(root: Path, stem: str, change) -> str:
    """Write a copy of a definition under another id, changed, and return its name."""
    source = root / "config/technologies/solid_state_batteries.yaml"
    text = source.read_text(encoding="utf-8").replace("id: solid_state_batteries", f"id: {stem}", 1)
    (root / f"config/technologies/{stem}.yaml").write_text(change(text), encoding="utf-8")
    return f"config/technologies/{stem}.yaml"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cron: "0 6 1 1,4,7,10 *"', 'cron: "x y"', "must be a cron line of five fields"),
        ('cron: "0 6 1 1,4,7,10 *"', 'cron: "0 6 31 2 *"', "must be a cron line of five fields"),
        ('review_cron: "15 * * * *"', 'review_cron: "61 * * * *"', "must be a cron line of five fields"),
        ("timezone: Asia/Tokyo", "timezone: Asia/Tokio", "must be a time zone such as Asia/Tokyo"),
    ],
)
def test_an_hour_no_clock_knows_is_told_before_the_schedule_starts(copy, old, new, message):
    edit(copy / "config" / "settings.yaml", old, new)
    assert message in problems(copy)["config/settings.yaml"]


def test_the_same_definition_twice_is_told(copy):
    file = another(copy, "solid_state_cells", lambda text: text)
    found = found_at(copy)
    english, japanese = (place_in(copy, file, f"  {language}: ")[0] for language in ("en", "ja"))
    assert "is also the name of technologies/solid_state_batteries.yaml" in found[file, english]
    assert "is also the name of technologies/solid_state_batteries.yaml" in found[file, japanese]
    works = place_in(copy, file, "works:")[0]
    assert (
        "has exactly the topics and CPC prefixes of technologies/solid_state_batteries.yaml"
        in found[file, works]
    )


def test_names_are_compared_as_people_read_them(copy):
    file = another(
        copy,
        "solid_state_cells",
        lambda text: text.replace("en: Solid-state batteries", "en: SOLID-STATE  Batteries", 1),
    )
    assert any("is also the name" in message for (name, _), message in found_at(copy).items() if name == file)


def lineage(root: Path, *, old: str, old_lines: str, new_lines: str) -> list[tuple[str, str]]:
    """Return what is said when one technology became another, as the two files tell it."""

    def retire(text: str) -> str:
        return text.replace("status: active", f"status: {old}\n{old_lines}".rstrip(), 1)

    another(root, "solid_cells_old", retire)
    path = root / BATTERIES
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "status: active", f"status: active\n{new_lines}".rstrip(), 1
        ),
        encoding="utf-8",
    )
    try:
        load_workspace(root)
    except ConfigError as error:
        return sorted((Path(problem.file).stem, problem.message) for problem in error.problems)
    return []


REPLACES, REPLACED = "replaces: [solid_cells_old]", "replaced_by: [solid_state_batteries]"


@pytest.mark.parametrize("status", ["retired", "merged"])
def test_a_successor_told_by_both_sides_is_right_and_may_keep_the_name(copy, status):
    assert lineage(copy, old=status, old_lines=REPLACED, new_lines=REPLACES) == []


def test_a_retired_technology_needs_no_successor(copy):
    assert lineage(copy, old="retired", old_lines="", new_lines="") == []


@pytest.mark.parametrize(
    ("old", "old_lines", "new_lines", "stem", "message"),
    [
        (
            "retired",
            "",
            REPLACES,
            "solid_state_batteries",
            'replaces names "solid_cells_old", but technologies/solid_cells_old.yaml does not say',
        ),
        ("retired", REPLACED, "", "solid_cells_old", "does not say replaces: [solid_cells_old]"),
        ("merged", "", "", "solid_cells_old", 'status is "merged", but replaced_by does not say into what'),
        (
            "active",
            REPLACED,
            REPLACES,
            "solid_cells_old",
            'status is "active", but replaced_by names a successor',
        ),
        (
            "active",
            REPLACED,
            REPLACES,
            "solid_state_batteries",
            'whose status is "active"; set it to merged or retired',
        ),
        (
            "retired",
            "",
            "replaced_by: [solid_cells_old]",
            "solid_state_batteries",
            'status is "active", but replaced_by names a successor',
        ),
        (
            "retired",
            "replaced_by: [solid_cells_old]",
            "",
            "solid_cells_old",
            'replaced_by names "solid_cells_old"',
        ),
        (
            "retired",
            "replaced_by: [solid_state_batterys]",
            "",
            "solid_cells_old",
            'Did you mean "solid_state_batteries"?',
        ),
    ],
)
def test_a_history_of_ids_that_does_not_hold_is_told(copy, old, old_lines, new_lines, stem, message):
    found = lineage(copy, old=old, old_lines=old_lines, new_lines=new_lines)
    assert [text for name, text in found if name == stem and message in text], found


def test_a_list_item_left_with_a_retired_technology_only_is_told(copy):
    technologies = load_workspace(copy).config.technologies
    links = [(stem, cross.item) for stem, one in technologies.items() for cross in one.crosswalk]
    stem, item = next((stem, item) for stem, item in links if sum(other == item for _, other in links) == 1)
    file = f"config/technologies/{stem}.yaml"
    edit(copy / file, "status: active", "status: retired")
    line, _ = place_in(copy, file, f"item: {item}")
    assert (
        found_at(copy)[file, line]
        == f'only this technology is linked to "{item}", and it is retired (no successor); link another one'
    )


def test_who_nominated_a_technology_must_be_a_list_item_or_words(copy):
    file = "config/technologies/satellite_systems.yaml"
    text = (copy / file).read_text(encoding="utf-8")
    by = re.search(r"nomination: \{by: (\w+/\d+)\}", text)[1]
    for wrong, message in (
        (by.split("/")[0] + "/99", f'"{by.split("/")[0]}/99" is not in config/reference_lists/'),
        ("US_CET_2042/07", 'Did you mean "US_CET_2024"?'),
        ("a proposal", "must be a list item such as US_CET_2024/07, or words in both languages"),
    ):
        (copy / file).write_text(text.replace(f"by: {by}", f"by: {wrong}"), encoding="utf-8")
        assert message in problems(copy)[file]


def test_a_scope_that_names_a_retired_technology_is_told_with_its_successor(copy):
    file = "config/technologies/lithium_ion_batteries.yaml"
    lineage(copy, old="retired", old_lines=REPLACED, new_lines=REPLACES)
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert "(solid_state_batteries)" in text
    path.write_text(text.replace("(solid_state_batteries)", "(solid_cells_old)", 1), encoding="utf-8")
    line, _ = place_in(copy, file, "(solid_cells_old)")
    assert (
        found_at(copy)[file, line]
        == 'names technology "solid_cells_old", which is retired (solid_state_batteries)'
    )
    path.write_text(text.replace("(solid_state_batteries)", "(solid_state_baterries)", 1), encoding="utf-8")
    line, _ = place_in(copy, file, "(solid_state_baterries)")
    assert 'Did you mean "solid_state_batteries"?' in found_at(copy)[file, line]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  ja: 全固体電池\n", "", "name.ja: is missing"),
        ("  ja: 全固体電池\n", "  ja: ''\n", "must not be empty"),
    ],
)
def test_missing_japanese_is_told_with_its_line(copy, old, new, message):
    edit(copy / BATTERIES, old, new)
    found = {line: text for (file, line), text in found_at(copy).items() if file == BATTERIES}
    name = place_in(copy, BATTERIES, "name:")[0]
    assert any(message in text and name <= line <= name + 2 for line, text in found.items()), found


def test_english_copied_into_the_japanese_is_told(copy):
    import re

    path = copy / BATTERIES
    text = path.read_text(encoding="utf-8")
    english = re.search(r"definition:\n  en: (.*)\n", text).group(1)
    path.write_text(
        re.sub(r"(definition:\n  en: .*\n  ja: ).*\n", lambda match: f"{match.group(1)}{english}\n", text),
        encoding="utf-8",
    )
    line = place_in(copy, BATTERIES, "definition:")[0] + 2
    assert "is a copy of the English one" in found_at(copy)[BATTERIES, line]


def test_a_broken_list_is_told_once_and_not_by_every_technology(copy):
    edit(copy / "config/reference_lists/UK_STF_2024.yaml", "domain: ", "domian: ")
    assert {file for file, _ in found_at(copy)} == {"config/reference_lists/UK_STF_2024.yaml"}


def test_a_copied_list_must_count_its_items_under_its_own_id(copy):
    source = (copy / "config/reference_lists/UK_STF_2024.yaml").read_text(encoding="utf-8")
    file = "config/reference_lists/UK_STF_2026.yaml"
    (copy / file).write_text(source.replace("id: UK_STF_2024\n", "id: UK_STF_2026\n", 1), encoding="utf-8")
    line, _ = place_in(copy, file, "UK_STF_2024/01")
    found = found_at(copy)
    assert (
        found[file, line]
        == 'item "UK_STF_2024/01" must be named after its list and counted, such as UK_STF_2026/01'
    )
    # A copy that keeps the name and the date is the same list again, whatever its id.
    assert (
        "has the name, issuer and date of reference_lists/UK_STF_2024.yaml"
        in found[file, place_in(copy, file, "name:")[0]]
    )
    assert "ends in the year of publication" in found[file, place_in(copy, file, "published:")[0]]


def test_a_slip_in_a_commodity_is_told_with_the_nearest_one(copy):
    edit(copy / BATTERIES, "commodity: lithium", "commodity: leed")  # far from every material in use
    edit(copy / BATTERIES, "stage: mine", "stage: mined")
    found = found_at(copy)
    for wrong, near in (("leed", "lead"), ("mined", "mine")):
        line, _ = place_in(copy, BATTERIES, wrong)
        assert (
            found[BATTERIES, line]
            == f'"{wrong}" is not in config/commodities.yaml or a table of config/sources/. Did you mean'
            f' "{near}"?'
        )
    edit(copy / BATTERIES, "commodity: leed", "commodity: neon")
    edit(copy / BATTERIES, "stage: mined", "stage: mine")
    load_workspace(copy)  # a material no table has yet is no slip
    (copy / "config" / "commodities.yaml").unlink()
    assert found_at(copy) == {("config/commodities.yaml", 1): "is missing"}, "once, not for every link"


def test_words_without_a_topic_would_match_nothing_and_are_told(copy):
    text = (copy / BATTERIES).read_text(encoding="utf-8")
    edit(copy / BATTERIES, text[text.index("  topics: [") : text.index("  keywords: [")], "")
    line, _ = place_in(copy, BATTERIES, "keywords:")
    assert "give works.topics as well" in found_at(copy)[BATTERIES, line]
