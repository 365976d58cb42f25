class A:
    def getName(self):
        return self.getName
