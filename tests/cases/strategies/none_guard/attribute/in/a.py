import re

def year(text: str) -> str:
    found = re.search(r"\d{4}", text)
    return found.group(0)
