"""The screens in a real browser: what an operator sees, hears of and does with one key."""

from __future__ import annotations

import re

import pytest
import trio
from playwright.sync_api import Page, expect

from station.incident_events import TakenBy
from station.languages import Language
from station.operators import Operator
from station.signals import Kind
from station.store.database import Database
from tests.operators_ui.conftest import RealBrowser, RunningConsole, Visitor
from tests.operators_ui.seeding import Came, Seed

pytestmark = pytest.mark.browser


@pytest.fixture
async def at_queue(browser: RealBrowser, console: RunningConsole, ana: Operator) -> Visitor:
    """Ana, signed on, in front of the alarm queue."""
    visitor = await browser.visitor(console)
    await visitor.sign_on(ana.name)
    return visitor


async def test_signing_on_by_keyboard_and_off_again(at_queue: Visitor) -> None:
    def steps(page: Page) -> None:
        expect(page.locator(".who-name")).to_have_text("Ana Sousa")
        page.click(".who summary")
        page.click("#sign-off")
        expect(page).to_have_url(re.compile("/sign-on"))

    await at_queue(steps)


async def test_a_wrong_password_is_said_and_the_name_stays(
    browser: RealBrowser, console: RunningConsole, ana: Operator
) -> None:
    visitor = await browser.visitor(console)
    await visitor.open("/")

    def steps(page: Page) -> None:
        page.fill("#name", ana.name)
        page.fill("#password", "wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong")
        expect(page.locator("#name")).to_have_value(ana.name)
        expect(page.locator("#password")).to_be_focused()

    await visitor(steps)


async def test_an_alarm_is_on_the_screen_within_a_second(at_queue: Visitor, seed: Seed) -> None:
    account = await seed.account("1234", "Farmácia Central")
    await at_queue(lambda page: expect(page.locator("#queue")).to_contain_text("Nothing is waiting"))
    await seed.incident("1234", account, Came(code="FA", kind=Kind.FIRE))

    def steps(page: Page) -> None:
        row = page.locator("#queue .row")
        expect(row).to_contain_text("Farmácia Central")
        expect(row.get_by_role("img", name="Priority 1")).to_be_visible()
        expect(row.locator(".age-text")).to_have_text(re.compile(r"^0:0\d$"))
        expect(page.locator("#say-now")).to_contain_text("New alarm: Fire, Farmácia Central")
        expect(page.locator('[data-section=counts] [data-key="1"]')).to_have_text(re.compile("1$"))

    await at_queue(steps)


async def test_one_key_takes_the_next(at_queue: Visitor, seed: Seed) -> None:
    await seed.incident("2222", None, Came(kind=Kind.TAMPER))
    fire = await seed.incident("1111", None, Came(kind=Kind.FIRE))

    def steps(page: Page) -> None:
        expect(page.locator("#queue .row")).to_have_count(2)
        page.keyboard.press("n")
        expect(page).to_have_url(re.compile(f"/incidents/{fire}$"))
        expect(page.locator("body[data-ready] .state.mine")).to_contain_text("You hold this incident")

    await at_queue(steps)
    assert await seed.state(fire) == "taken"


async def test_arrows_choose_and_enter_takes(at_queue: Visitor, seed: Seed) -> None:
    await seed.incident("1111", None, Came(kind=Kind.FIRE))
    tamper = await seed.incident("2222", None, Came(kind=Kind.TAMPER))

    def steps(page: Page) -> None:
        expect(page.locator("#queue .row")).to_have_count(2)
        page.keyboard.press("ArrowDown")
        expect(page.locator("#queue .row.chosen")).to_contain_text("2222")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/incidents/{tamper}$"))
        expect(page.locator("body[data-ready] .state.mine")).to_be_visible()

    await at_queue(steps)


async def test_a_second_operator_reads_live_and_cannot_write(at_queue: Visitor, seed: Seed) -> None:
    rui = await seed.operator("Rui Carvalho")
    incident = await seed.incident("1111", None)
    await seed.happens(incident, rui.actor, TakenBy(rui.id))
    await at_queue.open(f"/incidents/{incident}")

    def reads_only(page: Page) -> None:
        expect(page.locator("#held-by")).to_contain_text("Rui Carvalho holds this incident since")
        expect(page.locator("#note-text")).to_be_hidden()
        page.keyboard.press("c")
        expect(page.locator("[data-sheet=close]")).to_be_hidden()

    await at_queue(reads_only)
    await seed.joins(incident, Came(zone="077"))
    await at_queue(lambda page: expect(page.locator(".signals")).to_contain_text("077"))


async def test_work_by_keys_from_note_to_close(at_queue: Visitor, seed: Seed) -> None:
    incident = await seed.incident("1111", None)

    def steps(page: Page) -> None:
        page.keyboard.press("n")
        page.wait_for_selector("body[data-ready] .state.mine")
        page.keyboard.press("t")
        page.keyboard.type("Nobody answers, c and q are only letters here")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".history")).to_contain_text("Nobody answers, c and q are only letters here")
        expect(page.locator("#note-text")).to_have_value("")
        page.keyboard.press("c")
        page.keyboard.press("2")
        expect(page.get_by_label("User error")).to_be_checked()
        page.click("text=Close it")
        expect(page).to_have_url(re.compile("/$"))

    await at_queue(lambda page: expect(page.locator("#queue .row")).to_have_count(1))
    await at_queue(steps)
    assert await seed.state(incident) == "closed"


async def test_a_signal_that_comes_while_working_is_told_before_the_close(at_queue: Visitor, seed: Seed) -> None:
    incident = await seed.incident("1111", None)
    await at_queue(lambda page: expect(page.locator("#queue .row")).to_have_count(1))
    await at_queue(lambda page: page.keyboard.press("n"))
    await at_queue(lambda page: page.wait_for_selector("body[data-ready] .state.mine"))
    await seed.joins(incident, Came(zone="042"))

    def steps(page: Page) -> None:
        expect(page.locator("#new-signals")).to_contain_text("New signals came in")
        expect(page.locator(".signal.unread")).to_contain_text("042")
        page.keyboard.press("c")
        page.keyboard.press("2")
        page.click("text=Close it")
        expect(page.locator("body")).to_contain_text("Read them first, then close again")
        expect(page).to_have_url(re.compile("/incidents/"))
        page.click("text=Close it")
        expect(page).to_have_url(re.compile("/$"))

    await at_queue(steps)
    assert await seed.state(incident) == "closed"


async def test_who_loses_the_lease_is_told_and_keeps_what_was_typed(
    at_queue: Visitor, seed: Seed, owner: Database
) -> None:
    incident = await seed.incident("1111", None)
    await at_queue(lambda page: expect(page.locator("#queue .row")).to_have_count(1))
    await at_queue(lambda page: page.keyboard.press("n"))

    def types(page: Page) -> None:
        page.wait_for_selector("body[data-ready] .state.mine")
        page.fill("#note-text", "half a thought")

    await at_queue(types)
    rui = await seed.operator("Rui Carvalho")
    await owner.execute("update incident set state = 'waiting', operator = null, lease_until = null")
    await seed.happens(incident, rui.actor, TakenBy(rui.id))

    def steps(page: Page) -> None:
        expect(page.locator("#lease")).to_contain_text("You no longer hold this incident")
        expect(page.locator("#held-by")).to_contain_text("Rui Carvalho")
        expect(page.locator("#note-text")).to_be_disabled()
        expect(page.locator("#note-text")).to_have_value("half a thought")
        page.reload()
        assert page.evaluate(f"sessionStorage.getItem('sereno-draft-{incident}-note')") == "half a thought"

    await at_queue(steps)


async def test_the_page_renews_its_lease(at_queue: Visitor, seed: Seed, owner: Database) -> None:
    incident = await seed.incident("1111", None)
    await at_queue(lambda page: expect(page.locator("#queue .row")).to_have_count(1))
    await at_queue(lambda page: page.keyboard.press("n"))
    await at_queue(lambda page: page.wait_for_selector("body[data-ready] .state.mine"))
    await trio.sleep(1)  # a page renews once when it opens; the next must come by itself
    await owner.execute("update incident set lease_until = clock_timestamp() + interval '12 seconds'")
    with trio.fail_after(30):
        while True:
            (row,) = await owner.fetch("select lease_until - clock_timestamp() > '20 s' as kept from incident")
            if row["kept"]:
                break
            await trio.sleep(0.2)
    assert await seed.state(incident) == "taken"


async def test_a_broken_stream_is_said_loudly_and_mends_itself(
    at_queue: Visitor, console: RunningConsole, seed: Seed
) -> None:
    await at_queue(lambda page: expect(page.locator("#link-text")).to_have_text("live"))
    await at_queue(lambda page: expect(page.locator("#banner")).to_be_hidden())
    await console.stop()

    def loud(page: Page) -> None:
        expect(page.locator("#banner")).to_contain_text("NO LIVE DATA")
        box = page.locator("#banner").bounding_box()
        assert box is not None
        assert box["width"] >= 1366
        expect(page).to_have_title(re.compile("^⚠ NO LIVE DATA"))

    await at_queue(loud)
    await console.start()
    await seed.incident("4242", None)

    def mended(page: Page) -> None:
        expect(page.locator("#queue")).to_contain_text("4242")
        expect(page.locator("#banner")).to_be_hidden()
        expect(page).to_have_title("Alarm queue · Sereno")

    await at_queue(mended)


async def test_a_page_that_its_scripts_never_reached_does_not_look_alive(at_queue: Visitor) -> None:
    def steps(page: Page) -> None:
        page.route("**/*.js", lambda route: route.abort())
        page.reload()
        expect(page.locator("#lifeless")).to_be_hidden()
        expect(page.locator("#link-text")).to_have_text("connecting")
        expect(page.locator("#lifeless")).to_be_visible()

    await at_queue(steps)


async def test_the_language_is_chosen_and_kept(at_queue: Visitor) -> None:
    def steps(page: Page) -> None:
        page.click(".who summary")
        page.click("button[lang=pt]")
        expect(page.locator("#queue-title")).to_have_text("Fila de alarmes")
        expect(page.locator("#queue")).to_contain_text("Não há nada em espera")
        page.wait_for_timeout(1200)  # the stream has come by now, and speaks the same language
        expect(page.locator("#queue")).to_contain_text("Não há nada em espera")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_contain_text("assumir a seguinte")

    await at_queue(steps)


async def test_a_demo_is_seen_on_every_page(
    browser: RealBrowser, console: RunningConsole, seed: Seed, owner: Database
) -> None:
    await seed.operator("Luz", Language.ES)
    await owner.execute("update station set demo = true")
    await console.stop()
    await console.start()
    visitor = await browser.visitor(console)
    await visitor.sign_on("Luz")
    await visitor.open("/")

    def steps(page: Page) -> None:
        expect(page).to_have_title("DEMO · Cola de alarmas · Sereno")
        expect(page.locator(".demo-plate")).to_be_visible()

    await visitor(steps)
    await visitor.open("/incidents/999")
    await visitor(lambda page: expect(page.locator(".demo-plate")).to_be_visible())


async def test_a_signal_text_with_a_script_is_text(at_queue: Visitor, seed: Seed) -> None:
    attack = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    incident = await seed.incident("1111", None, Came(text=attack))
    await at_queue.open(f"/incidents/{incident}")

    def steps(page: Page) -> None:
        expect(page.locator(".signals")).to_contain_text("<script>document.title='owned'</script>")
        expect(page).to_have_title(re.compile("Sereno$"))
        page.keyboard.press("r")
        expect(page.locator(".raw pre").first).to_contain_text("0000  0a 34 41 31 43")

    await at_queue(steps)


@pytest.mark.parametrize("width", [400, 1366, 1920])
async def test_no_page_is_wider_than_its_window(at_queue: Visitor, seed: Seed, width: int) -> None:
    account = await seed.account("1234", "Abarrotes Doña Lupita, sucursal Coyoacán Centro Histórico " * 2)
    incident = await seed.incident("1234", account, Came(text="A" * 200))

    def steps(page: Page) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("#queue .row")).to_have_count(1)
        for path in ("/", f"/incidents/{incident}", "/incidents/999"):
            page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path

    await at_queue(steps)
