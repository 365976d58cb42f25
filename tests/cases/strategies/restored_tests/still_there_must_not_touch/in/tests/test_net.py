from shop import net


def test_net():
    assert net(6, 1) == 3.0
