"""Numbers."""

import json
import yaml


def read(text):
    return json.loads(text)
