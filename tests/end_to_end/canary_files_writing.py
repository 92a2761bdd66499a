"""Export files whose cells occur nowhere else, and what of them is searched for.

Belongs here: bytes as Beurer's and OMRON connect's apps write them, values that are plausible and odd.
Not here: what is done with a file (`canary_files_cases.py`), the search itself (`canary_search.py`).
"""

import io
import random
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.end_to_end.canary_search import layers, text_spellings

MEGABYTE = 1024 * 1024
WEIGHT_HEAD = (
    "Gewicht\nDatum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;Kommentar;Medikation\n"
)
PRESSURE_HEAD = "Blutdruck\nDatum;Uhrzeit;Sys;Dia;Puls;MAD\n"
OMRON_HEAD = (
    '"Datum","Zeit","Systolisch","Diastolisch","Puls","Symptome","Eingenommen","TruRead",'
    '"Unregelmäßiger Herzschlag festgestellt","Bewegung","Manschette","Positionierung",'
    '"Messmodus","Fehler","Mögliches AFib","Geraet","Notizen"\n'
)
MONTHS = ("Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez")
_RNG = random.Random("canary files")
_USED = set()


@dataclass
class Owner:
    """Whose file it is, and every canary that was put into their files, by name.

    `numbers` and `texts` may be nowhere; `told` are the numbers that a reader takes.
    """

    name: str
    person: dict
    days: list
    numbers: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    told: list = field(default_factory=list)

    def number(self, what, *, told=True):
        """A value that weight, pressure and pulse may all have, and no other text."""
        while True:
            value = f"{_RNG.randrange(101, 199)}.{_RNG.randrange(11, 99)}{_RNG.randrange(1, 10)}"
            if value not in _USED:
                break
        _USED.add(value)
        self.numbers[f"{what} {value}"] = value
        if told:
            self.told.append(value)
        return value

    def text(self, what):
        """A word that nobody writes."""
        word = f"Kanari-{what}-{_RNG.randrange(16**8):08x}"
        self.texts[word] = {*text_spellings(word)}
        return word

    def moment(self, back, *, told=True):
        """A second of a day, `back` days before the last; where it is read, a canary as well."""
        at = datetime.combine(self.days[-1 - back], datetime.min.time())
        at += timedelta(hours=5, seconds=_RNG.randrange(3600 * 6))
        if told:
            utc = at.replace(tzinfo=ZoneInfo(self.person["zone"])).astimezone(ZoneInfo("UTC"))
            written = {f"{one:%Y-%m-%d}{sign}{one:%H:%M:%S}" for one in (at, utc) for sign in "T "}
            self.texts[f"moment {at}"] = {s for one in written for s in text_spellings(one)}
        return at

    def canaries(self):
        """What may be found nowhere, with spellings."""
        mine = {f"{self.name}: {what}": said for what, said in self.texts.items()}
        mine[f"{self.name}: name"] = text_spellings(self.person["name"])
        born = self.person["born"]
        written = (f"{born:%Y-%m-%d}", f"{born:%d.%m.%Y}", f"{born:%d/%m/%Y}")
        mine[f"{self.name}: born"] = {s for one in written for s in text_spellings(one)}
        for what, value in self.numbers.items():
            commas = value.replace(".", ",")
            mine[f"{self.name}: {what}"] = text_spellings(value) | text_spellings(commas)
        return mine

    def patterns(self):
        """Numbers as they stand in a text: what is longer is another number."""
        return {f"{self.name}: {what}": _as_whole(value) for what, value in self.numbers.items()}


def confirmed(found, data, patterns):
    """Leave out numbers of which only a part of a longer one was found."""
    sure = {name for name in found if name not in patterns}
    left = found - sure
    if left:
        for layer in layers(data):
            sure |= {name for name in left if patterns[name].search(layer)}
    return sure


def _as_whole(value):
    """The number in any spelling; in plain digits nothing of a number may stand around it."""
    plain = re.escape(value.encode()).replace(rb"\.", rb"[.,]")
    spelled = {
        s
        for one in (value, value.replace(".", ","))
        for s in text_spellings(one)
        if s not in {value.encode(), value.replace(".", ",").encode()}
    }
    return re.compile(rb"(?<![\d.,])" + plain + rb"(?!\d)|" + b"|".join(map(re.escape, spelled)))


def chosen_name(owner):
    return f"{owner.text('Datei')}.csv"


def _comma(value):
    return value.replace(".", ",")


def block(owner, *, born=None):
    """HealthManager Pro's lines about its user; the date of birth is the patient's."""
    born = born or owner.person["born"]
    given, family = owner.text("Vorname"), owner.text("Nachname")
    return (
        f"Benutzerdetails\nGeschlecht\nVorname   {given}\nNachname   {family}\n"
        f"Geburtsdatum   {born:%d.%m.%Y}\nKörpergröße   172 cm\n\n"
    )


def weight_row(owner, at, *, told=True, comment=None):
    kg = _comma(owner.number("kg", told=told))
    comment = comment or owner.text("Kommentar")
    return f"{at:%d.%m.%Y;%H:%M:%S};{kg};25,3;;;;;{comment};{owner.text('Medikation')}\n"


def pressure_row(owner, at, *, told=True):
    words = ("sys", "dia", "puls", "mad")
    cells = ";".join(_comma(owner.number(one, told=told)) for one in words)
    return f"{at:%d.%m.%Y;%H:%M:%S};{cells}\n"


def beurer(owner, *, born=None, told=True, more=""):
    """Two days with weight and pressure, and `more` rows of weight."""
    moments = [owner.moment(back, told=told) for back in (0, 1)]
    weights = "".join(weight_row(owner, at, told=told) for at in moments)
    pressures = "".join(pressure_row(owner, at, told=told) for at in moments)
    parts = (block(owner, born=born), WEIGHT_HEAD, weights, more, "\n", PRESSURE_HEAD, pressures)
    return "".join(parts).encode()


def refused(owner):
    """A whole file, of which nothing is to arrive."""
    return beurer(owner, told=False)


def omron_connect(owner, *, told=True):
    """Two readings of a cuff whose model is nobody's."""
    model = owner.text("HEM")
    rows = ""
    for back in (0, 1):
        at = owner.moment(back, told=told)
        values = [owner.number(one, told=told) for one in ("sys", "dia", "puls")]
        day = f"{at.day} {MONTHS[at.month - 1]}. {at.year}"
        notes = ["-"] * 10 + [model, owner.text("Notiz")]
        notes[0] = owner.text("Symptom")
        rows += ",".join(f'"{one}"' for one in [day, f"{at:%H:%M:%S}", *values, *notes]) + "\n"
    return ("\ufeff" + OMRON_HEAD + rows).encode()


def big(owner, megabytes=9.5):
    """Close to the limit, padded with comments: whatever spools a body would spool this one."""
    comment = owner.text("langer-Kommentar")
    padded = " ".join([comment] * (40_000 // len(comment)))
    row = weight_row(owner, owner.moment(2), comment=padded)
    return beurer(owner, more=row * int(megabytes * MEGABYTE / len(row)))


def too_large(owner):
    return big(owner, megabytes=11)


def rejected_rows(owner):
    """Rows that cannot be read, among some that can, and a table that nobody knows."""
    at = [owner.moment(back) for back in (0, 1)]
    day = f"{at[0]:%d.%m.%Y}"
    return (
        block(owner)
        + WEIGHT_HEAD.replace("Medikation", owner.text("Spalte"))
        + "".join(weight_row(owner, one) for one in at)
        + f"{day};05:11;{owner.text('viel')};25,3;;;;;{owner.text('Kommentar')};\n"
        + f"{owner.text('gestern')};05:12;{_comma(owner.number('kg', told=False))};;;;;;;\n"
        + f'{day};05:13;=HYPERLINK("{owner.text("Formel")}");;;;;;;\n'
        + f"{day};{owner.text('frueh')};{_comma(owner.number('kg', told=False))};;;;;;;\n"
        + f"{day};05:14;9{_comma(owner.number('kg', told=False))};;;;;;;\n"
        + f"\n{owner.text('Schlaf')}\nDatum;Dauer;{owner.text('Phasen')}\n"
        + f"{day};07:10;{owner.text('tief')}\n"
    ).encode()


def two_users(owner):
    first = beurer(owner, told=False)
    return first + b"\n" + beurer(owner, told=False)


def with_nul(owner):
    return beurer(owner, told=False).replace(b";25,3;", b";25\0,3;", 1)


def pdf(owner):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + beurer(owner, told=False)


def packed(owner):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(chosen_name(owner), beurer(owner, told=False))
    return into.getvalue()


def mixed_decimals(owner):
    text = beurer(owner, told=False).decode()
    return text.replace(";25,3;", ";25.3;", 1).encode()


def ambiguous_dates(owner):
    kg = [owner.number("kg", told=False) for _ in range(2)]
    rows = "".join(f"0{n + 3}/05/2026;07:52;{one};25.3;;;;\n" for n, one in enumerate(kg))
    return ("Weight\nDate;Time;kg;BMI;Body fat;Water;Muscles;Bone\n" + rows).encode()


def of_another(owner):
    return beurer(owner, born=owner.person["born"] + timedelta(days=1), told=False)
