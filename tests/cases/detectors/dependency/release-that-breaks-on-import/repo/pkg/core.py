from remotely import api
