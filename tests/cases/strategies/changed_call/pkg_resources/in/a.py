import pkg_resources
from pkg_resources import resource_filename

DATA = pkg_resources.resource_string(__name__, "data/x.txt")
PATH = resource_filename("a.b", name)
POINTS = list(pkg_resources.iter_entry_points(group="a.plugins"))
