"""An accepted proposal changes config/technologies whole or not at all, with its decision in the history."""

import pytest
import review_world

from listgen.base.errors import ConfigError, UsageError
from listgen.workspace.loading import load_workspace


@pytest.fixture(scope="module")
def build():
    return review_world.freeze()


@pytest.fixture
def accept(build, tmp_path, workspace):
    """Return a function that has a proposal accepted, approved and carried into the configuration."""
    review_world.open_review(tmp_path / "review", build)
    from listgen.review.domain import configchange, proposals, rounds
    from listgen.review.models import Seat, Staff

    seat = Seat.objects.select_related("round__review").first()

    def act(*wanted, **texts):
        made_of = {
            id(one): proposals.propose(seat, one[0], one[1], {"reason": "because", **texts}, key=one[0])
            for one in wanted
        }
        rounds.close(rounds.newest_round(), "aoki")
        for one in wanted:
            change, made = one[2], made_of[id(one)]
            answered = proposals.answer(made, "accept", change, Staff.objects.get(name="aoki"))
            proposals.approve(made, proposals.answer_mark(answered), Staff.objects.get(name="baba"))
        accepted = proposals.accepted(rounds.newest_review())
        done = configchange.apply(workspace, accepted)
        proposals.note_applied(accepted)
        return done

    return act


def judged():
    from listgen.review.models import Card

    return [card.technology_id for card in Card.objects.order_by("technology_id")]


def test_a_better_definition_is_written_with_its_history_and_only_once(accept, workspace):
    technology_id = next(name for name in judged() if name in workspace.config.technologies)
    path = workspace.root / "config/technologies" / f"{technology_id}.yaml"
    before = path.read_text(encoding="utf-8")
    change = {"parts": [{"definition_en": "A better definition.", "definition_ja": "改善した定義。"}]}
    assert accept(("definition", technology_id, change), definition="A better definition.") == [path.name]
    found = load_workspace(workspace.root).config.technologies[technology_id]
    assert found.definition.en == "A better definition." and found.history[-1].by.startswith("aoki, baba (r")
    kept = [line for line in before.splitlines() if line.startswith("  - {list:")]
    assert kept and all(line in path.read_text(encoding="utf-8") for line in kept), (
        "the rest of the file is as it was"
    )
    from listgen.review.domain import configchange, proposals, rounds
    from listgen.review.models import Proposal, Staff

    assert configchange.apply(workspace, proposals.accepted(rounds.newest_review())) == []
    with pytest.raises(UsageError, match="carried out"):
        proposals.answer(Proposal.objects.get(), "refuse", {}, Staff.objects.get(name="aoki"))


def test_a_change_that_cannot_be_read_is_taken_back_whole(accept, workspace):
    part = {
        "id": "no_such_domain",
        "name_en": "X",
        "name_ja": "某",
        "domain": "nowhere",
        "definition_en": "X.",
        "definition_ja": "某。",
    }
    with pytest.raises(ConfigError, match="nowhere"):
        accept(("new", "", {"parts": [part]}), name="X", definition="x")
    assert not (workspace.root / "config/technologies/no_such_domain.yaml").exists()
    load_workspace(workspace.root)
    # An answer that cannot be carried out can be given anew; the approval goes with the old one.
    from listgen.review.domain import configchange, proposals, rounds, verify
    from listgen.review.models import Proposal, Staff

    old = Proposal.objects.get()
    aoki, baba = Staff.objects.get(name="aoki"), Staff.objects.get(name="baba")
    again = proposals.answer(old, "refuse", {}, aoki)
    assert again.approver == "" and verify.findings() == []
    with pytest.raises(UsageError, match="changed"):
        proposals.approve(again, proposals.answer_mark(old), baba)
    proposals.approve(again, proposals.answer_mark(again), baba)
    assert (
        configchange.apply(workspace, proposals.accepted(rounds.newest_review())) == []
        and verify.findings() == []
    )


def unnamed(workspace):
    """Return judged technologies that the scope of no other names, and those that one does."""
    known = workspace.config.technologies
    texts = {
        name: " ".join(text.en for text in (*one.scope.includes, *one.scope.excludes))
        for name, one in known.items()
    }
    names = [name for name in judged() if name in known]
    named = [
        name for name in names if any(f"{name})" in text or f"{name}," in text for text in texts.values())
    ]
    return [name for name in names if not any(name in text for text in texts.values())], named


def test_merged_technologies_name_each_other_unless_a_third_one_still_names_the_old(accept, workspace):
    free, named = unnamed(workspace)
    with pytest.raises(ConfigError, match="which is merged"):
        accept(("merge", named[0], {"into": free[0]}))
    assert load_workspace(workspace.root).config.technologies[named[0]].status == "active", (
        "mend the neighbours first; nothing was changed"
    )


ACCELERATORS = {
    "id": "tabletop_accelerators",
    "name_en": "Tabletop accelerators",
    "name_ja": "卓上加速器",
    "domain": "aerospace_ocean",
}
ACCELERATORS |= {
    "cpc": "H05H13",
    "definition_en": "Particle accelerators of a few metres.",
    "definition_ja": "数メートル規模の粒子加速器。",
}


def test_new_merged_and_split_technologies_and_corrected_evidence_are_made_together(accept, workspace):
    """Four proposals of one review.

    A missing one gets a file, merged ones name each other, the split lives on in its parts.
    """
    free, named = unnamed(workspace)
    (merged, split), (into, corrected) = free[:2], named[:2]
    domain = workspace.config.technologies[split].domain
    parts = [
        {
            "id": f"{split}_{end}",
            "name_en": f"Part {end}",
            "name_ja": f"部分{end}",
            "domain": domain,
            "cpc": cpc,
        }
        | {"definition_en": f"Part {end} of it.", "definition_ja": f"その部分{end}。"}
        for end, cpc in (("a", "H05H7"), ("b", "H05H9"))
    ]
    made = accept(
        ("merge", merged, {"into": into}),
        ("split", split, {"parts": parts}),
        ("evidence", corrected, {"parts": [{"cpc": "H05H1, H05H3"}]}),
        ("new", "", {"parts": [ACCELERATORS]}),
        name="Tabletop accelerators",
        definition="small",
    )
    assert made == sorted(
        f"{name}.yaml"
        for name in (merged, into, split, f"{split}_a", f"{split}_b", corrected, ACCELERATORS["id"])
    )
    found = load_workspace(workspace.root).config.technologies
    assert (found[merged].status, found[merged].replaced_by, found[into].replaces[-1]) == (
        "merged",
        [into],
        merged,
    )
    assert found[merged].history[-1].by == found[into].history[-1].by and found[into].status == "active"
    assert (found[split].status, found[split].replaced_by) == ("retired", [f"{split}_a", f"{split}_b"])
    assert [found[f"{split}_{end}"].replaces for end in ("a", "b")] == [[split], [split]]
    assert (
        found[corrected].patents.cpc == ["H05H1", "H05H3"]
        and "because" in found[corrected].history[-1].why.en
    )
    new = found[ACCELERATORS["id"]]
    assert (
        new.patents.cpc == ["H05H13"] and new.history[0].by.split("(")[1].rstrip(")") in new.nomination.by.en
    )
