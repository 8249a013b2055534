"""The texts: each exists in every language, and says the same things."""

from __future__ import annotations

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from operators_ui.pages import FOLDER, Pages
from station.languages import Language

_TRANSLATED = [language for language in Language if language is not Language.EN]


def _used() -> set[str]:
    found = extract_from_dir(
        str(FOLDER),
        method_map=[("templates/**.html", "jinja2"), ("**.py", "python")],
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "msgid": None},
    )
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


@pytest.mark.parametrize("language", _TRANSLATED)
def test_every_text_exists_in_every_language(language: Language) -> None:
    with (FOLDER / "texts" / f"{language.value}.po").open("rb") as file:
        catalog = read_po(file)
    there = {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id}
    used = _used()
    assert len(used) > 150
    assert used - there == set()
    assert there - used == set()
    for message in catalog:
        keys = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for key, text in zip(map(str, keys), map(str, texts), strict=True):
            assert text or not key, key
            assert sorted(re.findall(r"%\(\w+\)s", key)) == sorted(re.findall(r"%\(\w+\)s", text)), key


@pytest.mark.parametrize("language", Language)
def test_dates_follow_the_language(language: Language) -> None:
    pages = Pages(language)
    assert (
        pages.language_name(Language.PT).lower()
        == {"es": "portugués", "pt": "português", "en": "portuguese"}[language.value]
    )
