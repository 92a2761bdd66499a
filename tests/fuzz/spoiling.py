"""A sheet spoiled: cells, lines, separators, quotes, encodings and bytes are something else.

Everything is drawn from one `random`, so that a number is enough to have an input again.
"""

from random import Random

from tests.fuzz.shapes import CANARY, SHAPES

CELLS = (
    *("", "-", "0", "0,0", "0.0", "-5", "+5", "=1+1", "@SUM(A1)", "\t5", "=cmd|' /C calc'!A0"),
    *("1e999", "1e-9", "NaN", "inf", "9" * 40, "1." + "3" * 60, "٧١", "71.4.2", "71,4,2", "1.834"),
    *("1,834", "71,4", "71.4", "1'834", "71.4 kg", "999999", "-71.4", "70.05999755859375", "5000"),
    *("31/02/2026", "12/13/2026", "13/12/2026", "03/04/2026", "0001-01-01", "9999-12-31"),
    *("1999-12-31", "2026-11-21", "2026-13-45", "29.02.2025", "25.10.2026", "29.03.2026", "Jan"),
    *("18 Jan. 2026", "2026/03/14 12:08", "1/1/1", "14.03.26", "02:30", "2:30 AM", "24:00"),
    *("99:99", "12:60", "07:52:61", "7.52", "X", "Ja", "1", "yes", "Asia/Nowhere", "../../etc"),
    *(
        '"',
        '""',
        'a"b',
        '"a',
        "a\nb",
        "a\r\nb",
        ";;;",
        ",,,",
        "\t",
        " ",
        "\u00a0",
        "\u202e",
        "\ufffd",
    ),
    *(
        "😀" * 5,
        CANARY,
        f"{CANARY}=1",
        "x" * 3000,
        "Ø = 129/81",
        "MAD = x",
        "Datum",
        "Weight",
        "kg",
    ),
)
LINES = (
    *([""], [";;;;"], ["Gewicht"], ["Weight"], ["Blutdruck"], ["Schlaf"], ["Sleep"], ["ECG"]),
    *(["User details"], ["Benutzerdetails"], ["Vorname", "other"], ["First name", "other"]),
    *(["Category"], ["Scale", "999"], ["Scale", "x"], ["Ø = 1"], ["MAD = x"], ["sep=;"]),
    *(["Date", "Time", "kg"], ["Datum", "Uhrzeit", "Sys", "Dia"], ["Date", "Time"], ["Date"]),
    *(["Measurement Date", "Timezone", "Weight(kg)"], ["Date", "Date", "Time", "Time", "kg", "kg"]),
    *(["Datum", "Startzeit", "Endzeit", "SpO2"], ["Datum", "Uhrzeit", "mg/dL", "mmol/L"]),
)
BEGINNINGS = (
    b"PK\x03\x04",
    b"%PDF-1.7",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"\x89PNG",
    b"<html>",
    b"",
)
ENCODINGS = ("utf-8", "utf-8", "cp1252", "utf-16", "latin-1", "utf-16-le", "utf-32", "utf-7")


def spoiled(app, number, *, seed=0):
    """Give the nth input for an app's parser: a spoiled file of its, or bytes that are anything."""
    random = Random(f"{seed}/{app}/{number}")
    return drawn(app, random)


def drawn(app, random):
    """Draw an input."""
    if random.random() < 0.03:
        return random.choice(BEGINNINGS) + random.randbytes(random.randrange(400))
    # Another app's file comes to every parser.
    of = app if random.random() < 0.93 else random.choice(sorted(SHAPES))
    sheet = random.choice(SHAPES[of])(random)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 8))):
        random.choice((_cell, _cell, _cell, _cells, _line, _line, _sheet))(sheet, random)
    content = sheet.written()
    while random.random() < 0.25:
        content = random.choice((_cut, _flipped, _inserted, _left_out, _repeated))(content, random)
    return content


def _cell(sheet, random):
    line = random.choice(sheet.lines)
    if line:
        line[random.randrange(len(line))] = random.choice(CELLS)


def _cells(sheet, random):
    line = random.choice(sheet.lines)
    place = random.randrange(len(line) + 1)
    change = random.randrange(4)
    if change == 0:
        line.insert(place, random.choice(CELLS))
    elif change == 1:
        del line[place:]
    elif change == 2:
        del line[place : place + 1]
    else:
        random.shuffle(line)


def _line(sheet, random):
    place = random.randrange(len(sheet.lines))
    change = random.randrange(6)
    if change == 0:
        del sheet.lines[place]
    elif change == 1:
        sheet.lines.insert(place, [*random.choice(sheet.lines)] if sheet.lines else [""])
    elif change == 2:
        sheet.lines.insert(place, [*random.choice(LINES)])
    elif change == 3:
        random.shuffle(sheet.lines)
    elif change == 4:
        sheet.lines[place:] = [*map(list, sheet.lines[place:]), *map(list, sheet.lines[place:])]
    else:
        # One row of which nothing is as in the others.
        sheet.lines[place] = [random.choice(CELLS) for _ in range(random.randrange(30))]
    sheet.lines = sheet.lines or [[""]]


def _sheet(sheet, random):
    change = random.randrange(5)
    if change == 0:
        sheet.separator = random.choice(";,\t|")
    elif change == 1:
        sheet.quoted = not sheet.quoted
    elif change == 2:
        sheet.newline = random.choice(("\n", "\r\n", "\r", "\n\n", "\n\r", "\u2028"))
    elif change == 3:
        sheet.encoding = random.choice(ENCODINGS)
    else:
        sheet.mark = not sheet.mark


def _cut(content, random):
    return content[: random.randrange(len(content) + 1)]


def _flipped(content, random):
    changed = bytearray(content)
    for _ in range(random.randrange(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _inserted(content, random):
    place = random.randrange(len(content) + 1)
    more = random.choice((b'"', b"\x00", b"\xff", b";", b"\n", b"\r", b"\xc3", b"\xef\xbb\xbf"))
    return content[:place] + more * random.choice((1, 1, 2, 50)) + content[place:]


def _left_out(content, random):
    place = random.randrange(len(content) + 1)
    return content[:place] + content[place + random.randrange(1, 40) :]


def _repeated(content, random):
    place = random.randrange(len(content) + 1)
    part = content[place : place + random.randrange(1, 300)]
    return content[:place] + part * random.choice((2, 2, 20)) + content[place:]
