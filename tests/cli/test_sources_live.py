"""`amparo sources check --live`, `new` and `record` against a site on loopback."""

import json
import re
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import group
from cli.sources import command
from cli.sources_live import read_kept, turn_on, turned_on
from cli.sources_new import id_of
from core.errors import DiscoveryError, InputError
from sources.catalogue import load_catalogue, parse_source
from spiders.draft import draft_of

ROOT = Path(__file__).resolve().parents[2]
WORDS = (
    "Treinta familias esperaron frente al penal de Villa Laurel para pedir una visita a sus detenidos. "
    "Ningún juez ha resuelto los hábeas corpus que presentaron durante el régimen de excepción."
)
ITEM = (
    "<item><title>Familias {n}</title><link>{site}/nota/{n}</link>"
    "<pubDate>1{n} Nov 2026 10:00:00 GMT</pubDate></item>"
)
FEED = (
    '<rss version="2.0"><channel><title>Vigía, ejemplo</title><language>es</language>{items}</channel></rss>'
)
PAGE = (
    "<html lang=es><head><title>Familias {n}</title></head>"
    "<body><article><h1>Familias {n}</h1><p>{words}</p></article></body></html>"
)
HOME = (
    "<html><head><title>Vigía</title>"
    "<link rel=alternate type='application/rss+xml' href='/feed'></head></html>"
)


class Site:
    """A site with a feed of three entries and their pages; `paths` are answered, others are 404."""

    def __init__(self) -> None:
        site = self
        self.asked: list[str] = []
        self.paths: dict[str, tuple[str, str]] = {}

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                site.asked.append(self.path)
                kind, body = site.paths.get(self.path, ("", ""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        items = "".join(ITEM.format(n=n, site=self.address) for n in (1, 2, 3))
        self.paths["/feed"] = ("application/rss+xml", FEED.format(items=items))
        for n in (1, 2, 3):
            self.paths[f"/nota/{n}"] = ("text/html; charset=utf-8", PAGE.format(n=n, words=WORDS))
        self.paths["/"] = ("text/html", HOME)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback."""
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's folder of source files."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("AMPARO_SOURCES", str(folder))
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("AMPARO_DATABASE_URL", raising=False)
    return folder


def run(*arguments: str) -> Result:
    """The result of `amparo sources …`."""
    return CliRunner().invoke(command, arguments)


def source_file(site: Site, path: str = "/feed") -> str:
    """A source file for a path of the site."""
    return (
        "name: Vigía\ntype: ngo\ncountry: SV\nlanguages: [es]\nallow_private_network: true\n"
        f"politeness: {{delay_seconds: 0}}\nfeed:\n  url: {site.address}{path}\n"
    )


def test_a_live_check_says_what_came_asks_little_and_stores_nothing(
    own: Path, site: Site, tmp_path: Path
) -> None:
    """An operator decides by it; the site must hardly notice, and no database may know of it."""
    (own / "vigia.yaml").write_text(source_file(site), encoding="utf-8")
    (own / "roto.yaml").write_text(source_file(site, "/nothing"), encoding="utf-8")
    result = run("check", "--live", "vigia", "roto", "--json")
    assert result.exit_code == 4, result.output
    works, fails = map(json.loads, result.stdout.splitlines())
    assert (works["source"], works["verdict"], works["listed"]) == ("vigia", "works", 3)
    assert works["filled"] == {"title": 3, "date": 3, "text": 0}
    assert works["newest"].startswith("2026-11-13")
    assert sorted(report["title"] for report in works["reports"]) == ["Familias 2", "Familias 3"]
    assert (fails["verdict"], fails["listed"]) == ("fails", 0)
    assert "404" in fails["detail"]
    assert sorted(path for path in site.asked if path.startswith("/nota")) == ["/nota/2", "/nota/3"]
    assert read_kept(tmp_path / "var" / "source-checks.json").keys() == {"vigia", "roto"}
    assert not (tmp_path / "var" / "amparo.db").exists()


def test_a_live_check_obeys_robots_and_shows_lines_for_people(own: Path, site: Site) -> None:
    """A look is a visit like any other."""
    site.paths["/robots.txt"] = ("text/plain", "User-agent: *\nDisallow: /feed\n")
    (own / "vigia.yaml").write_text(source_file(site), encoding="utf-8")
    result = run("check", "--live", "vigia")
    assert result.stdout.startswith("robots   vigia: 0 listed, 0 read")
    assert "0 of 1 sources work" in result.stderr
    assert "/feed" not in site.asked


def test_live_needs_names_or_all_and_the_other_options_need_live(own: Path) -> None:
    """A slip must not send two hundred requests."""
    for arguments in (("--live",), ("--live", "--all", "hrw"), ("--all",), ("--turn-on", str(own))):
        assert run("check", *arguments).exit_code == 2


def test_turning_on_writes_a_file_that_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    """A hundred sources are turned on in an hour only when nobody has to edit a hundred files."""
    sources = load_catalogue().sources
    off = [source for source in sources.values() if not source.enabled and source.needs is None]
    written = turn_on(off, tmp_path / "on", "2026-11-24")
    assert len(written) == len(off)
    after = load_catalogue([tmp_path / "on"]).sources
    assert all(after[source.id].enabled and after[source.id].status == "verified" for source in off)
    assert turn_on(off, tmp_path / "on", "2026-11-25") == []
    cristosal = parse_source(turned_on(sources["cristosal"], "2026-11-24"), "cristosal.yaml")
    assert cristosal.notes == sources["cristosal"].notes


def test_verdicts_that_are_no_json_are_not_written_over(tmp_path: Path) -> None:
    """Somebody may have edited the file; their words must not vanish."""
    path = tmp_path / "source-checks.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="expected an object"):
        read_kept(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        read_kept(path)


def test_new_follows_the_feed_that_a_page_names_and_writes_a_file_in_order(own: Path, site: Site) -> None:
    """Five minutes from an address to a source."""
    result = run("new", f"{site.address}/", "--private", "--type", "ngo", "--country", "SV", "--id", "vigia")
    assert result.exit_code == 0, result.output
    source = parse_source((own / "vigia.yaml").read_text(encoding="utf-8"), "vigia.yaml")
    assert (source.name, source.languages, source.params.urls) == (
        "Vigía, ejemplo",
        ("es",),
        (f"{site.address}/feed",),
    )
    assert source.enabled
    again = run(
        "new", f"{site.address}/feed", "--private", "--type", "ngo", "--country", "SV", "--id", "vigia"
    )
    assert isinstance(again.exception, InputError)


def test_new_says_what_is_missing_when_nobody_can_be_asked(own: Path, site: Site) -> None:
    """A script must fail on a question, not hang on it."""
    result = run("new", f"{site.address}/feed", "--private", "--type", "ngo")
    assert result.exit_code == 2
    assert "--country is needed" in result.output
    gone = run("new", f"{site.address}/gone", "--private", "--type", "ngo", "--country", "SV")
    assert isinstance(gone.exception, DiscoveryError)


def test_record_keeps_index_and_page_as_they_came(own: Path, site: Site, tmp_path: Path) -> None:
    """A fixture begins with what the site really sends."""
    (own / "vigia.yaml").write_text(source_file(site), encoding="utf-8")
    result = run("record", "vigia", "--into", str(tmp_path / "fixture"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "fixture" / "index.xml").read_text(encoding="utf-8") == site.paths["/feed"][1]
    assert WORDS in (tmp_path / "fixture" / "page.html").read_text(encoding="utf-8")
    again = run("record", "vigia", "--into", str(tmp_path / "fixture"))
    assert isinstance(again.exception, InputError)
    assert run("record", "vigia", "--into", str(tmp_path / "fixture"), "--force").exit_code == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'<?xml version="1.0"?><urlset><url><loc>https://a.example/1</loc></url></urlset>', "sitemap:\n"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>', "feed:\n"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}', "feed:\n"),
        (
            b'{"n": 1, "data": {"docs": [{"id": 7, "webUrl": "https://a.example/7", "title": "T"}]}}',
            "  items: data.docs\n  fields:\n    url: webUrl\n    title: title\n    id: id",
        ),
        (b'[{"link": "https://a.example/7", "title": {"rendered": "T"}}]', "  items: .\n"),
        (
            b"<html><article><h2><a href=/1>A</a></h2><h2><a href=/2>B</a></h2><h2><a href=/3>C</a></h2>",
            "item: article h2 a",
        ),
    ],
)
def test_a_draft_finds_the_kind_by_what_was_answered(body: bytes, said: str) -> None:
    """Nobody should have to know beforehand what an address is."""
    draft = draft_of(body, "https://a.example/x")
    assert said in draft.block
    head = "name: T\ntype: ngo\ncountry: SV\nlanguages: [es]\n"
    assert parse_source(head + draft.block + "\n", "a.yaml").params.urls == ("https://a.example/x",)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"<html><p>Hola</p></html>", b"{}", b"{", b"<svg/>"])
def test_a_draft_of_nothing_usable_is_an_error(body: bytes) -> None:
    """A file that can never work must not be written."""
    with pytest.raises(DiscoveryError, match=r"a\.example"):
        draft_of(body, "https://a.example/x")


@pytest.mark.parametrize(
    ("url", "id_"),
    [
        ("https://www.vigia.example/feed", "vigia"),
        ("https://noticias.uca.edu.sv/", "noticias-uca-edu"),
        ("http://127.0.0.1:8000/", "127-0-0-1"),
    ],
)
def test_an_id_is_made_from_the_host(url: str, id_: str) -> None:
    """It becomes the name of the file."""
    assert id_of(url) == id_


def test_the_short_way_of_the_howto_works_as_it_stands(own: Path, site: Site) -> None:
    """A contributor copies these lines; each must do what the page says."""
    text = (ROOT / "docs" / "howto" / "add-a-source.md").read_text(encoding="utf-8")
    short = text[text.index("## The short way") : text.index("## 1.")]
    lines = re.findall(r"^    amparo (.+)$", short, re.M)
    assert [" ".join(line.split()[:2]) for line in lines] == ["sources new", "sources check", "crawl vigia"]
    for line in lines:
        words = shlex.split(line.replace("https://vigia.example", site.address))
        private = ["--private"] if words[:2] == ["sources", "new"] else []
        result = CliRunner().invoke(group, [*words, *private])
        assert result.exit_code == 0, (line, result.output, result.exception)
    assert "would store: Familias 3" in result.output
