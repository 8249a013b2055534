"""Pages: the templates, one environment a language, with its texts, dates and names of things.

In: a template's name and values. Out: HTML. English is the key of every text; `texts/es.po` and `texts/pt.po` are read
at start. Clocks on the screens show the station's own time zone, and that of the premises where it says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import pathlib
import urllib.parse
import zoneinfo
from collections.abc import Mapping
from typing import Final

import babel.dates
import jinja2
import phonenumbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from operators_ui import words
from operators_ui.meanings import speaks_of_user, turned, zone_key
from station.event_codes import meaning
from station.languages import Language

FOLDER: Final = pathlib.Path(__file__).parent
STATIC: Final = FOLDER / "static"

#: What each language calls itself.
LANGUAGES: Final[Mapping[Language, str]] = {
    Language.ES: "Español",
    Language.PT: "Português",
    Language.EN: "English",
}
#: European wording and customs of date and time.
_LOCALES: Final[Mapping[Language, str]] = {Language.ES: "es_ES", Language.PT: "pt_PT", Language.EN: "en_GB"}


def _static_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


#: Part of the address of every static file: a new version is never mixed with an old one in a browser's cache.
STATIC_PATH: Final = f"/static/{_static_version()}"


def translations(language: Language) -> NullTranslations:
    """The texts of one language, read from its PO file."""
    if language is Language.EN:
        return NullTranslations()
    compiled = io.BytesIO()
    with (FOLDER / "texts" / f"{language.value}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language.value))
    compiled.seek(0)
    return Translations(compiled)


class Pages:
    """The screens of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = translations(language)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        # newstyle: `_("... %(name)s", name=...)` escapes its values.
        self._environment.install_gettext_translations(self._texts, newstyle=True)  # type: ignore[attr-defined]  # given by the i18n extension
        self._environment.filters.update(
            clock=self.clock, day=self.day, moment=self.moment, epoch=_epoch, hex=_hex_dump, phone=_phone
        )
        self._environment.filters["web_address"] = web_address
        self._environment.filters["setting"] = _setting
        self._environment.globals.update(
            words=words,
            languages=LANGUAGES,
            language=language,
            static=STATIC_PATH,
            meaning=self.meaning,
            speaks_of_user=speaks_of_user,
            turned=turned,
            zone_key=zone_key,
            country=self.country,
            language_name=self.language_name,
        )

    def text(self, key: str, **values: object) -> str:
        """A marked text in this language."""
        translated: str = self._texts.gettext(key)
        return translated % values if values else translated

    def render(self, template: str, **values: object) -> str:
        """The HTML of a template."""
        return self._environment.get_template(template).render(values)

    def meaning(self, token: str, event_code: str | None) -> str | None:
        """What an event code means, in this language."""
        known = meaning(token, event_code)
        return None if known is None else known.name(self.language)

    def clock(self, at: dt.datetime, zone: str | None = None) -> str:
        """Hours, minutes and seconds, at the station or in `zone`."""
        return babel.dates.format_time(_local(at, zone), "HH:mm:ss", locale=_LOCALES[self.language])

    def day(self, at: dt.datetime, zone: str | None = None) -> str:
        """The date, at the station or in `zone`."""
        return babel.dates.format_date(_local(at, zone).date(), "medium", locale=_LOCALES[self.language])

    def moment(self, at: dt.datetime, zone: str | None = None) -> str:
        """Day and minute."""
        return babel.dates.format_datetime(_local(at, zone), "d MMM, HH:mm", locale=_LOCALES[self.language])

    def country(self, code: str) -> str:
        """A country's name, or its code if there is none."""
        return str(babel.Locale.parse(_LOCALES[self.language]).territories.get(code, code))

    def language_name(self, language: Language) -> str:
        """The name of a language in this one."""
        name: str = babel.Locale(language.value).get_language_name(self.language.value) or language.value
        return name


def all_pages() -> Mapping[Language, Pages]:
    """The screens of every language."""
    return {language: Pages(language) for language in Language}


def _local(at: dt.datetime, zone: str | None) -> dt.datetime:
    if zone is None:
        return at.astimezone()
    try:
        return at.astimezone(zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return at.astimezone(dt.UTC)


def _setting(value: object) -> str:
    """A value as its field in a form takes it."""
    match value:
        case dt.time():
            return value.strftime("%H:%M")
        case dt.datetime() | dt.date():
            return value.isoformat()
        case _:
            return str(value)


def _epoch(at: dt.datetime) -> int:
    return round(at.timestamp() * 1000)


def web_address(link: str) -> str | None:
    """The host of a link that a panel sent, or None where it is no web address: nothing else may become a link."""
    try:
        parts = urllib.parse.urlsplit(link)
        return parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        return None


def _hex_dump(raw: bytes) -> str:
    lines = []
    for offset in range(0, len(raw), 16):
        row = raw[offset : offset + 16]
        printable = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        lines.append(f"{offset:04x}  {row.hex(' '):<47}  {printable}")
    return "\n".join(lines)


def _phone(number: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
