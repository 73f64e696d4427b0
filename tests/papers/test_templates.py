"""An office's own document as template: filled in as it is, or refused by what is wrong with it."""

import io
import re
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsmap
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from casework.papers.docx import PLACES
from casework.papers.places import NEEDED

AS_OF = ("--as-of", "2099-01-01", "--until", "2100-01-01")
OFFICE = (
    *("--name", "Ban Thư ký", "--superior", "Bộ Ngoại giao", "--place", "Hà Nội"),
    *("--series", "BC-BTK", "--recipient", "Các bộ", "--recipient", "{{contents}}"),
    *("--signatory", "Trần Văn An", "--filed", "VT"),
)


@pytest.fixture
def cases(office, case):
    for number in range(1, 12):
        case("assigned", ref=f"NFAC-22.{number:03}", due="2022-06-30")
    office("office", "set", *OFFICE)
    return office


def letterhead():
    """A document as an office makes it, with places that Word has split and a look for tables."""
    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height, page.left_margin = Mm(210), Mm(297), Mm(35)
    document.styles["Normal"].font.name = "Arial"
    page.header.paragraphs[0].text = "Letterhead of {{superior}}"
    page.footer.paragraphs[0].text = "Telephone 024 1234 5678"
    split = document.add_paragraph()
    for words in ("No. {", "{num", "ber", " }}, kept"):
        split.add_run(words).bold = words == "{num"
    for words in ("{{date}}", "{{subject}}", "{{contents}}", "{{recipients}}"):
        document.add_paragraph(words)
    document.add_table(1, 1, "Light Grid Accent 1").cell(0, 0).text = "{{table}}"
    document.add_table(1, 1).cell(0, 0).text = "{{signatory}}"
    return document


def saved(document, path):
    document.save(path)
    return path


def filled(office, folder, template, *words):
    path = folder / "r.docx"
    office("report", *words, "--template", template, "--output", path, "--force")
    return docx.Document(path)


def texts(document):
    body = document.element.body
    return [Paragraph(one, document._body).text for one in body.xpath(".//w:p")]


def test_an_office_s_own_document_is_filled_in_and_keeps_its_look(cases, tmp_path):
    template = saved(letterhead(), tmp_path / "ours.docx")
    document = filled(cases, tmp_path, template, "overdue", *AS_OF)
    there = texts(document)
    (split,) = [one for one in document.paragraphs if one.text.endswith(", kept")]
    tables = [one for one in document.tables if one.style.name == "Light Grid Accent 1"]

    assert split.text == "No. No.: ……/BC-BTK, kept"
    assert [run.text for run in split.runs if run.bold] == [""]
    assert document.sections[0].header.paragraphs[0].text == "Letterhead of BỘ NGOẠI GIAO"
    assert document.sections[0].footer.paragraphs[0].text == "Telephone 024 1234 5678"
    assert {"- Các bộ;", "- {{contents}};", "- Filed: VT.", "Trần Văn An"} <= {*there}
    assert [row.cells[1].text for row in tables[0].rows][:2] == ["Ref", "NFAC-22.001"]
    assert len(tables[0].rows) == 12
    assert not [text for text in there if "{{table}}" in text]
    assert document.styles["Normal"].font.name == "Arial"
    assert there.index("Annex I") > there.index("Trần Văn An")
    assert any(one.endswith("./.") for one in there)
    assert any(cases.head().root in one for one in there[-2:])
    assert round(document.sections[0].left_margin.mm) == 35


def test_words_fit_their_cells_in_a_font_that_is_wider(cases, tmp_path):
    ours = filled(cases, tmp_path, saved(letterhead(), tmp_path / "ours.docx"), "overdue", *AS_OF)
    cases("report", "overdue", *AS_OF, "--output", tmp_path / "r.docx", "--force")
    tables = [
        next(one for one in document.tables if one.rows[0].cells[0].text == "No.")
        for document in (ours, docx.Document(tmp_path / "r.docx"))
    ]
    widths = [one.columns[1].width for one in tables]

    assert widths[0] > 1.2 * widths[1]


def test_a_place_in_a_text_box_and_one_without_a_line_are_filled(cases, tmp_path):
    document = letterhead()
    document.add_paragraph("{{to}}")
    box = document.add_paragraph()
    box._p.append(
        docx.oxml.parse_xml(
            '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
            ' xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent>'
            "<w:p><w:r><w:t>{{motto}}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape>"
            "</w:pict></w:r>"
        )
    )
    there = texts(filled(cases, tmp_path, saved(document, tmp_path / "o.docx"), "overdue", *AS_OF))

    assert "Independence - Freedom - Happiness" in there
    assert not [text for text in there if "{{to}}" in text]


# --- sections, as offices lay them ------------------------------------------------------------


def too_wide(document):
    """Return the tables and charts of a document that are wider than the text of their section."""
    found, ends = [], [one._sectPr for one in document.sections]
    sections = iter(document.sections)
    page = next(sections)
    for one in document.element.body.iterchildren("{*}tbl", "{*}p"):
        room = page.page_width - page.left_margin - page.right_margin
        widths = [int(one) for one in one.xpath(".//wp:inline/wp:extent/@cx")]
        widths.append(sum(int(one) * 635 for one in one.xpath("w:tblGrid/w:gridCol/@w:w")))
        found += [width - room for width in widths if width > room + Mm(1)]
        if any(end.getparent().getparent() is one for end in ends):
            page = next(sections)
    return found


def lying(section):
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)


@pytest.mark.parametrize("which", ["the last", "the first", "all"])
def test_what_lies_in_a_template_makes_no_table_and_no_chart_wider_than_its_page(
    cases, tmp_path, which
):
    document = letterhead()
    if which != "all":
        document.add_section()
        document.add_paragraph("Another page")
    lying(document.sections[-1 if which == "the last" else 0])
    template = saved(document, tmp_path / "ours.docx")
    made = filled(cases, tmp_path, template, "workload", "--as-of", "2099-01-01")
    listed = filled(cases, tmp_path, template, "overdue", *AS_OF)

    assert too_wide(made) == too_wide(listed) == []
    assert too_wide(docx.Document(template)) == []
    before = [one.orientation for one in docx.Document(template).sections]
    assert [one.orientation for one in listed.sections][: len(before)] == before


@pytest.mark.parametrize("place", ["{{contents}}", "{{recipients}}", "{{to}}"])
def test_a_place_that_ends_a_section_leaves_it_where_it_ends(cases, tmp_path, place):
    document = letterhead()
    (held,) = [one for one in document.paragraphs if one.text == place] or [
        document.paragraphs[2].insert_paragraph_before(place)
    ]
    section = document.add_section()
    (end,) = document.element.body.xpath("w:p/w:pPr/w:sectPr")
    end.getparent().getparent().getparent().remove(end.getparent().getparent())
    held._p.get_or_add_pPr().append(end)
    lying(section)
    template = saved(document, tmp_path / "ours.docx")
    sections = filled(cases, tmp_path, template, "overdue", *AS_OF).sections

    assert len(docx.Document(template).sections) == 2
    assert [one.orientation.name for one in sections][:2] == ["PORTRAIT", "LANDSCAPE"]
    # Two more have an annex each.
    assert len(sections) == 4
    assert not any(one._sectPr.xpath("ancestor::w:tbl") for one in sections)


def test_a_letterhead_of_the_first_page_stands_on_no_annex_of_a_later_section(cases, tmp_path):
    document = letterhead()
    document.sections[0].different_first_page_header_footer = True
    document.sections[0].first_page_header.paragraphs[0].text = "Letterhead"
    document.add_section()
    template = saved(document, tmp_path / "ours.docx")
    first, _, *annexes = filled(cases, tmp_path, template, "overdue", *AS_OF).sections

    assert first.different_first_page_header_footer
    assert annexes
    assert not any(one.different_first_page_header_footer for one in annexes)


NOTES = (
    '<w:{kind}s xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:{kind} w:id="2"><w:p><w:r><w:t>See {{{{num</w:t></w:r><w:r><w:t>ber}}}}, {place}.</w:t>'
    "</w:r></w:p></w:{kind}></w:{kind}s>"
)


def noted(path, kind, place="{{kind}}"):
    """Return a template with a note of a kind in which are places."""
    document = letterhead()
    type_of = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
    words = NOTES.format(kind=kind, place=place).encode()
    part = Part(PackURI(f"/word/{kind}s.xml"), type_of, words, document.part.package)
    document.part.relate_to(part, f"{RELATIONSHIP_TYPE.FOOTNOTES[:-9]}{kind}s")
    refers = docx.oxml.parse_xml(
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<w:{kind}Reference w:id="2"/></w:r>'
    )
    document.paragraphs[0]._p.append(refers)
    return saved(document, path)


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_places_in_notes_are_filled_and_a_wrong_one_is_refused(cases, tmp_path, kind):
    filled(cases, tmp_path, noted(tmp_path / "ours.docx", kind), "overdue", *AS_OF)
    with zipfile.ZipFile(tmp_path / "r.docx") as parts:
        told = re.sub("<[^>]+>", "", parts.read(f"word/{kind}s.xml").decode())

    assert told.strip() == "See No.: ……/BC-BTK, REPORT."
    said = refused(cases, tmp_path, noted(tmp_path / "wrong.docx", kind, "{{nubmer}}"))
    assert "nubmer" in str(said)


def refused(office, folder, template, code=2):
    output = folder / "refused.docx"
    words = ("report", "overdue", *AS_OF, "--template", template, "--output", output)
    error = office.refused(code, *words)
    assert not output.exists()
    return f"{error['message']}\n{error['hint']}"


SPACES = " ".join(
    f'xmlns:{name}="{nsmap[name]}"' for name in ("w", "a", "wp", "pic", "c", "dgm", "xml", "r")
).replace('xmlns:xml="http://www.w3.org/XML/1998/namespace"', "") + (
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="urn:math" xmlns:dsp="urn:dsp"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="urn:wps"'
)
SPLIT = "<w:r><w:t>{{ki</w:t></w:r><w:r><w:t>nd}}</w:t></w:r>"
BOX = f"<w:txbxContent><w:p>{SPLIT}</w:p></w:txbxContent>"
DRAWN = "<a:p><a:r><a:t>{{ki</a:t></a:r><a:r><a:t>nd}} of</a:t></a:r></a:p>"
BOUND = '<w:dataBinding w:xpath="/a" w:storeItemID="{0}"/><w:showingPlcHdr/>'
INSIDE = {
    "hyperlink": f'<w:hyperlink w:anchor="here" w:tooltip="{{{{kind}}}}">{SPLIT}</w:hyperlink>',
    "text boxes": (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{BOX}"
        f"</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    ),
    "content control": (
        f'<w:sdt><w:sdtPr><w:alias w:val="{{{{kind}}}}"/>{BOUND}</w:sdtPr><w:sdtContent>{SPLIT}'
        "</w:sdtContent></w:sdt>"
    ),
    "alternative text": (
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{{kind}}" title="{{kind}}"/>'
        '</wp:inline></w:drawing></w:r><w:r><w:pict><v:shape alt="{{kind}}">'
        '<v:textpath string="{{kind}}"/></v:shape></w:pict></w:r>'
    ),
    "result of a field": f'<w:fldSimple w:instr="TITLE">{SPLIT}</w:fldSimple>',
    "diagram in a paragraph": f"<w:r><w:drawing>{DRAWN}</w:drawing></w:r>",
}
WORD = "application/vnd.openxmlformats-officedocument"
PARTS = {
    "charts/chart1": (f"{WORD}.drawingml.chart", f"<c:chartSpace {SPACES}>{DRAWN}</c:chartSpace>"),
    "diagrams/data1": (
        f"{WORD}.drawingml.diagramData",
        f"<dgm:dataModel {SPACES}>{DRAWN}</dgm:dataModel>",
    ),
    "diagrams/drawing1": (
        "application/vnd.ms-office.drawingml.diagramDrawing",
        f"<dsp:drawing {SPACES}>{DRAWN}</dsp:drawing>",
    ),
    "glossary/document": (
        f"{WORD}.wordprocessingml.document.glossary",
        f"<w:glossaryDocument {SPACES}><w:p>{SPLIT}</w:p></w:glossaryDocument>",
    ),
    "app": (
        f"{WORD}.extended-properties",
        "<Properties xmlns='urn:p'><Company>{{kind}}</Company></Properties>",
    ),
    "custom": (
        f"{WORD}.custom-properties",
        "<Properties xmlns='urn:p'><one name='A'><lpwstr>{{kind}}</lpwstr></one></Properties>",
    ),
    "item1": ("application/xml", "<cover><abstract>{{kind}}</abstract></cover>"),
}


def having(path, inside="", part=None, words="", kind=""):
    """Return a template with something in a paragraph, or with another part."""
    document = letterhead()
    added = docx.oxml.parse_xml(f"<w:p {SPACES}>{inside}</w:p>")
    document.element.body.insert(0, added)
    if part:
        kind = kind if kind.endswith("/xml") else f"{kind}+xml"
        made = Part(PackURI(f"/word/{part}.xml"), kind, words.encode(), document.part.package)
        document.part.relate_to(made, f"{RELATIONSHIP_TYPE.FOOTNOTES[:-9]}other")
    return saved(document, path)


def parts_of(path):
    with zipfile.ZipFile(path) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist() if ".xml" in name}


@pytest.mark.parametrize("what", [*INSIDE, *PARTS])
def test_a_place_in_any_plain_text_is_filled_in(cases, tmp_path, what):
    if what in INSIDE:
        template, name = having(tmp_path / "o.docx", INSIDE[what]), "word/document.xml"
    else:
        kind, words = PARTS[what]
        template = having(tmp_path / "o.docx", "", what, words, kind)
        name = f"word/{what}.xml"
    filled(cases, tmp_path, template, "overdue", *AS_OF)
    parts = parts_of(tmp_path / "r.docx")
    wanted = parts_of(template)[name]
    count = len(re.findall(r"\{\{(ki</[aw]:t></[aw]:r><[aw]:r><[aw]:t>nd|kind)\}\}", wanted))

    assert count
    assert parts[name].count("REPORT") >= count
    # The office of the test has a recipient that looks like a place.
    left = [one for one in parts.values() if re.search(r"\{\{(?!contents)", one)]
    assert left == []
    assert "dataBinding" not in parts[name]
    assert "showingPlcHdr" not in parts[name]


REFUSED = {
    "code of a field": "<w:r><w:instrText>QUOTE {{ki</w:instrText></w:r><w:r><w:instrText>nd}}"
    "</w:instrText></w:r>",
    "simple field": '<w:fldSimple w:instr="QUOTE {{kind}}"/>',
    "formula": "<m:r><m:t>{{ki</m:t></m:r><m:r><m:t>nd}}</m:t></m:r>",
    "tag": '<w:sdt><w:sdtPr><w:tag w:val="{{kind}}"/></w:sdtPr><w:sdtContent/></w:sdt>',
    "choice": '<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="{{kind}}"/>'
    "</w:dropDownList></w:sdtPr><w:sdtContent/></w:sdt>",
    "contents": '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{{contents}}"/>'
    "</wp:inline></w:drawing></w:r>",
    "unknown": '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{{knd}}"/>'
    "</wp:inline></w:drawing></w:r>",
}


@pytest.mark.parametrize("what", [*REFUSED])
def test_a_place_that_cannot_be_filled_in_is_refused_by_its_name(cases, tmp_path, what):
    said = refused(cases, tmp_path, having(tmp_path / "o.docx", REFUSED[what]))
    place = {"contents": "contents", "unknown": "knd"}.get(what, "kind")

    assert f"placeholder {place} " in said or f"do not exist: {place}" in said
    assert ("field" in said.split("\n")[0]) is ("field" in what)


@pytest.mark.parametrize(
    ("part", "kind", "words"),
    [
        (
            "charts/chart1",
            PARTS["charts/chart1"][0],
            "<c:chart {}><c:v>{{{{kind}}}}</c:v></c:chart>",
        ),
        ("media/a", "image/svg", "<svg {}><text>{{{{ki<b>nd}}}}</b></text></svg>"),
    ],
)
def test_so_is_one_in_a_part_that_has_other_texts(cases, tmp_path, part, kind, words):
    template = having(tmp_path / "o.docx", "", part, words.format(SPACES), kind)

    assert f"placeholder kind stands in /word/{part}.xml" in refused(cases, tmp_path, template)


def test_a_part_that_is_no_xml_is_refused(cases, tmp_path):
    template = having(tmp_path / "o.docx", "", "item1", "<a", "application/xml")

    assert "o.docx" in refused(cases, tmp_path, template)


def test_lines_are_one_line_in_a_drawing_and_in_a_description(cases, tmp_path):
    drawn = DRAWN.replace("{{ki", "To {{recipi").replace("nd}}", "ents}}")
    described = '<wp:docPr id="1" name="x" descr="{{recipients}}"/>'
    template = having(tmp_path / "o.docx", f"<w:r><w:drawing>{described}{drawn}</w:drawing></w:r>")
    filled(cases, tmp_path, template, "overdue", *AS_OF)
    told = parts_of(tmp_path / "r.docx")["word/document.xml"]

    lines = "- Các bộ; - {{contents}}; - Filed: VT."
    assert f'descr="{lines}"' in told
    assert f"<a:t>To {lines}</a:t>" in told


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("{{numbr}}", "numbr"),
        ("{{7*7}}", "7*7"),
        ("{{ office.name }}", "office.name"),
        ("{{}}", "{{}}"),
        ("{{office", "{{office"),
        ("office}}", "office}}"),
        ("{% for one in cases %}", "{% for one in cases %}"),
        ("{{Number}}", "Number"),
        ("{{số}}", "số"),
    ],
)
def test_a_place_that_does_not_exist_is_named(cases, tmp_path, words, named):
    document = letterhead()
    document.add_paragraph(words)

    assert named in refused(cases, tmp_path, saved(document, tmp_path / "ours.docx"))


def test_a_place_that_is_misspelt_is_told_the_right_one(cases, tmp_path):
    document = letterhead()
    document.sections[0].footer.paragraphs[0].text = "{{recipeints}}"
    told = refused(cases, tmp_path, saved(document, tmp_path / "ours.docx"))

    assert "recipeints" in told
    assert "Did you mean recipients?" in told


@pytest.mark.parametrize("name", NEEDED)
def test_a_place_that_is_needed_and_lacks_is_named(cases, tmp_path, name):
    document = docx.Document()
    for one in NEEDED:
        document.add_paragraph("" if one == name else f"{{{{{one}}}}}")

    assert name in refused(cases, tmp_path, saved(document, tmp_path / "ours.docx")).split("\n")[0]


@pytest.mark.parametrize("where", ["twice", "a cell", "a head", "beside others"])
def test_the_contents_stand_once_and_alone_in_the_text(cases, tmp_path, where):
    document = letterhead()
    (place,) = [one for one in document.paragraphs if one.text == "{{contents}}"]
    if where == "beside others":
        place.add_run(" and more")
    elif where == "twice":
        document.add_paragraph("{{contents}}")
    else:
        place._p.getparent().remove(place._p)
        cell = document.add_table(1, 1).cell(0, 0)
        other = document.sections[0].header.paragraphs[0] if where == "a head" else cell
        other.text = "{{contents}}"

    assert "contents" in refused(cases, tmp_path, saved(document, tmp_path / "ours.docx"))


# --- what could do harm -----------------------------------------------------------------------


def spoilt(folder, change, name="ours.docx"):
    """Return a template whose parts a function has changed."""
    whole = io.BytesIO()
    letterhead().save(whole)
    with zipfile.ZipFile(whole) as parts:
        texts = {one: parts.read(one) for one in parts.namelist()}
    change(texts)
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for one, text in texts.items():
            package.writestr(one, text)
    return path


def with_part(name, text=b"x"):
    return lambda parts: parts.update({name: text})


def in_text(words):
    def change(parts):
        text = parts["word/document.xml"]
        parts["word/document.xml"] = text.replace(b"<w:body>", b"<w:body>" + words, 1)

    return change


def beyond(kind):
    def change(parts):
        name = "word/_rels/document.xml.rels"
        told = f'<Relationship Id="out" Type="{kind}" Target="http://x.example/a" TargetMode='
        text = told.encode() + b'"External"/></Relationships>'
        parts[name] = parts[name].replace(b"</Relationships>", text)

    return change


def macros(parts):
    name = "[Content_Types].xml"
    plain = b"officedocument.wordprocessingml.document.main+xml"
    parts[name] = parts[name].replace(
        b"application/vnd.openxmlformats-" + plain,
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )


def entities(parts):
    text = parts["word/document.xml"].partition(b"?>")[2].lstrip()
    told = b'<!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    parts["word/document.xml"] = told + text


BEGIN = b'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
NO_BODY = f'<w:document xmlns:w="{nsmap["w"]}"/>'.encode()
HOSTILE = {
    "a bomb": (with_part("word/media/a.png", b"\0" * (101 << 20)), "unpacked"),
    "many parts": (lambda parts: parts.update({f"x/{n}": b"" for n in range(2_001)}), "parts"),
    "macros": (with_part("word/vbaProject.bin"), "vbaProject"),
    "macros by type": (macros, "not a Word document"),
    "an embedded file": (with_part("word/embeddings/oleObject1.bin"), "oleObject1"),
    "a control": (with_part("word/activeX/activeX1.xml"), "activeX1"),
    "another template": (
        beyond(RELATIONSHIP_TYPE.IMAGE.replace("image", "attachedTemplate")),
        "http://x.example/a",
    ),
    "a picture elsewhere": (beyond(RELATIONSHIP_TYPE.IMAGE), "http://x.example/a"),
    "a link": (beyond(RELATIONSHIP_TYPE.HYPERLINK), "http://x.example/a"),
    "a field": (in_text(b'<w:p><w:fldSimple w:instr=" INCLUDETEXT x"/></w:p>'), "INCLUDETEXT"),
    "a field in parts": (
        in_text(
            BEGIN + b"<w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO x"
            b"</w:instrText></w:r></w:p>"
        ),
        "DDEAUTO",
    ),
    "an entity": (entities, "not a Word document"),
    "broken XML": (with_part("word/document.xml", b"<w:document"), "not a Word document"),
    "no document": (lambda parts: parts.pop("word/document.xml"), "not a Word document"),
    "another root": (with_part("word/document.xml", b"<document/>"), "not a Word document"),
    "no body": (with_part("word/document.xml", NO_BODY), "not a Word document"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_template_that_could_do_harm_is_refused(cases, tmp_path, what):
    change, named = HOSTILE[what]

    assert named in refused(cases, tmp_path, spoilt(tmp_path, change))


def test_a_field_that_fetches_nothing_is_no_harm(cases, tmp_path):
    template = spoilt(tmp_path, in_text(b'<w:p><w:fldSimple w:instr=" PAGE "/></w:p>'))

    assert texts(filled(cases, tmp_path, template, "overdue", *AS_OF))


# --- what nobody has decided yet --------------------------------------------------------------

DATA = Path(__file__).parents[1] / "data"
INSERTED = b'<w:ins w:id="1" w:author="x"><w:r><w:t>and others</w:t></w:r></w:ins>'
UNDECIDED = {
    "a deletion": b'<w:p><w:del w:id="1"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>',
    "a paragraph": b"<w:p><w:pPr><w:rPr><w:ins/></w:rPr></w:pPr><w:r><w:t>new</w:t></w:r></w:p>",
    "a look": b"<w:p><w:r><w:rPr><w:rPrChange/></w:rPr><w:t>bold</w:t></w:r></w:p>",
    "a row": b"<w:tbl><w:tr><w:trPr><w:ins/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
}


def test_a_document_with_changes_or_comments_is_refused_by_where_they_are(cases, tmp_path):
    """Both were saved by LibreOffice, as an office would have them."""
    told = refused(cases, tmp_path, DATA / "tracked.docx")
    assert "tracked changes" in told
    assert 'the first in /word/document.xml: "và Vụ Hợp tác"' in told

    told = refused(cases, tmp_path, DATA / "commented.docx")
    assert 'has comments, the first in /word/document.xml: "BỘ NGOẠI GIAO"' in told


@pytest.mark.parametrize("what", UNDECIDED)
def test_any_change_that_is_not_decided_is_refused(cases, tmp_path, what):
    told = refused(cases, tmp_path, spoilt(tmp_path, in_text(UNDECIDED[what])))

    assert "tracked changes" in told


def test_a_change_in_a_head_and_a_comment_that_nothing_refers_to_are_refused(cases, tmp_path):
    document = letterhead()
    head = document.sections[0].header.paragraphs[0]
    head._p.append(
        docx.oxml.parse_xml(
            INSERTED.replace(b"<w:ins", f'<w:ins xmlns:w="{nsmap["w"]}"'.encode(), 1)
        )
    )
    told = refused(cases, tmp_path, saved(document, tmp_path / "head.docx"))
    assert '/word/header1.xml: "and others"' in told

    document = letterhead()
    place = document.paragraphs[0]
    document.add_comment(place.runs, "Is this the right office?")
    for one in place._p.xpath(".//*[starts-with(name(), 'w:comment')]"):
        one.getparent().remove(one)
    told = refused(cases, tmp_path, saved(document, tmp_path / "comment.docx"))
    assert '/word/comments.xml: "Is this the right office?"' in told


def test_a_document_whose_changes_are_accepted_is_filled_in(cases, tmp_path):
    document = docx.Document(DATA / "tracked.docx")
    for mark in document.element.body.xpath(".//w:ins"):
        mark.getparent().replace(mark, mark[0])
    for mark in document.element.body.xpath(".//w:del"):
        mark.getparent().remove(mark)
    template = saved(document, tmp_path / "ours.docx")

    assert "BAN THƯ KÝ và Vụ Hợp tác" in texts(filled(cases, tmp_path, template, "overdue", *AS_OF))


def test_what_is_no_document_of_word_is_refused(cases, tmp_path):
    letter = saved(letterhead(), tmp_path / "ours.docx")
    (tmp_path / "macros.docm").write_bytes(letter.read_bytes())
    (tmp_path / "text.docx").write_text("{{contents}}")
    (tmp_path / "empty.docx").write_bytes(b"")
    (tmp_path / "folder.docx").mkdir()
    (tmp_path / "large.docx").write_bytes(b"\0" * (21 << 20))

    assert "macros.docm" in refused(cases, tmp_path, tmp_path / "macros.docm")
    assert "not a Word document" in refused(cases, tmp_path, tmp_path / "text.docx")
    assert "not a Word document" in refused(cases, tmp_path, tmp_path / "empty.docx")
    assert "larger than 20 MiB" in refused(cases, tmp_path, tmp_path / "large.docx")
    refused(cases, tmp_path, tmp_path / "folder.docx")
    refused(cases, tmp_path, tmp_path / "none.docx", 3)
    for more in ((), ("--output", tmp_path / "r.pdf"), ("--output", tmp_path / "r.xlsx")):
        cases.refused(2, "report", "overdue", *AS_OF, "--template", letter, *more)


def test_a_paper_is_issued_in_the_office_s_own_document(cases, tmp_path):
    template, path = saved(letterhead(), tmp_path / "ours.docx"), tmp_path / "p.docx"
    cases("paper", "issue", "overdue", *AS_OF, "--template", template, "--output", path)
    cases("paper", "check", path)
    cases.refused(
        2, "paper", "issue", "overdue", "--template", template, "--output", tmp_path / "p.pdf"
    )

    assert "No. No.: 01/BC-BTK, kept" in texts(docx.Document(path))
    assert len(cases.json("paper", "list")) == 1


def test_every_place_is_in_the_documents():
    told = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")

    assert [one for one in PLACES if f"`{{{{{one}}}}}`" not in told] == []
