import xml.etree.cElementTree as ET
from xml.etree import cElementTree as C

X = ET.fromstring("<a/>"), C.XML("<b/>")
