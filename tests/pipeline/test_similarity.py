"""Duplicate, same event or different: one test a way in which texts are copied or filled in anew."""

import pytest

from pipeline.fingerprint import fingerprint
from pipeline.similarity import Comparable, Verdict, compare, unpack

AGENCY = """El Salvador's congress has voted to extend the state of emergency for another 30 days, \
the 38th time lawmakers have done so since March 2022.
The measure, which suspends some constitutional rights, was approved late Thursday with 57 votes in \
favor and three against. Minister Germán Ayala told lawmakers that more than 86,000 people have been \
arrested and that the country recorded 114 homicides last year.
Rights groups including Memoria y Justicia say thousands of those detained are innocent and that at \
least 400 people have died in custody. President Nayib Bukele has acknowledged that some 8,000 \
people were released.
“We cannot go back to the past,” Ayala said. The current extension expires on May 4."""

VISIT = """Homeland Security Secretary Dana Whitlock toured the Terrorism Confinement Center on \
Wednesday and recorded a video in front of a crowded cell. She warned migrants that they could end \
up there. Immigration and Customs Enforcement says more than 250 Venezuelans have been sent to the \
prison since March 15. Lawyers say many of them have no criminal record. The visit lasted about two \
hours, and Whitlock then met with President Nayib Bukele to discuss more flights."""

NOTICE = """Prensa Comunitaria informa que Luis Alberto Martínez, de 41 años, falleció el 3 de \
febrero de 2025 en el penal de Izalco. Había sido capturado en Soyapango. La familia fue avisada por \
una funeraria. Pedimos una investigación independiente y exhaustiva de las causas de su muerte, así \
como la entrega del expediente clínico completo a sus familiares, conforme a los estándares \
internacionales."""

LEGAL = """The Secretary has determined that conditions in {c} no longer support its designation for \
Temporary Protected Status. The termination of the designation of {c} takes effect sixty days after \
publication of this notice in the Federal Register. Persons covered by the designation should \
prepare to depart or seek another lawful status before that date."""

FLIGHTS = """The observatory tracked {a} removal flights in {m}, up {x} from the month before. \
Flights to Guatemala were {g} and to Honduras {h}. The number of transfer flights inside the United \
States reached {t}, a record. The report is published monthly and covers flights operated for the \
agency by charter carriers and by the military."""

ORDER = """ORDER granting motion to proceed under pseudonym. The motion is unopposed and the Court \
finds good cause. The Clerk shall update the docket. Signed by Judge Paula Renwick on {d}."""

FEATURE = """Agency officers removed Rigoberto Landaverde, 52, a Salvadoran national wanted in his \
country for homicide, on August 14. He was flown on a charter to San Salvador and handed to local \
police. Landaverde had lived in Hyattsville since 2016 under another name."""

OTHER_FEATURE = """A judge in Laredo sentenced Tiffany Roe, 31, and two of her cousins to 40 months \
in prison for moving people through ranch land in a trailer. The case began in November when \
deputies near Cotulla heard knocking inside a refrigerated truck and found 19 people."""

ABOUT = """
Members of the public who have information about foreign fugitives are urged to contact the agency \
by calling the toll-free tip line, available around the clock, or by completing the online tip form.
About us: the agency is the principal investigative arm of the department, responsible for \
investigating transnational crime and threats, and its workforce consists of more than 20,000 \
employees assigned to some 400 offices across the nation and overseas. Learn more about the mission \
to increase public safety in your community."""


def sketch(text: str, title: str = "") -> Comparable:
    return unpack(fingerprint(title, text).comparable)


def judge(a: str, b: str, titles: tuple[str, str] = ("", "")) -> Verdict:
    one, two = sketch(a, titles[0]), sketch(b, titles[1])
    there, back = compare(one, two), compare(two, one)
    assert there.verdict == back.verdict, "the order of the two must not matter"
    return there


def swap(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def first_words(text: str, share: float) -> str:
    words = text.split()
    return " ".join(words[: int(len(words) * share)])


READ_ALSO = (
    "\nRead also: Mayor of Oakdale accused of fraud in 2019\nSubscribe to our newsletter for $12 a month."
)
RELATED = "\nRelated stories\nStorm kills 14 in Lantana\nPope Leo visits Lisbon\nOakdale grows 8 percent\n"
UPDATES = ("Updated March 5, 2025 at 10:32 am\n", "Published: March 27, 2025, 9:00 AM EDT. ")
EDITED = swap(
    VISIT,
    ("the Terrorism Confinement Center on Wednesday", "CECOT on March 26"),
    ("Immigration and Customs Enforcement says more than", "ICE says over"),
    ("about two hours", "some 2 hours"),
    ("President Nayib Bukele", "President Bukele"),
)

COPIES = {
    "the first 40 % of a short text": (NOTICE, first_words(NOTICE, 0.4)),
    "last paragraphs cut": (AGENCY, AGENCY.rsplit("\n", 2)[0]),
    "an agency dateline added": (AGENCY, "SAN SALVADOR, El Salvador (AP) — " + AGENCY),
    "another agency's dateline": (
        "SAN SALVADOR (EFE).- " + NOTICE,
        "San Salvador, 4 feb (ACAN-EFE) - " + NOTICE,
    ),
    "another byline": ("By Sara Long, The Valley News\n" + VISIT, "By Peter Kovach\n" + VISIT),
    "links and subscription lines added": (VISIT, VISIT + READ_ALSO),
    "related stories in the middle": (AGENCY, AGENCY.replace("\nRights", RELATED + "It goes on. Rights")),
    "cut and padded": (AGENCY, first_words(AGENCY, 0.6) + READ_ALSO),
    "an introduction before the opening": (VISIT, "Our partners sent us this, and we share it. " * 3 + VISIT),
    "two dates of update": (UPDATES[0] + VISIT, UPDATES[1] + VISIT),
    "a weekday instead of a date": (NOTICE, NOTICE.replace("el 3 de febrero de 2025", "el lunes")),
    "light copy-editing": (VISIT, EDITED),
    "paragraphs in another order": (AGENCY, "\n".join(sorted(AGENCY.split("\n")))),
    "typing errors in names and words": (
        NOTICE,
        swap(NOTICE, ("Martínez", "Matrínez"), ("expediente", "expedinte")),
    ),
    "a misspelt country": (VISIT, VISIT.replace("Venezuelans", "Venezeulans")),
    "capitals only": (VISIT, VISIT.upper()),
    "markup left in": (VISIT, "<p>" + VISIT.replace(" and ", " &amp; ").replace(". ", ".</p>\n<p>")),
    "numbers in words and figures": (
        AGENCY,
        swap(AGENCY, ("86,000", "86 thousand"), ("three against", "3 against"), ("400", "four hundred")),
    ),
    "additions of two": ("By Ana Ruiz\n" + VISIT + READ_ALSO, "MIAMI (Reuters) - " + VISIT + RELATED),
}  # fmt: skip


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_a_duplicate(how: str) -> None:
    """Each way of reprinting a text must be folded, or readers get it once an outlet."""
    assert judge(*COPIES[how]).verdict == "duplicate"


TEMPLATES = {
    "one name": (NOTICE, NOTICE.replace("Luis Alberto Martínez", "José Adán Rivas")),
    "one age": (NOTICE, NOTICE.replace("41", "29")),
    "one place": (NOTICE, NOTICE.replace("Soyapango", "Ilopango")),
    "one date": (NOTICE, NOTICE.replace("3 de febrero", "19 de abril")),
    "one ordinal": (AGENCY, AGENCY.replace("38th", "39th")),
    "the next extension": (AGENCY, swap(AGENCY, ("38th", "39th"), ("May 4", "June 3"), ("57", "56"))),
    "another country": (LEGAL.format(c="Honduras"), LEGAL.format(c="Nicaragua")),
    "a country of two words": (LEGAL.format(c="South Sudan"), LEGAL.format(c="Haiti")),
    "figures of another month": (
        FLIGHTS.format(a=125, m="March", x=9, g=51, h=47, t=412),
        FLIGHTS.format(a=134, m="April", x=10, g=50, h=44, t=451),
    ),
    "one figure": (
        FLIGHTS.format(a=125, m="March", x=9, g=51, h=47, t=412),
        FLIGHTS.format(a=125, m="March", x=9, g=51, h=47, t=421),
    ),
    "another day of an order": (ORDER.format(d="4/7/2025"), ORDER.format(d="5/9/2025")),
    "a name at the very start": ("Ana Gil cayó presa. " + NOTICE[80:], "Eva Paz cayó presa. " + NOTICE[80:]),
    "a sibling that is also padded": (NOTICE, NOTICE.replace("41", "29") + READ_ALSO),
    "news above one publisher's boilerplate": (FEATURE + ABOUT, OTHER_FEATURE + ABOUT),
}  # fmt: skip


@pytest.mark.parametrize("what", TEMPLATES)
def test_a_template_with_other_facts_is_different(what: str) -> None:
    """Folding these would hide a person, a month or a country."""
    assert judge(*TEMPLATES[what]).verdict == "different"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Decreto 50: prórroga del régimen", "Decreto 51: prórroga del régimen"),
        ("Prórroga XXXI del régimen", "Prórroga XXXII del régimen"),
        ("Quincuagésima prórroga del régimen", "Quincuagésima primera prórroga del régimen"),
        ("TPS Honduras", "TPS Nicaragua"),
        (
            "Termination of Designation of South Sudan for TPS",
            "Termination of Designation of Burma for TPS",
        ),
        ("Notice on Deferred Departure for Liberia", "Notice on Deferred Departure for Hong Kong"),
        ("Boletín de marzo", "Boletín de abril"),
        ("Doe v. Noem", "Roe v. Bondi"),
    ],
)
def test_titles_of_one_pattern_with_other_facts_tell_equal_texts_apart(one: str, two: str) -> None:
    """The only difference between two legal texts may stand in their titles."""
    text = LEGAL.replace("{c}", "the country")
    assert judge(text, text, (one, two)).verdict == "different"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Secretary tours mega-prison", "Whitlock warns migrants in front of crowded cell"),
        ("Decreto 50: prórroga | Diario Oficial", "Decreto 50: prórroga - La Prensa del Valle"),
        ("UPDATE 1-Secretary tours prison in El Salvador", "UPDATE 2-Secretary tours prison in El Salvador"),
        ("Dana Whitlock Visits Notorious Prison", "Dana Whitlock Tours Crowded Prison"),
        ("250 Venezuelans in Prison Visited by Secretary", "Venezuelans in Prison Visited by Secretary"),
        ("", "Secretary tours mega-prison"),
    ],
)
def test_another_headline_does_not_prevent_a_duplicate(one: str, two: str) -> None:
    """Publishers write their own headline over an agency's text."""
    assert judge(VISIT, VISIT, (one, two)).verdict == "duplicate"


def test_the_reason_names_the_exchanged_facts() -> None:
    """A person who doubts a verdict must be able to check it."""
    reasons = judge(LEGAL.format(c="Honduras"), LEGAL.format(c="Nicaragua")).reasons
    assert reasons == ("same wording with other facts: Honduras → Nicaragua",)


SPANISH_VISIT = """La secretaria Dana Whitlock recorrió el miércoles, junto con Arthur Kessling y \
Mellissa Garland, la cárcel de Tecoluca, donde 261 hombres de Maracay y Mérida llegaron el 15 de \
marzo."""
ENGLISH_VISIT = """Dana Whitlock spent Wednesday inside a prison near Tecoluca. With her were Arthur \
Kessling and Mellissa Garland. On March 15 the jail had received 261 people, many from Maracay or \
Mérida."""


def test_one_event_in_two_languages_is_the_same_event() -> None:
    """Figures, dates and names cross languages; a translation is no copy."""
    verdict = judge(SPANISH_VISIT, ENGLISH_VISIT)
    assert verdict.verdict == "same-event"
    assert "same dates: 15 March" in verdict.reasons
    assert any("261" in reason for reason in verdict.reasons)


def test_reports_published_far_apart_are_not_one_event() -> None:
    """The same people return in later stories."""
    one, two = sketch(SPANISH_VISIT), sketch(ENGLISH_VISIT)
    assert compare(one, two, days_apart=2).verdict == "same-event"
    assert compare(one, two, days_apart=-9).verdict == "different"


def test_well_known_names_do_not_make_one_event() -> None:
    """Most reports of this field name the same presidents, agencies and prisons."""
    one = "President Donald Trump and Nayib Bukele spoke of ICE and CECOT, Marco Rubio said in Texas."
    two = "Marco Rubio and Donald Trump praised ICE; Nayib Bukele showed CECOT to Texas lawmakers again."
    assert judge(one, two).verdict == "different"


def test_documents_of_one_template_are_not_one_event_either() -> None:
    """Two votes a month apart share the speakers and most figures."""
    vote = (
        "Con {v} votos la Asamblea aprobó la prórroga número {n}, vigente hasta el {d}. La diputada Elena "
        "Marroquín leyó el dictamen, Claudia Rivas votó en contra y Rubén Sorto contó {c} capturas."
    )
    one = vote.format(v=57, n=30, d="4 de octubre", c="81,900")
    assert judge(one, vote.format(v=57, n=31, d="3 de noviembre", c="82,700")).verdict == "different"


def test_texts_too_short_to_compare_are_duplicates_only_when_equal() -> None:
    """Eight shingles are the least that says anything."""
    assert (
        judge("Visitas suspendidas hasta nuevo aviso.", "Visitas suspendidas hasta nuevo aviso").verdict
        == "duplicate"
    )
    assert (
        judge("Visitas suspendidas hasta nuevo aviso.", "Visitas suspendidas hasta mañana").verdict
        == "different"
    )


def test_a_long_text_and_its_opening_are_compared_by_samples() -> None:
    """Only a sample of the words beyond the first thousands is kept."""
    long = " ".join(f"word{i * 7919 % 10007}x{i}" for i in range(30_000))
    assert judge(long, first_words(long, 0.5)).verdict == "duplicate"
    assert judge(long, " ".join(reversed(long.split()))).verdict == "different"


def test_signatures_of_two_versions_are_not_compared() -> None:
    """After a change of the signature old rows must be made anew, not misjudged."""
    packed = fingerprint("", VISIT).comparable
    with pytest.raises(ValueError, match="versions 1 and 9"):
        compare(unpack(packed), unpack(b"\x09" + packed[1:]))
