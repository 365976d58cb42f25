import os
import sys

sys.path.insert(0, "lib")
import json
