"""The configuration: all defects at once, each with file, line, column and the nearest valid name."""

import shutil
from pathlib import Path

import pytest

from listgen.base.config import load_workspace
from listgen.base.errors import ConfigError, UsageError

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


def test_all_errors_come_at_once_with_the_nearest_name(copy):
    edit(copy / "config/settings.yaml", "focal_country: JP", "focal_country: JPN")
    edit(copy / "config/technologies/quantum_computing.yaml", "domain: quantum", "domain: quantun")
    edit(copy / "config/technologies/machine_learning.yaml", "status: active", "status: activ")
    edit(copy / "config/technologies/gene_editing.yaml", "scope:", "scop:")
    found = problems(copy)
    assert (
        "domain" in found["config/technologies/quantum_computing.yaml"] or "quantum" in found["config/technologies/quantum_computing.yaml"]
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
    import re

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
