"""A later round over HTTP.

What it asks, the answer kept in one tap, progress in steps, and decisions that wait for the close.
"""

import datetime as dt
import re

import pytest
import review_world
from review_world import Visitor
from test_review_rounds import build, cards, opened, seats, vote  # noqa: F401 - fixtures among them


@pytest.fixture
def second(opened):  # noqa: F811 - the fixture
    """The links of a second round that asks about two of the technologies, by the place of their person.

    Round 1 was answered by all.
    """
    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now

    for place, seat in enumerate(seats()):
        for card in cards()[:3]:
            vote(seat, card, 1 + place % 9, reason=f"reason {place}")
    rounds.close(opened[0], "aoki")
    wanted = [card.technology_id for card in cards()[:2]]
    _, made = rounds.open_next_round(rounds.newest_review(), [], now() + dt.timedelta(days=3), wanted)
    with review_world.serving() as address:
        yield address, [one.link_token for one in made]


def test_a_later_round_asks_only_what_it_was_opened_for(second):
    address, links = second
    visitor = Visitor(address).open_link(links[0])
    overview = visitor.get("/judge").text
    one, two, three = (card.technology_id for card in cards()[:3])
    assert "0 of 2" in overview and three not in overview
    assert visitor.get(f"/judge/{three}").status_code == 404
    assert visitor.post(f"/judge/{three}", {"answer": "5"}, page=f"/judge/{one}").status_code == 404
    assert "round 1" in visitor.get(f"/judge/{two}").text


def test_an_earlier_answer_is_kept_in_one_tap(second):
    from listgen.review.domain import ballots
    from listgen.review.models import Seat

    address, links = second
    visitor, page = Visitor(address).open_link(links[4]), f"/judge/{cards()[0].technology_id}"
    assert 'value="repeat"' in visitor.get(page).text
    assert visitor.post(page, {"answer": "repeat"}).status_code == 302
    seat = Seat.objects.get(round__number=2, person__email="e04@example.org")
    now = ballots.content_of(ballots.find_ballot(seat.pseudonym, cards()[0].technology_id))
    assert (now.answer, now.rating, now.reason) == ("rating", 5, "reason 4")
    assert 'value="repeat"' not in visitor.get(page).text, "it is kept"


def test_who_answered_nothing_before_has_nothing_to_keep(opened):  # noqa: F811 - the fixture
    with review_world.serving() as address:
        visitor, page = (
            Visitor(address).open_link(opened[1][0].link_token),
            f"/judge/{cards()[0].technology_id}",
        )
        assert 'value="repeat"' not in visitor.get(page).text
        assert visitor.post(page, {"answer": "repeat"}).status_code == 400


def test_the_facilitator_sees_steps_and_no_number_of_anybodys_answers(second):
    address, links = second
    for place, n in ((0, 2), (1, 1)):
        visitor = Visitor(address).open_link(links[place])
        for card in cards()[:n]:
            visitor.post(f"/judge/{card.technology_id}", {"answer": "5"})
    aoki = Visitor(address).log_in("aoki")
    table = re.search(r"<tbody>.*?</tbody>", aoki.get("/staff").text, re.DOTALL)[0]
    cells = re.findall(r"<td>([^<]*)</td>", table)[1::2]
    assert sorted(cells) == ["finished", *["not started"] * 10, "started"] and not re.search(
        r"\d of \d", table
    )
    header = aoki.post("/staff/reminders.csv", page="/staff").text.splitlines()[0]
    assert header.lstrip("\ufeff") == "email,name,affiliation,language,closes_at,link"


def test_no_page_drafts_or_approves_while_a_round_is_open(second):
    address, _ = second
    sheet = f"/staff/sheet/{cards()[0].technology_id}"
    for name in ("aoki", "baba"):
        page = Visitor(address).log_in(name).get(sheet).text
        assert "A round is open" in page and 'name="rationale"' not in page
    answer = Visitor(address).log_in("aoki").post(sheet, {"decision": "accept", "rationale": "why"})
    assert answer.status_code == 400 and "closed round" in answer.text
