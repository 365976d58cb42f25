class TestA:
    def setup(self):
        self.x = 1

    def test_x(self):
        assert self.x == 1
