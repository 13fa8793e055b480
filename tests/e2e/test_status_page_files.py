"""What the status page's files may not hold."""

from pathlib import Path


def test_the_page_holds_nothing_inline_and_nothing_foreign():
    folder = Path(__file__).parents[2] / "web" / "status"
    html = (folder / "index.html").read_text()
    assert " style=" not in html
    assert "<style" not in html
    assert html.count("<script") == 1
    for path in folder.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path
        assert "https://" not in text, path
        assert "innerHTML" not in text, path
