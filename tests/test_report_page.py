"""The report page in a real browser.

Nothing fetched, nothing executed that is not ours, readable by everybody.
"""

import dataclasses
from pathlib import Path

import pytest
import report_world
from report_decided import decide
from report_drawings import draw_flows, draw_works

from listgen import report

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ATTACK = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'</style>'

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed: the page was not tried in a browser")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: the page was not tried in a browser"
    )
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("plain"), report_world.make_config())


@pytest.fixture(scope="module")
def short_file(tmp_path_factory):
    """One technology of each kind: axe looks at every element, and a hundred equal rows teach it nothing."""
    kinds = (
        "machine_learning",
        "semiconductor_materials",
        "small_modular_reactors",
        "adversarial_ai",
        "hypersonics",
        "gene_editing",
    )
    config = report_world.make_config()
    some = dataclasses.replace(config, technologies={i: config.technologies[i] for i in kinds})
    return write_page(tmp_path_factory.mktemp("short"), some, decide)


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory):
    config = report_world.make_config()
    attack = {"en": f"{ATTACK} en", "ja": f"{ATTACK} ja"}
    changed = {
        i: t.model_copy(update={"definition": t.definition.model_copy(update=attack)})
        for i, t in config.technologies.items()
    }
    config = dataclasses.replace(config, technologies=changed)

    def poison(warehouse):
        warehouse.execute(
            "UPDATE core.technology SET name_en = name_en || $a, name_ja = $a || name_ja", {"a": ATTACK}
        )
        warehouse.execute(
            "UPDATE core.source SET title_en = $a, citation = $a, producer = $a, url ="
            " 'javascript:window.hacked=1'",
            {"a": ATTACK},
        )
        warehouse.execute("UPDATE list.reason SET text_en = text_en || $a, text_ja = $a", {"a": ATTACK})
        warehouse.execute("UPDATE prov.quarantine SET reason = $a, field = $a, file_name = $a", {"a": ATTACK})
        warehouse.execute(
            "UPDATE ind.definition SET name_en = name_en || $a, definition_ja = $a, unit = CASE WHEN unit ="
            " 'index' THEN $a ELSE unit END",
            {"a": ATTACK},
        )
        warehouse.execute("UPDATE cluster.label SET label_en = $a", {"a": ATTACK})

    return write_page(tmp_path_factory.mktemp("hostile"), config, poison)


def card_of(file, technology_id):
    """Return the page of one technology beside an overview."""
    return file.parent / "technologies" / f"{technology_id}.html"


def write_page(folder, config, change=lambda warehouse: None, **kwargs):
    with report_world.make_world(":memory:", config, **kwargs) as warehouse:
        change(warehouse)
        draw_flows(warehouse, "machine_learning")
        draw_works(warehouse, "machine_learning")
        report.run(warehouse, config, folder, run_id="0123456789abcdef")
    return folder / "report" / "index.html"


def open_page(browser, file, fragment="", width=1280, **options):
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB", **options)
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("dialog", lambda dialog: page.said.append("dialog"))
    page.goto(f"{file.as_uri()}{fragment}")
    return page


def test_nothing_is_asked_of_any_host_and_nothing_is_complained_of(browser, page_file):
    for file in (page_file, card_of(page_file, "machine_learning"), page_file.with_name("cards.html")):
        page = open_page(browser, file)
        assert page.asked == [file.as_uri()] and page.said == []
        html = file.read_text(encoding="utf-8")
        assert "src=" not in html.replace("data-src=", "") and "@import" not in html and "url(" not in html


def test_hostile_names_stay_text(browser, hostile_file):
    for language in ("en", "ja"):
        page = open_page(browser, hostile_file, f"#lang={language}")
        page.fill("#find-text", "onerror")
        assert "onerror" in page.inner_text("#tech-gene_editing")
        card = open_page(browser, card_of(hostile_file, "gene_editing"), f"#lang={language}")
        assert "onerror" in card.inner_text("article")
        for one, file in ((page, hostile_file), (card, card_of(hostile_file, "gene_editing"))):
            assert one.evaluate("window.hacked") is None
            assert (
                one.evaluate("document.images.length") == 0 and one.evaluate("document.scripts.length") == 1
            )
            assert one.asked in ([file.as_uri() + f"#lang={language}"], [file.as_uri()]) and one.said == []


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("ja", 360),
        ("en", 1280),
        pytest.param("en", 360, marks=pytest.mark.long),
        pytest.param("ja", 1280, marks=pytest.mark.long),
    ],
)
def test_axe_finds_no_violation(browser, short_file, language, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    # A technology without evidence and the page of all cards have nothing the others lack: once is enough for
    # them.
    thin = {"ja": [card_of(short_file, "hypersonics")], "en": [short_file.with_name("cards.html")]}[language]
    for file in (short_file, card_of(short_file, "machine_learning"), *thin):
        page = open_page(browser, file, f"#lang={language}", width)
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
        violations = axe.Axe().run(page).response["violations"]
        assert [(file.name, v["id"], v["nodes"][0]["html"]) for v in violations] == []


def test_what_the_review_decided_stands_beside_what_the_rules_propose(browser, short_file, page_file):
    page = open_page(browser, short_file, "#lang=en")
    rows = [
        " | ".join(row.locator("th, td").all_inner_texts()) for row in page.locator("#decided tbody tr").all()
    ]
    assert len(rows) == 4 and "3 decisions" in page.locator("#decided").inner_text()
    assert any(
        "median 8, IQR 1, 12 ratings: in favour | to be listed" in row and row.endswith("Listed")
        for row in rows
    )
    assert any("too few for a figure | not decided yet" in row for row in rows)
    card = open_page(browser, card_of(short_file, "machine_learning"), "#lang=ja")
    assert (
        "専門家評価： 掲載" in card.locator("article").inner_text()
        and "<i>4711</i>" in card.locator("article").inner_text()
    )
    assert open_page(browser, page_file).locator("#decided").count() == 0, (
        "without a review there is nothing to show"
    )


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_itself_never_scrolls_sideways(browser, page_file, language, width):
    for file in (page_file, card_of(page_file, "machine_learning")):
        page = open_page(browser, file, f"#lang={language}", width)
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # What is wider than the window must stand in a box that scrolls.
        lost = (
            "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right >"
            " innerWidth + 1 && !e.closest('.scroll')).map(e => e.outerHTML.slice(0, 90))"
        )
        assert page.evaluate(lost) == []


def test_the_language_can_be_switched_without_script(browser, page_file):
    page = open_page(browser, page_file, java_script_enabled=False)
    assert page.locator("h1 i:not([lang])").is_visible() and not page.locator("h1 [lang=ja]").is_visible()
    page.click("label[for=lang-ja]")
    assert page.locator("h1 [lang=ja]").is_visible() and not page.locator("h1 i:not([lang])").is_visible()
    assert not page.locator("#find").is_visible()
    page.click("#tech-machine_learning a")
    page.wait_for_url("**/technologies/machine_learning.html")
    assert page.locator(".ev").is_visible() and page.locator(".yr").first.is_visible()
    page.click("label[for=lang-ja]")
    assert page.locator("aside.sample").inner_text() == "合成サンプル・根拠資料ではない"


def test_the_choice_of_language_is_kept_in_the_link(browser, page_file):
    page = open_page(browser, page_file)
    page.click("label[for=lang-ja]")
    assert page.evaluate("document.documentElement.lang") == "ja" and "lang=ja" in page.url
    again = open_page(browser, page_file, "#" + page.url.split("#")[1])
    assert again.evaluate("document.documentElement.lang") == "ja"
    assert again.evaluate("document.querySelector('#find-status option').textContent") == "すべて"
    # A card opened from there is in the same language, and so is the list one goes back to.
    again.click("#tech-machine_learning a")
    again.wait_for_url("**/machine_learning.html*")  # a click does not wait for the page it leads to
    assert (
        again.evaluate("document.documentElement.lang") == "ja" and again.locator("h1 [lang=ja]").is_visible()
    )
    again.click(".kicker a")
    again.wait_for_url("**/index.html*")
    assert again.url.split("/")[-1] == "index.html#tech-machine_learning&lang=ja"


def test_a_browser_set_to_japanese_opens_in_japanese(browser, page_file):
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.lang") == "ja"


def test_search_folds_width_case_and_kana(browser, page_file):
    page = open_page(browser, page_file)
    for words, expected in (
        ("ＱＵＡＮＴＵＭ　comp", "quantum_computing"),
        ("りょうし", None),
        ("パワー半導体", "power_semiconductors"),
        ("ぱわー", "power_semiconductors"),
    ):
        page.fill("#find-text", words)
        shown = page.evaluate(
            "[...document.querySelectorAll('[data-t]:not([hidden])')].map(c => c.dataset.t)"
        )
        assert (expected in shown and len(shown) == 1) if expected else shown == []
    # Two letters are a word of their own, not the middle of another ("training"); signs are signs; reasons
    # beside a name are not searched.
    page.fill("#find-text", "ＡＩ")
    shown = page.evaluate("[...document.querySelectorAll('[data-t]:not([hidden])')].map(c => c.dataset.t)")
    assert shown == ["adversarial_ai"]
    for words in ("(", "insufficient"):
        page.fill("#find-text", words)
        assert page.inner_text("#find-count") == "0", words
    page.click("button[type=reset]")
    page.wait_for_function("document.getElementById('find-count').textContent === '25'")


def test_filters_hide_rows_cards_and_marks_and_are_kept_in_the_link(browser, page_file):
    page = open_page(browser, page_file)
    page.select_option("#find-domain", "quantum")
    assert page.inner_text("#find-count") == "3" and "domain=quantum" in page.url
    assert page.evaluate("document.querySelectorAll('table.list tr[data-t]:not([hidden])').length") == 3
    assert (
        page.evaluate("[...document.querySelectorAll('a.s')].filter(a => a.style.display !== 'none').length")
        == 3
    )
    again = open_page(browser, page_file, "#" + page.url.split("#")[1])
    assert again.inner_text("#find-count") == "3"


def test_a_link_opens_the_folded_card_it_points_to(browser, page_file):
    page = open_page(browser, page_file, "#tech-hypersonics&lang=ja")
    assert page.locator("#tech-hypersonics a").is_visible()
    page = open_page(browser, page_file, "#tech-machine_learning")
    assert (
        0
        <= page.evaluate("document.getElementById('tech-machine_learning').getBoundingClientRect().top")
        < 100
    )


def test_print_shows_what_is_folded_and_breaks_before_every_card(browser, page_file):
    page = open_page(browser, page_file)
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible() and not page.locator("#find").is_visible()
    assert page.locator("#tech-hypersonics a").is_visible()
    cards = open_page(browser, page_file.with_name("cards.html"))
    cards.emulate_media(media="print")
    breaks = cards.evaluate(
        "[...document.querySelectorAll('.card')].map(card => getComputedStyle(card).breakBefore)"
    )
    assert len(breaks) == 25 and set(breaks[1:]) == {"page"}
    assert cards.locator("#tech-machine_learning .yd").first.is_visible()


def test_real_evidence_carries_no_sample_banner(tmp_path):
    file = write_page(tmp_path, report_world.make_config(), is_sample=False)
    assert (
        "synthetic sample"
        not in file.read_text(encoding="utf-8").split("<style>")[0]
        + file.read_text(encoding="utf-8").split("</style>")[1]
    )


def test_a_hundred_technologies_stay_small(tmp_path):
    file = write_page(tmp_path, report_world.make_config(100), all_full=True)
    for one in (file, card_of(file, "machine_learning")):
        assert one.stat().st_size <= 500_000, "how soon it is painted is measured by the benchmarks"
