import os
X = os.name  # type: ignore[attr-defined]  # the name
Y = os.sep  # type: ignore
