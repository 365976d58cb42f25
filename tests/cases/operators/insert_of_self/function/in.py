def put(items, item):
    items.append(item)


class Names:
    @staticmethod
    def put(items, item):
        items.append(item)
