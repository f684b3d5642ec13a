"""Answers that did not reach the server.

Whose they are, in which round, and what becomes of them, in a real browser.
"""

import datetime as dt
from pathlib import Path

import pytest
import review_world
from test_review_browser import beside_an_event_loop, browser, enter, see_evidence  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium on this machine"),
]


@pytest.fixture
def review_site(tmp_path):
    _, made = review_world.open_review(tmp_path / "db", review_world.freeze(), n=6)
    with review_world.serving() as address:
        yield address, [f"{address}/i/{one.link_token}" for one in made]


@pytest.fixture
def tablet(browser):  # noqa: F811 - the fixture
    """One device that several experts use in turn."""
    context = browser.new_context(viewport={"width": 800, "height": 1000}, locale="en-GB")
    yield context
    context.close()


def answer_without_connection(context, link, rating=3, reason="only mine"):
    """Answer offline, and have the session end before the connection comes back.

    Return the technology's path.
    """
    page = context.new_page()
    enter(page, link)
    path = page.evaluate("location.pathname")
    context.set_offline(True)
    page.fill("#reason", reason)
    page.click(f"button[value='{rating}']")
    page.wait_for_selector(".state.bad")
    assert page.locator(".vote [aria-pressed=true]").inner_text() == str(rating), (
        "the page shows which answer waits"
    )
    context.clear_cookies(name="listgen")  # first, so that no late try of the closing page is sent
    page.close()
    context.set_offline(False)
    return path


def voted():
    """Return whose ballots there are: address of the person, rating, text."""
    from listgen.review.domain import ballots
    from listgen.review.models import Ballot, Seat

    found = []
    for ballot in Ballot.objects.order_by("id"):
        seat = Seat.objects.select_related("person").get(pseudonym=ballot.pseudonym)
        found.append((seat.person.email, ballot.rating, ballots.reason_text(ballot.reason_digest)))
    return found


def unsent(page):
    return page.evaluate(
        "Object.keys(localStorage).filter((name) => name.startsWith('listgen-unsent')).length"
    )


def wait_until_quiet(page):
    """Wait until whatever the page would send on opening has been answered."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def test_on_a_shared_tablet_an_answer_is_cast_for_its_author_only(tablet, review_site):
    _, links = review_site
    path = answer_without_connection(tablet, links[0])
    second = tablet.new_page()
    enter(second, links[1])
    wait_until_quiet(second)
    assert voted() == [], "the first expert's answer is not cast under the second"
    assert second.locator("#unsent").is_hidden() and "only mine" not in second.content()
    second.click("button[value='9']")
    see_evidence(second)
    assert voted() == [("e01@example.org", 9, "")]
    with second.expect_navigation(url=review_site[0] + "/"):
        second.click("form[data-leave] button")
    assert unsent(second) == 1, "who leaves takes nothing of another's along"
    second.goto(links[0])
    second.click("button.go")
    second.wait_for_url(lambda url: path in url)
    see_evidence(second)
    assert ("e00@example.org", 3, "only mine") in voted() and unsent(second) == 0


def test_a_page_left_open_does_not_send_under_whoever_came_after(tablet, review_site):
    _, links = review_site
    first = tablet.new_page()
    enter(first, links[0])
    tablet.route(
        "**/judge/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    first.fill("#reason", "of the first")
    first.click("button[value='2']")
    first.wait_for_selector(".state.bad")
    second = tablet.new_page()
    enter(second, links[1])
    tablet.unroute("**/judge/*")
    first.wait_for_function(
        "() => document.querySelector('[data-state]').textContent ==="
        " document.querySelector('[data-state]').dataset.another"
    )
    assert voted() == [] and unsent(first) == 1 and first.input_value("#reason") == "of the first"
    enter(second, links[0])
    see_evidence(second)
    assert voted() == [("e00@example.org", 2, "of the first")]


def test_a_tab_shows_what_another_tab_has_sent_for_it(tablet, review_site):
    _, links = review_site
    first = tablet.new_page()
    enter(first, links[0])
    first.route(
        "**/judge/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    first.click("button[value='2']")
    first.wait_for_selector(".state.bad")
    second = tablet.new_page()
    second.goto(review_site[0] + "/judge")
    wait_until_quiet(second)
    first.wait_for_selector("button[value='2'][aria-pressed=true]")
    assert [rating for _, rating, _ in voted()] == [2]


def test_an_answer_of_an_earlier_round_is_shown_to_its_author_and_never_sent(tablet, review_site):
    from listgen.review.domain import eventlog, rounds

    address, links = review_site
    path = answer_without_connection(tablet, links[0], rating=4, reason="written in round 1 <b>")
    first = rounds.newest_round()
    rounds.close(first, "aoki")
    _, made = rounds.open_next_round(first.review, [], eventlog.now() + dt.timedelta(days=3))
    page, other = tablet.new_page(), tablet.new_page()
    enter(other, f"{address}/i/{made[1].link_token}")
    wait_until_quiet(other)
    assert other.locator("#unsent").is_hidden()
    enter(page, f"{address}/i/{made[0].link_token}")
    page.wait_for_selector("#unsent:not([hidden])")
    wait_until_quiet(page)
    assert voted() == []
    text = page.inner_text("#unsent")
    assert (
        "round 1" in text
        and "Answer: 4" in text
        and page.input_value("#unsent textarea") == "written in round 1 <b>"
    )
    assert page.get_attribute("#unsent [data-open]", "href") == path
    tablet.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#unsent [data-copy]")
    page.wait_for_function("() => document.querySelector('#unsent [data-copy]').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == "written in round 1 <b>"
    other.goto(f"{address}/i/{made[1].link_token}")
    assert other.locator("#unsent").count() == 0 and "written in round 1" not in other.content(), (
        "in the first one's session, the other's link"
    )
    page.click("#unsent [data-discard]")
    assert page.locator("#unsent").is_hidden() and unsent(page) == 0
    page.reload()
    assert page.locator("#unsent").is_hidden() and voted() == []


def test_two_tabs_without_connection_lose_nothing_of_each_other(tablet, review_site):
    _, links = review_site
    one, two = tablet.new_page(), tablet.new_page()
    enter(one, links[0])
    address = one.url
    two.goto(address)
    two.click("a[data-key=n]")
    two.wait_for_url(lambda url: url != address)
    tablet.set_offline(True)
    for page, rating in ((one, 5), (two, 6)):
        page.click(f"button[value='{rating}']")
        page.wait_for_selector(".state.bad")
    one.close()
    two.close()
    tablet.set_offline(False)
    page = tablet.new_page()
    page.goto(review_site[0] + "/judge")
    page.wait_for_function("() => !Object.keys(localStorage).length")
    assert sorted(rating for _, rating, _ in voted()) == [5, 6]


def test_whoever_leaves_with_unsent_answers_is_asked(tablet, review_site):
    _, links = review_site
    page, asked = tablet.new_page(), []
    enter(page, links[0])
    page.route(
        "**/judge/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.fill("#reason", "typed a moment ago")
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("form[data-leave] button")
    page.wait_for_timeout(1000)
    assert len(asked) == 1 and "1" in asked[0] and unsent(page) == 1 and "/judge/" in page.url
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation(url=review_site[0] + "/"):
        page.click("form[data-leave] button")
    assert unsent(page) == 0 and voted() == []


def test_a_refused_answer_stays_until_its_page_has_arrived(tablet, review_site):
    """The round closes while an answer waits.

    The page that explains it gives the text back, and only then the device forgets it.
    """
    from listgen.review.domain import rounds

    _, links = review_site
    page = tablet.new_page()
    enter(page, links[0])
    rounds.close(rounds.newest_round(), "aoki")
    page.fill("#reason", "came too late")
    page.click("button[value='8']")
    page.wait_for_selector("#conflict-notice")
    assert (
        page.input_value("#reason") == "came too late"
        and unsent(page) == 0
        and page.locator("#unsent").is_hidden()
    )


def test_an_answer_refused_while_its_author_reads_another_page_is_listed_there(tablet, review_site):
    from listgen.review.domain import rounds

    _, links = review_site
    page = tablet.new_page()
    enter(page, links[0])
    path = page.evaluate("location.pathname")
    page.route(
        "**/judge/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.fill("#reason", "written before the close")
    page.click("button[value='8']")
    page.wait_for_selector(".state.bad")
    page.unroute("**/judge/*")
    rounds.close(rounds.newest_round(), "aoki")
    page.goto(review_site[0] + "/judge")
    page.wait_for_selector("#unsent:not([hidden])")
    assert page.url.endswith("/judge") and page.input_value("#unsent textarea") == "written before the close"
    assert page.get_attribute("#unsent [data-open]", "href") == path and voted() == []
