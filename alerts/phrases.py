"""Every sentence of ours that a reader sees, in both languages; reports keep their own words."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

Phrases = Mapping[str, str]

EN: Phrases = {
    "subject_new_one": "1 story",
    "subject_new": "{n} stories",
    "subject_changes_one": "1 change",
    "subject_changes": "{n} changes",
    "subject_quiet": "all quiet",
    "part": "part {part} of {parts}",
    "frequency_at-once": "As it happens",
    "frequency_daily": "Daily digest",
    "frequency_weekly": "Weekly digest",
    "at": "{date}, {time}",
    "in_zone": "{moment} ({zone})",
    "since": "since {when}",
    "everything": "everything we watch",
    "covered": "{checked} of {total} sources checked in full.",
    "covered_gaps_one": "The other one was not: silence there is not absence.",
    "covered_gaps": "The other {n} were not: silence there is not absence.",
    "covered_none": "No source is watched yet: this digest can say nothing of what was published.",
    "details_below": "Details at the end.",
    "new": "New",
    "more": "Also new, in brief",
    "again": "Repeated again",
    "again_by": "Now also in {outlets}",
    "changed": "Changed since you received it",
    "removed": "Removed at its source",
    "removed_kept": "Confirmed over several visits. The copy read on {date} is kept.",
    "edited": "Edited",
    "was": "Was",
    "now": "Now",
    "no_more": "No longer there",
    "added": "Added",
    "what_figure": "Figure",
    "what_title": "Title",
    "what_wording": "Wording",
    "edited_marks": "Small changes of wording.",
    "absent": "Expected, and not seen",
    "absent_quiet": "Nothing new since {date}; it is never quiet for more than {days} days.",
    "absent_document": "Due, and did not appear: {what}.",
    "coverage": "What was checked",
    "coverage_since": "Between {since} and {until}.",
    "checked": "Checked in full",
    "partly": "Checked in part",
    "failed": "Could not be checked",
    "not_checked": "Not checked in this time",
    "known_to": "nothing known since {date}",
    "never": "never read so far",
    "whole_at": "last read in full on {date}",
    "never_whole": "never read in full so far",
    "silence": "What these sources published, or did not, is unknown to us. Their silence here is not "
    "absence.",
    "quiet_title": "All quiet",
    "quiet": "Nothing that matches your search was published or changed at the sources we could check.",
    "urgent": "PRIORITY",
    "figures": "Figures claimed",
    "echo_one": "and 1 outlet",
    "echoes": "and {n} outlets",
    "first_at": "First published by {source}",
    "undated": "no date",
    "found": "found {date}",
    "written_in": "in {language}",
    "language_en": "English",
    "language_es": "Spanish",
    "language_pt": "Portuguese",
    "language_fr": "French",
    "why": "Why you receive this",
    "why_text": "You asked for reports that match this search, and confirmed it. Each item names the "
    "tags that fit.",
    "search": "Search",
    "masked": "Identity numbers, telephone numbers and names of minors and victims are blanked ({blank}).",
    "unsubscribe": "Unsubscribe with one click",
    "preferences": "Change day, hour or language",
    "no_tracking": "This mail loads nothing from anywhere and does not report that you read it.",
    "and_more": "and {n} more",
    "confirm_subject": "Please confirm: Amparo digest “{name}”",
    "confirm_hello": "Somebody, we hope you, asked Amparo to send this address a digest.",
    "confirm_what": "{frequency}, for the search: {query}",
    "confirm_do": "If it was you, confirm here within 7 days:",
    "confirm_not": "If it was not you, do nothing. You will get nothing more, and the address is deleted.",
    "already_subject": "Your Amparo subscription",
    "already_text": "Somebody asked to subscribe this address to a digest it already receives. Nothing "
    "has changed. "
    "Here you can see and change what you receive:",
    "notice_subject": "Amparo: a webhook is paused",
    "notice_text": "Calls to {host} failed for 36 hours and are paused. The last reason was: {reason}. "
    "What matches "
    "meanwhile is kept and comes with the next digest after the operator resumes it.",
    "page_confirm": "Confirm your digest",
    "page_confirm_text": "Press the button to receive this digest by mail.",
    "page_confirm_button": "Yes, send it to me",
    "page_confirmed": "Confirmed. The first digest comes when there is something new.",
    "page_unsubscribe": "Unsubscribe",
    "page_unsubscribe_text": "Press the button and this digest ends.",
    "page_unsubscribe_button": "Unsubscribe",
    "page_unsubscribe_all": "Unsubscribe from everything and delete my address",
    "page_unsubscribed": "Done. No more mails of this digest will be sent.",
    "page_invalid": "This link is not valid, or no longer. If you came to stop a digest, it may have "
    "ended already; "
    "every later mail holds a link that works.",
    "page_preferences": "Your digests",
    "page_saved": "Saved.",
    "page_save": "Save",
    "page_language": "Language",
    "page_zone": "Time zone",
    "page_hour": "Hour",
    "page_weekday": "Day of the weekly digest",
    "page_frequency": "How often",
    "page_even": "Also when all is quiet",
    "page_wrong": "That was not saved: {reason}",
    "page_subscribe": "Subscribe to a digest",
    "page_address": "Mail address",
    "page_query": "Search",
    "page_asked": "Thank you. If this address can receive a digest, a mail with the next step is on its "
    "way to it.",
    "weekdays": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
}

ES: Phrases = {
    "subject_new_one": "1 historia",
    "subject_new": "{n} historias",
    "subject_changes_one": "1 cambio",
    "subject_changes": "{n} cambios",
    "subject_quiet": "sin novedades",
    "part": "parte {part} de {parts}",
    "frequency_at-once": "Al momento",
    "frequency_daily": "Boletín diario",
    "frequency_weekly": "Boletín semanal",
    "at": "{date}, {time}",
    "in_zone": "{moment} ({zone})",
    "since": "desde el {when}",
    "everything": "todo lo que observamos",
    "covered": "{checked} de {total} fuentes revisadas por completo.",
    "covered_gaps_one": "La otra, no: que calle no significa que no haya nada.",
    "covered_gaps": "Las otras {n}, no: que callen no significa que no haya nada.",
    "covered_none": "Todavía no se observa ninguna fuente: este boletín no puede decir nada de lo publicado.",
    "details_below": "Los detalles están al final.",
    "new": "Nuevo",
    "more": "También nuevo, en breve",
    "again": "Repetido de nuevo",
    "again_by": "Ahora también en {outlets}",
    "changed": "Cambió después de que lo recibiera",
    "removed": "Retirado por su fuente",
    "removed_kept": "Confirmado en varias visitas. Se conserva la copia leída el {date}.",
    "edited": "Editado",
    "was": "Antes",
    "now": "Ahora",
    "no_more": "Ya no está",
    "added": "Añadido",
    "what_figure": "Cifra",
    "what_title": "Título",
    "what_wording": "Redacción",
    "edited_marks": "Pequeños cambios de redacción.",
    "absent": "Esperado y no visto",
    "absent_quiet": "Nada nuevo desde el {date}; nunca calla más de {days} días.",
    "absent_document": "Debía aparecer y no apareció: {what}.",
    "coverage": "Qué se revisó",
    "coverage_since": "Entre el {since} y el {until}.",
    "checked": "Revisadas por completo",
    "partly": "Revisadas en parte",
    "failed": "No se pudieron revisar",
    "not_checked": "No revisadas en este tiempo",
    "known_to": "nada se sabe desde el {date}",
    "never": "nunca leída hasta ahora",
    "whole_at": "leída completa por última vez el {date}",
    "never_whole": "nunca leída completa hasta ahora",
    "silence": "No sabemos qué publicaron, o no, estas fuentes. Su silencio aquí no significa que no "
    "haya nada.",
    "quiet_title": "Sin novedades",
    "quiet": "Nada que coincida con su búsqueda se publicó ni cambió en las fuentes que pudimos revisar.",
    "urgent": "PRIORITARIO",
    "figures": "Cifras que se afirman",
    "echo_one": "y 1 medio más",
    "echoes": "y {n} medios más",
    "first_at": "Publicado primero por {source}",
    "undated": "sin fecha",
    "found": "hallado el {date}",
    "written_in": "en {language}",
    "language_en": "inglés",
    "language_es": "español",
    "language_pt": "portugués",
    "language_fr": "francés",
    "why": "Por qué recibe esto",
    "why_text": "Usted pidió los informes que coinciden con esta búsqueda y lo confirmó. Cada uno nombra "
    "las etiquetas "
    "que corresponden.",
    "search": "Búsqueda",
    "masked": "Los números de identidad y de teléfono y los nombres de menores y víctimas van ocultos "
    "({blank}).",
    "unsubscribe": "Darse de baja con un clic",
    "preferences": "Cambiar día, hora o idioma",
    "no_tracking": "Este correo no carga nada de ninguna parte ni avisa de que usted lo leyó.",
    "and_more": "y {n} más",
    "confirm_subject": "Confirme, por favor: boletín de Amparo «{name}»",
    "confirm_hello": "Alguien, esperamos que usted, pidió a Amparo que envíe un boletín a esta dirección.",
    "confirm_what": "{frequency}, con la búsqueda: {query}",
    "confirm_do": "Si fue usted, confírmelo aquí antes de 7 días:",
    "confirm_not": "Si no fue usted, no haga nada. No recibirá nada más y la dirección se borrará.",
    "already_subject": "Su suscripción a Amparo",
    "already_text": "Alguien pidió suscribir esta dirección a un boletín que ya recibe. Nada ha "
    "cambiado. Aquí puede ver "
    "y cambiar lo que recibe:",
    "notice_subject": "Amparo: un webhook está en pausa",
    "notice_text": "Las llamadas a {host} fallaron durante 36 horas y están en pausa. El último motivo "
    "fue: {reason}. Lo "
    "que coincida mientras tanto se guarda y llegará con el próximo boletín cuando el operador lo reanude.",
    "page_confirm": "Confirme su boletín",
    "page_confirm_text": "Pulse el botón para recibir este boletín por correo.",
    "page_confirm_button": "Sí, envíenmelo",
    "page_confirmed": "Confirmado. El primer boletín llegará cuando haya algo nuevo.",
    "page_unsubscribe": "Darse de baja",
    "page_unsubscribe_text": "Pulse el botón y este boletín termina.",
    "page_unsubscribe_button": "Darme de baja",
    "page_unsubscribe_all": "Darme de baja de todo y borrar mi dirección",
    "page_unsubscribed": "Hecho. No se enviarán más correos de este boletín.",
    "page_invalid": "Este enlace no es válido o ya no lo es. Si vino a detener un boletín, puede que ya "
    "haya terminado; "
    "cada correo posterior trae un enlace que funciona.",
    "page_preferences": "Sus boletines",
    "page_saved": "Guardado.",
    "page_save": "Guardar",
    "page_language": "Idioma",
    "page_zone": "Zona horaria",
    "page_hour": "Hora",
    "page_weekday": "Día del boletín semanal",
    "page_frequency": "Con qué frecuencia",
    "page_even": "También cuando no hay novedades",
    "page_wrong": "No se guardó: {reason}",
    "page_subscribe": "Suscribirse a un boletín",
    "page_address": "Dirección de correo",
    "page_query": "Búsqueda",
    "page_asked": "Gracias. Si esta dirección puede recibir un boletín, va en camino un correo con el "
    "paso siguiente.",
    "weekdays": "lunes,martes,miércoles,jueves,viernes,sábado,domingo",
}

PHRASES: Mapping[str, Phrases] = {"en": EN, "es": ES}

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}


def say(language: str, key: str, /, **values: object) -> str:
    """A phrase with its values filled in; English where the language is not ours."""
    return PHRASES.get(language, EN)[key].format(**values)


def many(language: str, key: str, n: int) -> str:
    """The phrase for one, or the one for n: `key`_one and `key`; echoes has its own singular."""
    single = {"echoes": "echo_one"}.get(key, f"{key}_one")
    return say(language, single) if n == 1 else say(language, key, n=n)


def long_date(language: str, day: datetime, zone: str = "UTC") -> str:
    """24 November 2026, 24 de noviembre de 2026: the day it is in a zone."""
    local = day.astimezone(ZoneInfo(zone))
    month = _MONTHS["es" if language == "es" else "en"][local.month - 1]
    return (
        f"{local.day} de {month} de {local.year}" if language == "es" else f"{local.day} {month} {local.year}"
    )


def claimed_date(language: str, written: str) -> str:
    """An ISO date of whatever precision (2026, 2026-11, 2026-11-24) in words."""
    parts = [int(part) for part in written.split("-")]
    if len(parts) == 1:
        return written
    month = _MONTHS["es" if language == "es" else "en"][parts[1] - 1]
    joint = " de " if language == "es" else " "
    day = f"{parts[2]}{joint}" if len(parts) > 2 else ""
    return f"{day}{month}{joint}{parts[0]}"


def moment(language: str, when: datetime, zone: str) -> str:
    """A moment in a zone, to the minute."""
    local = when.astimezone(ZoneInfo(zone))
    return say(language, "at", date=long_date(language, when, zone), time=f"{local:%H:%M}")


def moment_in_zone(language: str, when: datetime, zone: str) -> str:
    """A moment with the name of its zone: said once, the other times of a digest are in it too."""
    city = zone.replace("_", " ")
    return say(language, "in_zone", moment=moment(language, when, zone), zone=city)
