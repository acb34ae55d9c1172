"""One source file: what it may say, and what an operator reads when it is wrong."""

from collections.abc import Sequence

import pytest

from core.errors import SourceFileError
from core.source import (
    ApiParams,
    FeedParams,
    Kind,
    ListingParams,
    Paging,
    PublisherType,
    SitemapParams,
    Status,
    Trust,
)
from sources.catalogue import SourceFilesError, parse_source
from sources.needs import is_missing, supply

HEAD = "name: Vigía\ntype: ngo\ncountry: SV\nlanguages: es\n"


def problems(text: str, file: str = "vigia.yaml", *, packaged: bool = False) -> Sequence[str]:
    """The problems of a file as an operator reads them."""
    with pytest.raises(SourceFilesError) as caught:
        parse_source(text, file, packaged=packaged)
    return [str(problem) for problem in caught.value.problems]


def only(text: str, *, packaged: bool = False) -> str:
    """The one problem of a file."""
    found = problems(text, packaged=packaged)
    assert len(found) == 1, found
    return found[0]


def test_a_feed_file_needs_five_lines() -> None:
    """A source must take minutes to add, not an afternoon."""
    source = parse_source(f"{HEAD}feed: {{url: https://vigia.example/feed}}\n", "vigia.yaml")
    assert source.id == "vigia"
    assert source.kind is Kind.FEED
    assert source.publisher_type is PublisherType.NGO
    assert source.languages == ("es",)
    assert source.params == FeedParams(urls=("https://vigia.example/feed",))
    assert source.trust is Trust.PRIMARY
    assert source.relevance == "filter"


def test_an_operators_own_source_is_on_by_default() -> None:
    """Whoever writes a file wants it crawled; having to say so twice would be silence."""
    own = parse_source(f"{HEAD}feed: {{url: https://vigia.example/feed}}\n", "vigia.yaml")
    assert (own.enabled, own.status) == (True, Status.UNVERIFIED)


def test_a_packaged_source_with_an_unverified_address_is_off() -> None:
    """Nobody's fresh installation may hammer an address that was only guessed."""
    text = f"{HEAD}feed: {{url: https://vigia.example/feed}}\n"
    assert parse_source(text, "vigia.yaml", packaged=True).enabled is False
    assert parse_source(text + "status: seen\n", "vigia.yaml", packaged=True).enabled is True
    assert "check the address first" in only(text + "enabled: true\n", packaged=True)


def test_every_kind_is_read_with_its_parameters() -> None:
    """The four kinds need no Python: all of their rules come out of the file."""
    sitemap = parse_source(
        HEAD + "sitemap:\n  urls: [https://a.example/s.xml]\n  follow: posts\n", "vigia.yaml"
    )
    assert sitemap.params == SitemapParams(urls=("https://a.example/s.xml",), follow="posts")
    listing = parse_source(
        HEAD + "listing:\n  url: https://a.example/{year}\n  item: li\n  next: a.next\n", "vigia.yaml"
    )
    assert listing.params == ListingParams(urls=("https://a.example/{year}",), item="li", next="a.next")
    api = parse_source(
        HEAD
        + "api:\n  url: https://a.example/v1\n  items: data\n  fields: {url: link}\n"
        + "  params: {'f[]': [a, b], size: 5}\n  paging: {rule: offset, parameter: from, step: 5}\n",
        "vigia.yaml",
    )
    assert api.params == ApiParams(
        urls=("https://a.example/v1",),
        items="data",
        fields={"url": "link"},
        params={"f[]": ("a", "b"), "size": "5"},
        paging=Paging(rule="offset", parameter="from", start=0, step=5),
    )


def test_an_unknown_key_names_its_line_and_the_key_that_was_meant() -> None:
    """A key that is ignored is a rule that does not hold."""
    text = f"{HEAD}feed:\n  url: https://a.example/f\n  exlude: x\n"
    assert only(text).startswith("vigia.yaml:7: feed.exlude: is not a key here. Did you mean `exclude`?")


def test_a_key_of_another_tool_is_explained() -> None:
    """People write what they know; the message says what it is called here."""
    text = f"{HEAD}kind: feed\nfeed: {{url: https://a.example/f}}\n"
    assert "the block `feed:`" in only(text)


def test_several_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    """Mending one line a run is how an afternoon is lost."""
    found = problems(
        "id: vigia\nname: Vigía\ntype: ong\ncountry: no\nlanguages: [es]\n"
        "feed:\n  url: ftp://a.example/f\n  include: '('\ntimezone: America/San_Salvador\n"
    )
    assert [problem.split(": ")[0] + ": " + problem.split(": ")[1] for problem in found] == [
        "vigia.yaml:3: type",
        "vigia.yaml:4: country",
        "vigia.yaml:7: feed.url",
        "vigia.yaml:8: feed.include",
        "vigia.yaml:9: timezone",
    ]
    assert "put it in quotes" in found[1]
    assert "America/El_Salvador" in found[4]


def test_a_key_that_stands_twice_is_an_error() -> None:
    """YAML keeps the last one silently, and the first was the one meant."""
    text = f"{HEAD}feed: {{url: https://a.example/f}}\nname: Otra\n"
    assert only(text) == "vigia.yaml:6: name: stands twice, first on line 1; keep one"


@pytest.mark.parametrize(
    ("block", "line", "said"),
    [
        ("listing:\n  url: https://a.example/\n  item: 'li..b'\n", 7, "not a CSS selector"),
        ("feed:\n  url: a.example/feed\n", 6, "begins with http:// or https://"),
        ("feed:\n  url: https://ana:clave@a.example/f\n", 6, "user name or password"),
        ("feed:\n  url: https://a.example/{jahr}\n", 6, "{year}, {month}, {day}"),
        ("feed: {}\n", 5, "`url:` with one address or `urls:`"),
        ("feed:\n  url: https://a.example/f\n  content: full\n", 7, "expected one of page, feed"),
        ("politeness: {max_items: '5'}\nfeed: {url: 'https://a.example/f'}\n", 5, "a whole number, got '5'"),
        ("expectations: {min_items: 900}\nfeed: {url: 'https://a.example/f'}\n", 5, "no run can reach it"),
        ("status: verified\nfeed: {url: 'https://a.example/f'}\n", 5, "needs `checked:`"),
        ("api:\n  url: https://a.example/\n  items: d\n  fields: {title: t}\n", 5, "`fields.url`"),
        (
            "api:\n  url: https://a.example/\n  items: d\n  fields: {url: u}\n  paging: {rule: next}\n",
            9,
            "needs `path:`",
        ),
        (
            "api:\n  url: https://a.example/\n  items: d\n  fields: {url: u}\n  headers: {User-Agent: x}\n",
            9,
            "set by Amparo",
        ),
    ],
)
def test_a_value_that_cannot_work_is_named(block: str, line: int, said: str) -> None:
    """The message says what was expected, at the line where it stands."""
    problem = only(HEAD + block)
    assert problem.startswith(f"vigia.yaml:{line}: ")
    assert said in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "vigia.yaml:1: the file is empty"),
        ("- a\n- b\n", "expected `key: value` lines"),
        ("name: x\n\ttype: ngo\n", "vigia.yaml:2: not YAML"),
        ("a: &x [1]\nb: *x\n", "vigia.yaml:2: the alias *x is not read here"),
        ("a: " + "[" * 5000, "nested more than 20 levels"),
        ("name: \x00\n", "not YAML"),
    ],
)
def test_what_is_no_yaml_mapping_is_said_with_its_line(text: str, said: str) -> None:
    """A broken file is an answer with a line, never a traceback."""
    assert said in problems(text)[0]


def test_a_source_has_exactly_one_kind() -> None:
    """Two indexes of one publisher are two sources, or two addresses of one kind."""
    assert "needs one block" in only(HEAD)
    both = f"{HEAD}feed: {{url: https://a.example/f}}\nsitemap: {{url: https://a.example/s}}\n"
    assert only(both).startswith("vigia.yaml:6: sitemap: a source has one kind")


def test_the_id_is_the_name_of_the_file() -> None:
    """An id in a message must lead to its file."""
    text = f"id: faro\n{HEAD}feed: {{url: https://a.example/f}}\n"
    assert "call the file faro.yaml" in only(text)


def test_a_bad_file_ends_with_status_two() -> None:
    """A wrong file is wrong use, which scripts tell from a failed crawl."""
    with pytest.raises(SourceFileError) as caught:
        parse_source(HEAD, "vigia.yaml")
    assert caught.value.exit_code == 2
    assert "vigia.yaml:1:" in str(caught.value)


KEYED = (
    f"{HEAD}needs: {{setting: AMPARO_VIGIA_KEY}}\n"
    "api:\n  url: https://vigia.example/api\n  items: data\n  fields: {url: u}\n"
    '  params: {app: "a-{setting}", tag: ["{setting}", b]}\n  headers: {X-Key: "{setting}"}\n'
)


def test_a_source_that_needs_a_setting_is_off_without_it_and_filled_with_it() -> None:
    """A key must not stand in a file, and its absence must not look like a source with no news."""
    source = parse_source(KEYED, "vigia.yaml")
    assert source.needs == "AMPARO_VIGIA_KEY"
    without = supply(source, {"AMPARO_OTHER": "x"})
    assert (without.enabled, is_missing(without, {})) == (False, True)
    filled = supply(source, {"AMPARO_VIGIA_KEY": "s3cret"})
    assert isinstance(filled.params, ApiParams)
    assert filled.enabled
    assert filled.params.params == {"app": "a-s3cret", "tag": ("s3cret", "b")}
    assert filled.params.headers == {"X-Key": "s3cret"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KEYED.replace("{setting}", "x").replace("a-x", "a"), "write {setting} where its value goes"),
        (KEYED.replace("needs: {setting: AMPARO_VIGIA_KEY}\n", ""), "say `needs: {setting: AMPARO_…}`"),
        (KEYED.replace("AMPARO_VIGIA_KEY", "VIGIA"), "an environment variable like AMPARO_EXAMPLE_KEY"),
        (
            f"{HEAD}needs: {{setting: AMPARO_K}}\nfeed: {{url: https://a.example/f}}\n",
            "only an `api:` has a place",
        ),
        (
            f"{HEAD}spider: ice-detention-statistics\nfeed: {{url: https://a.example/f}}\n",
            "needs the block `listing:`",
        ),
        (f"{HEAD}spider: ice-statistics\nfeed: {{url: https://a.example/f}}\n", "ice-detention-statistics"),
    ],
)
def test_needs_and_spider_are_checked_against_the_rest_of_the_file(text: str, said: str) -> None:
    """A key that goes nowhere and a spider that does not exist are found before the crawl."""
    assert said in only(text)


def test_a_form_goes_without_json_and_without_counted_pages() -> None:
    """Two bodies in one request, or a form that pages, would be silently wrong."""
    form = (
        f"{HEAD}api:\n  url: https://a.example/x\n  items: .\n  fields: {{url: u}}\n  form_body: {{a: b}}\n"
    )
    assert "needs `method: POST`" in only(form)
    posted = form + "  method: POST\n"
    assert parse_source(posted, "vigia.yaml").params.form_body == {"a": "b"}  # type: ignore[union-attr]
    assert "no `json_body` beside it" in only(posted + "  json_body: {a: 1}\n")
    assert "a form has no pages" in only(posted + "  paging: {rule: page, parameter: p}\n")
