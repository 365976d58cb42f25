import pytest

from shop import Options, setup


@pytest.fixture
def app():
    return type("App", (), {"options": Options()})()


def test_setup(app):
    setup(app)
    assert app.options.names
