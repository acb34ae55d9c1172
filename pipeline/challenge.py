"""Before extraction: tell a block page or an empty "not found" page from a report.

A page that only says "checking your browser" is a failure to read the source, never a report and
never zero results. The same detector serves the crawl, on the response, and the extraction.
"""

import re
from collections.abc import Mapping
from html import unescape

from core.text import fold

_HEAD = 65536
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_HEADERS = {
    "cf-mitigated": re.compile("challenge|block"),
    "x-amzn-waf-action": re.compile("challenge|captcha"),
    "x-sucuri-block": re.compile("."),
}
# Whole titles of block pages, folded. An article's title is never just this.
_TITLES = re.compile(
    r"just a moment\W*|un momento\W*|espere un momento\W*|attention required!?(?: \| cloudflare)?"
    r"|access (?:to this page has been )?denied\W*|acceso denegado\W*|error 403\W*|403 forbidden|forbidden"
    r"|403 - forbidden\W*.*|pardon our interruption\W*|please wait\W*(?:\| cloudflare)?"
    r"|ddos-guard|ddos protection.*"
    r"|robot check|are you a robot\W*|are you human\W*|human verification|security check(?: required)?"
    r"|verifying (?:you are human|your browser)\W*|verify(?:ing)? (?:that )?you are (?:a )?human\W*"
    r"|you have been blocked|request (?:rejected|blocked|unsuccessful)\W*|the request could not be satisfied"
    r"|error: the request could not be satisfied|sucuri website firewall.*|bloqueado\W*|client challenge"
    r"|captcha(?: interception)?|bot verification|checking your browser\W*.*|one moment, please\W*"
)
# Words in the code of block pages, lower case. Services put other scripts of theirs into every
# page they guard, so these are looked for only where hardly any text is.
_MARKUP = (
    b"_cf_chl_opt",
    b"cf-browser-verification",
    b'id="challenge-form"',
    b"_incapsula_resource?swudnsai",
    b"incapsula incident id",
    b"captcha-delivery.com/c.js",
    b"captcha-delivery.com/captcha",
    b"px-captcha",
    b"/_sec/cp_challenge",
    b"gokuprops",
    b"sgcaptcha",
)
_PHRASES = re.compile(
    r"checking (?:if the site connection is secure|your browser before accessing)"
    r"|comprobando (?:si la conexion|su navegador)|enable javascript and cookies to continue"
    r"|please enable js and disable any ad blocker|please complete the security check"
    r"|verify (?:that )?you are (?:a )?human by completing"
    r"|verifique que (?:usted )?es (?:un )?(?:ser )?humano|why have i been blocked"
    r"|you don.t have permission to access|performing security verification"
    r"|unusual traffic from your computer|automated (?:access|requests) .{0,40}blocked"
    r"|needs to review the security of your connection|ray id: [0-9a-f]{12,}"
    r"|reference #\d+\.[0-9a-f]+\.\d{9,}"
)
_SCRIPTS = re.compile(r"<(script|style|noscript|template|svg)\b.*?(?:</\1\s*>|$)", re.I | re.S)
_SHORT = 1500


def _visible(markup: str) -> str:
    """Roughly what a reader would see, folded; scripts go, `noscript` stays out too."""
    return " ".join(fold(unescape(re.sub(r"<[^>]*>", " ", _SCRIPTS.sub(" ", markup)))).split())


def is_challenge(status: int, headers: Mapping[str, str], body: bytes | str) -> str | None:
    """Why a response is a block or challenge page and not the page asked for; None when it is not.

    `headers` in any case of letters. Give the whole body: its first 64 kB are looked at, and a
    longer one that came with a good status is judged by its title only, since block pages are
    small. Pure.
    """
    for name, value in headers.items():
        pattern = _HEADERS.get(name.lower())
        if pattern is not None and pattern.search(value.lower()):
            return f"header {name}: {value}"
    raw = body.encode("utf-8", "replace") if isinstance(body, str) else body
    markup = raw[:_HEAD].decode("utf-8", "replace")
    match = _TITLE.search(markup)
    title = " ".join(fold(unescape(match.group(1))).split()) if match else ""
    if _TITLES.fullmatch(title):
        return f'its title is "{title}"'
    if len(raw) > _HEAD and status < 400:
        return None
    visible = _visible(markup)
    if len(visible) >= _SHORT:
        return None
    code = raw.lower()
    sign = next((sign for sign in _MARKUP if sign in code), None)
    if sign:
        return f"its code holds {sign.decode('ascii')}"
    phrase = _PHRASES.search(visible)
    return f'it says "{phrase.group()}"' if phrase else None


_SOFT_404_TITLE = re.compile(
    r"(?:(?:http )?error\W*)?404\W*(?:error\W*)?(?:(?:page |file )?not found\b.*)?"
    r"|(?:404\W*)?no encontrad[ao]\W*"
    r"|(?:.*\W)?(?:page|article|story|content|document) (?:was |could )?(?:not|no longer) "
    r"(?:be )?(?:found|available|exists?)\b.*|not found\W*|oops\W*|page unavailable\W*"
    r"|(?:pagina|articulo|contenido|nota) no encontrad[ao]\b.*|(?:esta|la) pagina no existe.*"
)
_SOFT_404_TEXT = re.compile(
    r"\berror 404\b|\b404 (?:error|not found|-)"
    r"|page (?:you (?:are|were) looking for|you requested|requested) "
    r".{0,40}(?:not|no longer|moved|exist|found|available|removed)"
    r"|(?:page|article|content) (?:not found|no longer (?:exists|available))"
    r"|we (?:can.?t|could ?n.t|cannot) (?:seem to )?find (?:the|that) page"
    r"|(?:pagina|articulo|nota|contenido)(?: solicitad[ao])?(?: que (?:busca[bs]?a?|intenta ver|solicito))?"
    r" no (?:existe|encontrad[ao]|se encuentra|esta disponible|fue encontrad[ao])"
    r"|no (?:hemos podido|pudimos|podemos) encontrar la pagina"
)
_GATE_TEXT = re.compile(
    r"(?:please |you (?:must|need to) )?(?:log|sign) in to (?:continue|read|view|access)"
    r"|subscribe to (?:continue|read|unlock)|(?:inicia|inicie) sesion para (?:continuar|leer|ver)"
    r"|suscribete para (?:seguir|continuar)|(?:please )?(?:enable|turn on) javascript"
    r"|(?:habilit[ae]|activ[ae]) (?:el )?javascript|javascript is (?:disabled|required)"
    r"|(?:we|this site) (?:and our \d* ?partners )?use[s]? cookies|before you continue to"
    r"|acepta(?:r)? (?:las |todas las )?cookies"
)
_STUB = 400
_SHORT_TEXT = 700


def is_stub(title: str, text: str) -> tuple[str, str] | None:
    """The step and reason when a page's text is only a notice: (`soft-404`|`challenge`, why).

    Only short texts are suspected, and only by their title or their first 400 characters: a
    report may well speak of pages that were not found.
    """
    if len(text) > _SHORT_TEXT:
        return None
    name, start = " ".join(fold(title).split()), " ".join(fold(text[:_STUB]).split())
    if _TITLES.fullmatch(name):
        return "challenge", f'its title is "{title}"'
    if _SOFT_404_TITLE.fullmatch(name):
        return "soft-404", f'its title is "{title}"'
    for pattern, step in ((_SOFT_404_TEXT, "soft-404"), (_PHRASES, "challenge"), (_GATE_TEXT, "challenge")):
        found = pattern.search(start)
        if found and (pattern is not _GATE_TEXT or len(text) < _STUB):
            return step, f'it says "{found.group()}"'
    return None
