"""An expert in a real browser: a phone in Japanese, the keyboard, a lost connection, two devices.

Accessibility of every page.
"""

import time
from pathlib import Path

import pytest
import review_world
from review_world import PASSWORDS

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine"),
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
HOSTILE = '"><img src=x onerror=window.hit=1><script>window.hit=1</script>\u202e名前'


@pytest.fixture(scope="module", autouse=True)
def beside_an_event_loop():
    """Playwright runs an event loop in this thread, in which Django would refuse to read its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def review_site(tmp_path_factory):
    build = review_world.freeze()
    _, made = review_world.open_review(tmp_path_factory.mktemp("review") / "db", build)
    with review_world.serving() as address:
        yield address, [f"{address}/i/{one.link_token}" for one in made]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser):
    """A page 320 pixels wide that notes every foreign request and every complaint of the browser."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="ja-JP")
    page = context.new_page()
    page.problems = []
    page.on(
        "console",
        lambda message: (
            page.problems.append(message.text) if "Failed to load resource" not in message.text else None
        ),
    )
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "request",
        lambda request: (
            page.problems.append(request.url)
            if "127.0.0.1" not in request.url and request.url[:5] != "data:"
            else None
        ),
    )
    yield page
    context.close()


def enter(page, link):
    page.goto(link)
    page.click("button.go")
    page.wait_for_selector("form[data-vote]")
    page.wait_for_load_state()  # the script, which knows the keys and saves, is deferred


def see_evidence(page, **options):
    """Wait until an answer has led to the evidence, and until the page can be used."""
    page.wait_for_selector(".evidence", **options)
    page.wait_for_load_state()


def votes():
    from listgen.review.models import Event

    return [event.body for event in Event.objects.filter(body__contains='"kind":"vote"')]


def test_first_rating_on_a_phone_in_japanese_with_two_taps(phone, review_site):
    size = []
    network = phone.context.new_cdp_session(phone)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: size.append(event["encodedDataLength"]))
    enter(phone, review_site[1][1])
    assert phone.get_attribute("html", "lang") == "ja" and len(size) > 4 and 10_000 < sum(size) < 200_000
    assert phone.locator(".evidence").count() == 0
    phone.click("button[value='8']")
    see_evidence(phone)
    phone.wait_for_function(
        "0 <= evidence.getBoundingClientRect().top && evidence.getBoundingClientRect().top < innerHeight / 2"
    )
    assert phone.get_attribute("button[value='8']", "aria-pressed") == "true"
    assert phone.evaluate("document.documentElement.scrollWidth") == 320
    smallest = phone.evaluate(
        "Math.min(...[...document.querySelectorAll('.vote button')].map(b => Math.min(b.offsetWidth,"
        " b.offsetHeight)))"
    )
    assert smallest >= 24
    assert phone.problems == []


def test_a_lost_connection_loses_nothing_and_doubles_nothing(phone, review_site, browser):
    enter(phone, review_site[1][2])
    path = phone.url
    before = len(votes())
    phone.context.set_offline(True)
    phone.fill("#reason", "車中で書いた理由")
    phone.click("button[value='3']")
    phone.wait_for_selector(".state.bad")
    phone.context.set_offline(False)
    see_evidence(phone, timeout=15_000)
    assert len(votes()) - before == 1
    other = browser.new_context().new_page()
    enter(other, review_site[1][2])
    other.goto(path)
    assert (
        other.get_attribute("button[value='3']", "aria-pressed") == "true"
        and other.input_value("#reason") == "車中で書いた理由"
    )
    other.click("button[value='5']")
    other.wait_for_url(lambda url: not url.startswith(path))
    # The phone still shows the old state: its answer does not overwrite, and what was written there is given
    # back.
    phone.fill("#reason", "古い画面で書いた理由")
    phone.click("button[value='1']")
    phone.wait_for_selector("#conflict-notice")
    assert phone.input_value("#reason") == "古い画面で書いた理由"
    other.context.close()


def test_the_keyboard_alone_is_enough_and_writing_is_saved(phone, review_site):
    """The script arrives late, as on a slow line: no key is pressed before the page can take it."""
    from playwright.sync_api import expect

    phone.route("**/static/review.js*", lambda route: (time.sleep(0.5), route.continue_()))
    enter(phone, review_site[1][3])
    first = phone.url
    phone.keyboard.press("7")
    see_evidence(phone)
    phone.fill("#reason", "saved while writing 7")
    phone.wait_for_selector("[name=revision][value='2']", state="attached")
    phone.locator("h1").click()
    phone.keyboard.press("n")
    phone.wait_for_url(lambda url: not url.startswith(first))
    phone.keyboard.press("p")
    phone.wait_for_url(lambda url: url.startswith(first))
    phone.wait_for_load_state()
    assert phone.input_value("#reason") == "saved while writing 7"
    phone.locator("h1").click()
    phone.keyboard.press("u")
    expect(phone.locator("#reason")).to_have_value("")
    assert phone.problems == []


def test_hostile_text_is_given_back_as_it_was_and_inert(phone, review_site):
    enter(phone, review_site[1][4])
    phone.click("button[value='4']")
    see_evidence(phone)
    phone.fill("#reason", HOSTILE)
    phone.click("button[value='keep']")
    phone.wait_for_selector("[name=revision][value='2']", state="attached")
    phone.reload()
    assert phone.input_value("#reason") == HOSTILE and phone.evaluate("window.hit") is None
    assert phone.problems == []


def test_two_tabs_and_the_back_button_show_what_is_saved(phone, review_site):
    """The second tab, made before the first one's answer, overwrites nothing.

    Going back shows the answer, not the page as it was.
    """
    enter(phone, review_site[1][6])
    path = phone.url
    tab = phone.context.new_page()
    tab.goto(path)
    phone.click("button[value='8']")
    see_evidence(phone)
    phone.click("a[data-key=n]")
    phone.wait_for_url(lambda url: not url.startswith(path.split("#")[0]))
    phone.go_back()
    phone.wait_for_selector("button[value='8'][aria-pressed=true]")
    tab.click("button[value='2']")
    tab.wait_for_selector("#conflict-notice")
    tab.click("button[value='2']")  # now in knowledge of the first answer
    tab.wait_for_url(lambda url: not url.startswith(path.split("#")[0]))
    phone.reload()
    assert phone.get_attribute("button[value='2']", "aria-pressed") == "true" and phone.problems == []


@pytest.mark.parametrize(("width", "height"), [(320, 256), (640, 360), (320, 640), (1280, 900)])
def test_the_vote_bar_never_covers_the_page(browser, review_site, width, height):
    """400 % of 1280 by 1024 is 320 by 256.

    What has the focus stays visible, and most of the height is left for reading.
    """
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    enter(page, review_site[1][7])
    if page.locator(".evidence").count() == 0:
        page.click("button[value='6']")
        see_evidence(page)
    covered = """() => {
      const bar = document.querySelector(".vote"), box = bar.getBoundingClientRect();
      const isOver = getComputedStyle(bar).position === "sticky";
      const one = document.activeElement, at = one.getBoundingClientRect();
      const isHidden = !bar.contains(one) && isOver && at.top >= box.top && at.bottom > 0;
      return [isOver ? box.height / innerHeight : 0, isHidden || at.top >= innerHeight || at.bottom <= 0,
      one.outerHTML.slice(0, 60)];
    }"""
    page.evaluate("scrollTo(0, 0)")
    n_seen, wrong = 0, []
    for _ in range(70):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        share, is_hidden, name = page.evaluate(covered)
        assert share <= 0.42
        n_seen += 1
        wrong += [name] if is_hidden else []
    assert wrong == [] and n_seen > 20
    assert page.locator(".to-vote").is_visible() == (height < 500)
    if height < 500:
        page.evaluate("scrollTo(0, 0)")
        page.click(".to-vote a")
        page.wait_for_function(
            "() => document.querySelector('.scale').getBoundingClientRect().top < innerHeight"
        )
    context.close()


def test_no_accessibility_violation_while_a_round_is_open(browser, review_site):
    """Every template, most of them after a round, is looked at in test_review_browser_staff.py."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    address, links = review_site
    found = {}
    expert, staff = (browser.new_context(viewport={"width": 320, "height": 640}).new_page() for _ in range(2))

    def look(page, path, language):
        page.context.add_cookies([{"name": "language", "value": language, "url": address}])
        page.goto(address + path)
        assert page.get_attribute("html", "lang") == language
        report = axe.run(page, options={"resultTypes": ["violations"]})
        found.update(
            {
                f"{path} {language}: {v['id']}": v["nodes"][0]["html"][:120]
                for v in report.response["violations"]
            }
        )

    staff.goto(address + "/staff/login")
    staff.fill("[name=name]", "aoki")
    staff.fill("[name=password]", PASSWORDS["aoki"])
    staff.click(".go")
    staff.wait_for_url(address + "/staff")
    for language in ("en", "ja"):
        look(expert, links[5].removeprefix(address), language)
        expert.click("button.go")
        expert.wait_for_selector("form[data-vote]")
        blind = expert.url.removeprefix(address)
        look(expert, blind, language)
        expert.click("button[value='6']")
        see_evidence(expert)
        look(expert, blind, language)
        look(staff, "/staff", language)
    assert found == {}
    for page in (expert, staff):
        page.context.close()
