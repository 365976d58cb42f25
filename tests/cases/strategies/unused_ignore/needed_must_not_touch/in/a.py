import os
X = os.nam  # type: ignore[arg-type]
