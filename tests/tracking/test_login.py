from attain.tracking.login import Login, login_of


def test_a_login_comes_from_the_address_or_the_environment() -> None:
    ours = {"ATTAIN_TRACKING_USERNAME": "ada", "ATTAIN_TRACKING_PASSWORD": "pw", "MLFLOW_TRACKING_TOKEN": "t"}
    assert login_of("http://host", ours) == Login("ada", "pw")
    assert login_of("http://host", {"MLFLOW_TRACKING_TOKEN": "t"}) == Login(token="t")
    assert login_of("http://eve:p%40w@host", ours) == Login("eve", "p@w")
