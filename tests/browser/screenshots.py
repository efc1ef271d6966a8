"""python -m tests.browser.screenshots: the pages as pictures, docs/pages/*.png, from a set with a made-up morning."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.browser import chromium, plausible
from tests.browser.checks import DESKTOP, PHONE
from tests.browser.running import Shown
from tests.browser.visits import visit

FOLDER = Path(__file__).parents[2] / "docs" / "pages"
#: Bytes of a picture, and colours: pages have few.
LARGEST, COLOURS = 150_000, 96
WALL = (1920, 1080)
#: Pixels of a page that a picture has from its top.
HIGHEST = 2400
#: Who looks at what, on which window; the name of the picture.
PICTURES = (
    ("sign-in", "", "/sign-in", DESKTOP),
    ("today", "liuyang", "/", DESKTOP),
    ("today-phone", "liuyang", "/", PHONE),
    ("wall", "wall", "/wall", WALL),
    ("targets", "chenjing", "/targets", DESKTOP),
    ("district", "chenjing", "/district", DESKTOP),
    ("street", "nashun", "/streets/天骄街道", DESKTOP),
    ("pace", "chenjing", "/pace", DESKTOP),
    ("credit", "chenjing", "/credit", DESKTOP),
    ("company", "chenjing", "/credit/91150602MA0DEMF10R", DESKTOP),
    ("accidents", "liuyang", "/accidents", DESKTOP),
    ("accident", "liuyang", "/accidents/{mine}", DESKTOP),
    ("accident-phone", "liuyang", "/accidents/{mine}", PHONE),
    ("warnings", "liuyang", "/warnings", DESKTOP),
    ("law-study", "gaoyun", "/law-study", DESKTOP),
    ("hotline", "wangfang", "/hotline", DESKTOP),
    ("hotline-phone", "wangfang", "/hotline", PHONE),
    ("request", "wangfang", "/hotline/{answered}", DESKTOP),
    ("duty", "liuyang", "/duty", DESKTOP),
    ("duty-phone", "liuyang", "/duty", PHONE),
    ("people", "admin", "/people", DESKTOP),
)


def main() -> None:
    """Start a set, and take every picture."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium.started() as browser:
        shown = Shown(Path(folder) / "set")
        shown.start()
        try:
            shown.settle()
            plausible.fill(shown)
            for name, login, address, size in PICTURES:
                window = browser.new_context(
                    viewport={"width": size[0], "height": size[1]}, locale="zh-CN", reduced_motion="reduce"
                )
                if login:
                    shown.seat(window, login)
                with visit(window) as visited:
                    page = visited.to(shown.pages + address.format_map(shown.ids))
                    (FOLDER / f"{name}.png").write_bytes(small(page.screenshot(full_page=True)))
                window.close()
        finally:
            shown.stop()


def small(taken: bytes) -> bytes:
    """A picture with few colours, no higher than people scroll. Raises: ValueError for one that is too large even so."""
    whole = Image.open(BytesIO(taken)).convert("RGB")
    shown = whole.crop((0, 0, whole.width, min(whole.height, HIGHEST)))
    made = BytesIO()
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    if len(made.getvalue()) > LARGEST:
        raise ValueError(f"a picture of {len(made.getvalue())} bytes")
    return made.getvalue()


if __name__ == "__main__":
    main()
