"""`acc demo` as `make run` starts it: the tour's result, and the escrow on the page afterwards."""

import asyncio
import json
import shutil
import signal
import sys
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WAIT_S = 110


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")
async def test_the_tour_ends_well_and_its_escrow_is_on_the_page(tmp_path: Path):
    home = tmp_path / "net"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "acc", "demo", "--home", str(home), "--port", "21000",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S):
            lines = []
            while not (line := (await process.stdout.readline()).decode()).startswith("{"):
                assert line, "".join(lines)
                lines.append(line)
        result = json.loads(line)
        assert result["ok"] is True, result
        assert result["nodes"] == 4
        assert result["supply_conserved"] is True
        assert min(result["deposit_ms"], result["escrow_ms"], result["withdrawal_ms"]) > 0
        url = json.loads((home / "devnet.json").read_text())["nodes"][0]["url"]
        await see_escrow(url)
    finally:
        process.send_signal(signal.SIGTERM)
        rest = await process.stdout.read()
        assert await process.wait() == 0
    assert rest == b"", "the JSON object is the last line"


async def see_escrow(url: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page(locale="en-US")
        await page.goto(url)
        row = page.locator("#escrows tr").first
        await expect(row).to_contain_text("closed", timeout=30_000)
        await expect(row).to_contain_text("1,000 ACC")
        await expect(page.locator("#chains")).to_contain_text("ecc")
        await expect(page.locator("#peers .badge", has_text="connected")).to_have_count(3)
        await browser.close()
