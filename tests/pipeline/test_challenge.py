"""Block pages and empty pages are failures, reports about them are reports."""

import pytest

from pipeline.challenge import is_challenge, is_stub

ARTICLE = "<p>" + "La Corte resolvió sobre el traslado de las personas detenidas. " * 40 + "</p>"


def html(title: str, body: str) -> bytes:
    """A small page."""
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        html("Just a moment...", "Checking your browser before accessing this site."),
        html("Un momento…", ""),
        html("Attention Required! | Cloudflare", "Sorry, you have been blocked"),
        html(
            "Access Denied",
            "You don't have permission to access. Reference #18.2d3e.1700000000.1a",
        ),
        html("farodelnorte.example", "<script>window._cf_chl_opt={}</script>"),
        html("", '<iframe src="/_Incapsula_Resource?SWUDNSAI=31&incident_id=1"></iframe>'),
        html("farodelnorte.example", "<script src=https://ct.captcha-delivery.com/c.js></script>"),
        html("Loading", "Enable JavaScript and cookies to continue"),
    ],
)
def test_block_pages_are_recognised(body: bytes) -> None:
    """Taken for a report, a block page would replace the text that was there."""
    assert is_challenge(200, {}, body)


@pytest.mark.parametrize("headers", [{"cf-mitigated": "challenge"}, {"X-Amzn-Waf-Action": "captcha"}])
def test_headers_of_a_challenge_suffice(headers: dict[str, str]) -> None:
    """Some challenges have an empty body."""
    assert is_challenge(403, headers, b"")


@pytest.mark.parametrize(
    "body",
    [
        html("Access denied: lawyers kept out of the prison", ARTICLE),
        html("Traslados", ARTICLE + '<script src="/cdn-cgi/challenge-platform/jsd/main.js"></script>'),
        html("Traslados", ARTICLE + "<script>var px = 'px-captcha'</script>"),
        html("Por qué vemos «checking your browser»", ARTICLE + "Checking your browser before accessing"),
        html("Traslados", "<script>" + "x" * 70_000 + "</script>" + ARTICLE + "<i>px-captcha</i>"),
        b"",
    ],
)
def test_pages_behind_the_same_services_are_not(body: bytes) -> None:
    """The services put scripts into every page they guard, and articles are written about them."""
    assert is_challenge(200, {}, body) is None


@pytest.mark.parametrize(
    ("title", "text", "step"),
    [
        ("Página no encontrada", "Lo sentimos.", "soft-404"),
        ("404", "Inicio", "soft-404"),
        ("Faro del Norte", "Error 404. La página que busca no existe.", "soft-404"),
        ("Faro del Norte", "Sorry, the page you are looking for could not be found.", "soft-404"),
        ("Faro del Norte", "Please enable JavaScript to view this site.", "challenge"),
        ("Traslado", "Inicie sesión para leer esta nota.", "challenge"),
    ],
)
def test_notices_are_no_reports(title: str, text: str, step: str) -> None:
    """Many sites answer 200 for a page that is gone."""
    found = is_stub(title, text)
    assert found is not None and found[0] == step


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 personas deportadas en un día", "Migración informó de 404 personas deportadas el martes."),
        ("Los expedientes que no aparecen", "La página del registro no existe, dijo la defensora. " * 20),
        ("Comunicado", "La audiencia se celebrará el 5 de marzo."),
        ("Not found: the missing of Mariona", "Families keep looking for them."),
    ],
)
def test_short_reports_are_reports(title: str, text: str) -> None:
    """A notice of two lines by a ministry is news all the same."""
    assert is_stub(title, text) is None
