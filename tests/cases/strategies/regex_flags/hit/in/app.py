import re

WORD = re.compile(r'a(?i)b')
BYTES = re.compile(b"a(?s)b(?m)")
