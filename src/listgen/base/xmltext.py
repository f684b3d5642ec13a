"""XML from outside.

Parsed without its own entities, definitions or the network, because a few lines of them can fill a machine.

The one door to lxml.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from listgen.base.text import t

Element: TypeAlias = Any  # lxml tells mypy nothing about its classes


class XmlError(Exception):
    """A text that is no whole XML; the message says why."""


class EntityError(XmlError):
    """XML that defines entities, which can make a page out of a gigabyte or read files of the machine."""


def parse_xml(body: bytes) -> Element:
    """Return the root of a document.

    Raises:
        EntityError: It carries a document type, which no provider's answer needs.
        XmlError: It is torn or nested too deep.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!DOCTYPE" in body[:1024].upper() or b"<!ENTITY" in body[:65536].upper():
            raise EntityError(t("defines entities of its own (a document type), which is refused")) from error
        raise XmlError(t("is no whole XML text ({reason})", reason=str(error)[:120])) from error
    if root.getroottree().docinfo.internalDTD is not None or root.getroottree().docinfo.doctype:
        raise EntityError(t("defines entities of its own (a document type), which is refused"))
    return root


def local_name(element: Element) -> str:
    """Return an element's name without its namespace: providers bind the same one to different prefixes."""
    return str(etree.QName(element).localname)
