"""What a run counts and says."""

from spiders.tally import Tally

URL = "https://a.example/1"


def test_a_problem_names_its_address_once() -> None:
    """What refused a request names the address itself, since after a redirect it is another one."""
    tally = Tally()
    tally.page_problem(URL, "HTTP 500")
    tally.page_problem(URL, f"{URL}: robots.txt disallows this address")
    tally.page_problem(URL, "http://10.0.0.1/: 10.0.0.1 is not public")
    tally.index_problem("robots", URL, f"{URL}: robots.txt disallows this address")
    assert tally.page_problems == [
        f"{URL}: HTTP 500",
        f"{URL}: robots.txt disallows this address",
        f"{URL}: http://10.0.0.1/: 10.0.0.1 is not public",
    ]
    assert tally.index_problems == [("robots", f"{URL}: robots.txt disallows this address")]
