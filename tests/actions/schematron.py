"""Schematron rules, run by Saxon: a stylesheet of their own makes them a test of a document."""

from pathlib import Path
from typing import NamedTuple

from lxml import etree
from saxonche import PySaxonProcessor

SCH, XSL, SVRL = (
    f"{{{name}}}"
    for name in (
        "http://purl.oclc.org/dsdl/schematron",
        "http://www.w3.org/1999/XSL/Transform",
        "http://purl.oclc.org/dsdl/svrl",
    )
)
PROCESSOR = PySaxonProcessor(license=False)


class Finding(NamedTuple):
    """A rule that a document breaks."""

    rule: str
    flag: str  # fatal or warning
    text: str


class Rules:
    """Rules that are compiled once, and held against many documents."""

    def __init__(self, path: Path) -> None:
        text = path.read_text("utf-8") if path.suffix in {".xsl", ".xslt"} else stylesheet(path)
        self._compiled = PROCESSOR.new_xslt30_processor().compile_stylesheet(stylesheet_text=text)

    def findings(self, document: bytes) -> list[Finding]:
        """Return what the document breaks, in the order of the rules."""
        node = PROCESSOR.parse_xml(xml_text=document.decode())
        report = etree.fromstring(self._compiled.transform_to_string(xdm_node=node).encode())
        return [
            Finding(found.get("id", ""), found.get("flag", ""), " ".join("".join(found.itertext()).split()))
            for found in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
        ]


def stylesheet(path: Path) -> str:
    """Return the stylesheet of Schematron rules: in a pattern the first rule whose context fits a node speaks for it.

    Only what the rules of Peppol use is known: ns, let, function, pattern, rule, assert and report.
    """
    source = etree.parse(path).getroot()
    names = {str(ns.get("prefix")): str(ns.get("uri")) for ns in source.iter(f"{SCH}ns")}
    sheet = etree.Element(f"{XSL}stylesheet", nsmap=names | {"xsl": XSL[1:-1], "svrl": SVRL[1:-1]}, version="3.0")
    sheet.extend(source.findall(f"{XSL}function"))
    for let in [*source.findall(f"{SCH}let"), *source.findall(f"{SCH}pattern/{SCH}let")]:
        _variable(sheet, let)
    entry = etree.SubElement(sheet, f"{XSL}template", match="/")
    output = etree.SubElement(entry, f"{SVRL}schematron-output")
    for number, pattern in enumerate(source.findall(f"{SCH}pattern")):
        mode = f"pattern-{number}"
        etree.SubElement(sheet, f"{XSL}mode", name=mode, attrib={"on-no-match": "shallow-skip"})
        etree.SubElement(output, f"{XSL}apply-templates", select="/*", mode=mode)
        rules = pattern.findall(f"{SCH}rule")
        for place, rule in enumerate(rules):
            _template(sheet, rule, mode, len(rules) - place)
    return etree.tostring(sheet, encoding="unicode")


def _variable(parent: etree._Element, let: etree._Element) -> None:
    etree.SubElement(parent, f"{XSL}variable", name=str(let.get("name")), select=str(let.get("value")))


def _template(sheet: etree._Element, rule: etree._Element, mode: str, priority: int) -> None:
    context = str(rule.get("context"))
    made = etree.SubElement(sheet, f"{XSL}template", match=context, mode=mode, priority=str(priority))
    for let in rule.findall(f"{SCH}let"):
        _variable(made, let)
    for test in rule.iter(f"{SCH}assert", f"{SCH}report"):
        is_assert = test.tag == f"{SCH}assert"
        condition = f"not({test.get('test')})" if is_assert else str(test.get("test"))
        broken = etree.SubElement(made, f"{XSL}if", test=condition)
        name = f"{SVRL}{'failed-assert' if is_assert else 'successful-report'}"
        found = etree.SubElement(broken, name, id=str(test.get("id")), flag=str(test.get("flag")))
        found.text = "".join(test.itertext())
    etree.SubElement(made, f"{XSL}apply-templates", select="@*|*", mode=mode)
