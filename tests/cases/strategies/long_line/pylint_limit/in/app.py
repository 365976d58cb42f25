import os


class Box:
    """Holds things.

    - a point of a list that is so long that it goes on on the next line of the list as well
    """

    def held(self, first, second, third, fourth, fifth, sixth):  # what is said here is long
        return {key: value for key, value in zip(first, second) if key not in third and value}

    def made(self):
        return os.path.join(self.folder, "one folder", "another folder", self.name + ".txt")
