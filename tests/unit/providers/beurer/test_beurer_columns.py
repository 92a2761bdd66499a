"""Columns by their words and units: any order, other languages, the segment scale's 28."""

import pytest

from ohx_pipelines.providers.files.base import Cut, FileRefused, Refusal
from tests.unit.providers.beurer.beurer_exports import (
    PRO_DE_HEAD,
    PRO_DE_WEIGHT,
    counted,
    notes,
    of,
    read,
    values,
)

GROUP = "weight-2026-03-14T07:52"
SEGMENTS_DE = (
    "Datum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;Fett Arm links;Fett Arm rechts;"
    "Fett Bein links;Fett Bein rechts;Fett Rumpf;Viszeralfett %;Muskel Arm links;"
    "Muskel Arm rechts;Muskel Bein links;Muskel Bein rechts;Muskel Rumpf;Metabolisches Alter;"
    "Viszeralfettindex;Puls;Soft Lean Mass;Lean Body Mass;Protein;"
    "Muskelmasse inkl. Organmuskeln;Kommentar;Medikation"
)
SEGMENTS_EN = (
    "Date;Time;Weight kg;BMI;Body fat %;Water %;Muscle %;Bone kg;Fat arm left;Fat arm right;"
    "Fat leg left;Fat leg right;Fat trunk;Visceral fat %;Muscle arm left kg;Muscle arm right kg;"
    "Muscle leg left kg;Muscle leg right kg;Muscle trunk kg;Metabolic age;Visceral fat index;"
    "Pulse;Soft lean mass;Lean body mass;Protein %;"
    '"Muskelmasse inkl. Organmuskeln";Comment;Medication'
)
SEGMENTS_ROW = (
    "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;15,1;15,2;16,3;16,4;18,5;8,6;3,1;3,2;9,3;9,4;"
    "27,5;44;5;62;55,7;58,6;17,1;31,2;Kim;none"
)
OF_SEGMENTS = {
    "body_weight": ("71.4", "kg"),
    "body_mass_index": ("22.3", "kg/m2"),
    "fat_ratio": ("17.9", "%"),
    "water_ratio": ("56.2", "%"),
    "muscle_ratio": ("42.1", "%"),
    "bone_mass": ("2.9", "kg"),
    "metabolic_age": ("44", "a"),
    "visceral_fat_level": ("5", "{score}"),
    "heart_rate": ("62", "/min"),
}


def weight(header, row):
    return read(f"{PRO_DE_HEAD}Gewicht\n{header}\n{row}\n")


@pytest.mark.parametrize("header", [SEGMENTS_DE, SEGMENTS_EN], ids=["de", "en"])
def test_a_segment_scale_says_the_same_and_its_segments_are_counted(header):
    parsed = weight(header, SEGMENTS_ROW)

    assert of(parsed, GROUP) == OF_SEGMENTS
    # Five fat and five muscle segments, visceral fat in %, soft lean, lean body, protein, organs.
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 15}}
    assert parsed.is_whole


def test_a_segment_that_was_not_measured_is_not_counted():
    parsed = weight(SEGMENTS_DE, SEGMENTS_ROW.replace("15,1", "0,0").replace("15,2", ""))

    assert counted(parsed) == {"2026-03-14": {"not_mapped": 13}}


def test_columns_in_another_order_say_the_same():
    header, row = SEGMENTS_DE.split(";"), SEGMENTS_ROW.split(";")
    parsed = weight(";".join(reversed(header)), ";".join(reversed(row)))

    assert of(parsed, GROUP) == OF_SEGMENTS
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 15}}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("Date;Heure;kg;IMC;Graisse corporelle;Eau", "fr"),
        ("Data;Ora;kg;IMC;Grasso corporeo;Acqua", "it"),
        ("Fecha;Hora;kg;IMC;Grasa corporal;Agua", "es"),
        ("Datum;Tijd;kg;BMI;Lichaamsvet;Water", "nl"),
        ("DATUM;UHRZEIT;KG;BMI;KÖRPERFETT;WASSER", "de"),
        ("Date;Time;Weight (kg);BMI;Body fat (%);Water [%]", "en"),
    ],
    ids=["fr", "it", "es", "nl", "upper-case", "brackets"],
)
def test_words_of_other_languages_and_ways_to_write(header, language):
    parsed = weight(header, "14.03.2026;07:52;71,4;22,3;17,9;56,2")

    names = ("body_weight", "body_mass_index", "fat_ratio", "water_ratio")
    assert of(parsed, GROUP) == {name: OF_SEGMENTS[name] for name in names}
    assert (parsed.language, parsed.is_whole) == (language, True)


MASSES = ["Masse grasse (kg)", "Massa grassa kg", "Massa ossea kg", "Masa muscular kg", "Masse kg"]


@pytest.mark.parametrize("title", MASSES)
def test_no_other_mass_makes_a_section_one_of_weights(title):
    pressure = "Tension\nDate;Heure;Sys;Dia\n14.03.2026;07:52;127;79\n"
    parsed = read(f"{pressure}\nCorps\nDate;Heure;{title};IMC\n14.03.2026;07:52;20,1;22\n")

    assert parsed.cut is Cut.UNKNOWN_SECTION
    assert {kind for _, kind in values(parsed)} == {
        "systolic_blood_pressure",
        "diastolic_blood_pressure",
    }


@pytest.mark.parametrize(
    "title",
    [
        "Masse grasse (kg)",
        "Masse musculaire kg",
        "Massa grassa kg",
        "Massa ossea kg",
        "Masa ósea kg",
        "Vetmassa kg",
        "Fettmasse kg",
        "Muscle mass (lb)",
        "Masse kg",
        "Poids cible kg",
        "Température ambiante °C",
        "Objectif mg/dL",
        "Repos bpm",
    ],
)
def test_no_other_mass_or_number_is_a_weight_for_its_unit(title):
    header = f"Date;Heure;Sys;Dia;{title}"
    parsed = read(f"Tension\n{header}\n14.03.2026;07:52;127;79;20,1\n")

    assert of(parsed, "pressure-2026-03-14T07:52").keys() == {
        "systolic_blood_pressure",
        "diastolic_blood_pressure",
    }
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 1}}


@pytest.mark.parametrize(
    ("header", "metric", "unit"),
    [
        ("Date;Heure;kg", "body_weight", "kg"),
        ("Date;Heure;(lb)", "body_weight", "[lb_av]"),
        ("Date;Heure;Poids kg", "body_weight", "kg"),
        ("Data;Ora;Peso corporeo (kg)", "body_weight", "kg"),
        ("Datum;Tijd;Lichaamsgewicht kg", "body_weight", "kg"),
        ("Datum;Tijd;Lichaamstemperatuur °C", "body_temperature", "Cel"),
        ("Date;Heure;Glycémie mg/dL", "blood_glucose", "mg/dL"),
        ("Date;Heure;Glycémie (mmol/L)", "blood_glucose_molar", "mmol/L"),
        ("Datum;Uhrzeit;mmol/L", "blood_glucose_molar", "mmol/L"),
    ],
)
def test_a_unit_alone_or_behind_a_word_for_its_quantity_is_a_column(header, metric, unit):
    parsed = read(f"Titre\n{header}\n14.03.2026;07:52;36,6\n")

    assert [*values(parsed).values()] == [("36.6", unit)]
    assert [name for _, name in values(parsed)] == [metric]


def test_a_unit_says_nothing_where_its_column_is_there():
    parsed = weight("Datum;Uhrzeit;kg;Muskelmasse kg", "14.03.2026;07:52;71,4;30,1")

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 1}}


def test_a_percentage_of_visceral_fat_is_not_its_index():
    parsed = weight("Datum;Uhrzeit;kg;Viszeralfett %", "14.03.2026;07:52;71,4;8,6")

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 1}}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Datum;Uhrzeit;kg;;", "14.03.2026;07:52;71,4"),
        ("Datum;Uhrzeit;kg", "14.03.2026;07:52;71,4;;"),
    ],
    ids=["header", "row"],
)
def test_separators_without_cells_at_an_end_are_nothing(header, row):
    parsed = weight(header, row)

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert parsed.is_whole


def test_two_unknown_words_of_a_unit_are_neither_the_weight():
    text = (
        f"{PRO_DE_HEAD}Gewicht\nDatum;Uhrzeit;Masse kg;Muskel Rumpf kg\n14.03.2026;07:52;71,4;27\n"
    )

    with pytest.raises(FileRefused) as refused:
        read(text)
    assert refused.value.reason is Refusal.NO_READINGS


@pytest.mark.parametrize(
    "header",
    ["Datum;Uhrzeit;kg;BMI;BMI", "Datum;Uhrzeit;kg;Zielgewicht kg;Muskeln kg"],
    ids=["doubled", "other"],
)
def test_what_could_be_two_things_is_neither(header):
    parsed = weight(header, "14.03.2026;07:52;71,4;22,3;23,4")

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert counted(parsed) == {"2026-03-14": {"not_mapped": 2}}


def test_a_title_that_nobody_knows_does_not_hide_known_columns():
    parsed = read(
        PRO_DE_HEAD + PRO_DE_WEIGHT.replace("Gewicht", "Körper") + "14.03.2026;07:52;71,4;;;;;;;;\n"
    )

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert parsed.is_whole


@pytest.mark.parametrize(
    "section",
    [
        "EKG\nDatum;Uhrzeit;Dauer;Ergebnis\n15.03.2026;08:00;30;SR\n",
        "Schlaf\nBeginn;Ende;Tiefschlaf\n22:10;06:30;95\n",
        "Gewicht\nPäivä;Aika;kg\n15.03.2026;08:00;70,1\n",
    ],
    ids=["columns", "title", "language"],
)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_a_section_that_nobody_knows_is_told(section, is_first):
    known = PRO_DE_WEIGHT + "14.03.2026;07:52;71,4;;;;;;;;\n"
    both = [section, known] if is_first else [known, section]
    parsed = read(PRO_DE_HEAD + "\n".join(both))

    assert of(parsed, GROUP) == {"body_weight": ("71.4", "kg")}
    assert (parsed.cut, parsed.rows, notes(parsed)) == (Cut.UNKNOWN_SECTION, 1, [])


def test_a_section_that_nobody_knows_and_that_is_empty_is_no_loss():
    known = PRO_DE_WEIGHT + "14.03.2026;07:52;71,4;;;;;;;;\n"

    assert read(f"{PRO_DE_HEAD}{known}\nEKG\nDatum;Uhrzeit;Ergebnis\n\n").is_whole


def test_a_line_of_hundreds_of_columns_is_no_header():
    wide = "Datum;Uhrzeit;kg" + ";x" * 300
    parsed = read(f"{PRO_DE_HEAD}{PRO_DE_WEIGHT}\n{wide}\n14.03.2026;07:52;71,4" + ";1" * 300)

    assert not len(parsed.frame)
