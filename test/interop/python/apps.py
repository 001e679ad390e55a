"""Child apps made through `_setup`, and the fixture of acceptance scenario 4.0."""
import secrets

from paraclient import Pager, ParaClient, ParaObject

SENTENCE_1 = "This is a little test sentence. Testing, one, two, three."
SENTENCE_2 = "We are testing this thing. This sentence is a test. One, two."


class App:
    """One app: its identifier, keys and a client that signs with them."""

    def __init__(self, server, name, keys):
        self.server, self.name, self.keys = server, name, keys
        self.id = keys[0]
        self.client = server.client(*keys)


class Server:
    """The server under test: endpoint and root keys."""

    def __init__(self, endpoint, secret):
        self.endpoint = endpoint
        self.root_keys = ("app:para", secret)
        self.root = self.client(*self.root_keys)
        self._run = secrets.token_hex(4)

    def client(self, access, secret):
        """An unmodified client that talks to this server."""
        made = ParaClient(access, secret)
        made.setEndpoint(self.endpoint)
        return made

    def new_app(self, purpose):
        """Makes a child app with a name that no other run uses."""
        name = f"interop-python-{purpose}-{self._run}"
        keys = self.root.getEntity(self.root.invokeGet("_setup/" + name))
        if not keys or "secretKey" not in keys:
            raise RuntimeError(f"_setup/{name} gave no keys: {keys}")
        return App(self, name, (keys["accessKey"], keys["secretKey"]))


def make(type_, id_=None, **members):
    """A ParaObject with the given members; without an id the server chooses one."""
    made = ParaObject(id_, type_)
    made.setFields(members)
    return made


def ids(objects):
    """The ids of a list of objects, in order."""
    return [o.id for o in objects]


def fields(obj):
    """Everything a server answered about an object (an absent one has no fields)."""
    return dict(obj.__dict__) if obj is not None else {}


def pager(**values):
    """A pager with the client's defaults except for the given values."""
    made = Pager()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def fixture(app, checks):
    """Stores the nine objects of 4.0 in the app and checks the answer."""
    wanted = [
        make("sysprop", "c111", name="John Doe", tags=["one", "two", "three"]),
        make("sysprop", "c222", name="Joe Black", tags=["two", "four", "three"]),
        make("sysprop", "c333", name="Ann Smith", tags=["four", "five", "three"]),
        make("tag", "tag:test", tag="test", count=3),
        make("sysprop", "s1", text=SENTENCE_1),
        make("sysprop", "s2", text=SENTENCE_2),
        make("тип", "уникод", appid="another-app"),
        make("address", "adr1", name="Place 1", address="NYC", country="US", latlng="40.67,-73.94",
             parentid="c111", creatorid="c111"),
        make("address", "adr2", name="Place 2", address="NYC", country="US", latlng="40.69,-73.95",
             parentid="tag:test", creatorid="tag:test"),
    ]
    with checks.scenario("4.0"):
        made = app.client.createAll(wanted)
        checks.equal("4.0", "nine objects in the order sent", ids(wanted), ids(made))
        checks.equal("4.0", "appid is the app's, whatever was sent", {app.name}, {o.appid for o in made})
    return {o.id: o for o in wanted}
