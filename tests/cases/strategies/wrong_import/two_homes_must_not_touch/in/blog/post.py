from .utils import slug
