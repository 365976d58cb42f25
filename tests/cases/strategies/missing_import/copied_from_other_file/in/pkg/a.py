import numpy as np

ONE = np.ones(1)
