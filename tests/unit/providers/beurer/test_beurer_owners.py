"""One file is one person's, in whatever language and wherever the file says whose it is."""

from datetime import date

import pytest

from ohx_pipelines.providers.beurer import BEURER
from ohx_pipelines.providers.files.base import Cut, FileRefused, Refusal
from tests.unit.providers.beurer.beurer_exports import places, read

# By language: a title, labels of a name and of a birth date, a section, columns.
TOLD = {
    "en": ("User details", "First name", "Date of birth", "Weight", "Date;Time;kg"),
    "de": ("Benutzerdetails", "Vorname", "Geburtsdatum", "Gewicht", "Datum;Uhrzeit;kg"),
    "fr": ("Détails utilisateur", "Prénom", "Date de naissance", "Poids", "Date;Heure;kg"),
    "it": ("Dettagli utente", "Nome", "Data di nascita", "Peso", "Data;Ora;kg"),
    "es": ("Datos del usuario", "Nombre", "Fecha de nacimiento", "Peso", "Fecha;Hora;kg"),
    "nl": ("Gebruikersgegevens", "Voornaam", "Geboortedatum", "Gewicht", "Datum;Tijd;kg"),
}
BETWEEN = {"spaces": "   ", "tab": "\t", "cells": ";", "colon": ": "}
every_language = pytest.mark.parametrize("language", sorted(TOLD))
every_between = pytest.mark.parametrize("between", sorted(BETWEEN))


def person(language, name="Kim", born="01.02.1975", *, between="   ", title=None):
    _, first_name, birth_date, *_ = TOLD[language]
    lines = [TOLD[language][0] if title is None else title]
    lines += [f"{first_name}{between}{name}", f"{birth_date}{between}{born}"]
    return "\n".join([one for one in lines if one] + ["", ""])


def weight(language, time="07:52"):
    *_, title, header = TOLD[language]
    return f"{title}\n{header}\n14.03.2026;{time};71,4\n15.03.2026;{time};71,6\n\n"


def refusal(text):
    with pytest.raises(FileRefused) as refused:
        read(text)
    return refused.value.reason


@every_between
@every_language
def test_whose_a_file_is_is_known_in_every_language(language, between):
    parsed = read(person(language, between=BETWEEN[between]) + weight(language))

    assert parsed.birth_date == date(1975, 2, 1)
    assert (parsed.is_whole, len(places(parsed)), parsed.language) == (True, 2, language)


@every_between
@every_language
def test_two_people_cost_the_file_in_every_language(language, between):
    one = person(language, between=BETWEEN[between]) + weight(language)
    same_name = person(language, born="01.02.1985", between=BETWEEN[between])
    same_day = person(language, name="Robin", between=BETWEEN[between])

    assert refusal(one + same_name + weight(language, "07:53")) is Refusal.SEVERAL_USERS
    assert refusal(one + same_day + weight(language, "07:53")) is Refusal.SEVERAL_USERS


@every_language
def test_the_same_person_twice_is_one(language):
    once, again = weight(language), weight(language, "07:53")
    parsed = read(person(language) + once + person(language) + again)

    assert (parsed.is_whole, len(places(parsed))) == (True, 4)


@pytest.mark.parametrize("title", ["", "Whoever", "Profil"])
@every_language
def test_whatever_is_above_it_a_block_about_a_person_is_known_by_its_labels(language, title):
    other = person(language, born="03.04.1985", title=title)
    parsed = read(weight(language) + other)

    assert (parsed.birth_date, parsed.is_whole) == (date(1985, 4, 3), True)
    assert refusal(person(language) + weight(language) + other) is Refusal.SEVERAL_USERS


@pytest.mark.parametrize(
    "where",
    ["{other}\n{first}{second}", "{first}{other}\n{second}", "{first}{second}{other}\n"],
    ids=["before", "between", "behind"],
)
def test_another_birth_date_anywhere_costs_the_file(where):
    parts = {"first": weight("en"), "second": weight("en", "07:53")}
    other = "Geburtsdatum: 09.02.1985\n"

    assert refusal(person("en") + where.format(other=other, **parts)) is Refusal.SEVERAL_USERS


def test_another_birth_date_right_below_a_reading_costs_the_file():
    text = person("en") + weight("en").strip() + "\nDate de naissance   09.02.1985\n"

    assert refusal(text) is Refusal.SEVERAL_USERS


def test_a_birth_date_written_otherwise_is_the_same():
    parsed = read(person("en") + weight("en") + person("fr", born="1975-02-01") + weight("fr"))

    assert (parsed.birth_date, parsed.is_whole) == (date(1975, 2, 1), True)


def test_a_name_in_somebodys_comment_is_no_second_person():
    header = "Weight\nDate;Time;kg;Comment\n"
    rows = '14.03.2026;07:52;71.4;"one\n\nFirst name: Robin\n"\n15.03.2026;07:52;71.6;\n'
    parsed = read(person("en") + header + rows)

    assert (parsed.is_whole, len(places(parsed))) == (True, 2)


def test_a_block_that_blank_lines_cut_apart_is_one_persons():
    lines = ["User details", "First name   Kim", "Date of birth   01.02.1975", "Height   172 cm"]
    parsed = read("\n\n".join([*lines, ""]) + weight("en"))

    assert (parsed.is_whole, parsed.birth_date) == (True, date(1975, 2, 1))


@pytest.mark.parametrize(
    "block",
    [
        "Appareil\nModèle   BF 700\n",
        "Appareil\nModèle   Alpha\n",
        "Appareil\nModèle;BF 700\n",
        "Appareil\nModèle : BF 700\n",
        "Modèle\tBF 700\n",
    ],
    ids=["spaces", "words", "cells", "colon", "without-a-title"],
)
def test_a_block_that_nobody_knows_is_not_swallowed(block):
    assert read(person("fr") + block + "\n" + weight("fr")).cut is Cut.UNKNOWN_SECTION


@pytest.mark.parametrize(
    "block",
    [
        "Période\nDébut   01.01.2026\nFin   31.03.2026\n",
        "Catégories\nPoids   2\n",
        "Merci de votre confiance\n",
        "Merci\nde votre confiance\n",
        "PAM = Pression artérielle moyenne\n",
        "Remarque : ce n'est pas un avis\n",
    ],
    ids=["period", "categories", "sentence", "sentences", "legend", "remark"],
)
def test_a_known_block_or_a_sentence_is_nothing_that_anybody_misses(block):
    assert read(person("fr") + block + "\n" + weight("fr")).is_whole


def test_one_space_parts_a_birth_date_from_its_label():
    parsed = read("Whoever\nDate de naissance 01.02.1975\n\n" + weight("fr"))

    assert (parsed.birth_date, parsed.is_whole) == (date(1975, 2, 1), True)


def test_two_blocks_that_differ_cost_the_file_though_nobody_knows_in_what():
    one, other = (f"User details\nAlias   {name}\n\n" for name in ("a", "b"))

    assert refusal(one + weight("en") + other + weight("en", "07:53")) is Refusal.SEVERAL_USERS


def test_a_line_right_below_a_reading_that_looks_like_a_name_is_a_bad_row():
    header = "Weight\nDate;Time;kg\n"
    rows = "14.03.2026;07:52;71.4\nFirst name: Robin\n15.03.2026;07:52;71.6\n"
    parsed = read(person("en") + header + rows)

    assert [note.row for note in parsed.rejected] == [8]
    assert len(places(parsed)) == 2


@pytest.mark.parametrize("title", ["Gewicht: BF 990", "Gewicht   BF 990", "Waage (BF 990)"])
def test_a_section_may_be_titled_with_its_device(title):
    text = weight("de").replace("Gewicht", title)

    assert read(person("de") + text).is_whole


def test_who_a_file_is_about_does_not_make_it_an_export():
    assert refusal("Prénom;Kim\nNom;X\n\nfoo;bar;baz\n1;2;3\n") is Refusal.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    "table",
    [
        "Name;Phone;Since;City\nKim;1;2026;X\n",
        "Name;Kim\na;b;c;d;e\n1;2;3;4;5\n",
        "List\nName;Kim\na;b;c;d;e\n1;2;3;4;5\n",
    ],
    ids=["column", "line", "titled"],
)
def test_a_table_is_no_persons_block_for_a_label_in_it(table):
    assert not read(weight("en") + table).is_whole


def test_a_table_that_nobody_knows_is_no_persons_for_a_column_named_so():
    parsed = read(weight("en") + "Contacts\nName;Phone;Since;City\nKim;1;2026;X\nRobin;2;2026;Y\n")

    assert parsed.cut is Cut.UNKNOWN_SECTION


@every_language
def test_a_file_is_recognized_by_whose_it_is(language):
    assert BEURER.recognizes((person(language, title="Whoever") + weight(language)).encode())


def test_nothing_of_a_person_is_in_what_is_told():
    parsed = read(person("fr", name="Canary") + weight("fr"))

    assert "anary" not in repr(parsed)
    assert "1975" not in repr(parsed)
