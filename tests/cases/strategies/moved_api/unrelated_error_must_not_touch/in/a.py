import numpy as np
X = np.float_(1)
