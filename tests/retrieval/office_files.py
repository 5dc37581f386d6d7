"""Office files built from their XML, so that a test can say exactly what is in them."""

import io
import zipfile
from collections.abc import Sequence

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{_OFFICE}"'
)
_ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing", "presentation": "presentation",
        "fo": "xsl-fo-compatible",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def relations(*targets: tuple[str, str], external: bool = False) -> str:
    """Relations rId1, rId2 ... of (kind, target)."""
    mode = ' TargetMode="External"' if external else ""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def cell(place: str, value: object, *, style: int = 0, kind: str = "") -> str:
    """A cell of a sheet: text as an inline string, anything else as a stored number."""
    if isinstance(value, str) and not kind:
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}" s="{style}"{f" t={chr(34)}{kind}{chr(34)}" if kind else ""}><v>{value}</v></c>'


def rows(*lines: Sequence[object], start: int = 1, bold: Sequence[int] = ()) -> str:
    """Rows of text and numbers; those with a number in `bold` in style 1."""
    return "".join(
        f'<row r="{number}">'
        + "".join(
            cell(f"{chr(65 + column)}{number}", value, style=int(number in bold))
            for column, value in enumerate(line)
            if value is not None
        )
        + "</row>"
        for number, line in enumerate(lines, start)
    )


def workbook(
    sheets: dict[str, str], *, formats: Sequence[str] = (), strings: str = "", states: dict[str, str] | None = None, **extra: bytes
) -> bytes:
    """A workbook of sheets, each given as the XML of its <worksheet>. Style 1 is bold, 2 and on have the formats."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{(states or {}).get(name, "visible")}"/>'
        for n, name in enumerate(names, 1)
    )
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{200 + n}" fontId="0"/>' for n in range(len(formats)))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            *[("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)],
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}"><numFmts>{codes}</numFmts><fonts><font/><font><b/></font></fonts>'
        f'<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="0" fontId="1"/>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">{strings}</sst>',
    }
    for number, content in enumerate(sheets.values(), 1):
        inner = content if "<sheetData>" in content else f"<sheetData>{content}</sheetData>"
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{_SHEET}">{inner}</worksheet>'
    return zipped(parts | {name.replace("__", "/"): data for name, data in extra.items()})


def shape(text: str, *, holder: str | None = None, extra: str = "") -> str:
    """A shape of a slide with paragraphs of text divided by line ends; one that begins with blanks is a level deeper for each."""
    paragraphs = "".join(
        f'<a:p><a:pPr lvl="{len(line) - len(line.lstrip())}">{extra}</a:pPr><a:r><a:t>{line.strip()}</a:t></a:r></a:p>'
        for line in text.split("\n")
    )
    kind = "" if holder is None else f'<p:ph type="{holder}"/>' if holder else "<p:ph/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:cNvSpPr/><p:nvPr>{kind}</p:nvPr></p:nvSpPr>'
        f"<p:txBody>{paragraphs}</p:txBody></p:sp>"
    )


def slides(*content: str, **extra: bytes) -> bytes:
    """A presentation of slides, each given as the XML of its shapes; one that begins with "hidden:" is not shown."""
    numbers = range(1, len(content) + 1)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {_SLIDE}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(*[("slide", f"slides/slide{n}.xml") for n in numbers]),
    }
    for number, shapes in enumerate(content, 1):
        shown = ' show="0"' if shapes.startswith("hidden:") else ""
        parts[f"ppt/slides/slide{number}.xml"] = (
            f"<p:sld {_SLIDE}{shown}><p:cSld><p:spTree>{shapes.removeprefix('hidden:')}</p:spTree></p:cSld></p:sld>"
        )
    return zipped(parts | {name.replace("__", "/"): data for name, data in extra.items()})


def open_document(kind: str, body: str, *, styles: str = "", **extra: bytes) -> bytes:
    """An OpenDocument file. kind: text, spreadsheet or presentation; body: the XML inside it."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        }
        | {name.replace("__", "/"): data for name, data in extra.items()}
    )
