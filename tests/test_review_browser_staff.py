"""A facilitator's round and an auditor's replay in a real browser.

Every template under axe, at 320 pixels and at 200 % zoom; hostile texts.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import review_world
from review_world import PASSWORDS
from test_review_browser import beside_an_event_loop, browser, enter  # noqa: F401 - fixtures
from xss_corpus import payloads

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium on this machine"),
]
TEMPLATES = Path(__file__).resolve().parents[1] / "src/listgen/review/web/templates"


@pytest.fixture
def review_site(tmp_path):
    """An open round whose experts have voted on two technologies, with hostile names, reasons and a proposal.

    One for each test.
    """
    build = review_world.freeze()
    _, made = review_world.open_review(tmp_path / "db", build)
    from listgen.review.domain import ballots, proposals
    from listgen.review.domain.frozen import frozen
    from listgen.review.models import Person, Seat

    seats = list(Seat.objects.select_related("round__review").order_by("person__email"))
    cards = list(frozen(seats[0].round.review_id).judged.values())
    texts = payloads()
    for place, person in enumerate(Person.objects.order_by("email")):
        person.name, person.affiliation = texts[place], texts[-place - 1][:200]
        person.save()
    for place, seat in enumerate(seats[1:]):
        for card in cards[:2]:
            ballots.cast(
                seat, card, ballots.Content("rating", 1 + place % 9, texts[20 * place]), revision=0, key="k"
            )
    proposals.propose(
        seats[1],
        "split",
        cards[0].technology_id,
        {"reason": texts[7], "definition": texts[8], "sources": texts[9]},
        key="p",
    )
    with review_world.serving() as address:
        yield address, [f"{address}/i/{one.link_token}" for one in made], seats, cards


@pytest.fixture
def visit(browser, review_site):  # noqa: F811 - the fixture
    """Return a function that opens a page of a visitor's own, which notes whatever a browser complains of."""
    contexts = []

    def open_page(name="", *, language="en", width=1280):
        context = browser.new_context(viewport={"width": width, "height": 800})
        context.add_cookies([{"name": "language", "value": language, "url": review_site[0]}])
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on(
            "console",
            lambda message: (
                page.problems.append(message.text) if "Failed to load resource" not in message.text else None
            ),
        )
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("dialog", lambda dialog: page.problems.append("dialog"))
        if name:
            page.goto(review_site[0] + "/staff/login")
            page.fill("[name=name]", name)
            page.fill("[name=password]", PASSWORDS[name])
            page.click(".go")
            page.wait_for_url(review_site[0] + "/staff")
        return page

    yield open_page
    for context in contexts:
        context.close()


def touch_everything(page, address):
    """Open a page, send every kind of event to all of it, and see that no text ran or became markup."""
    page.goto(address)
    page.evaluate(
        "for (const one of document.querySelectorAll('main *')) for (const name of ['mouseover', 'focus',"
        " 'toggle', 'animationstart']) one.dispatchEvent(new Event(name, {bubbles: true}))"
    )
    assert page.evaluate("window.hit") is None, address
    elements = (
        "main script, main iframe, main object, main embed, main img, main base, main [onerror], main"
        " [onload]"
    )
    assert page.locator(elements).count() == 0, address


def test_three_hundred_hostile_texts_are_inert_and_break_no_policy(visit, review_site):
    """In reasons (history, a text area), names and affiliations (staff).

    Whatever could be touched is touched.
    """
    from listgen.review.domain import ballots

    address, links, seats, cards = review_site
    for number, text in enumerate(payloads()):
        ballots.cast(
            seats[0], cards[3], ballots.Content("rating", 5, text), revision=number, key=f"x{number}"
        )
    expert, facilitator = visit(), visit("aoki")
    enter(expert, links[0])
    path = f"/judge/{cards[3].technology_id}"
    for page, one in ((expert, path + "/history"), (expert, path), (facilitator, "/staff")):
        touch_everything(page, address + one)
    expert.goto(address + path + "/history")
    assert (
        expert.locator("main ol li").count() == 300
        and payloads()[-1] in expert.locator("main ol li").first.inner_text()
    )
    assert expert.problems + facilitator.problems == []


def test_a_facilitators_round_and_an_auditors_replay(visit, review_site):
    """From the log-in to the verified log.

    An expert who is writing when the round closes gets the text back.
    """
    address, links, seats, cards = review_site
    expert, aoki, baba, chiba = visit(language="ja", width=320), visit("aoki"), visit("baba"), visit("chiba")
    enter(expert, links[2])
    steps = aoki.locator("main tbody td:text-is('started')").count()
    assert steps >= 11 and "2 of 25" not in aoki.inner_text("main"), "steps, no counts"
    assert aoki.locator("main").inner_text().count("rating") == 0, "progress, no votes"
    assert chiba.locator("main table").count() == 0, "who reads the log sees no names"
    with aoki.expect_download() as download:
        aoki.click("form[action='/staff/reminders.csv'] button")
    listed = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert listed.count("@example.org") == 12
    later = dt.datetime.now() + dt.timedelta(days=200)
    assert aoki.input_value("[name=closes_at]") > dt.datetime.now().isoformat(), (
        "the hour as it is, to start from"
    )
    aoki.fill("[name=closes_at]", f"{later:%Y-%m-%dT18:00}")
    aoki.click("form[action='/staff/extend'] button")
    aoki.wait_for_selector(f"main >> text={later.day} {later:%B %Y}, 18:00 JST")
    expert.fill("#reason", "締切の直前まで書いていた")
    expert.wait_for_selector("[name=revision][value='1']", state="attached")
    aoki.click("a[href='/staff/close']")
    aoki.fill("[name=password]", PASSWORDS["aoki"])
    aoki.click(".go")
    aoki.wait_for_url(address + "/staff/results")
    expert.fill("#reason", "締切の直前まで書いていた理由")
    expert.wait_for_selector("#conflict-notice")
    assert (
        expert.input_value("#reason") == "締切の直前まで書いていた理由"
        and expert.locator("button[value='3']").count() == 0
    )
    # Two signatures.
    sheet = f"/staff/sheet/{cards[0].technology_id}"
    aoki.click(f"a[href='{sheet}']")
    aoki.check("[name=decision][value=accept]")
    aoki.fill("[name=rationale]", "As the panel says.")
    aoki.click(".sheet .go")
    aoki.wait_for_selector("text=As the panel says.")
    assert aoki.locator(f"form[action='{sheet}/approve']").count() == 0
    baba.goto(address + sheet)
    baba.click(f"form[action='{sheet}/approve'] button")
    baba.wait_for_url(address + "/staff/results")
    # The auditor: results without a way to decide, the log taken home, its newest digest found again.
    chiba.goto(address + "/staff/results")
    assert "approved by baba" in chiba.inner_text("main") and chiba.locator("main a").count() == 0
    chiba.goto(address + "/staff/audit")
    with chiba.expect_download() as download:
        chiba.click("a[href='/staff/log.jsonl']")
    digest = re.findall(
        r'"digest":"([0-9a-f]{64})"', Path(download.value.path()).read_text(encoding="utf-8")
    )[-1]
    chiba.fill("[name=digest]", digest)
    chiba.click(".sheet .go")
    chiba.wait_for_selector("[role=status]")
    chiba.fill("[name=digest]", "f" * 64)
    chiba.click(".sheet .go")
    chiba.wait_for_selector("[role=alert]")
    assert expert.problems + aoki.problems + baba.problems + chiba.problems == []


def faults(page, name, language, axe):
    """Return what axe finds on a page that is open, and the widths it does not fit."""
    assert page.get_attribute("html", "lang") == language
    violations = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    found = {f"{name}: {one['id']}": one["nodes"][0]["html"][:120] for one in violations}
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{name}: wider than {width}"] = page.evaluate("document.documentElement.scrollWidth")
    return found


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_template_is_accessible_and_fits_a_narrow_screen_and_200_percent(
    visit, review_site, language, monkeypatch
):
    """While the round is open and after its close; 640 pixels are a window of 1,280 at 200 %."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    from listgen.review.domain import rounds
    from listgen.review.web import drawing

    address, links, _, cards = review_site
    drawn, found, render = set(), {}, drawing.render
    monkeypatch.setattr(
        drawing,
        "render",
        lambda request, name, *args, **rest: drawn.add(name) or render(request, name, *args, **rest),
    )
    judge, sheet = f"/judge/{cards[0].technology_id}", f"/staff/sheet/{cards[0].technology_id}"
    expert = visit(language=language, width=320)

    def look(page, path):
        page.goto(address + path)
        found.update(faults(page, path, language, axe))

    for path in ("/", "/staff/login", "/nowhere", "/judge", "/i/none", links[1].removeprefix(address)):
        look(expert, path)
    expert.goto(links[1])
    expert.click("button.go")
    expert.wait_for_url(re.compile("/judge"))
    for path in (judge, "/judge", "/propose", "/background", judge + "/history"):
        look(expert, path)
    # A refusal that gives back what was written: the form of another seat.
    expert.goto(address + judge)
    expert.evaluate(
        "const form = document.querySelector('form[data-vote]'); form.elements.mark.value = 'x';"
        " form.reason.value = 'R'; form.submit()"
    )
    expert.wait_for_selector("#given-h")
    found.update(faults(expert, "a form given back", language, axe))
    aoki, chiba = visit("aoki", language=language, width=320), visit("chiba", language=language, width=320)
    for path in ("/staff", "/staff/close", "/staff/password", "/staff/results", sheet):
        look(aoki, path)
    look(chiba, "/staff/audit")
    if rounds.newest_round().closed_at is None:
        rounds.close(rounds.newest_round(), "aoki")
    aoki.goto(address + "/staff/proposals")
    proposal = aoki.get_attribute("main .rows a", "href")
    for path in ("/staff", "/staff/results", sheet, "/staff/proposals", proposal):
        look(aoki, path)
    touch_everything(aoki, address + proposal)
    look(expert, judge)
    assert found == {}
    # The first three are parts of pages; the last of them was seen above.
    assert {path.name for path in TEMPLATES.glob("*.html")} - {
        "base.html",
        "macros.html",
        "given_back.html",
    } == drawn


def test_the_second_round_on_a_phone_fits_the_screen_and_asks_for_a_reason(visit, review_site):
    """Distribution, own vote, reasons and the whole evidence, 320 pixels wide, in both languages."""
    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now

    address, _, _, cards = review_site
    if rounds.newest_round().closed_at is None:
        rounds.close(rounds.newest_round(), "aoki")
    _, made = rounds.open_next_round(rounds.newest_review(), [], now() + dt.timedelta(days=1))
    for language, place in (("en", 3), ("ja", 4)):
        page = visit(language=language, width=320)
        enter(page, f"{address}/i/{made[place].link_token}")
        page.goto(f"{address}/judge/{cards[0].technology_id}")
        assert page.locator(".hist td").count() == 9 and page.locator(".hist td.own").count() == 1
        assert page.locator(".evidence").count() == 1, (
            "from the second round on the evidence stands beside the question"
        )
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.click("button[value='9']")
        page.wait_for_selector("#reason-asked")
        assert page.problems == []
