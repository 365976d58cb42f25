import os

os.environ["A"] = "1"
import json
