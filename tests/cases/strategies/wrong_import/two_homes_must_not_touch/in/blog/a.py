def slug(): pass
