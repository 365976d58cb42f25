# licence
import os
