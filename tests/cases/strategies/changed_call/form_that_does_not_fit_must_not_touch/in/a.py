import pkg_resources

PATHS = pkg_resources.resource_filename(*ARGS)
