"""The status page in a real browser, on a real node."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from acc.devnet import Devnet
from acc.transactions import Order, prepare_transaction
from chain_engine.http.client import ChainClient
from mainchain.ledger.kinds import KINDS

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium"),
    pytest.mark.asyncio(loop_scope="module"),
]

WAIT_MS = 30_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Devnet]:
    home = tmp_path_factory.mktemp("net")
    async with Devnet.create(home, nodes=1, interval_ms=200, idle_interval_ms=400) as network:
        yield network


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # the tests may run as root, where Chromium's own sandbox does not start
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-US")
    context.set_default_timeout(WAIT_MS)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(context: BrowserContext, net: Devnet) -> AsyncIterator[Page]:
    """The open page; anything it complains about fails the test."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    await page.goto(net.url)
    await expect(page.locator("#connection")).to_have_text("Live", timeout=WAIT_MS)
    yield page
    assert complaints == []


async def shown_height(page: Page) -> int:
    return int((await page.locator("#tiles dd").first.inner_text()).replace(",", ""))


async def test_blocks_appear_while_one_watches(page: Page):
    before = await shown_height(page)
    row = page.locator("#blocks tr", has=page.locator(f"td.number:text-is('{before + 2}')"))
    await expect(row).to_be_visible(timeout=WAIT_MS)
    assert await shown_height(page) >= before + 2


async def test_a_payment_is_shown_as_it_is_committed(page: Page, net: Devnet):
    alice, bob = net.accounts["alice"], net.accounts["bob"]
    async with ChainClient(net.url) as client:
        kind = KINDS["account.transfer"]
        payload = kind.payload(asset="ACC", recipient=bob.account, amount=12_500_000, memo="")
        signed = await prepare_transaction(client, alice.key, Order(kind.name, payload))
        await client.submit_and_wait(signed.raw)
    event = page.locator("#events li", has_text="Transferred").first
    await expect(event).to_contain_text("12.5 ACC", timeout=WAIT_MS)
    await expect(event).to_contain_text(alice.address[:8])


async def test_forgers_delegates_and_chains_are_listed(page: Page, net: Devnet):
    key = net.nodes[0].public_key
    await expect(page.locator(f"#delegates [title='{key}']")).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator(f"#blocks [title='{key}']").first).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("#chains li").first).to_contain_text("main")
    await expect(page.locator("#peers")).to_contain_text("no peers")


async def test_the_page_asks_nobody_but_its_node(context: BrowserContext, net: Devnet):
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = await context.new_page()
    await page.goto(net.url)
    await expect(page.locator("#connection")).to_have_text("Live", timeout=WAIT_MS)
    assert [url for url in asked if not url.startswith(net.url + "/")] == []
    assert len(asked) > 5


async def test_chinese_is_one_key_press_away_and_kept(page: Page):
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("ACC 链")
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    untranslated = await page.evaluate(
        "[...document.querySelectorAll('[data-t]')].filter(e => !e.textContent.trim()).length"
    )
    assert untranslated == 0
    await page.reload()
    await expect(page.locator("#connection")).to_have_text("实时", timeout=WAIT_MS)


async def test_a_chinese_browser_sees_chinese_at_once(browser: Browser, net: Devnet):
    context = await browser.new_context(locale="zh-CN", color_scheme="dark")
    page = await context.new_page()
    await page.goto(net.url)
    await expect(page.locator("#blocks-title")).to_have_text("最新区块")
    await context.close()


async def test_every_part_has_a_name_for_a_screen_reader(page: Page):
    regions = page.get_by_role("region")
    names = [await region.get_attribute("aria-labelledby") for region in await regions.all()]
    assert None not in names
    for table in await page.get_by_role("table").all():
        assert await table.locator("th[scope=col]").count() > 3
    assert await page.get_by_role("heading", level=1).count() == 1
    assert await page.locator("img:not([alt])").count() == 0


async def test_the_page_fits_a_telephone(browser: Browser, net: Devnet):
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="en-US")
    page = await context.new_page()
    await page.goto(net.url)
    await expect(page.locator("#blocks tr").first).to_be_visible(timeout=WAIT_MS)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()


async def test_a_dead_node_is_said_to_be_dead_until_it_is_back(
    context: BrowserContext, net: Devnet
):
    page = await context.new_page()
    await page.goto(net.url)
    state = page.locator("#connection")
    await expect(state).to_have_text("Live", timeout=WAIT_MS)
    height = await shown_height(page)
    await net.kill(0)
    await expect(state).to_have_text("Node does not answer, trying again", timeout=WAIT_MS)
    await net.restart(0)
    await expect(state).to_have_text("Live", timeout=WAIT_MS)
    assert await shown_height(page) >= height


async def test_without_streams_the_page_polls(context: BrowserContext, net: Devnet):
    page = await context.new_page()
    await page.route("**/events/stream", lambda route: asyncio.ensure_future(route.abort()))
    await page.goto(net.url)
    await expect(page.locator("#connection")).to_have_text("Live, by polling", timeout=WAIT_MS)
    before = await shown_height(page)
    await expect(page.locator("#tiles dd").first).not_to_have_text(str(before), timeout=WAIT_MS)
