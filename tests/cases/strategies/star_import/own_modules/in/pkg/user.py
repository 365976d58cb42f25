from pkg.core import LATER, total
