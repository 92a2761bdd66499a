"""Files of the shapes that apps export, small and made up: what the fuzzing spoils.

A sheet is lines of cells and how they are written; texts of people are canaries.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CANARY = "canary"
GERMAN_MONTHS = [
    "Jan.",
    "Feb.",
    "Mär.",
    "Apr.",
    "Mai",
    "Jun.",
    "Jul.",
    "Aug.",
    "Sep.",
    "Okt.",
    "Nov.",
    "Dez.",
]


@dataclass
class Sheet:
    """One line is a list of cells; a list of one cell is a title or free text."""

    lines: list = field(repr=False)
    separator: str = ";"
    quoted: bool = False
    newline: str = "\n"
    encoding: str = "utf-8"
    mark: bool = False

    def written(self):
        """Give the file's bytes; what the encoding has no letter for becomes a question mark."""
        lines = [self.separator.join(map(self._cell, one)) for one in self.lines]
        text = self.newline.join([*lines, ""])
        return (("\ufeff" if self.mark else "") + text).encode(self.encoding, "replace")

    def _cell(self, cell):
        return '"' + cell.replace('"', '""') + '"' if self.quoted else cell


def _moments(random, count):
    at = NOW.replace(tzinfo=None) - timedelta(minutes=random.randrange(500_000))
    for _ in range(count):
        at -= timedelta(minutes=random.randrange(1, 3000))
        yield at


def _number(random, low, high, mark):
    return f"{random.uniform(low, high):.1f}".replace(".", mark)


def _whole(random, low, high):
    return str(random.randrange(low, high))


def _body(random, mark):
    bounds = [(50, 120), (18, 35), (8, 40), (40, 65), (25, 55), (1, 5)]
    return [_number(random, low, high, mark) for low, high in bounds]


def _cuff(random):
    return [_whole(random, 100, 160), _whole(random, 60, 95), _whole(random, 50, 90)]


def _count(random):
    return 400 if random.random() < 0.005 else random.randrange(1, 7)


def _rows(random, style, cells):
    return [[f"{at:{style}}", f"{at:%H:%M}", *cells()] for at in _moments(random, _count(random))]


def healthmanager(random):
    """Write the classic app's file: quoted and unquoted numbers, a count of what is there."""
    rows = _rows(random, "%Y-%m-%d", lambda: [*_body(random, "."), "", CANARY])
    for row in rows:
        if random.random() < 0.3:
            row[2] += "5999755859375"
    lines = [["Data Export Details"], [""], ["User details"], ["Gender", ""]]
    lines += [["First name", CANARY], ["Surname", CANARY], ["Date of birth", "1975-02-01"], [""]]
    lines += [["Period"], ["Start", "2026-01-01"], ["End", "2026-03-31"], [""], ["Category"]]
    lines += [["Scale", f"{len(rows):03}"], [""], ["Weight"]]
    header = "Date Time kg BMI Body_fat Water Muscles Bones Medication Comment"
    lines += [[one.replace("_", " ") for one in header.split()], *rows, [""]]
    return Sheet(lines=lines, newline="\r\n", mark=True)


def pro(random):
    """Write the current app's file, in German with several sections."""
    mark, style = random.choice([",", "."]), random.choice(["%d.%m.%Y", "%d.%m.%Y", "%Y-%m-%d"])
    lines = [["Benutzerdetails"], ["Geschlecht   Weiblich"], [f"Vorname\t{CANARY}"], ["Nachname"]]
    lines += [["Geburtsdatum   01.02.1975"], ["Körpergröße   172 cm"], [""], ["Gewicht"]]
    header = "Datum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;Metabolisches Alter;Puls"
    lines += [(header + ";Viszeralfett").split(";")]
    lines += _rows(random, style, lambda: [*_body(random, mark), "44", "62", "5"])
    lines += [[""], ["Blutdruck"], ["Datum", "Uhrzeit", "Sys", "Dia", "Puls", "MAD"]]
    lines += _rows(random, style, lambda: [*_cuff(random), "95"])
    lines += [["", "", "", "", "", ""], ["Ø = 129/81"], ["MAD = Mittlerer arterieller Druck"]]
    if random.random() < 0.5:
        lines += [[""], ["Temperatur"], ["Datum", "Uhrzeit", "°C", "Kommentar", "Medikation"]]
        lines += _rows(random, style, lambda: [_number(random, 35, 40, mark), CANARY, ""])
        lines += [[""], ["Pulsoxymetrie"]]
        lines += [
            [
                "Datum",
                "Startzeit",
                "Endzeit",
                "Dauer",
                "SpO2 (Min)",
                "SpO2 (Max)",
                "SpO2 (Durchschnitt)",
                "bpm",
            ]
        ]
        lines += _rows(random, style, lambda: ["06:05", "415", "88", "99", "95", "61"])
    return Sheet(lines=lines)


def pro_english(random):
    """Write the current app's file in English, with dates that need an order."""
    style = random.choice(["%d/%m/%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"])
    lines = [["User details"], ["Gender   Female"], [f"First name   {CANARY}"], ["Surname"]]
    lines += [["Date of birth   01/02/1975"], ["Height   172 cm"], [""], ["Weight"]]
    lines += [["Date", "Time", "kg", "BMI", "Body fat", "Water", "Muscles", "Bone"]]
    lines += _rows(random, style, lambda: _body(random, "."))
    lines += [[""], ["Blood pressure"], ["Date", "Time", "Sys", "Dia", "Pulse", "MAP"]]
    lines += _rows(random, style, lambda: [*_cuff(random), "95"])
    return Sheet(lines=lines)


def pro_french(random):
    """Write the current app's file in a language of which only words are known, and no titles."""
    mark = random.choice([",", "."])
    lines = [["Détails utilisateur"], ["Sexe   Femme"], [f"Prénom   {CANARY}"], ["Nom"]]
    lines += [["Date de naissance   01.02.1975"], ["Taille   172 cm"], [""], ["Poids"]]
    lines += [["Date", "Heure", "kg", "IMC", "Graisse corporelle", "Eau", "Masse maigre kg", "Os"]]
    lines += _rows(random, "%d.%m.%Y", lambda: _body(random, mark))
    lines += [[""], ["Tension artérielle"], ["Date", "Heure", "Sys", "Dia", "Pouls", "PAM"]]
    lines += _rows(random, "%d.%m.%Y", lambda: [*_cuff(random), "95"])
    return Sheet(lines=[*lines, ["", ""], ["PAM = Pression artérielle moyenne"]])


def healthforyou(random):
    """Write the sister app's file: pressures, with who entered them."""
    rows = _rows(random, "%d.%m.%Y", lambda: [*_cuff(random), "95", random.choice("01")])
    lines = [["Benutzerangaben"], ["Vorname", CANARY], ["Nachname", CANARY]]
    lines += [["Geburtstag", "01.02.1975"], ["Geschlecht", "weiblich"], ["Größe", "172 cm"], [""]]
    lines += [["Zeitraum"], ["von", "01.01.2026"], ["bis", "31.12.2026"], [""]]
    lines += [["Ausgewählte Kategorien"], ["Blutdruck", str(len(rows))], [""], ["BLUTDRUCK"]]
    lines += [["Datum", "Uhrzeit", "Sys", "Dia", "Puls", "MAD", "Manuell hinzugefügt"], *rows]
    return Sheet(lines=[*lines, ["MAD = Mittlerer arterieller Druck"]])


def omron_us(random):
    """Write OMRON connect's file of the United States."""
    lines = [["Date", "Time", "Systolic (mmHg)", "Diastolic (mmHg)", "Pulse (bpm)"]]
    lines[0] += ["Symptoms", "Consumed", "TruRead", "Notes"]
    style = random.choice(["%b %d, %Y", "%Y-%m-%d"])
    lines += _rows(random, style, lambda: [*_cuff(random), "-", "-", "-", CANARY])
    return Sheet(lines=lines, separator=",", quoted=True, mark=random.random() < 0.5)


def omron_german(random):
    """Write OMRON connect's file of Germany: names of months, flags, a device."""
    header = "Datum,Zeit,Systolisch,Diastolisch,Puls,Symptome,Eingenommen,TruRead,"
    header += "Unregelmäßiger Herzschlag festgestellt,Bewegung,Manschette,Positionierung,"
    header += "Messmodus,Fehler,Mögliches AFib,Geraet,Notizen"
    rows = []
    for at in _moments(random, _count(random)):
        day = f"{at.day} {GERMAN_MONTHS[at.month - 1]} {at.year}"
        flags = [random.choice(["-", "-", "X"]) for _ in range(2)]
        rest = ["-", "-", "-", *flags, "-", "-", "-", "-", "-", "M7 Intelli IT", CANARY]
        rows.append([day, f"{at:%H:%M}", *_cuff(random), *rest])
    return Sheet(lines=[header.split(","), *rows], separator=",", quoted=True)


def omron_scale(random):
    """Write OMRON connect's file of a scale in Asia: a zone in every row."""
    header = "Measurement Date,Timezone,Weight(kg),Body Fat(%),Visceral Fat,"
    header += "Resting Metabolism(kcal),Skeletal Muscle(%),BMI,Body Age(years old),Device"
    rows = []
    for at in _moments(random, _count(random)):
        zone = random.choice(["Asia/Singapore", "Asia/Tokyo"])
        numbers = [_number(random, low, high, ".") for low, high in [(50, 120), (8, 40), (1, 20)]]
        rest = ["1512", "31.2", "23.1", "44", "HBF-702T"]
        rows.append([f"{at:%Y/%m/%d %H:%M}", zone, *numbers, *rest])
    return Sheet(lines=[header.split(","), *rows], separator=",", quoted=True)


SHAPES = {
    "beurer": (healthmanager, pro, pro_english, pro_french, healthforyou),
    "omron_connect": (omron_us, omron_german, omron_scale),
}
