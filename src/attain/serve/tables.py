"""Where answers of learners, and what is known of each, are kept while a model is in use."""

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)

from attain.tracking.errors import Unavailable
from attain.tracking.sql.engine import writing

FORMAT = 1
"""Of these tables; a place with another one is refused."""

METADATA = MetaData()

FORMATS = Table(
    "serve_format",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("key_mark", String(32), nullable=False),  # tells which key made the pseudonyms
)

LEARNERS = Table(
    "serve_learners",
    METADATA,
    Column("model", String(250), primary_key=True),
    Column("learner", String(32), primary_key=True),  # a pseudonym
    Column("key", String(32), nullable=False),  # of the model that can read the state
    Column("answers", Integer, nullable=False),
    Column("time_s", Float(53)),  # of the last answer that has one
    Column("state", LargeBinary, nullable=False),
)

ANSWERS = Table(
    "serve_answers",
    METADATA,
    Column("model", String(250), primary_key=True),
    Column("learner", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1
    Column("interaction", String(250), nullable=False),
    Column("item", String(250), nullable=False),
    Column("skills", Text, nullable=False),  # as JSON
    Column("correct", SmallInteger, nullable=False),
    Column("time_s", Float(53)),
    Column("expected", Float(53), nullable=False),  # the probability of a right answer, before it came
    Column("version", String(250), nullable=False),  # of the model that expected it
    Column("reply", Text, nullable=False),
    Column("kept_ms", BigInteger, nullable=False, index=True),
    UniqueConstraint("model", "learner", "interaction"),
)


def make(engine: Engine, mark: str) -> None:
    """Make the tables where they are not there.

    Args:
        engine: of the database.
        mark: of the key that makes pseudonyms; see `pseudonym.key_mark`.

    Raises:
        Unavailable: they are there in a form that this attain does not know, or with pseudonyms of another key.
    """
    with writing(engine) as c:
        METADATA.create_all(c)
        found = c.execute(select(FORMATS)).first()
        if found is None:
            c.execute(FORMATS.insert().values(number=FORMAT, key_mark=mark))
        elif found.number != FORMAT:
            raise Unavailable(
                f"The answers of learners are kept in form {found.number}, and this attain knows {FORMAT}."
            )
        elif found.key_mark != mark:
            raise Unavailable(
                "The learners there have pseudonyms of another key, under which none would be found again. Set "
                "ATTAIN_PSEUDONYM_KEY, or ATTAIN_HOME to where its 'pseudonym.key' is."
            )
