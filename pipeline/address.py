"""Second step: give every report one canonical address.

The canonical address is also the key under which a visit is remembered, so the rules are few
and an address with nothing to remove comes back as it was written.
"""

import re
from dataclasses import replace
from functools import cache
from ipaddress import ip_address
from urllib.parse import unquote, urljoin

from tldextract import TLDExtract

from core.report import Report

# Names that only carry who sent the reader. `source`, `uid`, `eid`, `id`, `ref` and the like are
# kept on purpose: on government and court sites they tell one document from another.
_TRACKER = re.compile(
    r"utm_.*|(?:mtm|pk)_(?:campaign|keyword|kwd|medium|source)|at_(?:campaign|medium)"
    r"|fbclid|(?:dc|g|ms|tt|tw|y)clid|gclsrc|[gw]braid|gad_(?:source|campaignid)|srsltid|_ga|_gl"
    r"|igsh(?:id)?|mibextid|epik|__twitter_impression|tblci|dicbo|xtor|wt_mc|_openstat|rb_clickid|wickedid"
    r"|mc_[ce]id|mkt_tok|_hsenc|_hsmi|hsctatracking|vero_(?:conv|id)|oly_(?:anon|enc)_id|em[cd]i",
    re.I,
)
_TRACKER_PAIRS = frozenset({"amp=1", "outputtype=amp", "ref_src=twsrc%5etfw", "ref_src=twsrc^tfw"})
_URL = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.I | re.S)
_AUTHORITY = re.compile(r"(.*@)?(\[[^\]]*\]|[^:@\[\]]*)(?::(\d*))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
# A canonical link one of these words ends in speaks of an error or a gate, not of this page.
_NOT_A_PAGE = frozenset(
    {"404", "error", "not-found", "login", "signin", "subscribe", "home", "index", "index.html", "index.php"}
)
# What may follow the address of the page itself: another rendering of it, or its next part.
_RENDERING = re.compile(r"(?:amp|amp\.html|print|full|single|(?:page|pagina)[-/]?\d{1,3})", re.I)
_LANGUAGE_FRONT = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.I)


def _is_tracker(written: str) -> bool:
    pair = written.strip()
    name = unquote(pair.partition("=")[0])
    return _TRACKER.fullmatch(name) is not None or pair.lower() in _TRACKER_PAIRS


def _without_trackers(query: str) -> str:
    pairs = query.split("&")
    kept = [pair for pair in pairs if not _is_tracker(pair)]
    return query if len(kept) == len(pairs) else "&".join(kept)


def _host(name: str) -> str:
    lowered = name.lower().rstrip(".")
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:
        return lowered


def _authority(authority: str, scheme: str) -> str | None:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return None
    user, name, port = match.groups()
    if port in (None, "", _DEFAULT_PORTS[scheme]):
        return f"{user or ''}{_host(name)}"
    return f"{user or ''}{_host(name)}:{port}"


def canonical_url(url: str) -> str:
    """The one address under which a page is kept.

    Scheme and host in lower case (international names as punycode), the default port, the
    fragment (`#!` excepted) and known trackers removed, an empty path written `/`. The order of
    the query and its percent-encoding stay: an address with nothing to remove comes back byte
    for byte. What is not an http(s) address comes back stripped of white space only.
    """
    written = re.sub(r"[\t\r\n]", "", url.strip())
    match = _URL.fullmatch(written)
    if match is None:
        return written
    scheme, authority, path, query, fragment = match.groups()
    scheme = (scheme or "").lower()
    if scheme not in _DEFAULT_PORTS or not authority:
        return written
    place = _authority(authority, scheme)
    if not place:
        return written
    result = f"{scheme}://{place}{path or '/'}"
    if query is not None:
        cleaned = _without_trackers(query)
        if cleaned or cleaned == query:
            result += f"?{cleaned}"
    if fragment is not None and fragment.startswith("!"):
        return f"{result}#{fragment}"
    # White space stood before what was removed.
    return result.rstrip()


@cache
def _suffixes() -> TLDExtract:
    """The suffix list that the library ships; it is never fetched, nor written to disk."""
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _is_ip(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def site_of(url: str) -> str:
    """The registrable domain (`ohchr.org`); host and port where there is none (`127.0.0.1:8000`).

    Under an ending that is on no list (an intranet's `.lan`) the last two names are the domain.
    """
    match = _URL.fullmatch(canonical_url(url))
    place = (match.group(2) or "").rpartition("@")[2] if match else ""
    name = place if place.endswith("]") else re.sub(r":\d*$", "", place)
    if _is_ip(name):
        return place
    found = _suffixes().extract_str(name)
    if not found.suffix and "." in name:
        return ".".join(name.rsplit(".", 2)[-2:])
    return found.top_domain_under_public_suffix or place


def _segments(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _is_ancestor(shorter: list[str], longer: list[str]) -> bool:
    """Whether one path is a folder above the other, and not merely another rendering of it."""
    if len(shorter) >= len(longer) or longer[: len(shorter)] != shorter:
        return False
    return not _RENDERING.fullmatch("/".join(longer[len(shorter) :]))


def _swallows(path: str, query: str | None, own_path: str, own_query: str | None) -> bool:
    """Whether a canonical link would fold this page, and others like it, into something wider."""
    if (path, query) == (own_path, own_query):
        return False
    here, there = _segments(own_path), _segments(path)
    if not there:
        return query is None
    if there[-1].lower() in _NOT_A_PAGE or (len(there) == 1 and _LANGUAGE_FRONT.fullmatch(there[0])):
        return True
    return (here == there and bool(own_query) and not query) or _is_ancestor(there, here)


def accept_canonical(link: str | None, url: str) -> str | None:
    """The page's `rel=canonical` when it can be believed, else None.

    Refused: another registrable site; the front page, a section above the page or an error page
    while the page is something else; the page's own path without the query that tells it apart.
    A link from https back to http keeps https.
    """
    if not link or not link.strip():
        return None
    own = canonical_url(url)
    try:
        target = canonical_url(urljoin(own, link.strip()))
    except ValueError:
        return None
    ours, theirs = _URL.fullmatch(own), _URL.fullmatch(target)
    if not ours or not theirs or (theirs.group(1) or "") not in _DEFAULT_PORTS:
        return None
    if site_of(own) != site_of(target) or not site_of(own):
        return None
    if _swallows(theirs.group(3), theirs.group(4), ours.group(3), ours.group(4)):
        return None
    if ours.group(1) == "https" and theirs.group(1) == "http":
        target = "https" + target.removeprefix("http")
    return target


def canonicalise(report: Report) -> Report:
    """The step: the believed canonical link, else the address the page was served at."""
    raw = report.raw
    return replace(report, url=accept_canonical(raw.canonical_link, raw.url) or canonical_url(raw.url))
