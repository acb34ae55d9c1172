"""Personal data of people at risk does not leave the machine unless the operator allows it."""

import time

import pytest

from alerts.masking import BLANK, Mask
from db.subscribers import SubscriberStore
from taxonomy.loader import load_taxonomy
from tests.alerts.world import Inbox, World, body
from tests.db.samples import prose

PERSONAL = [
    ("His file A 123-456-789 was lost", "123-456-789"),
    ("Alien number: 98 765 432", "98 765 432"),
    ("con DUI 01234567-8 fue", "01234567-8"),
    ("DUI número 012345678", "012345678"),
    ("llame al 2222-3333", "2222-3333"),
    ("llame al +503 7777 8888", "7777 8888"),
    ("call (202) 555-0143 now", "555-0143"),
    ("teléfono: 22 22 33 33", "22 22 33 33"),
    ("escriba a familia.perez@example.org", "familia.perez@example.org"),
    ("El menor Juan Carlos Inventado fue detenido", "Juan Carlos Inventado"),
    ("el adolescente de 16 años, Marvin de la Ceiba Falsa, sigue preso", "Marvin de la Ceiba Falsa"),
    ("Ana Ficticia Ramos, de 17 años, murió", "Ana Ficticia Ramos"),
    ("Ana Ficticia Ramos, 15, was deported", "Ana Ficticia Ramos"),
    ("a 12-year-old girl named Rosa Supuesta", "Rosa Supuesta"),
    ("the victim, identified as María Elena Imaginaria,", "María Elena Imaginaria"),
    ("la víctima fue identificada como Pedro Nadie", "Pedro Nadie"),
]


@pytest.fixture(scope="module")
def mask() -> Mask:
    return Mask(load_taxonomy().identifiers)


@pytest.mark.parametrize(("text", "secret"), PERSONAL)
def test_personal_data_is_blanked(mask: Mask, text: str, secret: str) -> None:
    """Numbers by which a person is found, and names of minors and victims."""
    assert secret not in mask(text)
    assert BLANK in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "Decreto Legislativo No. 333, HC 148-2022 and 1:25-cv-00766",
        "Between 2024-2025 the government counted 83,900 detained, 1,234,567 hours and 24A931",
        "San Salvador, 16 de noviembre de 2025",
        "Nayib Bukele, 44, and Kristi Noem, 53, signed",
        "un hombre de 36 años; Executive Order 14165; 90 FR 8443",
        "El menor número de casos; the minor changes",
    ],
)
def test_what_reports_are_cited_by_stays(mask: Mask, text: str) -> None:
    """A mask that eats decree and docket numbers would make the digest useless."""
    assert mask(text) == text


def test_hostile_text_is_masked_in_time(mask: Mask) -> None:
    """A page of a megabyte made to slow a pattern down must not stop the digests."""
    for unit in ("1234-", "Aaa de la ", "el menor Aa Bb ", "a.b-", "+1 ", "víctima "):
        started = time.monotonic()
        mask(unit * (20_000 // len(unit)))
        assert time.monotonic() - started < 5


def test_mails_are_masked_unless_the_operator_allows(small_world: World, inbox: Inbox, port: int) -> None:
    """Title, beginning, figures and changes: everything that leaves."""
    said = "El menor Juan Carlos Inventado, con DUI 01234567-8, murió; 14 personas detenidas lo vieron."
    masked = small_world.subscribe("masked@example.org", frequency="at-once")
    allowed = small_world.subscribe("allowed@example.org", frequency="at-once")
    with small_world.database.write() as connection:
        SubscriberStore(connection).change_subscription(allowed.id, allow_personal=True)
    small_world.publish("one", title=f"Caso {said}", text=f"{said} {prose('one')}")
    assert small_world.send(port).sent == 2
    small_world.later(hours=1)
    small_world.publish(
        "one", title=f"Caso {said}", text=f"{said} Ya. {said.replace('14', '15')} {prose('one')}"
    )
    assert small_world.send(port).sent == 2
    for to, mail in inbox.mails:
        told = str(mail["Subject"]) + body(mail) + body(mail, "html")
        hidden = to.startswith("masked")
        assert ("Juan Carlos Inventado" in told) is not hidden
        assert ("01234567-8" in told) is not hidden
    assert masked.allow_personal is False
