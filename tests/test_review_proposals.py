"""An accepted proposal changes config/technologies, names its decision in the history, and never leaves a configuration half-changed."""

import pytest
import review_world

from listgen.base.config import load_workspace
from listgen.base.errors import ConfigError


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return review_world.freeze(tmp_path_factory.mktemp("frozen"))


@pytest.fixture
def accept(build, tmp_path, workspace):
    """Return a function that has a proposal made, accepted and approved, and the configuration changed by it."""
    review_world.open_review(tmp_path / "review", build)
    from listgen.review import configchange, proposals, rounds
    from listgen.review.models import Seat, Staff

    seat = Seat.objects.select_related("round__review").first()

    def act(kind, technology_id, change, **texts):
        made = proposals.propose(seat, kind, technology_id, {"reason": "because", **texts}, key=kind)
        proposals.answer(made, "accept", change, Staff.objects.get(name="aoki"))
        proposals.approve(made, Staff.objects.get(name="baba"))
        return configchange.apply(workspace, proposals.accepted(rounds.newest_review()))

    return act


def judged():
    from listgen.review.models import Card

    return [card.technology_id for card in Card.objects.order_by("technology_id")]


def test_a_better_definition_is_written_with_its_history_and_only_once(accept, workspace):
    technology_id = next(name for name in judged() if name in workspace.config.technologies)
    path = workspace.root / "config/technologies" / f"{technology_id}.yaml"
    before = path.read_text(encoding="utf-8")
    change = {"parts": [{"definition_en": "A better definition.", "definition_ja": "改善した定義。"}]}
    assert accept("definition", technology_id, change, definition="A better definition.") == [path.name]
    found = load_workspace(workspace.root).config.technologies[technology_id]
    assert found.definition.en == "A better definition." and found.history[-1].by.startswith("aoki, baba (r")
    kept = [line for line in before.splitlines() if line.startswith("  - {list:")]
    assert kept and all(line in path.read_text(encoding="utf-8") for line in kept), "the rest of the file is as it was"
    from listgen.review import configchange, proposals, rounds

    assert configchange.apply(workspace, proposals.accepted(rounds.newest_review())) == []


def test_a_missing_technology_gets_a_file_of_its_own(accept, workspace):
    part = {
        "id": "tabletop_accelerators",
        "name_en": "Tabletop accelerators",
        "name_ja": "卓上加速器",
        "domain": "aerospace_ocean",
        "cpc": "H05H7",
    }
    part |= {"definition_en": "Particle accelerators of a few metres.", "definition_ja": "数メートル規模の粒子加速器。"}
    assert accept("new", "", {"parts": [part]}, name="Tabletop accelerators", definition="small") == ["tabletop_accelerators.yaml"]
    made = load_workspace(workspace.root).config.technologies["tabletop_accelerators"]
    assert made.patents.cpc == ["H05H7"]
    assert made.history[0].by.split("(")[1].rstrip(")") in made.nomination.by.en


def test_a_change_that_cannot_be_read_is_taken_back_whole(accept, workspace):
    part = {"id": "no_such_domain", "name_en": "X", "name_ja": "某", "domain": "nowhere", "definition_en": "X.", "definition_ja": "某。"}
    with pytest.raises(ConfigError, match="nowhere"):
        accept("new", "", {"parts": [part]}, name="X", definition="x")
    assert not (workspace.root / "config/technologies/no_such_domain.yaml").exists()
    load_workspace(workspace.root)


def test_merged_technologies_name_each_other_unless_a_third_one_still_names_the_old(accept, workspace):
    known = workspace.config.technologies
    scopes = {name: " ".join(text.en for text in (*one.scope.includes, *one.scope.excludes)) for name, one in known.items()}
    names = [name for name in judged() if name in known]
    named = [name for name in names if any(f"{name})" in text or f"{name}," in text for text in scopes.values())]
    free = [name for name in names if not any(name in text for text in scopes.values())]
    with pytest.raises(ConfigError, match="which is merged"):
        accept("merge", named[0], {"into": free[0]})
    assert load_workspace(workspace.root).config.technologies[named[0]].status == "active", "mend the neighbours first; nothing was changed"
